"""As what recordings were read goes with a network to the next ones."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import ReadAs, Reading, Recording

COUNTED = ReadAs("FE", "counts", 2048.0, "counts")


def recording(unit: str) -> Recording:
    return Recording("a", np.array([1.0, 2.0]), None, "a.npy", unit=unit)


def test_what_is_left_open_is_taken_and_named():
    reading, words = COUNTED.complete(Reading(sample_rate=12_000.0))
    assert reading == Reading("FE", 12_000.0, "counts", 2048.0)
    assert words == "--channel FE --unit counts --offset 2048"


def test_what_the_user_says_stays():
    said = Reading("DE", None, "counts", 0.0)
    assert COUNTED.complete(said) == (said, "")


def test_an_offset_goes_only_with_its_unit():
    assert COUNTED.complete(Reading("FE", unit="m/s2"))[0].offset is None
    assert ReadAs(offset=9.81).complete(Reading(unit="g"))[0].offset is None
    assert ReadAs(offset=9.81).complete(Reading())[0].offset == 9.81


@pytest.mark.parametrize("unit", ["g", "of full scale"])
def test_another_unit_is_refused_until_the_user_insists(unit):
    with pytest.raises(
        InputError, match=r"a\.npy must be in counts like the build's, not .*--unit"
    ):
        COUNTED.check(recording(unit), Reading(), "the build's")
    (said,) = COUNTED.check(recording(unit), Reading(unit="g"), "the build's")
    assert "--unit g insists" in said


def test_the_same_unit_and_an_unknown_one_are_no_matter():
    assert COUNTED.check(recording("counts"), Reading(), "the build's") == ()
    assert ReadAs().check(recording("counts"), Reading(), "the build's") == ()


def test_of_a_recording():
    found = ReadAs.of(Reading("2", 12_000.0, None, 0.0), recording("g"))
    assert found == ReadAs("2", None, None, "g")


def test_json_and_back():
    for each in (ReadAs(), COUNTED):
        assert ReadAs.from_json(json.loads(json.dumps(each.to_json()))) == each


@pytest.mark.parametrize(
    ("change", "said"),
    [({"unit": "furlong"}, "no unit"), ({"samples": "m/s2"}, "no unit"),
     ({"offset": float("nan")}, "finite"), ({"offset": "1"}, "finite"), ({"channel": 3}, "texts"),
     ({"channel": ""}, "texts"), ({"more": 1}, "it must have")],
)  # fmt: skip
def test_damage_is_told(change, said):
    with pytest.raises(ValueError, match=said):
        ReadAs.from_json(COUNTED.to_json() | change)
