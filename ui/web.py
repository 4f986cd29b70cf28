"""The page: a chat beside the article. Each visitor has an article and a conversation of their own, and none leaves
this machine."""

# No postponed annotations in this file: Gradio reads the result type of the endpoint as it stands.
import inspect
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, cast

import gradio as gr

from index.encoder import Encoder
from index.load import SUFFIXES
from index.text import Article
from qa.answerer import LONGEST_QUESTION, Answerer
from qa.batching import batching
from qa.suggest import near
from ui.choice import asks_html, contents_html, offers_html, picker_html
from ui.desk import HOME, LONGEST_ADDRESS, SHELF, Desk, Index, Suggest, Talk, Visit, fetched, told, uploaded, with_turns
from ui.render import card_html, escape, message_html, problem_card_html, silence, view_html
from ui.transcript import Format

ANSWERING, WAITING = 32, 64  # questions answered at a time, and let into the queue behind them
READING = 4  # articles of visitors' own indexed at a time

SEARCHING = "Searching the article…"
UNREADABLE = "Something went wrong while reading this article, and it was logged. Please try another."
EMPTY = "Type a question first."

FILES_HINT = "Text, Markdown, HTML, PDF or Word, up to 20 MB. It stays on the computer that serves this page."
KEYS = (
    '<span class="keys"><kbd>Enter</kbd> asks, <kbd>Esc</kbd> empties the box, '
    "<kbd>/</kbd> returns to it, <kbd>↑</kbd> recalls</span>"
)
HEADER = """<a class="skip" href="#box">Skip to the question</a><a class="skip" href="#view">Skip to the article</a>
<header><h1>Verbatim</h1><p>Ask an article. Get its own words back.</p><a href="#right">Read the article</a></header>"""


