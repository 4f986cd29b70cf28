"""What a library costs as it grows: finding, opening, adding and removing among ten thousand to a million sentences.

    python benchmarks/library.py --json benchmarks/library.json --plot benchmarks/library.png

Measures the parts that grow: the vectors (recall of codes against exact search, time, memory) and the words. Vectors
are made up: clusters as in articles of 200 sentences (a topic, an article, two kinds of facet, and the sentence
itself, along dimensions that matter less and less), with shares chosen so that the cosines of questions to their 1st,
10th and 50th nearest sentence have the medians that all-MiniLM-L6-v2 gives on 30 articles of SQuAD 1.1 train. The
library is the real one, on the real disk; its sentences are words drawn by Zipf's law.
"""

import argparse
import contextlib
import importlib
import json
import multiprocessing
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from index.keyword import best
from index.library import Library
from index.nearest import EXACT, fold
from index.store import Store
from index.text import Article
from qa.answer import Options

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
DIMENSIONS = 384
PER_ARTICLE = 200
FACETS = (4, 12)  # coarse and fine ones an article
VOCABULARY = 200_000
QUESTIONS = 200
SPECTRUM = 1 / (np.arange(DIMENSIONS) + 16.0)  # variance along the principal axes, as measured to about a tenth
SCALE = np.sqrt(SPECTRUM / SPECTRUM.sum()).astype(np.float32)


