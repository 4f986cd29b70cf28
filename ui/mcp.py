"""A tool for language models: it quotes an article instead of having a model remember it. Served over stdio by MCP.

The protocol has standard output to itself; models are loaded when the first question comes.
"""

# No postponed annotations in this file: the SDK makes the tool's schema of its types as they stand.
from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

from index.errors import VerbatimError
from index.text import Article, Span
from qa.answer import Answer
from qa.answerer import Answerer, Retriever, checked
from qa.evidence import Verdict
from qa.kinds import Kind

REMEMBERED = 8  # articles that were sent last, whose index is kept
INSTRUCTIONS = (
    "Quote `text` exactly as it is given, with the sentence it stands in where that helps; it is what the article "
    "says, word for word. When `text` is null the article does not say: tell so, and do not answer from elsewhere."
)
DESCRIPTION = """Finds the answer to a question in an article and quotes it word for word, or reports that the article
does not say. Use it whenever an answer has to be backed by a text. It extracts and does not write: ask one thing at a
time, in a full English sentence with who, what, when, where, why or how many; it does no sums and no summaries.

`text` is article[start:end], character for character. `confidence` is the probability that what is reported, the
quotation or the silence, is right. `alternatives` are other answers, best first. When `text` is null the article does
not say, and `nearest` holds the sentences nearest to the question, which may be worth reading."""


class Quotation(BaseModel):
    """Words of the article, and where they stand."""

    text: str
    start: int = Field(description="First character, counted in characters of the article's text from 0.")
    end: int = Field(description="One past the last character.")


class Source(BaseModel):
    """The article that something stands in."""

    title: str
    source: str = Field(description="A file or a web address; empty for a text that was sent.")


class Nearest(Quotation):
    """A sentence near to the question, and its article: of a library, any."""

    article: Source


class Alternative(Nearest):
    """Another answer, with its article: of a library, it may be another one."""

    confidence: float = Field(description="The probability that it is right, from 0 to 1.")


class Reply(BaseModel):
    """An answer in an article's own words; `text`, `start`, `end` and `sentence` are null when it does not say."""

    text: str | None = Field(description="The article's own words; null when the article does not say.")
    start: int | None = Field(description="First character, counted in characters of the article's text from 0.")
    end: int | None = Field(description="One past the last character.")
    sentence: Quotation | None = Field(description="The sentence that the answer stands in.")
    confidence: float = Field(description="The probability that what is reported is right, from 0 to 1.")
    alternatives: list[Alternative] = Field(description="Other answers that the article allows, best first.")
    nearest: list[Nearest] = Field(description="Sentences nearest to the question, when the article does not say.")
    kind: Kind = Field(description="What the question asks for.")
    items: list[Quotation] = Field(description="The parts of a list, in order, where the question asks for one.")
    verdict: Verdict | None = Field(description="The word, where a yes or no question is settled by `sentence` itself.")
    read_as: str | None = Field(description="The question as it was understood after the history, if otherwise.")
    article: Source


class Exchange(BaseModel):
    """A question that was asked before, and the text of its answer."""

    question: str
    answer: str | None = Field(default=None, description="null when the article did not say.")


Question = Annotated[str, Field(description="One question, at most 500 characters.")]
Text = Annotated[str, Field(description="The text of the article to ask. Leave it empty to ask the one served here.")]
History = Annotated[
    list[Exchange] | None,
    Field(description="What was asked before, oldest first, so that a follow-up like 'When?' is understood."),
]


def build(
    home: Callable[[], Answerer[Retriever]], of: Callable[[Article], Answerer[Retriever]], *, title: str
) -> MCPServer:
    """The server with its tool, `ask_article`; it is run with `run()`.

    `home` loads what is asked when no article is sent, called `title`, and `of` an answerer of an article that is.
    Both are called when first needed, and one at a time.
    """
    lock = Lock()
    at_home = lru_cache(maxsize=1)(home)
    remembered = lru_cache(maxsize=REMEMBERED)(of)

    def ask_article(question: Question, article: Text = "", history: History = None) -> Reply:
        said = [(each.question, each.answer) for each in history or ()]
        try:
            question = checked(question)  # before any article is read
            with lock:
                answerer = remembered(Article(article)) if article.strip() else at_home()
                return reply(answerer.answer(question, said))
        except VerbatimError as error:
            raise ToolError(str(error)) from error

    server = MCPServer("verbatim", title="Verbatim", instructions=INSTRUCTIONS, log_level="WARNING")
    server.add_tool(
        ask_article,
        title="Ask an article",
        description=f"{DESCRIPTION}\n\nWithout `article`, {title} is asked.",
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
        structured_output=True,
    )
    return server


def reply(answer: Answer) -> Reply:
    """The answer as the tool gives it."""
    return Reply(
        text=answer.text,
        start=answer.start,
        end=answer.end,
        sentence=quotation(answer.sentence) if answer.sentence else None,
        confidence=round(answer.confidence, 4),
        alternatives=alternatives(answer.alternatives),
        nearest=[nearest(sentence) for sentence in answer.nearest],
        kind=answer.kind,
        items=[quotation(item) for item in answer.items],
        verdict=answer.verdict,
        read_as=answer.read_as,
        article=source(answer.article),
    )


def alternatives(answers: Sequence[Answer]) -> list[Alternative]:
    """Those that are spans of an article."""
    return [
        Alternative(**nearest(each.span).model_dump(), confidence=round(each.confidence, 4))
        for each in answers
        if each.span
    ]


def nearest(span: Span) -> Nearest:
    return Nearest(**quotation(span).model_dump(), article=source(span.article))


def source(article: Article) -> Source:
    return Source(title=article.title, source=article.source)


def quotation(span: Span) -> Quotation:
    return Quotation(text=span.text, start=span.start, end=span.end)