def build(
    answerer: Answerer[Index],
    *,
    encoder: Encoder | None = None,
    feedback: Path | None = None,
    suggest: Suggest | None = None,
) -> gr.Blocks:
    """The page, opening on the answerer's article or library; `ui.serving` serves it.

    Articles of a visitor's own are indexed with `encoder` (None: the default one) and read by the same reader.
    `feedback` is the file of `Feedback` that thumbs are kept in; without it there are no thumbs. `suggest` finds
    questions to offer. The page asks what its address holds as `?q=`, once. Raises VerbatimError when thumbs cannot be
    kept there.
    """
    answerer, encoder = batching(answerer, encoder)
    desk = Desk(answerer, encoder, feedback, suggest)
    new = desk.arrived()
    demo: gr.Blocks
    with gr.Blocks(
        title="Verbatim", fill_height=True, fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)
    ) as demo:
        visit = gr.State(None)  # None: just arrived; an initial value would be copied deeply
        gr.HTML(HEADER, elem_id="top")
        with gr.Row(elem_id="main"):
            with gr.Column(scale=5, min_width=240, elem_id="left"):
                chat = conversation(invitation(new.now, desk.known(new.now)), thumbs=feedback is not None)
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
                picker = gr.HTML(**picker_of(desk, new), elem_id="picker")
                view = gr.HTML(view_of(desk, new), elem_id="view")
        shown = gr.Textbox("", visible=False)  # the key of what is asked on this page, told with every question
        wish = gr.Textbox("", visible=False)  # what was clicked, filled in by the browser
        typed = gr.Textbox("", visible=False)  # not empty: to be asked as it stands; filled in by the browser
        parcel = gr.Textbox("", visible=False)  # the file that the browser is to save
        offer = gr.State(None)  # (key, questions to ask), once they are known
        brought = gr.State(None)  # an answerer of the visitor's own article, once it is read
        as_typed, choose, show, wanting, open_own = (  # clicked by the page's own script
            gr.Button(visible="hidden", elem_id=name) for name in ("typed", "choose", "show", "suggest", "open-own")
        )
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

        def ask(question: str, key: str, now: Visit | None, literally: str) -> Iterator[dict[Any, Any]]:
            now, question = now or new, str(question or "").strip()
            if not question:
                yield {hint: f'<span role="alert">{EMPTY}</span>'}
                return
            yield {box: "", hint: KEYS, chat: [*messages(desk, now), *pending(question)]}
            now = desk.ask(now, question, key=str(key or ""), literally=bool(literally))
            yield {chat: messages(desk, now), visit: now}

        # Reading takes long, and the visitor may ask on meanwhile: what is read waits in `brought` until `opening`,
        # which takes no time, turns the visit as it is by then.

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
            done = {note: FILES_HINT, file: None, pasted: "", address: "", panel: gr.Accordion(open=False)}
            yield {**done, brought: reading.result()}

        def opening(made: Answerer[Index] | None, now: Visit | None) -> dict[Any, Any]:
            return {brought: None, **(page(desk.opened(now or new, made)) if made else {})}

        def page(now: Visit) -> dict[Any, Any]:
            return {
                visit: now,
                shown: now.now.key,
                view: view_of(desk, now),
                chat: gr.update(value=messages(desk, now), placeholder=invitation(now.now, desk.known(now.now))),
                box: gr.Textbox("", interactive=True),
                hint: KEYS,
                picker: gr.update(**picker_of(desk, now)),
            }

        def read_file(path: str | None) -> Iterator[dict[Any, Any]]:
            if path:  # not when the file is taken away
                yield from read(lambda: uploaded(path))

        def read_text(text: str) -> Iterator[dict[Any, Any]]:
            yield from read(lambda: Article(str(text or "")))

        def read_address(url: str) -> Iterator[dict[Any, Any]]:
            yield from read(lambda: fetched(str(url or "")))

        def choosing(key: str, now: Visit | None) -> dict[Any, Any]:
            try:
                return page(desk.chosen(now or new, str(key or "")))
            except Exception as error:  # the border to the visitor, who stays where they are
                gr.Warning(escape(desk.told(error)))
                return {chat: messages(desk, now or new)}  # a question that was pending was given up for this

        def showing(name: str, now: Visit | None) -> dict[Any, Any]:
            now = now or new
            article = desk.shown(now, str(name or ""))
            return {view: view_of(desk, now, article) if article else gr.skip()}

        def suggesting(key: str, now: Visit | None) -> tuple[str, tuple[str, ...]]:
            talk = (now or new).now
            return talk.key, desk.suggestions(talk) if talk.key == key else ()

        def offering(offered: tuple[str, tuple[str, ...]], key: str, now: Visit | None) -> dict[Any, Any]:
            """What was found is for `offered[0]`; meanwhile the visitor may have gone on to something else."""
            late = offered[0] != key or not offered[1]
            return {chat: gr.skip() if late else gr.update(placeholder=invitation((now or new).now, offered[1]))}

        def forget(now: Visit | None) -> dict[Any, Any]:
            now = with_turns(now or new, ())
            return {visit: now, chat: [], hint: KEYS, view: view_of(desk, now) if desk.library else gr.skip()}

        def arriving() -> dict[Any, Any]:
            """A library may have changed since the page was made."""
            return {view: view_of(desk, new), picker: gr.update(**picker_of(desk, new))}

        questioning = {**private, "concurrency_id": "questions"}
        # One listener for both, as of one a browser sends nothing while its last event is under way.
        asking = gr.on(
            [box.submit, as_typed.click],
            ask,
            [box, shown, visit, typed],
            [box, hint, chat, visit],
            js="(question, key, visit) => [question, key, visit, verbatim.typed(question)]",
            **questioning,
        )
        asking.then(None, None, None, js="() => verbatim.returning()", api_visibility="private")
        page_parts: list[Any] = [visit, shown, view, chat, box, hint, picker]
        reading = {**private, "concurrency_id": "articles", "concurrency_limit": READING}
        outputs = [note, file, pasted, address, panel, box, brought]
        wished = "(wish, visit) => [verbatim.wish(), visit]"
        for event in (
            file.upload(read_file, file, outputs, **reading),
            paste.click(read_text, pasted, outputs, **reading),
            address.submit(read_address, address, outputs, **reading),
        ):
            event.then(None, None, None, js="() => verbatim.brought()", api_visibility="private")
        for event in (
            open_own.click(opening, [brought, visit], [brought, *page_parts], cancels=[asking], **private),
            choose.click(choosing, [wish, visit], page_parts, js=wished, cancels=[asking], **private),
        ):
            event.then(None, None, None, js="() => verbatim.opened()", api_visibility="private")
        showed = show.click(showing, [wish, visit], view, js=wished, trigger_mode="always_last", **private)
        showed.then(None, None, None, js="() => verbatim.shown()", api_visibility="private")
        suggested = wanting.click(
            suggesting, [shown, visit], offer, concurrency_limit=1, trigger_mode="always_last", **private
        )
        suggested.success(offering, [offer, shown, visit], chat, **private)
        cleared = clear.click(forget, visit, [visit, chat, hint, view], cancels=[asking], **private)
        cleared.then(None, None, None, js="() => verbatim.focus()", api_visibility="private")
        for button, form in ((save_text, "md"), (save_data, "json")):
            packing = button.click(partial(desk.pack, form=cast("Format", form)), visit, parcel, **private)
            packing.then(None, parcel, None, js="(parcel) => verbatim.save(parcel)", api_visibility="private")
        if desk.library:
            arrived = demo.load(arriving, None, [view, picker], **private)
            arrived.then(None, None, None, js="() => verbatim.arrive()", api_visibility="private")
        else:
            demo.load(None, None, None, js="() => verbatim.arrive()", api_visibility="private")
        if feedback:
            chat.like(desk.judge, visit, None, **private)
        gr.events.api(desk.reply, api_name="answer", api_description=inspect.getdoc(desk.reply))
    demo.queue(default_concurrency_limit=ANSWERING, max_size=WAITING)
    return demo


