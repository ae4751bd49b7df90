"""Yosys that ends without a word is run again without ABC9; one that says why is not."""

from __future__ import annotations

import sys

import pytest

from hwgen.errors import ToolError
from hwgen.synth import yosys

DEAD = "print('2.46. Executing ABC9.\\nRunning ABC command: \"yosys-abc\" -s 2>&1'); exit(1)"
SAID = "print('Running ABC command: \"yosys-abc\" -s'); print('ERROR: no such module'); exit(1)"
WELL = "print('End of script.')"


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def run(tmp_path, first: str, then: str) -> tuple[tuple[str, ...], list[str], int]:
    said: list[str] = []
    asked = []

    def without():
        asked.append(1)
        return python(then)

    notices = yosys.run(python(first), tmp_path, tmp_path / "log", what="synthesis",
                        without=without, progress=said.append)  # fmt: skip
    return notices, said, len(asked)


def test_what_goes_well_is_run_once(tmp_path):
    assert run(tmp_path, WELL, SAID) == ((), [], 0)


def test_what_ends_silently_is_run_again(tmp_path):
    notices, said, asked = run(tmp_path, DEAD, WELL)
    assert notices == (yosys.NOTICE,)
    assert said == ["synthesis, again without ABC9, which ended without a word"]
    assert asked == 1
    assert (tmp_path / "log").read_text() == "End of script.\n"


@pytest.mark.parametrize(("first", "then"), [(SAID, WELL), (DEAD, SAID), (DEAD, DEAD)])
def test_what_fails_otherwise_is_told(tmp_path, first, then):
    with pytest.raises(ToolError, match=r"^synthesis failed"):
        run(tmp_path, first, then)


def test_a_log_that_is_not_there(tmp_path):
    assert not yosys.ended_silently(tmp_path / "none")
