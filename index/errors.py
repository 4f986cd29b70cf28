"""Everything that can go wrong and be told to a person, as one small tree.

    VerbatimError
    ├── ArticleError     the article cannot be read: missing, empty, too large, wrong format, refused address
    ├── QuestionError    the question cannot be asked: empty, too long
    └── ModelError       a reader or an encoder cannot be loaded, or is not what it should be

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
