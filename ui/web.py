"""The page: a chat beside the article. Each visitor has an article and a conversation of their own, and none leaves
this machine."""

# No postponed annotations in this file: Gradio reads the result type of the endpoint as it stands.
import errno
import inspect
import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Condition
from typing import Any, TypedDict, cast
from urllib.parse import urlsplit

import gradio as gr
from cachetools import LRUCache, cached
from starlette.middleware import Middleware

from index.encoder import Encoder
from index.errors import ArticleError, QuestionError, VerbatimError
from index.load import load_article
from index.search import ArticleIndex, Progress
from index.text import Article
from qa.answerer import LONGEST_QUESTION, Answerer
from qa.batching import batching
from qa.followup import Exchange
from ui.feedback import Feedback
from ui.guard import Guard
from ui.render import BUNDLED, SILENT, card_html, escape, message_html, problem_card_html, shortened, view_html
from ui.transcript import Format, Turn, file_name, saved

LONGEST_ARTICLE = 1_000_000  # characters, a long novel: some 10,000 sentences, whose vectors take 15 MB
LONGEST_ADDRESS = 2_000  # characters of a URL
LARGEST_FILE = "20mb"
FILES = [".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx"]
TURNS = 50  # of a conversation that are kept and shown
LONGEST_SAID = 2_000  # characters of an answer in the history that a caller of the endpoint sends
REMEMBERED = 4_000_000  # characters of the articles that callers of the endpoint sent last, whose indexes are kept
VISITORS = 200  # whose article and conversation are kept; past it, those who were quiet for longest lose theirs
ANSWERING, WAITING = 32, 64  # questions answered at a time, and let into the queue behind them
PORTS = range(7860, 7960)  # tried in turn when none was chosen
ASSETS = Path(__file__).parent

EXAMPLES = {  # by an article's source; an article of one's own has none
    BUNDLED: (
        "Who did Koizumi meet?",
        "When did they meet?",
        "What happened to Koizumi during the workout?",
        "Who is Japan's Foreign Minister?",
    )
}
SEARCHING = "Searching the article…"
UNEXPECTED = "Something went wrong here, and it was logged. Please ask again, or in other words."
UNREADABLE = "Something went wrong while reading this article, and it was logged. Please try another."
FORGOTTEN = "The article shown here was forgotten, as the page was left for long. Please open it again."
EMPTY = "Type a question first."
UNKEPT = "This thumb could not be kept, and the reason was logged."

THEME = gr.themes.Base(
    primary_hue="blue",
    neutral_hue="stone",
    font=["var(--sans)"],
    font_mono=["ui-monospace", "monospace"],
    radius_size="md",
)
FILES_HINT = "Text, Markdown, HTML, PDF or Word, up to 20 MB. It stays on the computer that serves this page."
KEYS = (
    '<span class="keys"><kbd>Enter</kbd> asks, <kbd>Esc</kbd> empties the box, '
    "<kbd>/</kbd> returns to it, <kbd>↑</kbd> recalls</span>"
)
HEADER = """<a class="skip" href="#box">Skip to the question</a><a class="skip" href="#view">Skip to the article</a>
<header><h1>Verbatim</h1><p>Ask an article. Get its own words back.</p><a href="#right">Read the article</a></header>"""
ICON = (  # a highlighted V
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='7' fill='%23ffe17a'/%3E%3Cpath d='M7 8h6l4 12 4-12h5l-7 17h-4z' fill='%2322242a'/%3E%3C/svg%3E"
)
HEAD = f"""<link rel="icon" type="image/svg+xml" href="{ICON}"><meta name="color-scheme" content="light dark">"""
log = logging.getLogger(__name__)


class Place(TypedDict):
    """A stretch of the article: its text, and its first and one past its last character."""

    text: str
    start: int
    end: int


class Alternative(TypedDict):
    """Another answer that the article allows."""

    text: str
    start: int
    end: int
    sentence: Place
    confidence: float


