"""Sums of products against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Fragment

from hwgen.hardware.shared import mac_array
from hwgen.hardware.shared.mac_array import MacArray
from hwgen.plans import depths
from hwgen.plans.step import Array
from hwgen.plans.two_products import TwoProducts


@pytest.mark.parametrize(
    ("rows", "lanes", "dsp"),
    [(1, 1, 1), (1, 4, 2), (3, 1, 0), (2, 3, 6), (4, 5, 7), (2, 8, 16), (9, 8, 70)],
)
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_sums_are_exact(play, rows, lanes, dsp, gaps, shared):
    rng = np.random.default_rng(rows * lanes)
    array = Array(rows, lanes)
    lengths = rng.integers(1, 6, 25)
    total = int(lengths.sum())
    values = rng.integers(-32, 32, (total, lanes))
    weights = rng.integers(-8, 8, (total, rows, lanes))
    values[: lengths[0]], weights[: lengths[0]] = -32, -8  # the largest products there are
    ends = np.cumsum(lengths) - 1
    starts = ends - lengths + 1

    # Gaps hold rubbish, and marks that do not count.
    places = np.cumsum(1 + (rng.integers(0, 3, total) if gaps else np.zeros(total, dtype=int)))
    length = places[-1] + 20
    inputs = {
        "valid": np.zeros(length, dtype=int),
        "first": rng.integers(0, 2, length),
        "last": rng.integers(0, 2, length),
        "values": rng.integers(-32, 32, (length, lanes)),
        "weights": rng.integers(-8, 8, (length, rows, lanes)),
    }
    inputs["valid"][places] = 1
    inputs["first"][places] = np.isin(np.arange(total), starts)
    inputs["last"][places] = np.isin(np.arange(total), ends)
    inputs["values"][places] = values
    inputs["weights"][places + depths.spread(rows, lanes)] = weights
    width = 9 + (5 * lanes).bit_length()  # products of +-2^8, up to five words
    two = TwoProducts.of(6, -8, 8) if shared else None
    dut = MacArray(array, 6, 4, width, dsp=dsp, two=two)
    got = play(dut, {name: value.tolist() for name, value in inputs.items()}, ["o_valid", "sums"])
    done = np.flatnonzero(got["o_valid"])
    assert (done == places[ends] + dut.latency).all()
    products = (values[:, np.newaxis] * weights).sum(axis=2)
    assert [got["sums"][cycle] for cycle in done] == np.add.reduceat(products, starts).tolist()


@pytest.mark.parametrize("shifts", [(0,), (3,), (0, 2), (1, 4, 5)])
def test_products_that_count_more(play, shifts):
    rng = np.random.default_rng(len(shifts))
    total, array = 60, Array(2, 3)
    last = rng.random(total) < 0.3
    last[-1] = True
    first = np.roll(last, 1)
    inputs = {
        "valid": rng.random(total) < 0.8,
        "shift": rng.integers(0, len(shifts), total),
        "values": rng.integers(-32, 32, (total, 3)),
        "weights": rng.integers(-8, 8, (total, 2, 3)),
    }
    inputs["valid"] |= first | last
    dut = MacArray(array, 6, 4, 24, dsp=2, shifts=shifts)
    driven = {name: value.tolist() for name, value in inputs.items()}
    driven |= {"first": first.tolist(), "last": last.tolist()}
    if len(shifts) == 1:
        driven["shift"] = [0]
    got = play(dut, driven, ["o_valid", "sums"], cycles=total + 20)
    products = (inputs["values"][:, np.newaxis] * inputs["weights"]).sum(axis=2)
    scaled = products << np.array(shifts)[inputs["shift"]][:, np.newaxis]
    scaled[~inputs["valid"]] = 0
    ends = np.flatnonzero(last)
    # What comes behind the last sum in the trace is of none: inputs keep their last values.
    done = [cycle for cycle in np.flatnonzero(got["o_valid"]) if cycle <= total - 1 + dut.latency]
    assert done == (ends + dut.latency).tolist()
    sums = np.add.reduceat(scaled, np.flatnonzero(first)).tolist()
    assert [got["sums"][cycle] for cycle in done] == sums


def test_reset_takes_sums_on_their_way(play):
    dut = MacArray(Array(1, 2), 4, 4, 12, dsp=2)
    got = play(
        dut,
        {
            "valid": [1, 0],
            "first": [1],
            "last": [1],
            "values": [[1, 2]],
            "weights": [[[3, 4]]],
        },
        ["o_valid"],
        cycles=20,
        reset=[2],
    )
    assert not any(got["o_valid"])


@pytest.mark.parametrize(
    ("array", "dsp", "error", "text"),
    [
        (Array(0, 4), 1, ValueError, "rows must be at least 1, not 0"),
        (Array(2, 0), 1, ValueError, "lanes must be at least 1, not 0"),
        (Array(2, 2.5), 1, TypeError, r"lanes must be an integer, not 2\.5"),
        (Array(2, 2), -1, ValueError, "dsp must be at least 0, not -1"),
        (Array(2, 2), "all", TypeError, "dsp must be an integer, not 'all'"),
    ],
)
def test_what_is_refused(array, dsp, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        MacArray(array, 4, 4, 12, dsp=dsp)


@pytest.mark.parametrize("dsp", [0, 1, 5, 6, 9])
def test_the_first_multipliers_are_cells(monkeypatch, dsp):
    kinds = []
    real = mac_array.Multiplier

    def noted(*given, logic):
        kinds.append(logic)
        return real(*given, logic=logic)

    noted.latency = real.latency
    monkeypatch.setattr(mac_array, "Multiplier", noted)
    Fragment.get(MacArray(Array(2, 3), 6, 4, 12, dsp=dsp), None)
    assert kinds == [number >= dsp for number in range(6)]
