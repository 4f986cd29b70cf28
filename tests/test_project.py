import subprocess
import sys
from pathlib import Path

import pytest

import index
import qa

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "sentence_transformers", "gradio", "faiss", "matplotlib")


@pytest.mark.parametrize("module", ["qa", "index", "ui.terminal", "ui.render"])
def test_importing_a_package_loads_no_heavy_library(module):
    code = f"import {module}, sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("package", [qa, index])
def test_every_public_name_is_there_and_in_order(package):
    assert package.__all__ == sorted(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)


@pytest.mark.parametrize(("lower", "higher"), [("index", ("qa", "ui")), ("qa", ("ui",))])
def test_imports_only_go_down(lower, higher):
    lines = [line.strip() for path in (ROOT / lower).rglob("*.py") for line in path.read_text("utf-8").splitlines()]
    starts = tuple(start for name in higher for start in (f"from {name}.", f"from {name} ", f"import {name}"))
    upward = [line for line in lines if line.startswith(starts)]
    assert upward == []
