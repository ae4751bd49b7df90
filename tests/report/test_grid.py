"""Tables that show every name and number, whatever the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from hwgen.report.grid import grid, print_lines
from hwgen.report.text import ENCODING_ERRORS


def shown(lines, encoding="utf-8", width=20, **options):
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, write_through=True) as file:
        print_lines(Console(file=file, width=width), lines, **options)
        return raw.getvalue().decode(encoding)


def test_columns_stand_below_each_other():
    lines = grid(("class", "n"), [("轴承", "5"), ("ball", "12,345")], right=(1,))
    assert lines == ["class       n", "轴承        5", "ball   12,345"]


def test_nothing_is_cut_in_a_narrow_terminal():
    rows = [("rec [mild] :x: [/red]", "1,234,567", "0.123456789")]
    text = shown(grid(("class", "samples", "seconds"), rows))
    assert "…" not in text
    assert text.splitlines()[1] == "rec [mild] :x: [/red]  1,234,567  0.123456789"


def test_one_long_name_does_not_move_other_rows():
    lines = grid(("a", "b"), [("x" * 300, "1"), ("y", "2")])
    assert lines[1] == "x" * 300 + "  1"
    assert len(lines[2]) < 60


def test_names_that_steer_a_terminal_are_escaped():
    assert grid((), [("a\nb\x1b[31m\u202e", "\udce4")]) == [r"a\nb\x1b[31m\u202e  \udce4"]


SIGNS = "5 \N{MICRO SIGN}s \N{PLUS-MINUS SIGN} 1, 2 \N{MULTIPLICATION SIGN} 3 \N{EN DASH} \u8f74"
"""What hwgen itself prints beyond ASCII, and a name."""


@pytest.mark.parametrize(
    ("encoding", "seen"),
    [("utf-8", SIGNS), ("ascii", r"5 us +- 1, 2 x 3 - \u8f74"),
     ("latin-1", SIGNS[:-3] + r"- \u8f74"),
     ("cp437", SIGNS.replace("\N{MULTIPLICATION SIGN}", "x")[:-3] + r"- \u8f74")],
)  # fmt: skip
def test_any_encoding(encoding, seen):
    assert shown([SIGNS], encoding) == seen + "\n"


def test_what_is_lost_is_spelt_for_any_writer():
    assert "\N{EN DASH}\N{MICRO SIGN}\u2713".encode("ascii", ENCODING_ERRORS) == b"-u\\u2713"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", ENCODING_ERRORS)
