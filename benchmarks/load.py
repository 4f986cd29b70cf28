"""Many visitors ask at once, each about an article of their own: does everybody get their own answer, and how soon?

python benchmarks/load.py --seconds 60      # the page, asked through its queue: batched and one at a time, in turns
python benchmarks/load.py --reader          # without the page: what batching is worth to the reader alone

Listens on 127.0.0.1 only, and stops by itself.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from index import Article, ArticleIndex, load_encoder
from qa import Answerer, load_reader
from qa.batching import batching

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # Gradio's client would tell its makers that it started
MOST = 64  # visitors of whom no two share a place or a person
PATIENT = {"timeout": 300}  # seconds: on a busy machine, late is not wrong
STARTING = 300  # seconds that a page may take to start
PLACES = [
    "Alder",
    "Brack",
    "Calder",
    "Dun",
    "Elm",
    "Fen",
    "Gorse",
    "Haven",
    "Iron",
    "Juniper",
    "Kings",
    "Lark",
    "Mill",
    "North",
    "Otter",
    "Pine",
]
PERSONS = [
    "Agnes",
    "Bertram",
    "Clara",
    "Desmond",
    "Edith",
    "Frank",
    "Greta",
    "Harold",
    "Ines",
    "Jonas",
    "Karin",
    "Ludwig",
    "Mabel",
    "Nora",
    "Oskar",
    "Paula",
]
FILLER = (
    "The harbour of {place} froze in the winter of {year}, and the boats lay still for {number} weeks.",
    "A market is held there on every second Thursday, and {number} stalls sell fish, cloth and tools.",
    "Visitors reach the town by a narrow road along the cliffs, which is closed when the wind is strong.",
    "The school has {number} pupils, fewer than in any year since the railway was taken up.",
    "Its church burned down twice, and what stands today was paid for by the weavers of the valley.",
    "In summer the ferry sails {number} times a day, and the crossing takes about an hour.",
    "The council wants to mend the sea wall, but it has not said where the money is to come from.",
    "Older people remember the flood, when water stood in the cellars of {number} houses.",
    "The museum shows nets, anchors and the letters of sailors who never came home.",
    "Each autumn a fair fills the square, and the bakers give away bread with caraway.",
)


@dataclass(frozen=True)
class Visitor:
    """Who asks about an article that nobody else has, with questions and what answers them."""

    article: str
    questions: tuple[tuple[str, str], ...]


@dataclass
class Outcome:
    """What one visitor saw."""

    seconds: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


def visitor(number: int, *, sentences: int = 17, seed: int = 0) -> Visitor:
    """The visitor of that number, with an article of so many sentences; no two share a place, a person or a year."""
    chance = random.Random(f"{seed}-{number}")
    place = f"{PLACES[number % 16]}{('water', 'ford', 'mouth', 'stead')[number // 16 % 4]}"
    person = f"{PERSONS[number % 16]} {('Marlow', 'Tranter', 'Quill', 'Oakes')[number // 16 % 4]}"
    year = 1500 + 7 * number
    fact = f"The lighthouse of {place} was built in {year} by {person}."
    filler = [
        each.format(place=place, year=year + 3, number=chance.randint(2, 90))
        for each in chance.choices(FILLER, k=sentences - 1)
    ]
    filler.insert(chance.randrange(len(filler) + 1), fact)
    asked = (
        (f"When was the lighthouse of {place} built?", str(year)),
        (f"Who built the lighthouse of {place}?", person),
        (f"In which year was the {place} lighthouse built?", str(year)),
    )
    return Visitor(" ".join(filler), asked)


def kind(reply: dict[str, object], one: Visitor, answer: str, facts: set[str]) -> str:
    """What became of a question: "right", "silent", "other" words of the article, or what must never be."""
    text, start, end = reply["text"], reply["start"], reply["end"]
    if text is None:
        return "silent"
    if one.article[start:end] != text:  # type: ignore[misc]
        return "WRONG VISITOR" if text in facts else "INEXACT"
    return "right" if answer in str(text) else "other"


def page(visitors: list[Visitor], url: str, until: float) -> list[Outcome]:
    """What each of them saw who asked, one question after the other, until that time."""
    from gradio_client import Client

    facts = {answer for one in visitors for _, answer in one.questions}
    outcomes = [Outcome() for _ in visitors]

    def visit(number: int) -> None:
        one, seen = visitors[number], outcomes[number]
        client = Client(url, verbose=False, ssl_verify=False, httpx_kwargs=PATIENT)
        turn = number
        while time.monotonic() < until:
            question, answer = one.questions[turn % len(one.questions)]
            turn += 1
            began = time.monotonic()
            try:
                reply = client.predict(question, one.article, api_name="/answer")
                seen.kinds[kind(reply, one, answer, facts)] += 1
                seen.seconds.append(time.monotonic() - began)
            except Exception as error:  # counted, and the visitor goes on
                seen.kinds[f"ERROR {error}"] += 1

    with ThreadPoolExecutor(len(visitors)) as threads:
        list(threads.map(visit, range(len(visitors))))
    return outcomes


def burst(url: str, visitors: list[Visitor], count: int) -> Counter[str]:
    """What became of `count` questions that all came in the same moment."""
    from gradio_client import Client

    clients = [
        Client(url, verbose=False, ssl_verify=False, max_workers=40, httpx_kwargs=PATIENT)
        for _ in range((count + 39) // 40)
    ]
    jobs = [
        clients[number // 40].submit(one.questions[0][0], one.article, api_name="/answer")
        for number in range(count)
        for one in [visitors[number % len(visitors)]]
    ]
    seen: Counter[str] = Counter()
    for job in jobs:
        error = job.exception(timeout=600)
        seen["answered" if error is None else f"{type(error).__name__}: {error}"] += 1
    return seen


@contextmanager
def served(mode: str) -> Iterator[tuple[str, int]]:
    """(address, process) of a page in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--serve", mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            timer = threading.Timer(STARTING, process.kill)
            timer.start()
            url = process.stdout.readline().strip()
            timer.cancel()
            yield url or sys.exit("the page did not start"), process.pid
        finally:
            process.kill()


