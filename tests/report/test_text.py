"""Numbers as people read them."""

from __future__ import annotations

import pytest

from hwgen.report import text


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(27.8, 3, "27.8"), (0.8961, 3, "0.896"), (61035.16, 3, "61,035"), (125.0, 4, "125.0"),
     (0, 3, "0.000"), (999.96, 3, "1,000"), (None, 3, text.NOTHING)],
)  # fmt: skip
def test_number(value, digits, shown):
    assert text.number(value, digits) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 5, "0 %"), (5, 5, "100 %"), (1, 10**6, "<0.01 %"), (999_999, 10**6, ">99.99 %"),
     (998, 1000, "99.80 %"), (1, 3, "33.3 %"), (4, 1000, "0.40 %"), (1, 0, text.NOTHING),
     (300, 200, "150.0 %")],
)  # fmt: skip
def test_percent(part, whole, shown):
    assert text.percent(part, whole) == shown


def test_shortened():
    assert text.shortened("x" * 20) == "x" * 20
    assert text.shortened("x" * 21) == "x" * 19 + "…"
