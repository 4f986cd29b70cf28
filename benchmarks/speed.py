"""How long an answer takes, beside one forward pass of the reader, so that the ratios hold on any machine.

python benchmarks/speed.py
"""

import random
import statistics
import time
from collections.abc import Callable

from index import Article, ArticleIndex, load_encoder
from qa import Answerer, answer, load_reader
from qa.answerer import bundled_article

QUESTIONS = ["Who did Koizumi meet?", "When did they meet?", "Who is the Foreign Minister?", "What did Hegseth say?"]


def milliseconds(task: Callable[[], object], times: int = 1) -> float:
    """The median time of `times` runs."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        task()
        spent.append(1000 * (time.perf_counter() - began))
    return statistics.median(spent)


def lengthened(words: int) -> Article:
    """The bundled article's sentences in a random order, over and over, until there are `words` words."""
    chance = random.Random(0)
    sentences = [sentence.text for sentence in ArticleIndex.from_article(bundled_article()).sentences]
    text = []
    while sum(len(sentence.split()) for sentence in text) < words:
        text += chance.sample(sentences, len(sentences))
    return Article("\n".join(text))


def main() -> None:
    loading = milliseconds(lambda: (load_encoder(), load_reader()))
    first = milliseconds(lambda: answer(QUESTIONS[0]))
    known = milliseconds(lambda: [answer(question) for question in QUESTIONS], 5) / len(QUESTIONS)
    window = Answerer(ArticleIndex.from_article(Article(bundled_article().text[:1400])))
    one = milliseconds(lambda: window.answer(QUESTIONS[0]), 9)
    rows = [
        ("one window, retrieved and read", one),
        ("a question on the bundled article", known),
        ("the first question, article to be indexed", first),
        ("loading the models, imports included", loading),
    ]
    for words in (5_000, 50_000):
        article = lengthened(words)
        rows.append((f"indexing {words:,} words", milliseconds(lambda a=article: ArticleIndex.from_article(a))))  # type: ignore[misc]
        answerer = Answerer(ArticleIndex.from_article(article))
        rows.append((f"a question on {words:,} words", milliseconds(lambda a=answerer: a.answer(QUESTIONS[0]), 9)))  # type: ignore[misc]
    print(f"{'':44}{'ms':>10}{'x one window':>16}")
    for name, spent in rows:
        print(f"{name:44}{spent:10.0f}{spent / one:16.1f}")


if __name__ == "__main__":
    main()
