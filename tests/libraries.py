"""Small articles, a library of them, and what the tests of a library ask of it."""

import contextlib

from doubles import WordEncoder

from index.library import Library
from index.text import Article

NUMBERS = [f"number{n}" for n in range(120)]
ENCODER = WordEncoder("mill", "leeds", "whale", "sea", "knows", "fox", "123", *NUMBERS)
MILL = Article("The mill was built in Leeds. John Marshall owned it. It burnt in 1838.", title="Mill", source="/a/mill")
WHALE = Article("A whale lives in the sea. It sings.", title="Whale", source="/a/whale")
FOX = Article("The fox is red. It hunts at night.")


def again(library):
    return contextlib.closing(Library.open(library.folder, encoder=ENCODER))


def found(library, question, **settings):
    return [passage.span.text for passage in library.retrieve(question, **{"budget": 1, **settings})]


def listed(library):
    return [(entry.id, entry.title, entry.sentences) for entry in library.articles()]


def many(count, start=0):
    """Articles of which each has a word and a sentence of its own."""
    return [
        Article(f"The fox number{n} sleeps. A whale swims by it.", source=f"/many/{n}")
        for n in range(start, start + count)
    ]


def codes(library):
    """Names of the files of vectors beside a library."""
    return sorted(path.name for path in library.folder.glob("vectors-*"))