def vectors(count: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows of (sentences, dimensions) and (questions, dimensions)."""
    randomly = np.random.default_rng(seed)

    def draw(many: int, share: float) -> np.ndarray:
        return randomly.standard_normal((many, DIMENSIONS), dtype=np.float32) * (SCALE * np.sqrt(np.float32(share)))

    articles = count // PER_ARTICLE
    topics = max(1, articles // 20)
    middle = draw(1, 0.035) + draw(topics, 0.08)[randomly.integers(topics, size=articles)] + draw(articles, 0.12)
    coarse, fine = (draw(articles * many, share) for many, share in zip(FACETS, (0.18, 0.26), strict=True))
    article = np.arange(count) // PER_ARTICLE
    paragraph = np.arange(count) // 5
    facet = np.where(  # a paragraph keeps to one; a sentence in three goes its own way
        randomly.random(count) < 0.35,
        randomly.integers(FACETS[1], size=count),
        randomly.integers(FACETS[1], size=paragraph[-1] + 1)[paragraph],
    )
    fine_at, coarse_at = article * FACETS[1] + facet, article * FACETS[0] + facet % FACETS[0]
    rows = draw(count, 0.325)
    gold = randomly.choice(count, QUESTIONS, replace=False)
    asked = middle[article[gold]] + 0.8 * (coarse[coarse_at[gold]] + fine[fine_at[gold]]) + 0.25 * rows[gold]
    asked += draw(QUESTIONS, 0.48)
    for first in range(0, count, 50_000):
        part = slice(first, first + 50_000)
        rows[part] += middle[article[part]] + coarse[coarse_at[part]] + fine[fine_at[part]]
        rows[part] /= np.linalg.norm(rows[part], axis=1, keepdims=True)
    return rows, asked / np.linalg.norm(asked, axis=1, keepdims=True)


def texts(randomly: np.random.Generator, count: int) -> list[str]:
    """Sentences of about 22 words by Zipf's law."""
    chances = np.cumsum(1 / np.arange(1, VOCABULARY + 1) ** 1.05)
    drawn = np.searchsorted(chances / chances[-1], randomly.random((count, 22)))
    return ["W" + " ".join(f"w{word:x}" for word in row) + "." for row in drawn]


class GivenEncoder:
    """Vectors made before: of a text that begins with `#n` row n, of any other the one that the library knows it by."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows

    def encode_document(self, given):
        return np.stack(
            [self.rows[int(text.split()[0][1:])] if text[0] == "#" else np.eye(DIMENSIONS)[0] for text in given]
        )

    encode_query = encode_document


def fill(store: Store, rows: np.ndarray) -> None:
    """Puts in articles as `Library.add` does, less the encoding, many in a transaction so that it ends today."""
    randomly = np.random.default_rng(1)
    for first in range(0, len(rows), 50 * PER_ARTICLE):
        with store.writing():
            for start in range(first, min(first + 50 * PER_ARTICLE, len(rows)), PER_ARTICLE):
                article, spans = written(texts(randomly, PER_ARTICLE), title=f"Article {start // PER_ARTICLE}")
                store.insert(article, spans, rows[start : start + PER_ARTICLE])


def written(sentences: list[str], *, title: str) -> tuple[Article, list]:
    article = Article(" ".join(sentences), title=title, source=title)
    ends = np.cumsum([len(each) + 1 for each in sentences]) - 1
    return article, [article.span(int(end) - len(each), int(end)) for each, end in zip(sentences, ends, strict=True)]


def measure(folder: Path, count: int, asked: np.ndarray, truth: np.ndarray, pipe) -> None:
    """Opens, searches, adds and removes in a process of its own, whose memory is thus the library's."""
    import faiss  # noqa: F401  (its own memory is not what is asked)

    before = resident()
    kept = []
    opening, work = timed(lambda: kept.append(Library.open(folder, encoder=GivenEncoder(asked))))
    [library] = kept
    found = {"sentences": count, "open_s": opening, "open_cpu_s": work}
    store, nearest = library._store, library._nearest
    with store.reading():
        nearest.follow()
        hits = []
        times = [timed(lambda v=vector: hits.append(nearest.search(v, 10))) for vector in asked]
        found["recall"] = float(
            np.mean(
                [
                    len({number - 1 for number in each} & set(exact)) / 10
                    for each, exact in zip(hits, truth, strict=True)
                ]
            )
        )
        found["vectors_ms"] = quantiles(times)
        randomly = np.random.default_rng(2)
        questions = [" ".join(["w0 w1 w3", *texts(randomly, 1)[0].split()[:5]]) for _ in range(50)]
        found["words_ms"] = quantiles([timed(lambda q=q: best(store.occurrences(q), 100)) for q in questions])
    budget = Options().budget
    found["retrieve_ms"] = quantiles(
        [timed(lambda n=n: library.retrieve(f"#{n} {questions[n % 50]}", budget=budget)) for n in range(QUESTIONS)]
    )
    found["resident_mb"] = resident() - before
    new = [written(texts(randomly, PER_ARTICLE), title=f"New {n}") for n in range(10)]
    rows = np.random.default_rng(3).standard_normal((10, PER_ARTICLE, DIMENSIONS)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    places = []

    def add(n: int) -> None:
        with store.writing():
            places.append(store.insert(*new[n], rows[n]))
        nearest.mend()

    found["add_ms"] = quantiles([timed(lambda n=n: add(n)) for n in range(10)])
    with store.reading():
        assert nearest.search(rows[4, 7], 1) == [places[4].first + 7], "an added sentence is not found"
    found["remove_ms"] = quantiles([timed(lambda p=p: library.remove(p.id)) for p in places])
    pipe.send(found)


def timed(task) -> tuple[float, float]:
    """Seconds on the clock, and of processors at work."""
    clock, work = time.perf_counter(), time.process_time()
    task()
    return time.perf_counter() - clock, time.process_time() - work


def quantiles(times: list[tuple[float, float]]) -> list[float]:
    """Milliseconds: the median and the 95th percentile on the clock, and the median of processors at work."""
    clock, work = zip(*times, strict=True)
    return [round(float(each) * 1e3, 2) for each in (*np.percentile(clock, [50, 95]), np.median(work))]


def resident() -> float:
    """MB of this process in memory, with what it has touched of mapped files."""
    with Path("/proc/self/status").open() as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def grown(count: int) -> dict:
    """Everything measured on a new library of `count` sentences."""
    spawn = multiprocessing.get_context("spawn")
    home = Path(tempfile.mkdtemp())
    try:
        folder = home / "library"
        asked, exact, filled = made(folder, count)
        folded, work = timed(lambda: fold(folder))
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=measure, args=(folder, count, asked, exact, theirs))
        process.start()
        theirs.close()
        found = ours.recv()
        process.join()
        disk = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        return {
            **found,
            "fill_s": filled,
            "fold_s": folded,
            "fold_cpu_s": work,
            "disk_mb": disk,
            "load": os.getloadavg()[0],
        }
    finally:
        shutil.rmtree(home)


def made(folder: Path, count: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Makes a library; its questions, the places of their ten nearest sentences, and the seconds it took."""
    rows, asked = vectors(count)
    cosines = np.zeros((QUESTIONS, count), np.float32)
    for first in range(0, count, 50_000):  # of the vectors in half precision, as the library keeps them
        part = slice(first, first + 50_000)
        cosines[:, part] = asked @ rows[part].astype(np.float16).astype(np.float32).T
    exact = np.argpartition(-cosines, 10, axis=1)[:, :10]
    probe = np.eye(DIMENSIONS, dtype=np.float32)[0]
    with contextlib.closing(Store.create(folder, encoder="GivenEncoder", probe=probe)) as store:
        return asked, exact, timed(lambda: fill(store, rows))[0]


def table(rows: list[dict]) -> str:
    head = "sentences | recall@10 | vectors: p50 / p95 / CPU | words: p50 / p95 / CPU | retrieve: p50 / p95 / CPU"
    head += " | open: clock / CPU | memory | disk | add: p50 | remove: p50 | codes made: clock / CPU"
    lines = [f"| {head} |", "|" + " --- |" * 11]
    for row in rows:
        cells = [
            f"{row['sentences']:,}",
            f"{row['recall']:.3f}",
            *("{:.1f} / {:.1f} / {:.1f} ms".format(*row[name]) for name in ("vectors_ms", "words_ms", "retrieve_ms")),
            f"{row['open_s']:.2f} / {row['open_cpu_s']:.2f} s",
            f"{row['resident_mb']:,.0f} MB",
            f"{row['disk_mb']:,.0f} MB",
            f"{row['add_ms'][0]:.0f} ms",
            f"{row['remove_ms'][0]:.0f} ms",
            f"{row['fold_s']:.0f} / {row['fold_cpu_s']:.0f} s",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(rows: list[dict], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    size = [row["sentences"] for row in rows]
    figure, (times, space, recall) = pyplot.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    for name, label in (
        ("vectors_ms", "nearest by vector"),
        ("words_ms", "nearest by words"),
        ("retrieve_ms", "retrieve, less the encoding"),
        ("add_ms", "add an article, less the encoding"),
        ("remove_ms", "remove an article"),
    ):
        [line] = times.loglog(size, [row[name][0] for row in rows], marker="o", label=label)
        times.loglog(size, [row[name][2] for row in rows], linestyle=":", color=line.get_color())
    times.set(title="Median time; dotted: of the processor", xlabel="sentences", ylabel="ms")
    space.loglog(size, [row["resident_mb"] for row in rows], marker="o", label="memory")
    space.loglog(size, [row["disk_mb"] for row in rows], marker="o", label="disk")
    space.set(title="Space", xlabel="sentences", ylabel="MB")
    recall.semilogx(size, [row["recall"] for row in rows], marker="o", label="recall@10 against exact search")
    recall.axhline(0.98, color="grey", linestyle=":", label="aim")
    recall.axvline(EXACT, color="grey", linestyle="--", label="exact up to here")
    recall.set(title="Recall", xlabel="sentences", ylim=(0.9, 1.005))
    for axes in (times, space, recall):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    if options.plot:
        importlib.import_module("matplotlib")  # missing, it is missed now and not after all is measured

    rows = []
    for count in options.sizes:
        rows.append(grown(count))
        print(json.dumps(rows[-1]), flush=True)
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows))
    if options.plot:
        plot(rows, options.plot)


if __name__ == "__main__":
    main()
