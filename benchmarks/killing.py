"""Does a library lose anything when its process is killed? `kill -9` at random moments of adding, removing, rebuilding.

    python benchmarks/killing.py --rounds 300

One process works on a library and says before and after each step what it does; it is killed at a random moment, and
another opens the library and looks for every article: each whose add had returned is there, with its text, and is
found by its meaning and by its words; each whose removal had returned is gone; the step in progress has happened or
has not. Codes are folded every few hundred sentences, so that kills meet that too. Needs `fork`, so no Windows.
"""

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from itertools import count
from pathlib import Path

import numpy as np

import index.nearest
from index.library import Library
from index.store import FILE
from index.text import Article

index.nearest.EXACT = 120  # so that the file of codes is written often
MOST = 60  # articles; beyond that more are removed than added
SENTENCES = 6
OPENING = 0.1  # of the kills fall into the time before the library is open
OPEN = b"open\n"
NAMES = ("add", "replace", "remove", "rebuild")


class HashEncoder:
    """One of 64 dimensions a word."""

    def encode_document(self, texts):
        rows = np.zeros((len(texts), 64), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[zlib.crc32(word.encode()) % 64] += 1
        return rows

    encode_query = encode_document


def sentence(number: int, version: int, place: int) -> str:
    return f"Fact f{number}v{version}p{place} about {zlib.crc32(b'%d' % (number * 7 + place)):x} stands here."


def article(number: int, version: int) -> Article:
    text = " ".join(sentence(number, version, place) for place in range(SENTENCES))
    return Article(text, title=f"{number}", source=f"{number}")


def work(folder: Path, known: dict[int, int], seed: int, pipe: int) -> None:
    """Steps until killed; `known` maps the number of each article that is there to its version."""
    randomly = random.Random(seed)
    known = dict(known)
    library = Library.open(folder, encoder=HashEncoder(), create=True)
    os.write(pipe, OPEN)
    ids = {int(entry.source): entry.id for entry in library.articles()}
    fresh = count(seed * 1000)
    while True:
        name = randomly.choices(NAMES, (6 if len(known) < MOST else 2, 2, 3, 1))[0] if known else "add"
        number = next(fresh) if name == "add" else randomly.choice(sorted(known))
        version = randomly.randrange(10**6)
        os.write(pipe, f"begin {name} {number} {version}\n".encode())
        if name == "rebuild":
            library.rebuild()
        elif name == "remove":
            library.remove(ids.pop(number))
            del known[number]
        else:
            ids[number] = library.add(article(number, version)).id
            known[number] = version
        os.write(pipe, b"done\n")


def check(folder: Path, known: dict[int, int], pending: tuple[str, int, int] | None, pipe: int) -> None:
    """Raises unless the library holds `known`, with or without the pending step; writes what it holds."""
    library = Library.open(folder, encoder=HashEncoder(), create=True)
    entries = {int(entry.source): entry for entry in library.articles()}
    assert len(entries) == len(library.articles()), "an article stands twice"
    allowed = [known]
    if pending and pending[0] != "rebuild":
        after = dict(known)
        if pending[0] == "remove":
            del after[pending[1]]
        else:
            after[pending[1]] = pending[2]
        allowed.append(after)
    texts = {number: library.article(entry.id).text for number, entry in entries.items()}
    state = next((s for s in allowed if {n: article(n, v).text for n, v in s.items()} == texts), None)
    assert state is not None, f"articles {sorted(texts)} instead of {sorted(known)} with {pending}"
    for number, version in state.items():
        place = (number + version) % SENTENCES
        whole = sentence(number, version, place)
        for question in (whole, f"f{number}v{version}p{place}"):
            passages = library.retrieve(question, budget=500)
            hits = [p for p in passages if p.span.article.source == str(number) and whole in p.span.text]
            assert hits, f"{whole} is not found by {question!r}"
            assert all(p.span.article.text == texts[int(p.span.article.source)] for p in passages), "wrong text"
    for number, version in known.items():
        if number not in state:
            found = library.retrieve(sentence(number, version, 0), budget=500)
            assert all(p.span.article.source != str(number) for p in found), "a removed article is found"
    if state:
        assert library.retrieve("zebra", budget=1), "an empty result"
    library.close()
    with sqlite3.connect(folder / FILE) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with os.fdopen(pipe, "w") as out:
        out.write(f"{len(library.notes)} {json.dumps(state)}\n")


def forked(task, *arguments) -> tuple[int, int]:
    """(process id, the end of the pipe that it writes to) of `task(*arguments, pipe)` in a process of its own."""
    out, pipe = os.pipe()
    child = os.fork()
    if child:
        os.close(pipe)
        return child, out
    try:
        os.close(out)
        task(*arguments, pipe)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=0.5, help="seconds before a kill, at most")
    options = parser.parse_args()
    randomly = random.Random(options.seed)
    known: dict[int, int] = {}
    met: Counter[str] = Counter()
    steps = notes = 0
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "library"
        for number in range(1, options.rounds + 1):
            child, out = forked(work, folder, known, options.seed * 10_000 + number)
            opened = b""
            if randomly.random() > OPENING:
                opened = os.read(out, len(OPEN))
            time.sleep(randomly.uniform(0, options.longest))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if not os.WIFSIGNALED(status):
                sys.exit("the working process ended by itself")
            lines = (opened.decode() + os.fdopen(out).read()).split("\n")[:-1]
            pending = None
            for line in lines:
                if line == "done":
                    steps += 1
                    name, article_number, version = pending
                    if name == "remove":
                        del known[article_number]
                    elif name != "rebuild":
                        known[article_number] = version
                    pending = None
                elif line != "open":
                    _, name, *numbers = line.split()
                    pending = (name, *map(int, numbers))
            met[pending[0] if pending else "between steps" if lines else "opening"] += 1
            child, out = forked(check, folder, known, pending)
            report = os.fdopen(out).read()
            _, status = os.waitpid(child, 0)
            if status:
                sys.exit(f"round {number}: something was lost or wrong, with {pending} in progress")
            noted, state = report.split(" ", 1)
            notes += int(noted)
            known = {int(key): value for key, value in json.loads(state).items()}
    during = ", ".join(f"{times} during {name}" for name, times in met.most_common())
    print(f"{options.rounds} kills ({during}), {steps} steps had returned, {notes} files of codes made again:")
    print(f"nothing lost, nothing wrong; {len(known)} articles at the end")


if __name__ == "__main__":
    main()
