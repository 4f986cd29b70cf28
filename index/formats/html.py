"""A page of HTML is its main content by trafilatura, or all its words but the navigation when that finds nothing."""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import chain
from typing import Any

from index.document import Document
from index.encodings import decode
from index.formats.blocks import LINE, PARAGRAPH, tidy, unmarked
from index.wording import one_line

NODE_LIMIT = 50_000  # elements searched for the main content (seconds); larger pages are read whole
HEADINGS = 20  # that are looked at for a title
DEPTH_LIMIT = 200  # nested elements that are searched; no page written for readers comes near

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)

_DROPPED = frozenset((
    "script", "style", "template", "noscript", "svg", "nav", "footer", "aside", "title", "button", "select", "textarea",
    "iframe", "object",
))  # fmt: skip
# The break before and, for blocks, after an element; head, item, row, cell, lb, quote and list are trafilatura's
_BREAKS = {
    **dict.fromkeys((
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "head", "blockquote", "quote", "ul", "ol", "dl", "list", "table",
        "pre", "figure",
    ), PARAGRAPH),
    **dict.fromkeys((
        "div", "section", "article", "main", "li", "item", "dt", "dd", "tr", "row", "hr", "address", "figcaption",
        "header", "form", "fieldset", "summary", "details", "caption", "center",
    ), LINE),
    **dict.fromkeys(("td", "th", "cell"), "\t"),
    **dict.fromkeys(("br", "lb"), "\n"),  # two in a row make an empty line
}  # fmt: skip
_KEEPS_LINES = frozenset(("pre", "code", "quote"))


def read(document: Document) -> tuple[str, str]:
    """(title, text); both empty when there is nothing to parse. Raises ArticleError when the bytes are not text."""
    root = _parsed(decode(document, document.charset or _declared(document.data)))
    if root is None:
        return "", ""
    title = _title(root)
    marked = root.xpath("//article") or root.xpath("//main | //*[@role='main']")
    whole = _walked(marked[0] if len(marked) == 1 else root)  # now, since the search below changes the tree
    found = _main_content(root)
    # On short pages trafilatura gives up and returns all words of the page on one line; a real single paragraph is
    # a line of the page too.
    one_paragraph = bool(found) and found in whole.split("\n")
    return title, found if "\n" in found or one_paragraph else whole


def words(source: str) -> str:
    """The words of a piece of HTML, blocks on lines of their own."""
    root = _parsed(source) if source.strip() else None
    return "" if root is None else _walked(root)


def _declared(data: bytes) -> str:
    """The charset that the page names in its head, or empty."""
    meta = _META_CHARSET.search(data[:4096])
    label = meta[1].decode("ascii", "replace") if meta else ""
    # UTF-16 could not have been read as ASCII: browsers take UTF-8 then
    return "utf-8" if label.lower().startswith("utf-16") else label


def _parsed(source: str) -> Any:
    """The root element, or None when there is nothing to parse."""
    from lxml import etree, html  # type: ignore[import-untyped]  # no stubs

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(source.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return None


def _title(root: Any) -> str:
    shared = root.xpath("//meta[@property='og:title' or @name='og:title']/@content")
    headings = root.xpath("//head/title | //body//h1")[:HEADINGS]
    titles = (element.text_content() for element in headings)  # one at a time: nested, each holds the next
    return next((str(each) for each in chain(shared, titles) if one_line(str(each))), "")


def _main_content(root: Any) -> str:
    """The article in a page, or an empty text when none stands out or the page is too large or deep to search."""
    from trafilatura import bare_extraction

    if not _searchable(root):
        return ""

    def extracted(tree: Any) -> Any:
        try:
            return getattr(bare_extraction(tree, include_comments=False, with_metadata=False), "body", None)
        except Exception:  # heuristics over hostile trees: whatever they trip over, the whole page is there to be read
            return None

    again = deepcopy(root)  # for the search changes the tree
    body = extracted(root)
    if body is None:
        return ""
    # In a page that marks no frame of an article, trafilatura takes the paragraphs and leaves headings and lists.
    text = _walked(body)
    if not body.xpath("//head | //list") and _frame(again) and (framed := extracted(again)) is not None:
        whole = _walked(framed)
        text = whole if set(text.split("\n")) <= set(whole.split("\n")) else text  # more than before, and nothing less
    return text


def _frame(root: Any) -> bool:
    """Marks what holds most of the paragraphs, headings and lists beside them, as an article; whether there is such."""
    outside = "ancestor-or-self::header or ancestor-or-self::footer or ancestor-or-self::nav or ancestor-or-self::aside"
    holders = root.xpath(f"//body/descendant-or-self::*[p][h1 or h2 or h3 or h4 or h5 or ul or ol][not({outside})]")
    best = max(holders, key=lambda each: len(each.findall("p")), default=None)
    if (
        best is None
        or 2 * len(best.findall("p")) < len(root.xpath("//body//p"))
        or len(root.xpath("//article | //main | //*[@role='main']"))
    ):
        return False
    if best.tag != "body":
        best.tag = "article"
        return True
    article = best.makeelement("article")
    article.text, best.text = best.text, None
    article.extend(list(best))
    best.append(article)
    return True


def _searchable(root: Any) -> bool:
    from lxml import etree

    depth = 0
    for count, (event, _) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > DEPTH_LIMIT or count > 2 * NODE_LIMIT:
            return False
    return True


def _walked(root: Any) -> str:
    """The words under an element, blocks on lines of their own; without recursion, since pages nest deeply."""
    from lxml import etree

    pieces: list[str] = []
    keeping = 0  # elements around this place that keep their line ends
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        around = _BREAKS.get(tag, "")
        if event == "start":
            if tag in _DROPPED:
                walk.skip_subtree()
                continue
            keeping += tag in _KEEPS_LINES
            pieces += (around, _flat(element.text, keeping=keeping > 0))
            continue
        if tag not in _DROPPED:
            keeping -= tag in _KEEPS_LINES
            pieces.append(around if around in (PARAGRAPH, LINE) else "")
        if element is not root:
            pieces.append(_flat(element.tail, keeping=keeping > 0))
    return tidy("".join(pieces))


def _flat(text: str | None, *, keeping: bool) -> str:
    """The text with its line ends as spaces, since in HTML they mean no more; kept inside `pre` and its like."""
    text = unmarked(text or "")
    return text.replace("\t", "    ") if keeping else re.sub(r"[^\S\xa0]+", " ", text)
