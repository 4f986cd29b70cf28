"""The `verbatim library` commands: keep many articles in a folder, and ask one of them or all.

What is found goes to standard output; everything else is one sentence on standard error. Exit status as for the whole
command; `add` ends with 1 when something could not be added, after everything else was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import click

from index.errors import LibraryError
from index.library import Library, OneArticle, Outcome, files_in
from index.store import Entry
from index.text import utf8
from qa.answer import Answer
from qa.answerer import Answerer
from ui.console import (
    ANSWERED,
    FAILED,
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


@click.group()
def library() -> None:
    """Keep many articles in a folder, and ask them."""


def _is_folder(name: str) -> bool:
    with suppress(OSError):  # where one may not look, or of a name that is too long; reading it will tell
        return Path(name).is_dir()
    return False


@library.command()
@click.argument("folder")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@encoder_option
def add(folder: str, articles: tuple[str, ...], encoder: str | None) -> int:
    """Add each ARTICLE, a file, a folder of files or a web address, to the library in FOLDER.

    The first time FOLDER is made. A file that has changed is replaced; a text that is there already is left alone.
    """
    paths = [path for each in articles for path in (files_in(each) if _is_folder(each) else [each])]
    if not paths:
        raise click.UsageError(f"there is no text, Markdown, HTML, PDF or Word file in {', '.join(articles)}")
    with opened(folder, encoder=encoder, create=True) as shelf, bar("Adding", "file") as (step, line):

        def progress(outcome: Outcome, done: int, total: int) -> None:
            if outcome.state == "refused":
                line(lambda: complain(f"skipped: {outcome.reason}"))
            else:
                line(lambda: click.echo(f"{outcome.state:8}  {outcome.id:>4}  {shown(outcome.source)}"))
            step(done, total)

        outcomes = shelf.add_files(paths, progress=progress)
    states = [outcome.state for outcome in outcomes]
    words = {"added": "added", "replaced": "replaced", "known": "there already", "refused": "skipped"}
    counts = ", ".join(f"{states.count(state)} {word}" for state, word in words.items() if state in states)
    click.echo(f"{folder}: {counts}", err=True)
    return FAILED if "refused" in states else ANSWERED


@library.command()
@click.argument("folder")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
def remove(folder: str, articles: tuple[str, ...]) -> int:
    """Remove each ARTICLE, by its number in the list, its file or its address."""
    with opened(folder) as shelf:
        for entry in {entry.id: entry for each in articles for entry in [named(shelf, each)]}.values():
            shelf.remove(entry.id)
            click.echo(f"removed   {entry.id:>4}  {shown(entry.source or entry.title)}")
    return ANSWERED


@library.command(name="list")
@click.argument("folder")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per article.")
def list_(folder: str, as_json: bool) -> int:
    """List the articles: number, sentences, title and where each came from."""
    with opened(folder) as shelf:
        entries = shelf.articles()
    for entry in entries:
        if as_json:
            values = {"id": entry.id, "title": entry.title, "source": entry.source, "sentences": entry.sentences}
            click.echo(json.dumps(values))
        else:
            click.echo(f"{entry.id:>4}  {entry.sentences:>7,}  {shown(entry.title)}  {shown(entry.source)}".rstrip())
    if not entries:
        click.echo(f"{folder} is empty; add articles with: verbatim library add {folder} FILE", err=True)
    return ANSWERED


@library.command()
@click.argument("folder")
@click.argument("question", required=False)
@click.option("-a", "--article", metavar="ARTICLE", help="Ask this one only: its number in the list, file or address.")
@json_option
@reader_option
@encoder_option
def ask(
    folder: str, question: str | None, article: str | None, as_json: bool, reader: str | None, encoder: str | None
) -> int:
    """Answer QUESTION from the library in FOLDER, with the article that the answer stands in.

    Without QUESTION, questions are read line by line.
    """
    question = asked(question)
    with opened(folder, encoder=encoder) as shelf:
        answerer = load_answerer(shelf, article=article, reader=reader)
        if question is None:
            tell = partial(show_with_article, of_many=article is None, as_json=as_json)
            return session(answerer, title=article or folder, tell=tell)
        answer = answerer.answer(question)
    show_with_article(answer, of_many=article is None, as_json=as_json)
    return ANSWERED if answer.span else SILENT


@library.command()
@click.argument("folder")
def rebuild(folder: str) -> int:
    """Check the library and make its indexes again; articles and vectors stay as they are."""
    with opened(folder) as shelf:
        with bar("Rebuilding", "article") as (step, _):
            shelf.rebuild(progress=step)
        entries = shelf.articles()
    click.echo(f"{folder}: {len(entries):,} articles, {sum(each.sentences for each in entries):,} sentences", err=True)
    return ANSWERED


@contextmanager
def opened(folder: str, *, encoder: str | None = None, create: bool = False) -> Iterator[Library]:
    """The library, with what had to be mended said on standard error."""
    with Library.open(folder, encoder=encoder, create=create) as shelf:
        try:
            yield shelf
        finally:
            for note in shelf.notes:
                complain(note)


def named(shelf: Library, name: str) -> Entry:
    """The article of a number, a file or an address. Raises LibraryError when there is none."""
    path = name
    with suppress(RuntimeError):  # "~nobody/news.txt" is nobody's
        path = utf8(str(Path(name).expanduser().resolve()))
    for entry in shelf.articles():
        if str(entry.id) == name or (entry.source and entry.source in (name, path)):
            return entry
    raise LibraryError(f"the library has no article {shown(name)!r}; see: verbatim library list {shelf.folder}")


def load_answerer(shelf: Library, *, article: str | None, reader: str | None) -> Answerer[Library | OneArticle]:
    """The answerer for a whole library, or one of its articles. Raises LibraryError when there is nothing to ask."""
    from qa.reader import load_reader

    if not shelf.articles():
        raise LibraryError(f"{shelf.folder} is empty; add articles with: verbatim library add {shelf.folder} FILE")
    shelf.check()  # before anybody asks
    index: Library | OneArticle = shelf if article is None else shelf.only(named(shelf, article).id)
    return Answerer(index, reader=load_reader(reader))


def show_with_article(answer: Answer, *, of_many: bool, as_json: bool) -> None:
    """One answer on standard output, with the article that it stands in."""
    show(answer, of_many=of_many, as_json=as_json)
    if answer.span and not as_json:
        click.echo(f"in: {shown(answer.article.title)}  {shown(answer.article.source)}".rstrip())
