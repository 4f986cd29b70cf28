"""From passages to an answer in the article's own words: `answer("Who did Koizumi meet?")`."""

from qa.answer import Answer, Options
from qa.answerer import Answerer, answer
from qa.reader import Reader, load_reader

__all__ = ["Answer", "Answerer", "Options", "Reader", "answer", "load_reader"]