def conversation(placeholder: str, *, thumbs: bool) -> gr.Chatbot:
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
        placeholder=placeholder,
    )


def question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        placeholder="Ask a question…",
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
        file = gr.File(
            label="A file with an article", show_label=False, file_types=[*SUFFIXES], height=120, elem_id="file"
        )
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


def messages(desk: Desk, visit: Visit) -> list[dict[str, Any]]:
    """The turns as the chat shows them: the question, then the answer's words and below them its card."""
    shown: list[dict[str, Any]] = []
    of_many = visit.now.article is None
    for turn in visit.now.turns:
        shown.append({"role": "user", "content": message_html(turn.question)})
        said = message_html((turn.answer.text or silence(of_many=of_many)) if turn.answer else turn.problem)
        card = card_html(turn.answer, of_many=of_many) if turn.answer else problem_card_html()
        if turn is visit.now.turns[-1] and turn.answer and not turn.answer.span:
            card += offers_html(near(turn.question, [each for each in desk.known(visit.now) if each != turn.question]))
        shown.append({"role": "assistant", "content": [said, gr.HTML(card)]})
    return shown


def pending(question: str) -> list[dict[str, Any]]:
    """A question while its answer is being looked for."""
    return [
        {"role": "user", "content": message_html(question[: 2 * LONGEST_QUESTION])},
        {"role": "assistant", "content": SEARCHING},
    ]


def invitation(talk: Talk, questions: Sequence[str]) -> str:
    """What an empty chat says, with questions to click where some are known."""
    hint = "Try one of these, or ask your own." if questions else "Ask who, what, when, where, why or how many."
    asked, silent = ("the article", "it does not say") if talk.article else ("one of the articles", "none of them says")
    return (
        '<div class="invitation"><h2>What would you like to know?</h2><p>Every answer is quoted word for word from '
        f"{asked}, or you are told that {silent}. {hint}</p>{asks_html(questions)}</div>"
    )


def picker_of(desk: Desk, visit: Visit) -> dict[str, Any]:
    """The value of the picker, and whether there is one."""
    value = picker_html(desk.choices(visit))
    return {"value": value, "visible": bool(value)}


def view_of(desk: Desk, visit: Visit, article: Article | None = None) -> str:
    """What stands beside the chat: `article`, or else what is asked.

    For a whole library that is the article of the last answer, or before the first one the library's contents.
    """
    talk = visit.now
    answers = [turn.answer.article for turn in talk.turns if turn.answer and turn.answer.span]
    article = article or talk.article or (answers[-1] if answers else None)
    if article:
        return view_html(article, desk.sentences(visit, article), alone="" if talk.article else desk.key_of(article))
    assert desk.library  # noqa: S101 (what else has no article)
    listed = [choice for choice in desk.choices(visit) if choice.key not in (HOME, talk.key) and choice.group == SHELF]
    return contents_html(desk.library.folder.name, listed, total=len(desk.library.articles()))


def progress_html(done: int = 0, total: int = 0) -> str:
    """How far the reading of an article has come; a bar without a number until that is known."""
    bar = f'<progress max="{total}" value="{done}"></progress>' if total else "<progress></progress>"
    count = f" {done:,} of {total:,} sentences" if total else ""
    return f'<p role="status">Reading the article…{count}</p>{bar}'


def problem_html(problem: str) -> str:
    """A sentence about what went wrong, announced to screen readers."""
    return f'<p class="problem" role="alert">{escape(problem)}</p>'