class Reply(TypedDict):
    """What the endpoint `/answer` returns: `Answer.to_dict()`."""

    question: str
    read_as: str | None
    text: str | None
    start: int | None
    end: int | None
    sentence: Place | None
    confidence: float
    kind: str
    items: list[Place]
    verdict: str | None
    alternatives: list[Alternative]
    nearest: list[Place]
    article: dict[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor's article and conversation. `key` names the article to the page; empty for the first one."""

    answerer: Answerer[ArticleIndex]
    key: str = ""
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """A page that is being served at `url`."""

    url: str
    demo: gr.Blocks

    def wait(self) -> None:
        """Returns when the person at the terminal presses Ctrl+C, with the page closed."""
        with suppress(KeyboardInterrupt):
            while self.demo.is_running:
                time.sleep(0.2)
        self.close()

    def close(self) -> None:
        """Frees the port."""
        self.demo.close(verbose=False)


def serve(
    answerer: Answerer[ArticleIndex],
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    encoder: Encoder | None = None,
    feedback: Path | None = None,
    open_page: bool = False,
) -> Server:
    """The page of `build`, served until it is closed; `port` None is the first free one from 7860.

    Raises VerbatimError when the port is taken or the host is not an address of this machine.
    """
    port = free_port(host, port)
    demo = build(answerer, encoder=encoder, feedback=feedback)
    with no_proxy():
        _, url, _ = demo.launch(
            server_port=port, inbrowser=open_page, prevent_thread_lock=True, quiet=True, **launch_settings(host)
        )
    return Server(url.rstrip("/"), demo)


def build(
    answerer: Answerer[ArticleIndex], *, encoder: Encoder | None = None, feedback: Path | None = None
) -> gr.Blocks:
    """The page, opening on the answerer's article; it is launched with `launch_settings`.

    Articles of a visitor's own are indexed with `encoder` (None: the default one) and read by the same reader.
    `feedback` is the file of `Feedback` that thumbs are kept in; without it there are no thumbs. The page asks what
    its address holds as `?q=`, once. Raises VerbatimError when thumbs cannot be kept there.
    """
    answerer, encoder = batching(answerer, encoder)
    desk = Desk(answerer, encoder, feedback)
    home = Visit(answerer)
    demo: gr.Blocks
    with gr.Blocks(
        title="Verbatim", fill_height=True, fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    ) as demo:
        visit = gr.State(None)  # None: on the first article, nothing asked; an initial value would be copied deeply
        gr.HTML(HEADER, elem_id="top")
        with gr.Row(elem_id="main"):
            with gr.Column(scale=5, min_width=240, elem_id="left"):
                chat = conversation(answerer.index.article, thumbs=feedback is not None)
                box = question_box()
                with gr.Row(elem_id="below"):
                    hint = gr.HTML(KEYS, elem_id="hint")
                    save_text = gr.Button("Save as Markdown", size="sm", elem_classes="tool")
                    save_data = gr.Button("Save as JSON", size="sm", elem_classes="tool")
                    clear = gr.Button("Clear the conversation", size="sm", elem_classes="tool")
            with gr.Column(scale=6, min_width=240, elem_id="right"):
                with gr.Accordion("Ask about an article of your own", open=False, elem_id="own") as panel:
                    file, pasted, paste, address = own_article()
                    note = gr.HTML(FILES_HINT, elem_id="note")
                back = gr.Button("← Back to the first article", size="sm", visible=False, elem_id="back")
                view = gr.HTML(view_of(home), elem_id="view")
        shown = gr.Textbox("", visible=False)  # the key of the article on this page, told with every question
        parcel = gr.Textbox("", visible=False)  # the file that the browser is to save
        as_typed = gr.Button(visible="hidden", elem_id="typed")  # clicked by the button of a card
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

        def ask(question: str, key: str, now: Visit | None, *, literally: bool = False) -> Iterator[dict[Any, Any]]:
            now, question = now or home, str(question or "").strip()
            if not question:
                yield {hint: f'<span role="alert">{EMPTY}</span>'}
                return
            yield {box: "", hint: KEYS, chat: [*messages(now.turns), *pending(question)]}
            now = desk.ask(now, question, key=key, literally=literally)
            yield {chat: messages(now.turns), visit: now}

        def ask_literally(question: str, key: str, now: Visit | None) -> Iterator[dict[Any, Any]]:
            yield from ask(question, key, now, literally=True)

        def read(load: Callable[[], Article]) -> Iterator[dict[Any, Any]]:
            yield {note: progress_html(), box: gr.Textbox(interactive=False)}
            steps: SimpleQueue[tuple[int, int]] = SimpleQueue()
            with ThreadPoolExecutor(1) as pool:
                reading = pool.submit(lambda: desk.index(load(), lambda done, total: steps.put((done, total))))
                while not reading.done():
                    with suppress(Empty):
                        yield {note: progress_html(*steps.get(timeout=0.1))}
            if error := reading.exception():
                # The refused file makes room for another; a text or an address stays, to be mended.
                yield {note: problem_html(told(error, UNREADABLE)), file: None, box: gr.Textbox(interactive=True)}
                return
            opened = Visit(reading.result(), key=secrets.token_urlsafe(8))
            yield {
                note: FILES_HINT,
                file: None,
                pasted: "",
                address: "",
                panel: gr.Accordion(open=False),
                **page(opened),
            }

        def page(now: Visit) -> dict[Any, Any]:
            article = now.answerer.index.article
            return {
                visit: now,
                shown: now.key,
                view: view_of(now),
                chat: gr.Chatbot([], placeholder=invitation(article)),
                box: gr.Textbox("", interactive=True),
                hint: KEYS,
                back: gr.Button(visible=bool(now.key)),
            }

        def read_file(path: str | None) -> Iterator[dict[Any, Any]]:
            if path:  # not when the file is taken away
                yield from read(lambda: uploaded(path))

        def read_text(text: str) -> Iterator[dict[Any, Any]]:
            yield from read(lambda: Article(str(text or "")))

        def read_address(url: str) -> Iterator[dict[Any, Any]]:
            yield from read(lambda: fetched(str(url or "")))

        def forget(now: Visit | None) -> dict[Any, Any]:
            return {visit: replace(now or home, turns=()), chat: [], hint: KEYS}

        questioning = {**private, "concurrency_id": "questions"}
        asking: list[Any] = [
            listen(handler, [box, shown, visit], [box, hint, chat, visit], **questioning)
            for listen, handler in ((box.submit, ask), (as_typed.click, ask_literally))
        ]
        for event in asking:
            event.then(None, None, None, js="() => verbatim.focus()", api_visibility="private")
        page_parts: list[Any] = [visit, shown, view, chat, box, hint, back]
        reading = {**private, "concurrency_limit": 1, "cancels": asking}
        outputs = [note, file, pasted, address, panel, *page_parts]
        for event in (
            file.upload(read_file, file, outputs, **reading),
            paste.click(read_text, pasted, outputs, **reading),
            address.submit(read_address, address, outputs, **reading),
            back.click(lambda: page(home), None, page_parts, cancels=asking, **private),
        ):
            event.then(None, None, None, js="() => verbatim.opened()", api_visibility="private")
        cleared = clear.click(forget, visit, [visit, chat, hint], cancels=asking, **private)
        cleared.then(None, None, None, js="() => verbatim.focus()", api_visibility="private")
        for button, pack in ((save_text, desk.as_markdown), (save_data, desk.as_json)):
            packing = button.click(pack, visit, parcel, **private)
            packing.then(None, parcel, None, js="(parcel) => verbatim.save(parcel)", api_visibility="private")
        demo.load(None, None, None, js="() => verbatim.arrive()", api_visibility="private")
        if feedback:
            chat.like(desk.judge, visit, None, **private)
        gr.events.api(desk.reply, api_name="answer", api_description=inspect.getdoc(desk.reply))
    demo.queue(default_concurrency_limit=ANSWERING, max_size=WAITING)
    return demo


def conversation(article: Article, *, thumbs: bool) -> gr.Chatbot:
    """The chat. It is only ever written to: what a browser sends back as its value could be forged."""
    return gr.Chatbot(
        label="Conversation",
        show_label=False,
        elem_id="chat",
        render_markdown=False,
        latex_delimiters=[],
        sanitize_html=True,
        allow_tags=False,
        buttons=[],
        feedback_options=["Like", "Dislike"] if thumbs else None,
        height=None,
        scale=1,
        placeholder=invitation(article),
    )


def question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        placeholder="Ask about the article…",
        submit_btn="Ask",
        autofocus=True,
        max_lines=4,
        max_length=LONGEST_QUESTION,
        elem_id="box",
        scale=0,
    )


