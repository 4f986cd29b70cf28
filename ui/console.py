"""What the commands share: exit statuses, options, how answers, complaints and progress come out, and sessions."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import click

from index.errors import QuestionError, VerbatimError
from qa.answer import Answer
from qa.answerer import Answerer, Retriever, checked
from qa.followup import REACH

ANSWERED, FAILED, MISUSED, SILENT, INTERRUPTED = 0, 1, 2, 3, 130

reader_option = click.option("--reader", metavar="NAME", help="Folder or hub name of a question-answering model.")
encoder_option = click.option("--encoder", metavar="NAME", help="Folder or hub name of a sentence-transformers model.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object per answer, offsets in characters.")

Step = Callable[[int, int], None]  # (done, in all)
Line = Callable[[Callable[[], None]], None]


def asked(question: str | None) -> str | None:
    """A QUESTION given as an argument, without space around it. Raises UsageError where it cannot be asked."""
    try:
        return None if question is None else checked(question)
    except QuestionError as error:
        raise click.UsageError(str(error)) from error


def session(answerer: Answerer[Retriever], *, title: str, tell: Callable[[Answer], None]) -> int:
    """Answers standard input line by line until it ends, each question after those before it ("When?").

    A question that fails is said, and the next is read. `tell` puts an answer out.
    """
    person = sys.stdin.isatty()
    said: deque[Answer] = deque(maxlen=REACH)
    if person:
        click.echo(f"Ask about “{title or 'this text'}”; an empty line or Ctrl+D ends.", err=True)
    for line in questions(prompt="\n? " if person else ""):
        if person and not line.strip():
            break
        if not line.strip():
            continue
        try:
            said.append(answerer.answer(line, tuple(said)))
            tell(said[-1])
        except VerbatimError as error:
            complain(error)
    return ANSWERED


def questions(*, prompt: str) -> Iterator[str]:
    """The lines of standard input, with line editing and history where a person types them."""
    if not prompt:
        sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]  # a TextIO that is no wrapper has no bytes
        yield from sys.stdin
        return
    with suppress(ImportError):  # Windows brings its own
        import readline  # noqa: F401  (importing it gives input() its arrow keys)
    with suppress(EOFError):
        while True:
            if not sys.stdout.isatty():  # answers go there, and input() would write the prompt among them
                click.echo(prompt, nl=False, err=True)
            yield input(prompt if sys.stdout.isatty() else "")


def show(answer: Answer, *, of_many: bool = False, as_json: bool) -> None:
    """One answer on standard output; `of_many`: a library was asked."""
    from ui.render import plain

    click.echo(json.dumps(answer.to_dict()) if as_json else plain(answer, of_many=of_many))


@contextmanager
def bar(title: str, unit: str, *, delay: float = 0) -> Iterator[tuple[Step, Line]]:
    """(what to call with steps done and in all, what to print through) for a progress bar where somebody sees it.

    It is drawn when `delay` seconds have passed.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None, lambda write: write()
        return
    from tqdm import tqdm

    with tqdm(desc=title, unit=f" {unit}s", delay=delay, leave=False) as drawn:

        def step(done: int, total: int) -> None:
            drawn.total = total
            drawn.update(done - drawn.n)

        def line(write: Callable[[], None]) -> None:
            with tqdm.external_write_mode():
                write()

        yield step, line


def complain(error: BaseException | str) -> None:
    """One sentence on standard error."""
    click.echo(f"verbatim: {' '.join(str(error).split())}", err=True)


def shown(text: str) -> str:
    """A title or a source on one line, without what a terminal would obey or cannot show."""
    return " ".join("".join(each if each.isprintable() else "\ufffd" for each in text).split())
