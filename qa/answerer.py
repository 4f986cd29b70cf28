"""How the product works, on one screen: understand the question, retrieve passages, read them, choose the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from index.errors import ArticleError, QuestionError
from index.load import load_article
from index.search import ArticleIndex, Passage
from index.text import Article
from qa.answer import Answer, Options, choose
from qa.followup import BEHIND, Exchange, exchanges, forms, understood
from qa.reader import Reader, load_reader
from qa.reading import read

LONGEST_QUESTION = 500  # characters; longer texts are articles pasted into the wrong box
REMEMBERED = 8  # articles whose index `answer` keeps
DEFAULTS = Options()


class Retriever(Protocol):
    """From a question to the passages worth reading, best first, at least one; an ArticleIndex or a Library."""

    def retrieve(self, question: str, *, budget: int) -> list[Passage]: ...


Index = TypeVar("Index", bound=Retriever, covariant=True)


class Answerer(Generic[Index]):
    """Answers questions from an index; holds it and the reader, loaded once."""

    def __init__(self, index: Index, *, reader: Reader | None = None, options: Options = DEFAULTS) -> None:
        """`reader` None is the bundled one."""
        self.index = index
        self.reader = reader or load_reader()
        self.options = options

    def answer(self, question: str, history: Sequence[Answer | Exchange] = ()) -> Answer:
        """The article's own words for `question`, or an Answer without a span where it does not say.

        `history` is what was said before, oldest first: answers, or pairs of a question and the text of its answer
        (None where the article did not say). "When?" is then understood as the question that it means, which stands
        in `read_as`; a question that stands alone is answered as without history, unless it has few words and no name
        and the article has no good answer to it but in what was spoken of. The same question and history give
        the same answer. Raises QuestionError for an empty question, or one of more than 500 characters.
        """
        question = checked(question)
        said = exchanges(history)
        literal = self._passages(question)
        article = literal[0].span.article  # of a library, the one nearest to the question
        ways = forms(question, said, article)
        passages = [literal if way.way == "literal" else self._passages(way.text) for way in ways]
        found = [
            read(way.text, each, reader=self.reader, options=self.options)
            for way, each in zip(ways, passages, strict=True)
        ]
        calibration = self.reader.calibration
        meant, readings = understood(ways, found, said, calibration=calibration)
        chosen = choose(
            question if meant.way in BEHIND else meant.text,  # whose words tell what kind of answer is asked for
            article,
            passages[ways.index(meant)],
            readings,
            calibration=calibration,
            options=self.options,
        )
        return chosen if meant.way == "literal" else replace(chosen, question=question, read_as=meant.shown)

    def _passages(self, question: str) -> list[Passage]:
        return self.index.retrieve(question, budget=self.options.budget)


def answer(
    question: str,
    article: Article | str | Path | None = None,
    *,
    history: Sequence[Answer | Exchange] = (),
    options: Options = DEFAULTS,
) -> Answer:
    """The answer to one question; models and the index of the last few articles are kept for the next call.

    A str is the text itself, a Path is a file, None is the bundled article; `history` is what was said before, as
    `Answerer.answer` takes it. Raises a VerbatimError (ArticleError, QuestionError, ModelError) with a sentence that
    says what to do.
    """
    question = checked(question)  # before any model is loaded
    return Answerer(_index(as_article(article)), options=options).answer(question, history)


def as_article(article: Article | str | Path | None) -> Article:
    """The article that is meant: itself, a text, a file, or the bundled one. Raises ArticleError."""
    if article is None:
        return bundled_article()
    if isinstance(article, Path):
        return load_article(article)
    if isinstance(article, str):
        article = Article(article)
    if not article.text.strip():
        raise ArticleError("the article is empty; give a text with at least one sentence")
    return article


def bundled_article() -> Article:
    """The article that comes with the project: a report on the Japan-U.S. defence ministers' meeting, January 2026."""
    text = resources.files("index.articles").joinpath("article.txt").read_text(encoding="utf-8")
    return Article(text, title="Japan-U.S. defence ministers' meeting, January 2026", source="bundled")


def checked(question: str) -> str:
    """The question without space around it. Raises QuestionError when it is empty or too long."""
    question = question.strip()
    if not question:
        raise QuestionError("the question is empty; ask something, for instance: Who did Koizumi meet?")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(question):,} characters, more than {LONGEST_QUESTION}; ask a shorter one"
        )
    return question


@lru_cache(maxsize=REMEMBERED)
def _index(article: Article) -> ArticleIndex:
    return ArticleIndex.from_article(article)
