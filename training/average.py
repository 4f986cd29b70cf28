"""Average the weights of readers of one make; what each run learned of its own mixture, the average keeps of both.

    python -m training.average --out runs/average runs/fourth/model=0.6 qa/model=0.4

Wortsman et al. 2022, "Model soups". Everything but the weights is the first folder's; calibrate anew.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

WEIGHTS = "model.safetensors"


def average(parts: Sequence[tuple[Path, float]], out: Path) -> None:
    """A folder for load_reader with the weighted mean, in the precision of the first part. Raises ValueError.

    That is when `parts` do not have the same tensors, or their shares do not add up to 1.
    """
    if abs(sum(share for _, share in parts) - 1) > 1e-6:
        raise ValueError("the shares must add up to 1")
    loaded = [(load_file(folder / WEIGHTS), share) for folder, share in parts]
    first = loaded[0][0]
    if any({n: t.shape for n, t in each.items()} != {n: t.shape for n, t in first.items()} for each, _ in loaded):
        raise ValueError("these are no readers of one make: their tensors differ")
    mean = {name: torch.stack([share * each[name].float() for each, share in loaded]).sum(0) for name in first}
    shutil.copytree(parts[0][0], out, ignore=shutil.ignore_patterns(WEIGHTS), dirs_exist_ok=True)
    whole = {name: tensor.to(first[name].dtype).contiguous() for name, tensor in mean.items()}
    save_file(whole, out / WEIGHTS, metadata={"format": "pt"})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.average", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("parts", nargs="+", type=_part, metavar="FOLDER=SHARE")
    parser.add_argument("--out", type=Path, required=True, help="folder for the average")
    settings = parser.parse_args()
    average(settings.parts, settings.out)


def _part(argument: str) -> tuple[Path, float]:
    folder, _, share = argument.rpartition("=")
    return Path(folder), float(share)


if __name__ == "__main__":
    main()