def serve(mode: str) -> None:
    """Serves a page until the process is killed, or an hour has gone; "single" as it would be without batching."""
    from ui import serving, web

    if mode == "single":
        web.ANSWERING = 1
        web.batching = lambda answerer, encoder: (answerer, encoder or load_encoder())  # type: ignore[attr-defined]
    home = Answerer(ArticleIndex.from_article(Article(visitor(0).article)))
    server = serving.serve(home, encoder=load_encoder())
    print(server.url, flush=True)
    time.sleep(3600)
    server.close()


def busy(process: int) -> float:
    """Seconds that processors have worked for a process (Linux; 0 elsewhere)."""
    path = Path(f"/proc/{process}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def jain(shares: list[int]) -> float:
    """Jain's index of fairness: 1 when all shares are equal, 1/n when one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares)) if any(shares) else 0.0


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def report(name: str, outcomes: list[Outcome], clock: float, cpu: float) -> None:
    every = [second for seen in outcomes for second in seen.seconds]
    kinds = sum((seen.kinds for seen in outcomes), Counter[str]())
    slowest = max((percentile(seen.seconds, 0.95) for seen in outcomes if seen.seconds), default=float("nan"))
    print(f"{name}: {len(every)} answers in {clock:.0f} s, {len(every) / clock:.2f} a second", end=", ")
    print(f"{1000 * cpu / max(1, len(every)):.0f} ms of processors each; {dict(kinds)}")
    print(f"  seconds to an answer: p50 {percentile(every, 0.5):.2f}, p95 {percentile(every, 0.95):.2f}", end=", ")
    print(f"max {max(every, default=0):.2f}; worst visitor's p95 {slowest:.2f}", end="; ")
    print(f"answers a visitor {min(len(seen.seconds) for seen in outcomes)}", end=" to ")
    print(f"{max(len(seen.seconds) for seen in outcomes)}, Jain {jain([len(seen.seconds) for seen in outcomes]):.3f}")


def load(visitors: list[Visitor], *, seconds: float, rounds: int, over: int) -> None:
    """Both pages in turns, `rounds` times; each turn `seconds / rounds` long."""
    with served("batched") as batched, served("single") as single:
        pages = {"batched": batched, "one at a time": single}
        totals = {name: ([Outcome() for _ in visitors], [0.0, 0.0]) for name in pages}
        for _ in range(rounds):
            for name, (url, process) in pages.items():
                began, worked = time.monotonic(), busy(process)
                seen = page(visitors, url, began + seconds / rounds)
                outcomes, spent = totals[name]
                spent[0] += time.monotonic() - began
                spent[1] += busy(process) - worked
                for total, one in zip(outcomes, seen, strict=True):
                    total.seconds += one.seconds
                    total.kinds += one.kinds
        for name, (outcomes, (clock, cpu)) in totals.items():
            report(name, outcomes, clock, cpu)
        if over:
            print(f"{over} questions in the same moment: {dict(burst(batched[0], visitors, over))}")


def alone(visitors: list[Visitor], *, rounds: int) -> None:
    """The answerer without a page: every visitor asks one question, batched and one at a time, in turns."""
    reader, encoder = load_reader(), load_encoder()
    articles = [Article(one.article) for one in visitors]
    answerers = [Answerer(ArticleIndex.from_article(each, encoder=encoder), reader=reader) for each in articles]
    shared, together = batching(answerers[0], encoder)
    with ThreadPoolExecutor(len(visitors)) as threads:
        indexes = list(threads.map(lambda each: ArticleIndex.from_article(each, encoder=together), articles))
    many = [Answerer(index, reader=shared.reader) for index in indexes]
    lock = threading.Lock()

    def single(number: int, question: str) -> object:
        with lock:
            return answerers[number].answer(question).to_dict()

    def batched(number: int, question: str) -> object:
        return many[number].answer(question).to_dict()

    ways: dict[str, Callable[[int, str], object]] = {"one at a time": single, "batched": batched}
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    differ = 0
    for turn in range(rounds):
        found = []
        for name, ask in ways.items():
            began, worked = time.perf_counter(), time.process_time()
            with ThreadPoolExecutor(len(visitors)) as threads:
                jobs = [threads.submit(ask, n, one.questions[turn % 3][0]) for n, one in enumerate(visitors)]
                found.append([job.result() for job in jobs])
            spent[name].append((time.perf_counter() - began, time.process_time() - worked))
        differ += sum(one != other for one, other in zip(*found, strict=True))
    for name, times in spent.items():
        clock, cpu = (1000 * statistics.median(column) / len(visitors) for column in zip(*times, strict=True))
        print(f"{name:14} {clock:7.0f} ms an answer, {cpu:7.0f} ms of processors")
    ratios = [(a[0] / b[0], a[1] / b[1]) for a, b in zip(*spent.values(), strict=True)]
    clock, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"batched is {clock:.2f} times as fast by the clock, {cpu:.2f} by processor time", end="; ")
    print(f"{differ} of {rounds * len(visitors)} answers differ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=32, choices=range(1, MOST + 1), metavar=f"1..{MOST}")
    parser.add_argument("--seconds", type=float, default=60, help="for each of the two ways")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--over", type=int, default=160, help="questions that then come at once; more than are let in")
    parser.add_argument("--sentences", type=int, default=17, help="in an article: 17 are about 400 tokens")
    parser.add_argument("--reader", action="store_true", help="without the page")
    parser.add_argument("--serve", choices=["batched", "single"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    visitors = [visitor(number, sentences=given.sentences) for number in range(given.visitors)]
    if given.serve:
        serve(given.serve)
    elif given.reader:
        alone(visitors, rounds=given.rounds)
    else:
        load(visitors, seconds=given.seconds, rounds=given.rounds, over=given.over)


if __name__ == "__main__":
    main()
