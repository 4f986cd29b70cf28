"""Questions that an article answers, made of its own sentences by rules and shown only when the answer comes back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.library import OneArticle
from index.search import ArticleIndex
from index.text import Span
from qa.answer import Answer
from qa.answerer import Answerer
from qa.asking import RULES, doing, persons
from qa.evidence import content
from qa.patterns import CAPITAL, Made, Rule, named, proper, readable, what_said
from qa.quotations import OPENING, line

MOST = 4  # questions shown
READS = 12  # questions asked of the reader before it is enough
SENTENCES = 80  # looked at from the beginning; the rest of a long article makes no question
SURE = 0.5  # the lowest confidence with which the answer must come back
OF_ONE_RULE = 2  # questions made by one rule


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question, with the answer that the system itself gives to it."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question made of a sentence, where its answer stands, and the rule that made it."""

    question: str
    expected: Span
    rule: Rule


def suggestions(
    answerer: Answerer[ArticleIndex | OneArticle], *, most: int = MOST, reads: int = READS
) -> tuple[Suggestion, ...]:
    """At most `most` questions that the article answers, in the order of its text; none where no rule finds a good one.

    Each was asked, and its answer came back with confidence from where the question was made. Reads at most `reads`
    questions; the same article gives the same questions.
    """
    found: list[tuple[Candidate, Answer]] = []
    for candidate in candidates(answerer.index.sentences[:SENTENCES])[:reads]:
        kin = [other for other, _ in found if other.rule is candidate.rule]
        if len(found) == most:
            break
        if len(kin) < OF_ONE_RULE and not any(_alike(candidate, other) for other, _ in found):
            answer = answerer.answer(candidate.question)
            if _comes_back(answer, candidate):
                found.append((candidate, answer))
    found.sort(key=lambda item: item[0].expected.start)
    return tuple(Suggestion(candidate.question, answer) for candidate, answer in found)


def near(question: str, questions: Sequence[str], *, most: int = 2) -> tuple[str, ...]:
    """The questions that share most words with `question`, best first; where none does, the first ones."""
    asked = set(content(question))
    return tuple(sorted(questions, key=lambda each: -len(asked & {*content(each)}))[:most])


def candidates(sentences: Sequence[Span]) -> list[Candidate]:
    """Every question that a rule makes of a sentence, the rules in turn; one with two answers is left out."""
    text = " ".join(sentence.text for sentence in sentences)
    known = proper(text)
    rules = (*RULES, doing(persons(text)))
    made = [
        [
            Candidate(question, sentence.sub(*place), rule)
            for sentence in sentences
            for question, place in _settled(rule(sentence.text), text, known)
            if readable(question) and named(question, known)
        ]
        for rule in rules
    ]
    turns = [found[turn : turn + 1] for turn in range(max(map(len, made))) for found in made]
    asked: dict[str, list[Candidate]] = {}
    for turn in turns:
        for each in turn:
            asked.setdefault(each.question, []).append(each)
    return [same[0] for same in asked.values() if all(each.expected.overlaps(same[0].expected) for each in same)]


def _settled(made: Iterable[Made], text: str, known: frozenset[str]) -> Iterator[Made]:
    """What a rule made, once, each "Customs officers" in small letters where the text has "customs" for no name."""
    for question, place in dict.fromkeys(made):
        for word in re.findall(rf"(?<= )({CAPITAL})(?= [a-z]+s\b)|(?<= )([A-Z][a-z]+s)(?= [a-z])", question):
            first = "".join(word)
            if first not in known and re.search(rf"\b{first.lower()}\b", text):
                question = question.replace(f" {first} ", f" {first.lower()} ", 1)
        yield question, place


def _comes_back(answer: Answer, candidate: Candidate) -> bool:
    """Whether the answer is sure and from where the question was made; of a speaker, from any quotation beside it."""
    if answer.span is None or answer.confidence < SURE:
        return False
    spoken = candidate.rule is what_said and answer.span.text.startswith(OPENING)
    return answer.span.overlaps(candidate.expected) or (spoken and line(candidate.expected).holds(answer.span))


def _alike(one: Candidate, other: Candidate) -> bool:
    """Whether two questions are about the same words, or have the same answer."""
    if one.expected.overlaps(other.expected):
        return True
    a, b = set(content(one.question)), set(content(other.question))
    return len(a & b) * 2 > min(len(a), len(b))
