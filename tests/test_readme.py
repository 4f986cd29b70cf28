"""What the README shows is what happens."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from ui import terminal

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def commands(session):
    """(arguments, expected output) of every `$ verbatim ...` in a console block."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        program, *arguments = shlex.split(line)
        assert program == "verbatim"
        yield arguments, output.strip()


def test_the_python_examples_give_what_the_readme_says():
    examples = doctest.DocTestParser().get_doctest(README, {}, "README.md", "README.md", 0)
    failed, tried = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples)
    assert (failed, tried > 3) == (0, True)


@pytest.mark.parametrize("session", SESSIONS, ids=range(len(SESSIONS)))
def test_the_commands_print_what_the_readme_says(session, capsys):
    for arguments, expected in commands(session):
        terminal.run(arguments)
        assert capsys.readouterr().out.strip() == expected


def test_every_picture_and_file_that_the_readme_names_is_there():
    names = [name for name in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in name]
    assert names
    assert [name for name in names if not (Path(__file__).parent.parent / name).exists()] == []
