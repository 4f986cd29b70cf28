"""An answer becomes HTML, Markdown or plain text. Whatever an article holds is shown as it is written, never obeyed."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from index.text import Article, Span, showable
from qa.answer import Answer

BUNDLED = "bundled"  # the source of the article that comes with the project
HIGH, MEDIUM = 0.75, 0.45  # the lowest probabilities that are called high and medium confidence
BESIDE = 240  # characters of a long sentence that are quoted on either side of the answer
LONGEST = 1_000  # characters of one answer or sentence shown outside the article, which shows all of them

NEWLINE = r"(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])"
BLANK_LINE = re.compile(rf"{NEWLINE}\s*?{NEWLINE}")
ANY_NEWLINE = re.compile(NEWLINE)
THROUGH_LAST_NEWLINE = re.compile(rf"\s*{NEWLINE}")
AROUND_NEWLINES = re.compile(rf"\s*{NEWLINE}\s*")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what a terminal would obey
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # every ASCII character that can mean something in Markdown


def escape(text: str) -> str:
    """HTML that shows `text` as it is written, in an element or a quoted attribute; `html.unescape` undoes it.

    What no page can hold, NUL and lone surrogates, becomes U+FFFD one for one, so that offsets stay true.
    """
    return html.escape(showable(text)).replace("\r", "&#13;")  # a bare CR would be read as LF


def silence(*, of_many: bool = False) -> str:
    """What is said where there is no answer, in one article or in a library."""
    return "None of the articles says." if of_many else "The article does not say."


def message_html(text: str) -> str:
    """`text` for a chat message: as it is where HTML would show it so, escaped where it would not.

    A screen reader is told the source of a message, so "it's" should not become "it&#x27;s" without need.
    """
    shows_itself = "<" not in text and html.unescape(text) == text and showable(text) == text
    return text if shows_itself else escape(text)


def reference(article: Article) -> str:
    """What the page calls an article, the same for equal ones, as long as this process lives."""
    return f"{hash(article) & 0xFFFF_FFFF_FFFF_FFFF:016x}"  # a text keeps its hash, so that asking again costs nothing


def article_html(article: Article, sentences: Sequence[Span]) -> str:
    """The article as paragraphs, each sentence a `<span id="s12">` named by the number of its first character.

    The text of the whole is `article.text`, character for character (but see `escape`): the newlines between
    paragraphs are there too, in a `<span class="gap">` that the page does not display. A blank line between two
    sentences begins a paragraph; in an article without one, any newline between two sentences does. The
    page itself marks answers in it, by their positions.
    """
    bounds = [0, *(bound for s in sentences for bound in (s.start, s.end)), len(article.text)]
    gaps = [article.span(start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    begins = BLANK_LINE if any(BLANK_LINE.search(gap.text) for gap in gaps) else ANY_NEWLINE
    parts = []
    for number, gap in enumerate(gaps):
        separates = begins if 0 < number < len(sentences) else ANY_NEWLINE
        hidden = THROUGH_LAST_NEWLINE.match(gap.text) if separates.search(gap.text) else None
        cut = hidden.end() if hidden else 0
        if cut:
            parts.append(f'<span class="gap">{escape(gap.sub(0, cut).text)}</span></p><p dir="auto">')
        parts.append(escape(gap.sub(cut, len(gap.text)).text))
        if number < len(sentences):
            parts.append(f'<span id="s{sentences[number].start}">{escape(sentences[number].text)}</span>')
    return f'<p dir="auto">{"".join(parts)}</p>'


def view_html(article: Article, sentences: Sequence[Span], *, alone: str = "") -> str:
    """The article to be read beside the chat: its title, how long it is, where it came from, and `article_html`.

    `alone` is the key by which it can be asked alone, where it is one of many that are asked.
    """
    words = len(article.text.split())
    title = escape(shortened(article.title)) or "A text of your own"
    source = f" · <bdi>{escape(shortened(article.source))}</bdi>" if article.source not in ("", BUNDLED) else ""
    only = f' <button type="button" data-key="{escape(alone)}">Ask this article only</button>' if alone else ""
    return (
        f'<article class="article" tabindex="0" aria-label="The article" data-article="{reference(article)}">'
        f'<h2 dir="auto">{title}</h2><p class="about">{words:,} {"word" if words == 1 else "words"}{source}{only}</p>'
        f'<div class="text">{article_html(article, sentences)}</div>'
        '<p class="return"><a href="#chat">Back to the question</a></p></article>'
    )


def card_html(answer: Answer, *, of_many: bool = False) -> str:
    """What stands below an answer: how the question was understood where that is not how it was asked, yes or no where
    that is certain, the items of a list, the answer's sentence with the answer marked, how sure it is, and where else
    to look.

    Links lead to the sentences of `article_html`; their `data-article` is the article's `reference` and their
    `data-mark="12 24"` says what to mark there, counted in UTF-16 units of the article's text, as JavaScript counts.
    What a button copies is its `data-text`. `of_many`: each place is told with the title of its article.
    """
    if answer.span is None or answer.sentence is None:
        meta = f'<p class="meta">{_sure_html(answer)}</p>'
        return f'<div class="card silent">{_reading_html(answer)}{_nearest_html(answer, of_many)}{meta}</div>'
    before, said, after = quotation(answer)
    place = _place(answer.sentence, answer.span)
    return (
        f'<div class="card">{_reading_html(answer)}{_verdict_html(answer)}{_items_html(answer)}'
        f'<blockquote dir="auto">{escape(before)}<mark>{escape(said)}</mark>{escape(after)}</blockquote>'
        f"{_from_html(answer.article, of_many)}"
        f'<p class="meta">{_sure_html(answer)}<a class="show" {place}>Show in article</a>'
        f'<button type="button" class="copy" data-text="{escape(shortened(answer.span.text))}">Copy</button>'
        f'<button type="button" class="copy" data-text="{escape(citation(answer))}">Copy with citation</button></p>'
        f"{_others_html(answer, of_many)}</div>"
    )


def problem_card_html() -> str:
    """What stands below the sentence that says why a question was not answered."""
    return '<div class="card"><p class="meta"><button type="button" class="again">Ask again</button></p></div>'


def quotation(answer: Answer) -> tuple[str, str, str]:
    """(before, answer, after): the answer's sentence in three, with "…" where it is cut; empty when silent."""
    if answer.span is None or answer.sentence is None:
        return "", "", ""
    text = answer.article.text
    before, after = text[answer.sentence.start : answer.span.start], text[answer.span.end : answer.sentence.end]
    if len(before) > BESIDE:
        before = "…" + re.sub(r"^\S{1,40}\s+", "", before[-BESIDE:])  # not from the middle of a word
    if len(after) > BESIDE:
        after = re.sub(r"\s+\S{1,40}$", "", after[:BESIDE]) + "…"
    return before, shortened(answer.span.text), after