def own_article() -> tuple[gr.File, gr.Textbox, gr.Button, gr.Textbox]:
    """The three ways to bring an article: a file, a text with its button, a web address."""
    with gr.Tab("File"):
        file = gr.File(label="A file with an article", show_label=False, file_types=FILES, height=120, elem_id="file")
    with gr.Tab("Text"):
        pasted = gr.Textbox(
            label="The text of an article",
            show_label=False,
            placeholder="Paste the text of an article here",
            lines=4,
            max_lines=6,
            elem_id="pasted",
        )
        paste = gr.Button("Read this text", size="sm", elem_id="paste")
    with gr.Tab("Web address"):
        address = gr.Textbox(
            label="The web address of an article",
            show_label=False,
            placeholder="https://…",
            max_length=LONGEST_ADDRESS,
            submit_btn="Read",
            elem_id="address",
        )
    return file, pasted, paste, address


def launch_settings(host: str = "127.0.0.1") -> dict[str, Any]:
    """The keyword arguments of `Blocks.launch`, the same for people and for tests."""
    return {
        "server_name": f"[{host}]" if ":" in host else host,
        "share": False,
        "ssr_mode": False,
        "mcp_server": False,
        "show_error": False,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": [],
        "max_file_size": LARGEST_FILE,
        "state_session_capacity": VISITORS,
        "theme": THEME,
        "css": (ASSETS / "page.css").read_text(encoding="utf-8"),
        "head": f"{HEAD}<script>{(ASSETS / 'page.js').read_text(encoding='utf-8')}</script>",
        "app_kwargs": {"middleware": [Middleware(Guard, host=host)]},
    }


