"""Envelope spectra of signals whose impacts are known, and what stands out of them."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.explain.envelope import envelope_spectrum, fault_lines, map_spectrum, strengths
from hwgen.signals import Bearing

RATE, COUNT = 12_000.0, 2048
STEP = RATE / COUNT


def modulated(rate, seed=0, depth=0.8):
    """Return windows of a tone of 3 kHz whose amplitude is modulated, in some noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(8 * COUNT) / RATE
    amplitude = 1 + depth * np.cos(2 * np.pi * rate * time)
    x = amplitude * np.sin(2 * np.pi * 3000 * time) + 0.05 * rng.normal(size=time.size)
    return x.reshape(8, COUNT)


def test_fault_frequencies_of_cwru():
    found = fault_lines(Bearing(), 1796)
    assert found == pytest.approx(
        {"BPFO": 107.3, "BPFI": 162.1, "BSF": 70.5, "FTF": 11.9}, abs=0.06
    )


def test_an_amplitude_has_its_line_where_and_as_high_as_it_is():
    rate = 19 * STEP  # a whole number of turns in a window
    spectrum = envelope_spectrum(modulated(rate))
    assert spectrum.shape == (COUNT // 2 + 1,)
    assert spectrum.argmax() == 19
    assert spectrum[19] == pytest.approx(0.8, abs=0.02)
    assert spectrum[0] == pytest.approx(0, abs=1e-9)


def test_the_spectrum_is_that_of_the_definition():
    from scipy.signal import hilbert

    x = modulated(107.3)[:1]
    envelope = np.abs(hilbert(x[0] - x[0].mean()))
    wanted = np.abs(np.fft.rfft(envelope - envelope.mean())) * 2 / COUNT
    np.testing.assert_allclose(envelope_spectrum(x), wanted, rtol=1e-9, atol=1e-12)


def test_a_map_is_its_own_envelope():
    bumps = np.abs(modulated(107.3))
    assert map_spectrum(bumps)[1:60].argmax() + 1 == 18
    np.testing.assert_array_equal(map_spectrum(-bumps), map_spectrum(bumps))


@pytest.mark.parametrize("line", ["BPFO", "BPFI", "BSF"])
def test_the_line_that_is_there_stands_out_and_the_others_do_not(line):
    lines = fault_lines(Bearing(), 1796)
    found = strengths(envelope_spectrum(modulated(lines[line])), STEP, lines, RATE / 2)
    assert found[line][0] > 10
    assert all(
        found[name][0] < found[line][0] / 3 for name in ("BPFO", "BPFI", "BSF") if name != line
    )
    assert found["FTF"][0] is None  # two bins: slow changes are there as well


def test_slip_is_met():
    lines = {"far": 1500.0}
    spectrum = np.ones(1025)
    spectrum[round(1500 * 1.018 / STEP)] = 9.0
    assert strengths(spectrum, STEP, lines, 6000)["far"][0] == 9.0
    spectrum[:] = 1
    spectrum[round(1500 * 1.03 / STEP)] = 9.0
    assert strengths(spectrum, STEP, lines, 6000)["far"][0] == 1.0


def test_what_cannot_be_told_is_not():
    spectrum = np.ones(1025)
    found = strengths(spectrum, STEP, {"line": 107.3}, 250.0)["line"]
    assert found[0] == 1.0
    assert found[1:] == (1.0, None)  # 215 Hz lies below 250 Hz, 322 Hz above
    assert strengths(np.zeros(1025), STEP, {"line": 107.3}, 6000)["line"] == (None, None, None)
