"""Boundary F1 of `index.split`, as a table: python benchmarks/sentences.py sentence-boundaries.json

The file is JSON: documents[].{source, text, sentences[[start, end]]}. A boundary is the end of a sentence; found and
given ends are compared as sets, document by document, and counted together for each source. The rules were made on
the documents with even numbers of each source, and checked on the odd ones.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # from a checkout that is not installed

from index.sentences import split
from index.text import Article

HALVES = {"even": (0,), "odd": (1,), "all": (0, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--errors", metavar="SOURCE", help="list the boundaries missed or added in the even half")
    arguments = parser.parse_args()

    by_source: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in json.loads(arguments.file.read_text(encoding="utf-8"))["documents"]:
        by_source[document["source"]].append(document)

    print(f"{'source':<16}{'documents':<10}{'sentences':>10}{'precision':>11}{'recall':>8}{'F1':>8}")
    for source, documents in by_source.items():
        for half, numbers in HALVES.items():
            chosen = [document for number, document in enumerate(documents) if number % 2 in numbers]
            found, given, both = count(chosen)
            scores = (100 * both / found, 100 * both / given, 200 * both / (found + given))
            print(f"{source:<16}{half:<10}{given:>10}{scores[0]:>11.2f}{scores[1]:>8.2f}{scores[2]:>8.2f}")
    if arguments.errors:
        for document in by_source[arguments.errors][::2]:
            show_errors(document)

    texts = [document["text"] for documents in by_source.values() for document in documents]
    prose = "\n".join(texts)
    began = time.perf_counter()
    split(Article(prose))
    took = time.perf_counter() - began
    print(f"{len(prose) / 1e6:.2f} million characters in {took:.2f} s: {len(prose) / 1e6 / took:.1f} million a second")


def ends(document: dict[str, Any]) -> tuple[set[int], set[int]]:
    """The ends that `split` finds, and those given."""
    return {span.end for span in split(Article(document["text"]))}, {end for _, end in document["sentences"]}


def count(documents: list[dict[str, Any]]) -> tuple[int, int, int]:
    """How many ends were found, were given, and were both."""
    pairs = [ends(document) for document in documents]
    return (
        sum(len(found) for found, _ in pairs),
        sum(len(given) for _, given in pairs),
        sum(len(found & given) for found, given in pairs),
    )


def show_errors(document: dict[str, Any]) -> None:
    found, given = ends(document)
    for place in sorted(found ^ given):
        text = document["text"]
        kind = "missed" if place in given else "added"
        print(f"{kind:<7}{text[max(0, place - 50) : place]!r} | {text[place : place + 40]!r}")


if __name__ == "__main__":
    main()
