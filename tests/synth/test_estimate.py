"""Activity times figures: more that switches takes more, and the band keeps its order."""

from __future__ import annotations

import pytest

from hwgen import targets
from hwgen.synth.activity import Activity
from hwgen.synth.estimate import Band, clocking, switching, total

FIGURES = {name: each.power for name, each in targets.families().items() if each.power}
BUSY = Activity(1000, 4000.0, 9000.0, {"dsp": 100.0, "ebr": 700.0})


@pytest.mark.parametrize("name", FIGURES)
def test_joules_are_events_times_figures(name):
    figures = FIGURES[name]
    found = switching(BUSY, figures)
    assert found["logic"].value == pytest.approx(4000 * figures.logic.value * 1e-12)
    assert found["routing"].high == pytest.approx(9000 * figures.routing.high * 1e-12)
    assert found["dsp"].low == pytest.approx(100 * figures.accesses["dsp"].low * 1e-12)
    clock = clocking(300, figures)
    expected = figures.clock.value + 300 * figures.register.value
    assert clock.value == pytest.approx(expected * 1e-12)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("part", ["logic", "routing", "dsp", "ebr"])
def test_more_activity_takes_more(name, part):
    more = BUSY.to_json()
    (more if part in more else more["accesses"])[part] += 1
    before = total(switching(BUSY, FIGURES[name]).values())
    after = total(switching(Activity.from_json(more), FIGURES[name]).values())
    assert (after.low, after.value, after.high) > (before.low, before.value, before.high)
    assert after.low < after.value < after.high


@pytest.mark.parametrize("name", FIGURES)
def test_more_flip_flops_take_more(name):
    assert clocking(301, FIGURES[name]).value > clocking(300, FIGURES[name]).value


def test_a_band_is_kept():
    band = Band(2.0, 1.0, 5.0)
    assert Band.from_json(band.to_json()) == band
    assert (band + band) * 0.5 == band
