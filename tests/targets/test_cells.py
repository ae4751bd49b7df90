"""Counts of cells."""

from __future__ import annotations

import copy
import json
import math
import pickle

import pytest

from hwgen.targets import Cells

SOME = Cells({"lut4": 3, "dsp": 1})


def test_a_kind_that_is_not_there_counts_nothing():
    assert (SOME["lut4"], SOME["dsp"], SOME["ebr"]) == (3, 1, 0)
    assert list(SOME) == ["lut4", "dsp"]
    assert len(SOME) == 2
    assert "dsp" in SOME
    assert "ebr" not in SOME
    assert dict(Cells()) == {}


def test_sums():
    both = SOME + Cells({"ebr": 2, "lut4": 4})
    assert both.to_json() == {"lut4": 7, "dsp": 1, "ebr": 2}
    assert Cells() + SOME == SOME


def test_zeros_are_told_but_make_no_difference():
    told = Cells({"lut4": 3, "dsp": 1, "ebr": 0})
    assert told.to_json() == {"lut4": 3, "dsp": 1, "ebr": 0}
    assert told == SOME
    assert hash(told) == hash(SOME)
    assert told != Cells({"lut4": 3})
    assert SOME != {"lut4": 3, "dsp": 1}


def test_they_are_not_changed_from_outside():
    counts = {"lut4": 3}
    made = Cells(counts)
    counts["lut4"] = 4
    made.to_json()["lut4"] = 5
    assert made["lut4"] == 3
    with pytest.raises(TypeError):
        made["lut4"] = 6


def test_copies_and_text():
    assert copy.deepcopy(SOME) == pickle.loads(pickle.dumps(SOME)) == SOME
    assert repr(SOME) == "Cells({'lut4': 3, 'dsp': 1})"
    assert json.loads(json.dumps(SOME.to_json())) == {"lut4": 3, "dsp": 1}


@pytest.mark.parametrize(
    ("counts", "error", "text"),
    [
        ({"dsp": -1}, ValueError, "dsp must be at least 0, not -1"),
        ({"dsp": 1.0}, TypeError, r"dsp must be an integer, not 1\.0"),
    ],
)
def test_what_is_no_count(counts, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        Cells(counts)


def test_what_fits():
    assert SOME.fit_in(SOME)
    assert SOME.fit_in(Cells({"lut4": 3, "dsp": 1, "ebr": 1}))
    assert not SOME.fit_in(Cells({"lut4": 3}))
    assert not SOME.fit_in(Cells({"lut4": 2, "dsp": 1}))


def test_what_is_scarce_is_dear():
    available = Cells({"lut4": 24_000, "ff": 24_000, "dsp": 24, "ebr": 48})
    assert Cells({"lut4": 1000}).weight(available) == 1000
    some = Cells({"lut4": 1000, "dsp": 2, "ebr": 3})
    assert some.weight(available) == 1000 + 2 * 1000 + 3 * 500
    assert some.weight(available, "ebr") == 2 + 4 + 3
    assert Cells({"dsp": 1}).weight(Cells({"lut4": 10})) == math.inf
    assert Cells({"dsp": 0}).weight(Cells({"lut4": 10})) == 0
