"""How the product works, on one screen: retrieve the passages, read them, choose the answer."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

from index.load import load_article

from index.errors import ArticleError, QuestionError
from index.search import ArticleIndex
from index.text import Article
from qa.answer import Answer, Options, choose
from qa.reader import Reader, load_reader

LONGEST_QUESTION = 500  # characters; longer texts are articles pasted into the wrong box
REMEMBERED = 8  # articles whose index `answer` keeps
DEFAULTS = Options()


class Answerer:
    """Answers questions about one article; holds its index and the reader, loaded once."""

    def __init__(self, index: ArticleIndex, *, reader: Reader | None = None, options: Options = DEFAULTS) -> None:
        """`reader` None is the bundled one."""
        self.index = index
        self.reader = reader or load_reader()
        self.options = options

    @property
    def article(self) -> Article:
        return self.index.article

    def answer(self, question: str) -> Answer:
        """The article's own words for `question`, or an Answer without a span where it does not say.

        The same question gives the same answer. Raises QuestionError for a question without a letter, digit or
        symbol, or of more than 500 characters.
        """
        question = checked(question)
        options = self.options
        passages = self.index.retrieve(question, k=options.passages, radius=options.radius)
        readings = self.reader.read(question, passages, longest=options.longest, top=options.candidates)
        return choose(question, self.article, passages, readings, calibration=self.reader.calibration, options=options)


def answer(question: str, article: Article | str | Path | None = None, *, options: Options = DEFAULTS) -> Answer:
    """The answer to one question; models and the index of the last few articles are kept for the next call.

    A str is the text itself, a Path is a file, None is the bundled article. Raises a VerbatimError (ArticleError,
    QuestionError, ModelError) with a sentence that says what to do.
    """
    question = checked(question)  # before any model is loaded
    return Answerer(_index(as_article(article)), options=options).answer(question)


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
