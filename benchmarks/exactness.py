"""Does every answer stand in its article, whatever the article and the question are?

    python benchmarks/exactness.py --articles 10000

Makes articles and questions out of prose, markup, other scripts, control characters and broken Unicode, asks the
bundled models, and stops at the first answer that is not an exact span or error that is not a VerbatimError.
"""

import argparse
import random
import time
from collections import Counter

from tqdm import tqdm

from index import ArticleIndex
from index.errors import VerbatimError
from index.text import Span
from qa import Answerer
from qa.answer import Answer
from qa.answerer import as_article, bundled_article

PIECES = [
    *bundled_article().text.replace("\n", " ").split(". "),
    "The mill was built in Leeds in 1821 by John Marshall",
    "<script>alert(1)</script>",
    "</mark></p>",
    "$$x^2$$ \\frac{1}{2}",
    "**bold** [link](http://x.y)",
    "&amp; &lt;b&gt;",
    "他于2026年1月17日在华盛顿会见了赫格塞思。",
    "小泉氏は訓練に参加した。",
    "التقى الوزير نظيره يوم السبت",
    "Ήταν στην Αθήνα το 1999",
    "🤷‍♀️🇯🇵👩🏽‍🚀",
    "e\u0301te\u0301 a\u0308\u0323",
    "\u202eright to left\u202c",
    "\u200b\u2060\ufeff",
    "a\u00a0b\u2028c\u2029d",
    "“Make the Alliance Great Always,” he said",
    "3.14 U.S. Dr. J. R. Smith Inc",
    "x" * 700,
    "- item\n- item\n1. first",
    "\r\n\r\n",
    "\t \t",
    "\x00\x07\x1b[31m",
    "\ud800",
    "…",
    "?!?!",
    "0",
    "$5–$6 (approx.)",
    "http://a.b/c?d=e#f",
    "{{7*7}} ${1+1} %s",
]
QUESTIONS = [
    "Who did Koizumi meet?",
    "When was the mill built?",
    "What happened to him during the exercise?",
    "Where?",
    "🤷",
    "?",
    "Why " * 60,
    "他是谁？",
    "<b>who</b>",
    "\ud800 who",
    "\x00",
    " ",
    "",
    "x" * 600,
    "How many joint exercises took place?",
]


def generate(seed: int) -> tuple[str, str]:
    """An article and a question, the same for the same seed."""
    chance = random.Random(seed)
    pieces = chance.choices(PIECES, k=chance.randint(0, 6))
    text = "".join(piece + chance.choice([". ", "? ", " ", "\n", "\n\n", "", ".\r\n"]) for piece in pieces)
    words = text.split() or ["nothing"]
    question = chance.choice([*QUESTIONS, " ".join(chance.choices(words, k=5)) + "?"])
    return text, question


def check(answer: Answer, text: str) -> str:
    """What kind of answer it is. Raises AssertionError when any span is not exactly the article's."""
    places = [answer.span, answer.sentence, *answer.nearest, *answer.items, *(a.span for a in answer.alternatives)]
    for place in filter(None, places):
        assert isinstance(place, Span)
        assert place.text == text[place.start : place.end] != ""
    assert 0 <= answer.confidence <= 1
    if answer.span is None:
        assert answer.text is answer.start is answer.end is answer.sentence is None
        return "silent"
    assert answer.text == text[answer.start : answer.end] != ""
    assert answer.sentence is not None
    assert answer.sentence.holds(answer.span)
    return "answered"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first article")
    arguments = parser.parse_args()
    outcomes: Counter[str] = Counter()
    began = time.perf_counter()
    for seed in tqdm(range(arguments.first, arguments.first + arguments.articles), unit=" articles"):
        text, question = generate(seed)
        try:
            article = as_article(text)
            answer = Answerer(ArticleIndex.from_article(article)).answer(question)
        except VerbatimError as error:
            outcomes[type(error).__name__] += 1
        else:
            outcomes[check(answer, text)] += 1
    print(f"{arguments.articles} articles in {time.perf_counter() - began:.0f} s: {dict(outcomes)}; every span exact")


if __name__ == "__main__":
    main()
