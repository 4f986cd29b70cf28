"""Everything that can go wrong and be told to a person, as one small tree.

    VerbatimError
    ├── ArticleError     the article cannot be read: missing, empty, too large, wrong format, refused address
    ├── QuestionError    the question cannot be asked: empty, too long
    ├── ModelError       a reader or an encoder cannot be loaded, or is not what it should be
    ├── LibraryError     a library cannot be opened, read or written, or has no such article
    └── DatasetError     a file of questions cannot be used for evaluation or training

Each message is one sentence written for the person who reads it: what was wrong, with the values, and what to
do next. Interfaces show it as it stands.
"""


class VerbatimError(Exception):
    """The base of every error this project raises on purpose."""


class ArticleError(VerbatimError):
    """The article cannot be read."""


class QuestionError(VerbatimError):
    """The question cannot be asked."""


class ModelError(VerbatimError):
    """A reader or an encoder cannot be loaded, or is not what it should be."""


class LibraryError(VerbatimError):
    """A library cannot be opened, read or written, or has no such article."""


class DatasetError(VerbatimError):
    """A file of questions cannot be used for evaluation or training."""
