"""What the page does, apart from how it looks: whom a visitor asks, what was said, and what a caller of the endpoint
gets."""

# No postponed annotations in this file: Gradio reads the result type of the endpoint as it stands.
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Condition
from typing import Any, TypedDict, cast

import gradio as gr
from cachetools import LRUCache, cached

from index.encoder import Encoder
from index.errors import ArticleError, LibraryError, QuestionError, VerbatimError
from index.library import Library, OneArticle
from index.load import load_article
from index.search import ArticleIndex, Progress
from index.sentences import split
from index.text import Article, Span
from index.wording import quoted
from qa.answer import Answer
from qa.answerer import LONGEST_QUESTION, Answerer, checked
from qa.evidence import Verdict
from qa.followup import Exchange
from qa.kinds import Kind
from qa.suggest import suggestions
from ui.choice import Choice
from ui.feedback import Feedback
from ui.render import BUNDLED, reference, shortened
from ui.transcript import Format, Turn, file_name, saved

LONGEST_ARTICLE = 1_000_000  # characters, a long novel: some 10,000 sentences, whose vectors take 15 MB
LONGEST_ADDRESS = 2_000  # characters of a URL
TURNS = 50  # of a conversation that are kept and shown
TALKS = 12  # conversations of one visitor that are kept; their own articles together are LONGEST_ARTICLE at most
LISTED = 1_000  # articles of a library that the page lists; of the others it tells how many
LONGEST_SAID = 2_000  # characters of an answer in the history that a caller of the endpoint sends
REMEMBERED = 4_000_000  # characters of the articles that callers of the endpoint sent last, whose indexes are kept
OFFERED = 500  # articles whose questions to ask are remembered
HOME, OWN = "", "own-"  # the key of what the page opens on, and how the keys of a visitor's own articles begin
SHELF = "The library"  # what its articles are grouped under

EXAMPLES = {  # by an article's source
    BUNDLED: (
        "Who did Koizumi meet?",
        "When did they meet?",
        "What happened to Koizumi during the workout?",
        "Where did Koizumi give a speech?",
    )
}
UNEXPECTED = "Something went wrong here, and it was logged. Please ask again, or in other words."
FORGOTTEN = "The article shown here was forgotten, as the page was left for long. Please open it again."
GONE = "This article is no longer in the library. Please choose another."
UNKEPT = "This thumb could not be kept, and the reason was logged."

log = logging.getLogger(__name__)

Index = ArticleIndex | OneArticle | Library
Suggest = Callable[[Answerer[Index]], Sequence[str]]  # questions that an answerer of one article answers


class Place(TypedDict):
    """A stretch of the article: its text, and its first and one past its last character."""

    text: str
    start: int
    end: int


class Nearest(Place):
    """A sentence near to a question that was not answered, with its article."""

    article: dict[str, str]


class Alternative(TypedDict):
    """Another answer, with its article: of a library, it may be another one."""

    text: str
    start: int
    end: int
    sentence: Place
    confidence: float
    article: dict[str, str]


class Reply(TypedDict):
    """What the endpoint `/answer` returns: `Answer.to_dict()`."""

    question: str
    read_as: str | None
    text: str | None
    start: int | None
    end: int | None
    sentence: Place | None
    confidence: float
    kind: Kind
    items: list[Place]
    verdict: Verdict | None
    alternatives: list[Alternative]
    nearest: list[Nearest]
    article: dict[str, str]


@dataclass(frozen=True, slots=True)
class Talk:
    """What is asked, one article or a whole library, and what was said. `key` names it to the page."""

    answerer: Answerer[Index]
    key: str = HOME
    turns: tuple[Turn, ...] = ()

    @property
    def article(self) -> Article | None:
        """The article that is asked; None is a whole library."""
        index = self.answerer.index
        return None if isinstance(index, Library) else index.article

    @property
    def own(self) -> bool:
        """Whether the visitor brought it."""
        return self.key.startswith(OWN)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor's conversations, at least one: the last is before them, the others were left in this order."""

    talks: tuple[Talk, ...]

    @property
    def now(self) -> Talk:
        return self.talks[-1]