def citation(answer: Answer) -> str:
    """The answer, its sentence and where they stand, to be copied into a document; "" when silent.

    The article's words are exact; only of very long ones a part is given, with "…" where it is cut.
    """
    if answer.span is None or answer.sentence is None:
        return ""
    article, span = answer.article, answer.span
    source = "" if article.source == BUNDLED else article.source
    where = [name for name in (article.title, source) if name]
    place = f"characters {span.start} to {span.end}"
    sentence = answer.sentence.text
    sentence = sentence if len(sentence) <= LONGEST else "".join(quotation(answer))
    return f"{shortened(span.text)}\n\n“{sentence}”\n{', '.join([*map(shortened, where), place])}\n"


def confidence(answer: Answer) -> str:
    """How sure the answer is, in words and per cent: "High confidence, 87%"."""
    return (
        f"{_level(answer).capitalize()} confidence, {min(99, max(1, round(100 * answer.confidence)))}%"  # never certain
    )


def verdict(answer: Answer) -> str:
    """Yes or no, with what it rests on; empty where the sentence alone must speak."""
    return f"{answer.verdict.capitalize()}, by this sentence:" if answer.verdict else ""


def markdown(answer: Answer, *, of_many: bool = False) -> str:
    """The answer in bold and its sentence as a quotation, for a document; none of their characters acts as Markdown.

    A list has a line for each item; the sentence that settles a question of yes or no stands once, as a quotation.
    `of_many`: a library was asked.
    """
    if answer.span is None:
        parts = [
            f"**{literal(silence(of_many=of_many))}**",
            *(f"> {literal(sentence.text)}" for sentence in answer.nearest),
        ]
    elif answer.kind == "yes or no":
        word = f"**{literal(verdict(answer))}**"
        parts = [*([word] if answer.verdict else []), f"> {literal(answer.span.text)}"]
    elif answer.items:
        items = "\n".join(f"- **{literal(item.text)}**" for item in answer.items)
        parts = [items, f"> {literal(''.join(quotation(answer)))}"]
    else:
        parts = [f"**{literal(answer.span.text)}**", f"> {literal(''.join(quotation(answer)))}"]
    if answer.read_as is not None:
        parts.insert(0, f"Read as: {literal(answer.read_as)}")
    return "\n\n".join([*parts, confidence(answer)]) + "\n"