def free_port(host: str, port: int | None) -> int:
    """`port`, or when None the first free one from 7860. Raises VerbatimError when it cannot be listened on."""
    for number in PORTS if port is None else (port,):
        reason = cannot_listen(host, number)
        if reason is None:
            return number
        if reason.errno != errno.EADDRINUSE:
            raise VerbatimError(f"cannot listen on {host}, port {number}: {reason.strerror or reason}; try another")
    if port is None:
        raise VerbatimError(f"every port from {PORTS[0]} to {PORTS[-1]} is taken; choose another with --port")
    raise VerbatimError(f"port {port} is taken; choose another with --port, or leave it out to have a free one found")


def cannot_listen(host: str, port: int) -> OSError | None:
    """Why a server cannot listen there, or None when it can."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        return error
    return None


@contextmanager
def no_proxy() -> Iterator[None]:
    """While it lasts no proxy is asked: Gradio looks once whether its page is up, and a proxy would not find it."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    os.environ.update(dict.fromkeys(before, "*"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Desk:
    """What the page does, apart from how it looks."""

    def __init__(self, home: Answerer[ArticleIndex], encoder: Encoder | None, feedback: Path | None) -> None:
        self.home = home
        self.encoder = encoder
        self.feedback = Feedback(feedback) if feedback else None
        kept: LRUCache[Any, Answerer[ArticleIndex]] = LRUCache(REMEMBERED, lambda made: len(made.index.article.text))
        self.remembered = cached(kept, condition=Condition())(self.index)  # made once, however many ask at once

    def index(self, article: Article, progress: Progress | None = None) -> Answerer[ArticleIndex]:
        """An answerer like the first one's, for another article. Raises ArticleError."""
        index = ArticleIndex.from_article(within_limits(article), encoder=self.encoder, progress=progress)
        return Answerer(index, reader=self.home.reader, options=self.home.options)

    def ask(self, visit: Visit, question: str, *, key: str, literally: bool = False) -> Visit:
        """The visit with one more turn; `key` is of the article that the visitor sees. Raises nothing.

        `literally`: what was said before is not used to understand the question.
        """
        asked = question[: 2 * LONGEST_QUESTION]  # shown as far as that; the answerer refuses what is longer
        said = [] if literally else [turn.answer for turn in visit.turns if turn.answer]
        try:
            known = key == visit.key
            turn = Turn(asked, visit.answerer.answer(question, said)) if known else Turn(asked, problem=FORGOTTEN)
        except Exception as error:  # the border to the visitor: the conversation goes on
            turn = Turn(asked, problem=told(error, UNEXPECTED))
        return replace(visit, turns=(*visit.turns, turn)[-TURNS:])

    def reply(self, question: str, article: str = "", history: list[list[str | None]] | None = None) -> Reply:
        """Answers a question in the exact words of an article, or says that the article does not say.

        Args:
            question: The question, at most 500 characters.
            article: The text of the article, at most 1,000,000 characters. Empty: the article the page opens on.
            history: What was said before, oldest first, at most 50 pairs: a question, and the text of its answer
                (null: the article did not say). A follow-up like "When?" is then understood.

        Returns:
            The answer: `text` with its `start` and `end` in characters of the article (end exclusive), the
            `sentence` it stands in, `confidence` in [0, 1], `alternatives`, best first. When the article does not
            say, `text` is null and `nearest` holds the sentences nearest to the question. `read_as` is the question
            as it was understood after the history; null when it was taken as it stands.
        """
        try:
            said = exchanged(history)
            answerer = self.remembered(Article(article)) if article.strip() else self.home
            return cast("Reply", answerer.answer(question, said).to_dict())
        except Exception as error:  # the border to the caller, who is told a sentence
            raise gr.Error(told(error, UNEXPECTED), print_exception=False) from error

    def judge(self, visit: Visit | None, thumb: gr.LikeData) -> None:
        """Keeps the thumb that a visitor gave to an answer, or took back (""), in the feedback file."""
        place = thumb.index[0] if isinstance(thumb.index, tuple | list) else thumb.index
        turns = visit.turns if visit else ()
        turn = turns[place // 2] if 0 <= place // 2 < len(turns) else None
        if self.feedback and turn and turn.answer:
            try:
                self.feedback.keep(turn.answer, thumb.liked if isinstance(thumb.liked, bool) else None)
            except Exception as error:  # the border to the visitor, who is told a sentence
                told(error, UNKEPT)
                gr.Warning(UNKEPT)

    def as_markdown(self, visit: Visit | None) -> str:
        """The conversation as a Markdown file for the browser to save: a JSON object of its `name` and `text`."""
        return self.pack(visit, "md")

    def as_json(self, visit: Visit | None) -> str:
        """The conversation as a JSON file, packed in the same way."""
        return self.pack(visit, "json")

    def pack(self, visit: Visit | None, form: Format) -> str:
        """A file in memory; none is made on this machine."""
        article = (visit.answerer if visit else self.home).index.article
        text = saved(article, visit.turns if visit else (), form)
        return json.dumps({"name": file_name(article, form), "text": text})


def exchanged(history: object) -> list[Exchange]:
    """What a caller says was said before, checked. Raises QuestionError, which says which entry is wrong."""
    entries = [] if history is None else history
    if not isinstance(entries, list) or len(entries) > TURNS:
        raise QuestionError(f"the history must be a list of at most {TURNS} pairs of a question and its answer")
    for number, entry in enumerate(entries, start=1):
        if not is_exchange(entry):
            raise QuestionError(
                f"entry {number} of the history must be a pair: a question of at most {LONGEST_QUESTION} characters, "
                f"and the text of its answer, at most {LONGEST_SAID:,}, or null"
            )
    return [(question, said) for question, said in entries]


def is_exchange(entry: object) -> bool:
    """Whether it is a pair of a question and an answer's text or None, neither of them too long."""
    if not isinstance(entry, list | tuple) or len(entry) != 2:
        return False
    question, said = entry
    asked = isinstance(question, str) and question.strip() != "" and len(question) <= LONGEST_QUESTION
    return asked and (said is None or (isinstance(said, str) and len(said) <= LONGEST_SAID))


def within_limits(article: Article) -> Article:
    """The article. Raises ArticleError when it is empty, or longer than a page can serve to many visitors."""
    if not article.text.strip():
        raise ArticleError("the article is empty; give a text with at least one sentence")
    if len(article.text) > LONGEST_ARTICLE:
        raise ArticleError(
            f"the article has {len(article.text):,} characters, more than {LONGEST_ARTICLE:,}; take a part of it, or "
            "ask it with `verbatim ask`"
        )
    return article


def uploaded(path: str) -> Article:
    """The article in a file that a visitor sent, known by the file's own name. Raises ArticleError."""
    file = Path(path)
    try:
        return replace(load_article(file), source=file.name)
    except ArticleError as error:
        raise ArticleError(str(error).replace(str(file), file.name)) from error  # where we keep it is our own affair


def fetched(address: str) -> Article:
    """The article at a web address. Raises ArticleError, also for what is no public address."""
    address = address.strip()
    if urlsplit(address).scheme.lower() not in ("http", "https") or len(address) > LONGEST_ADDRESS:
        raise ArticleError(f"{shortened(address)!r} is no web address; give one that begins with https://")
    return load_article(address)


def told(error: BaseException, otherwise: str) -> str:
    """The sentence for a person: a VerbatimError's own; for any other error, which is logged, `otherwise`."""
    if not isinstance(error, VerbatimError):
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        return otherwise
    sentence = str(error).strip()
    return sentence[:1].upper() + sentence[1:] + ("" if sentence.endswith((".", "!", "?")) else ".")


def messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """The turns as the chat shows them: the question, then the answer's words and below them its card."""
    shown: list[dict[str, Any]] = []
    for turn in turns:
        shown.append({"role": "user", "content": message_html(turn.question)})
        said = message_html((turn.answer.text or SILENT) if turn.answer else turn.problem)
        card = gr.HTML(card_html(turn.answer) if turn.answer else problem_card_html())
        shown.append({"role": "assistant", "content": [said, card]})
    return shown


def pending(question: str) -> list[dict[str, Any]]:
    """A question while its answer is being looked for."""
    return [
        {"role": "user", "content": message_html(question[: 2 * LONGEST_QUESTION])},
        {"role": "assistant", "content": SEARCHING},
    ]


def invitation(article: Article) -> str:
    """What an empty chat says, with questions to click where some are known for the article."""
    questions = EXAMPLES.get(article.source, ())
    hint = "Try one of these, or ask your own." if questions else "Ask who, what, when, where, why or how many."
    buttons = "".join(f'<button type="button" class="ask">{escape(question)}</button>' for question in questions)
    return (
        '<div class="invitation"><h2>What would you like to know?</h2><p>Every answer is quoted word for word from '
        f"the article, or you are told that it does not say. {hint}</p>{buttons}</div>"
    )


def view_of(visit: Visit) -> str:
    """The visitor's article, to be read."""
    index = visit.answerer.index
    return view_html(index.article, index.sentences)


def progress_html(done: int = 0, total: int = 0) -> str:
    """How far the reading of an article has come; a bar without a number until that is known."""
    bar = f'<progress max="{total}" value="{done}"></progress>' if total else "<progress></progress>"
    count = f" {done:,} of {total:,} sentences" if total else ""
    return f'<p role="status">Reading the article…{count}</p>{bar}'


def problem_html(problem: str) -> str:
    """A sentence about what went wrong, announced to screen readers."""
    return f'<p class="problem" role="alert">{escape(problem)}</p>'
