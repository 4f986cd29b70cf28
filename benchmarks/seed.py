"""Questions on the bundled article: answered right, and silent where it should be.

    python benchmarks/seed.py seed-article.json

The file holds {"questions": [{"question": ..., "answers": [...]}]}; no answers means that the article does not say.
"""

import argparse
import json
from pathlib import Path

from qa import answer
from qa.metrics import exact_match, f1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    questions = json.loads(parser.parse_args().file.read_text(encoding="utf-8"))["questions"]
    answered = [row for row in questions if row["answers"]]
    exact = overlap = silent = 0.0
    for row in questions:
        found = answer(row["question"])
        said = found.text or ""
        right, score = exact_match(said, row["answers"]), f1(said, row["answers"])
        if row["answers"]:
            exact, overlap = exact + right, overlap + score
        else:
            silent += right
        print(f"{'ok ' if right else f'{score:.1f}'}  {found.confidence:4.0%}  {row['question']}  →  {said or '—'}")
    unanswerable = len(questions) - len(answered)
    print(f"\nanswered exactly right {exact:.0f} of {len(answered)}, F1 {overlap / len(answered):.1%}")
    print(f"abstained right {silent:.0f} of {unanswerable}")


if __name__ == "__main__":
    main()
