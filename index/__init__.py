"""From a question to passages: articles, their sentences, and the search over them. Knows nothing of answers."""

from index.encoder import Encoder, load_encoder
from index.errors import ArticleError, LibraryError, ModelError, QuestionError, VerbatimError
from index.library import Library
from index.load import load_article
from index.search import ArticleIndex, Passage
from index.sentences import split
from index.text import Article, Span

__all__ = [
    "Article",
    "ArticleError",
    "ArticleIndex",
    "Encoder",
    "Library",
    "LibraryError",
    "ModelError",
    "Passage",
    "QuestionError",
    "Span",
    "VerbatimError",
    "load_article",
    "load_encoder",
    "split",
]