def plain(answer: Answer, *, of_many: bool = False) -> str:
    """The answer as lines for a terminal: what the article says, its sentence, how sure and where; no newline ends it.

    Control characters are shown as symbols, so that an article cannot move the cursor or colour the screen. `of_many`:
    a library was asked.
    """
    reading = [] if answer.read_as is None else [f"  Read as: “{visible(answer.read_as)}”"]
    if answer.span is None:
        nearest = [f"  Nearest: {visible(shortened(sentence.text))}" for sentence in answer.nearest]
        return "\n".join([silence(of_many=of_many), *reading, *nearest, f"  {confidence(answer)}"])
    settles = answer.kind == "yes or no"  # the answer is the sentence, which then stands once
    said = [visible(shortened(item.text)) for item in answer.items or (answer.span,)]
    return "\n".join(
        [
            *([verdict(answer)] if answer.verdict else []),
            *([f"- {item}" for item in said] if answer.items else said),
            *reading,
            *([] if settles else [f"  “{visible(''.join(quotation(answer)))}”"]),
            f"  {confidence(answer)}, characters {answer.span.start} to {answer.span.end}",
        ]
    )


def visible(text: str) -> str:
    """`text` on one line of a terminal, its control characters as symbols (ESC is ␛)."""
    return CONTROLS.sub(_symbol, AROUND_NEWLINES.sub(" ", showable(text).strip()))


def literal(text: str) -> str:
    """Markdown on one line that shows `text`, its runs of white space as one space."""
    return PUNCTUATION.sub(r"\\\1", re.sub(r"\s+", " ", CONTROLS.sub(_symbol, shortened(text))).strip())


def shortened(text: str) -> str:
    """`text`, or its first thousand characters and "…"."""
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _reading_html(answer: Answer) -> str:
    if answer.read_as is None:
        return ""
    return (
        f'<p class="reading"><span>Read as: “<span dir="auto">{escape(answer.read_as)}</span>”</span> '
        '<button type="button" class="typed">Ask it as typed</button></p>'
    )


def _from_html(article: Article, of_many: bool) -> str:
    """Which article a place is in, where there are several."""
    name = escape(shortened(article.title or article.source)) or "A text without a title"
    return f'<span class="from" dir="auto">{name}</span>' if of_many else ""


def _others_html(answer: Answer, of_many: bool) -> str:
    if not answer.alternatives:
        return ""
    items = [
        f'<li><a {_place(other.sentence, other.span)}><q dir="auto">{escape(shortened(other.span.text))}</q></a>'
        f'<span dir="auto">{escape("".join(quotation(other)))}</span>{_from_html(other.article, of_many)}</li>'
        for other in answer.alternatives
        if other.span and other.sentence
    ]
    return f"<details><summary>Other passages ({len(items)})</summary><ul>{''.join(items)}</ul></details>"


def _nearest_html(answer: Answer, of_many: bool) -> str:
    if not answer.nearest:
        return "<p>Try other words.</p>"
    items = [
        f'<li><a {_place(sentence)} dir="auto">{escape(shortened(sentence.text))}</a>'
        f"{_from_html(sentence.article, of_many)}</li>"
        for sentence in answer.nearest
    ]
    return f"<p>Nearest to your question:</p><ul>{''.join(items)}</ul>"


def _verdict_html(answer: Answer) -> str:
    return f'<p class="verdict">{verdict(answer)}</p>' if answer.verdict else ""


def _items_html(answer: Answer) -> str:
    """The items of a list in order, each a link to its place."""
    if not answer.items or not answer.sentence:
        return ""
    sentence = answer.sentence
    items = [
        f'<li><a {_place(sentence, item)} dir="auto">{escape(shortened(item.text))}</a></li>' for item in answer.items
    ]
    return f'<ol class="items">{"".join(items)}</ol>'


def _place(sentence: Span, marked: Span | None = None) -> str:
    """The attributes of a link to `sentence` that marks a span there."""
    href = f'href="#s{sentence.start}" data-article="{reference(sentence.article)}"'
    return f'{href} data-mark="{_utf16(marked, marked.start)} {_utf16(marked, marked.end)}"' if marked else href


def _utf16(span: Span, position: int) -> int:
    """UTF-16 units before character `position`; those beyond U+FFFF take two."""
    before = span.article.text[:position]
    return position + (0 if before.isascii() else sum(character > "\uffff" for character in before))


def _sure_html(answer: Answer) -> str:
    return f'<span class="sure {_level(answer)}">{confidence(answer)}</span>'


def _level(answer: Answer) -> str:
    return "high" if answer.confidence >= HIGH else "medium" if answer.confidence >= MEDIUM else "low"


def _symbol(control: re.Match[str]) -> str:
    code = ord(control[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"