class Desk:
    """Serves every visitor; what belongs to one of them is in their `Visit`, which it changes by giving a new one."""

    def __init__(
        self,
        home: Answerer[Index],
        encoder: Encoder | None,
        feedback: Path | None,
        suggest: Suggest | None = None,
    ) -> None:
        self.home = home
        self.encoder = encoder
        self.feedback = Feedback(feedback) if feedback else None
        self.suggest = suggest
        kept: LRUCache[Any, Answerer[ArticleIndex]] = LRUCache(REMEMBERED, lambda made: len(made.index.article.text))
        self.remembered = cached(kept, condition=Condition())(self.index)  # made once, however many ask at once
        self.offered: dict[str, tuple[str, ...]] = {}  # questions to ask, by the key of a Talk

    @property
    def library(self) -> Library | None:
        """The library that the page opens on, or None."""
        return self.home.index if isinstance(self.home.index, Library) else None

    def arrived(self) -> Visit:
        """A new visitor, who has asked nothing."""
        return Visit((Talk(self.home),))

    def index(self, article: Article, progress: Progress | None = None) -> Answerer[ArticleIndex]:
        """An answerer like the first one's, for another article. Raises ArticleError."""
        index = ArticleIndex.from_article(within_limits(article), encoder=self.encoder, progress=progress)
        return Answerer(index, reader=self.home.reader, options=self.home.options)

    def opened(self, visit: Visit, answerer: Answerer[Index]) -> Visit:
        """The visit, turned to an article of the visitor's own. Older ones go where all would be too much to keep."""
        return turned(visit, Talk(answerer, f"{OWN}{time.time_ns():020}"))

    def chosen(self, visit: Visit, key: str) -> Visit:
        """The visit, turned to what `key` names: where they began, an article of the library, or one of their own.

        Raises ArticleError when there is no such article, or none any more.
        """
        for talk in visit.talks:
            if talk.key == key:
                return turned(visit, talk)
        if key == HOME:
            return turned(visit, Talk(self.home))
        if not self.library or not (key.isascii() and key.isdigit() and len(key) < 19):
            raise ArticleError(FORGOTTEN)
        try:
            one = self.library.only(int(key))
            return turned(visit, Talk(Answerer(one, reader=self.home.reader, options=self.home.options), key))
        except LibraryError as error:
            log.info("%s", error)
            raise ArticleError(GONE) from error

    def choices(self, visit: Visit) -> list[Choice]:
        """What the visitor can ask: where they began, the library's articles, their own; as many as are listed."""
        now = visit.now.key
        own = sorted((talk for talk in visit.talks if talk.own), key=lambda talk: talk.key)
        kept = [Choice("Your own", talk.key, name_of(talk.article), talk.key == now) for talk in own if talk.article]
        if not self.library:
            assert isinstance(self.home.index, ArticleIndex)  # noqa: S101 (what is no library)
            return [Choice("", HOME, name_of(self.home.index.article), now == HOME), *kept]
        entries = self.library.articles()
        titles = Counter(entry.title for entry in entries)
        listed = [
            Choice(
                SHELF,
                str(entry.id),
                entry.title if titles[entry.title] == 1 else f"{entry.title} · {entry.source}".strip(" ·"),
                str(entry.id) == now,
            )
            for number, entry in enumerate(entries)
            if number < LISTED or str(entry.id) == now
        ]
        return [Choice("", HOME, all_of(len(entries)), now == HOME), *listed, *kept]

    def ask(self, visit: Visit, question: str, *, key: str, literally: bool = False) -> Visit:
        """The visit with one more turn; `key` is of what the visitor sees. Raises nothing.

        `literally`: what was said before is not used to understand the question.
        """
        asked = question[: 2 * LONGEST_QUESTION]  # shown as far as that; the answerer refuses what is longer
        try:
            visit = self.chosen(visit, key)
            said = [] if literally else [turn.answer for turn in visit.now.turns if turn.answer]
            turn = Turn(asked, visit.now.answerer.answer(question, said))
        except Exception as error:  # the border to the visitor: the conversation goes on
            turn = Turn(asked, problem=self.told(error))
        return with_turns(visit, (*visit.now.turns, turn)[-TURNS:])

    def shown(self, visit: Visit, name: str) -> Article | None:
        """The article that the page knows by this name, where something that was said stands in it, or None."""
        answers = [turn.answer for turn in reversed(visit.now.turns) if turn.answer]
        return next((each for answer in answers for each in articles_of(answer) if reference(each) == name), None)

    def sentences(self, visit: Visit, article: Article) -> tuple[Span, ...]:
        """The article's sentences, as the visitor's index or the library has them where it is of this article."""
        index = visit.now.answerer.index
        if isinstance(index, ArticleIndex) and index.article == article:
            return index.sentences
        if self.library and (key := self.key_of(article)):
            with suppress(LibraryError):  # removed a moment ago
                return self.library.sentences(int(key))
        return split(article)

    def key_of(self, article: Article) -> str:
        """The key of an article of the library, "" where it is none of it."""
        if self.library:
            for entry in self.library.articles():
                if (entry.title, entry.source) == (article.title, article.source):
                    try:
                        if self.library.article(entry.id) == article:
                            return str(entry.id)
                    except LibraryError as error:  # removed a moment ago
                        log.info("%s", error)
        return ""

    def known(self, talk: Talk) -> tuple[str, ...]:
        """Questions that can be asked there, as far as they are known by now."""
        fixed = EXAMPLES.get(talk.article.source, ()) if talk.article else ()
        return fixed or self.offered.get(talk.key, ())

    def suggestions(self, talk: Talk) -> tuple[str, ...]:
        """Questions that can be asked there; finding them may take seconds. Raises nothing."""
        if self.suggest and talk.article and talk.key not in self.offered and not self.known(talk):
            try:
                found = tuple(self.suggest(talk.answerer))
            except Exception as error:  # nobody asked for them, so nobody misses them
                self.told(error)
                found = ()
            if len(self.offered) >= OFFERED:
                del self.offered[next(iter(self.offered))]
            self.offered[talk.key] = found
        return self.known(talk)

    def reply(self, question: str, article: str = "", history: list[list[str | None]] | None = None) -> Reply:
        """Answers a question in the exact words of an article, or says that the article does not say.

        Args:
            question: The question, at most 500 characters.
            article: The text of the article, at most 1,000,000 characters. Empty: what the page opens on, which may
                be a whole library; the result's `article` then tells which of its articles the answer stands in.
            history: What was said before, oldest first, at most 50 pairs: a question, and the text of its answer
                (null: the article did not say). A follow-up like "When?" is then understood.

        Returns:
            The answer: `text` with its `start` and `end` in characters of the article (end exclusive), the
            `sentence` it stands in, `confidence` in [0, 1], `alternatives`, best first. When the article does not
            say, `text` is null and `nearest` holds the sentences nearest to the question. `read_as` is the question
            as it was understood after the history; null when it was taken as it stands. `kind` is what the question
            asks for; `items` are the parts of a list; of a question of yes or no `text` is the sentence that settles
            it, and `verdict` the word where that sentence says it.
        """
        try:
            article = "" if article is None else article  # as some callers leave it out
            if not isinstance(question, str) or not isinstance(article, str):
                raise QuestionError("question and article must be texts; send each as a string")
            question, said = checked(question), exchanged(history)
            answerer = self.remembered(Article(article)) if article.strip() else self.home
            return cast("Reply", answerer.answer(question, said).to_dict())
        except Exception as error:  # the border to the caller, who is told a sentence
            raise gr.Error(self.told(error), print_exception=False) from error

    def judge(self, visit: Visit | None, thumb: gr.LikeData) -> None:
        """Keeps the thumb that a visitor gave to an answer, or took back (""), in the feedback file."""
        place = thumb.index[0] if isinstance(thumb.index, tuple | list) else thumb.index
        turns = visit.now.turns if visit else ()
        turn = turns[place // 2] if 0 <= place // 2 < len(turns) else None
        if self.feedback and turn and turn.answer:
            try:
                self.feedback.keep(turn.answer, thumb.liked if isinstance(thumb.liked, bool) else None)
            except Exception as error:  # the border to the visitor, who is told a sentence
                self.told(error, UNKEPT)
                gr.Warning(UNKEPT)

    def pack(self, visit: Visit | None, form: Format) -> str:
        """The conversation as a file for the browser to save: a JSON object of its `name` and `text`.

        A file in memory; none is made on this machine.
        """
        talk = (visit or self.arrived()).now
        about = talk.article or (self.library.folder.name if self.library else "")
        return json.dumps({"name": file_name(about, form), "text": saved(about, talk.turns, form)})

    def told(self, error: BaseException, otherwise: str = UNEXPECTED) -> str:
        """The sentence for a visitor: a VerbatimError's own; for any other error, which is logged, `otherwise`."""
        sentence = told(error, otherwise)
        if isinstance(error, LibraryError) and self.library:  # where we keep it is our own affair
            return sentence.replace(str(self.library.folder), self.library.folder.name)
        return sentence


def turned(visit: Visit, talk: Talk) -> Visit:
    """The visit with `talk` before the visitor; what is too much to keep goes, the longest left first."""
    talks = [*(each for each in visit.talks if each.key != talk.key), talk][-TALKS:]
    while sum(len(each.article.text) for each in talks if each.own and each.article) > LONGEST_ARTICLE:
        del talks[next(number for number, each in enumerate(talks) if each.own)]
    return Visit(tuple(talks))


def with_turns(visit: Visit, turns: tuple[Turn, ...]) -> Visit:
    """The visit with the conversation that is before the visitor replaced."""
    return Visit((*visit.talks[:-1], replace(visit.now, turns=turns)))


def articles_of(answer: Answer) -> Iterator[Article]:
    """Every article that the answer points into, its own first."""
    yield answer.article
    yield from (other.article for other in answer.alternatives)
    yield from (sentence.article for sentence in answer.nearest)


def name_of(article: Article) -> str:
    """What people call an article: its title, or its first words."""
    return article.title or " ".join(article.text[:200].split())[:60] + "…"


def all_of(count: int) -> str:
    """What a whole library of so many articles is called."""
    return f"All {count:,} articles" if count != 1 else "The one article"


def questions_of(answerer: Answerer[Index]) -> tuple[str, ...]:
    """Questions that the answerer's article answers, none of a whole library; finding them takes seconds."""
    if isinstance(answerer.index, Library):
        return ()
    return tuple(each.question for each in suggestions(cast("Answerer[ArticleIndex | OneArticle]", answerer)))


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
        told = str(error).replace(quoted(str(file)), quoted(file.name)).replace(str(file), file.name)
        raise ArticleError(told) from error  # where we keep it is our own affair


def fetched(address: str) -> Article:
    """The article at a web address. Raises ArticleError, also for what is no public address."""
    address = address.strip()
    if not address.lower().startswith(("http://", "https://")) or len(address) > LONGEST_ADDRESS:
        raise ArticleError(f"{shortened(address)!r} is no web address; give one that begins with https://")
    return load_article(address)


def told(error: BaseException, otherwise: str) -> str:
    """The sentence for a person: a VerbatimError's own; for any other error, which is logged, `otherwise`."""
    if not isinstance(error, VerbatimError):
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        return otherwise
    sentence = str(error).strip()
    return sentence[:1].upper() + sentence[1:] + ("" if sentence.endswith((".", "!", "?")) else ".")
