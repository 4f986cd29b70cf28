"""The `verbatim` command. Answers go to standard output; everything else is one sentence on standard error.

Exit status: 0 with an answer, 3 when the article does not say, 2 on misuse, 1 on failure.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from index.errors import ArticleError, VerbatimError
from index.library import Library, OneArticle
from index.load import SIZE_LIMIT, load_article
from index.search import ArticleIndex
from index.text import Article
from qa.answerer import Answerer, Retriever, as_article, bundled_article
from qa.dataset import CONTEXTS, Context
from ui.console import (
    ANSWERED,
    FAILED,
    INTERRUPTED,
    MISUSED,
    SILENT,
    asked,
    bar,
    complain,
    encoder_option,
    json_option,
    reader_option,
    session,
    show,
    shown,
)
from ui.library import library, opened
from ui.library import load_answerer as load_library

Command = TypeVar("Command", bound=Callable[..., Any])


def models(command: Command) -> Command:
    """Adds --reader and --encoder."""
    return reader_option(encoder_option(command))


def address(command: Command) -> Command:
    """Adds --allow-private, for an ARTICLE that stands on this machine or network."""
    return click.option("--allow-private", is_flag=True, help="ARTICLE may be an address of this machine or network.")(
        command
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="verbatim-qa", prog_name="verbatim")
def cli() -> None:
    """Ask an article. Get its own words back."""


@cli.command()
@click.argument("question", required=False)
@click.argument("article", required=False)
@click.option("-a", "--article", "named", metavar="ARTICLE", help="The article, for a session without QUESTION.")
@json_option
@address
@models
def ask(
    question: str | None,
    article: str | None,
    named: str | None,
    as_json: bool,
    allow_private: bool,
    reader: str | None,
    encoder: str | None,
) -> int:
    """Answer QUESTION from ARTICLE: a file, a web address, or - for standard input.

    Without ARTICLE the bundled one is asked; without QUESTION, questions are read line by line.
    """
    if article is not None and named is not None:
        raise click.UsageError("the article is given twice; give it as an argument or with --article")
    where = named if article is None else article
    question = asked(question)
    if question is None:
        if where == "-":
            raise click.UsageError("standard input cannot be both the article and the questions; give a QUESTION")
        answerer = load_answerer(where, allow_private=allow_private, reader=reader, encoder=encoder)
        return session(answerer, title=answerer.index.article.title, tell=partial(show, as_json=as_json))
    answerer = load_answerer(where, allow_private=allow_private, reader=reader, encoder=encoder)
    answer = answerer.answer(question)
    show(answer, as_json=as_json)
    return ANSWERED if answer.span else SILENT


@cli.command()
@click.argument("article", required=False)
@click.option("--library", "folder", metavar="FOLDER", help="Chat about a library: all of it, or one article.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; from 7860 the first that is free.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--feedback",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep thumbs in FILE: SQuAD 2.0 when it ends in .json, else JSON lines. Without it there are no thumbs.",
)
@address
@models
def chat(
    article: str | None,
    folder: str | None,
    host: str,
    port: int | None,
    open_page: bool,
    feedback: Path | None,
    allow_private: bool,
    reader: str | None,
    encoder: str | None,
) -> int:
    """Open a web chat about ARTICLE: a file or a web address; the bundled one by default."""
    if folder is not None and (article or allow_private):
        raise click.UsageError("--library is asked instead of an ARTICLE; leave one of them out")
    with ExitStack() as open_files:
        from ui import serving
        from ui.feedback import Feedback

        serving.free_port(host, port)  # before anything that takes time
        if feedback:
            Feedback(feedback)
        answerer: Answerer[ArticleIndex | OneArticle | Library]
        if folder is None:
            answerer = load_answerer(article, allow_private=allow_private, reader=reader, encoder=encoder)
        else:
            shelf = open_files.enter_context(opened(folder, encoder=encoder))
            answerer = load_library(shelf, article=None, reader=reader)
        click.echo("Starting the chat …", err=True)
        from index.encoder import load_encoder
        from ui.desk import questions_of

        server = serving.serve(
            answerer,
            host=host,
            port=port,
            encoder=load_encoder(encoder),  # loaded already, for the article
            feedback=feedback,
            suggest=questions_of,
            open_page=open_page,
        )
        click.echo(f"Verbatim is open at {server.url} (Ctrl+C closes it)", err=True)
        server.wait()
    return ANSWERED


@cli.command()
@click.argument("article", required=False)
@click.option("--library", "folder", metavar="FOLDER", help="A library to ask instead of an article.")
@address
@models
def mcp(article: str | None, folder: str | None, allow_private: bool, reader: str | None, encoder: str | None) -> int:
    """Serve the tool `ask_article` to a language model, by the Model Context Protocol over standard input and output.

    Of ARTICLE, a file or a web address; the bundled one by default. A model may send other articles too.
    """
    if article and folder:
        raise click.UsageError("give an ARTICLE or --library, not both")
    if article == "-":
        raise click.UsageError("standard input belongs to the protocol; give the article as a file")
    try:
        from ui.mcp import build
    except ImportError as error:
        raise VerbatimError(f"the MCP server lacks a package ({error}); run: pip install 'verbatim-qa[mcp]'") from error
    warned = logging.StreamHandler()
    warned.setLevel(logging.WARNING)
    logging.basicConfig(
        handlers=[warned]
    )  # before the SDK's own, which would pass on what libraries note for debugging

    def of(text: Article) -> Answerer[Retriever]:
        return indexed(text, reader=reader, encoder=encoder)

    if folder is None:
        home = read_article(article, allow_private=allow_private)
        build(lambda: of(home), of, title=f"“{shown(home.title) or 'an untitled text'}”").run()
        return ANSWERED
    with opened(folder, encoder=encoder) as shelf:
        title = f"a library of {len(shelf.articles()):,} articles"
        build(lambda: load_library(shelf, article=None, reader=reader), of, title=title).run()
    return ANSWERED


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--context", type=click.Choice(CONTEXTS), default="paragraph", show_default=True, help="Asked of what.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Questions drawn from the file; all by default.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the draw.")
@click.option("--json", "output", type=click.Path(path_type=Path), help="Report to write, with plots beside it.")
@click.option("--errors", type=click.IntRange(0), default=0, metavar="K", help="Worst answers to print.")
@models
def evaluate(
    file: Path,
    context: Context,
    limit: int | None,
    seed: int,
    output: Path | None,
    errors: int,
    reader: str | None,
    encoder: str | None,
) -> int:
    """Measure the answers to a SQuAD-format FILE (.json or .json.gz): EM, F1, silence, recall, calibration."""
    from ui.evaluate import run as measure

    return measure(
        file, context=context, limit=limit, seed=seed, output=output, reader=reader, encoder=encoder, errors=errors
    )


cli.add_command(library)


def load_answerer(
    where: str | None, *, allow_private: bool, reader: str | None, encoder: str | None
) -> Answerer[ArticleIndex]:
    """The answerer for an article named on the command line."""
    return indexed(read_article(where, allow_private=allow_private), reader=reader, encoder=encoder)


def indexed(article: Article, *, reader: str | None, encoder: str | None) -> Answerer[ArticleIndex]:
    """The answerer for an article; a long one's indexing shows a progress bar."""
    from index.encoder import load_encoder
    from qa.reader import load_reader

    loaded = load_encoder(encoder)
    with bar("Indexing sentences", "sentence", delay=1) as (step, _):
        index = ArticleIndex.from_article(article, encoder=loaded, progress=step)
    return Answerer(index, reader=load_reader(reader))


def read_article(where: str | None, *, allow_private: bool) -> Article:
    """A file, an address, standard input (`-`), or the bundled article (None)."""
    if where is None:
        return bundled_article()
    if where != "-":
        return load_article(where, allow_private=allow_private)
    data = sys.stdin.buffer.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise ArticleError(f"standard input has more than {SIZE_LIMIT:,} bytes; give a shorter article")
    try:
        return as_article(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ArticleError("standard input is not UTF-8 text; give the article as a file instead") from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command and ends the process with its exit status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal knows every letter
    try:
        status = cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return MISUSED
    except click.ClickException as error:
        complain(error.format_message())
        return MISUSED
    except VerbatimError as error:
        complain(error)
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left (`verbatim ask … | head`): nobody is there to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # the border to the person: no traceback, but a way to one
        if os.environ.get("VERBATIM_DEBUG"):
            raise
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        complain(f"unexpected {type(error).__name__}: {error}; run again with VERBATIM_DEBUG=1 to see where")
        return FAILED
    return status if isinstance(status, int) else ANSWERED
