"""Headers of tables as people and programs write them: titles, units, and what is told."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording
from hwgen.signals.units import GRAVITY

N = 600
X = np.round(np.random.default_rng(5).normal(size=N), 4)
RATE = 10_000


def table(tmp_path, header, form="{time},{value}\n"):
    rows = (form.format(time=f"{k / RATE:.6f}", value=x, k=k) for k, x in enumerate(X))
    path = tmp_path / "a.csv"
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("time [s],acc [m/s2]\n", "{time},{value},\n"),
        ('time [s],"acc, DE [m/s2]"\n', "{time},{value}\n"),
        ("time,acc\ns,m/s²\nCH1,CH2\n", "{time},{value}\n"),
        ("s,m/s²\ntime,acc\n", "{time},{value}\n"),
        ("bench 4\ns,m/s²\ntime,acc\n", "{time},{value}\n"),
        ("bench 4\ntime,acc\ns,m/s²\n", "{time},{value}\n"),
        ("time [s];acc_mps2\n", "{time};{value}\n"),
    ],
)
def test_titles_and_units_are_found(tmp_path, header, form):
    recording = read_recording(table(tmp_path, header, form))
    np.testing.assert_allclose(recording.samples, X / GRAVITY, rtol=1e-6)
    assert recording.sample_rate == pytest.approx(RATE)
    assert recording.channel.startswith("acc")


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("time [s],acc [m/s2],remark\n", "{time},{value}\n"),
        ("Time [s] Acc DE [m/s2]\n", "{time} {value}\n"),
    ],
)
def test_a_header_that_does_not_fit_the_columns_is_told(tmp_path, header, form):
    recording = read_recording(table(tmp_path, header, form))
    assert np.array_equal(recording.samples, X.astype(recording.samples.dtype))
    (notice,) = recording.notices
    assert header.strip() in notice
    assert "is not titles of 2 columns; it says no units" in notice


MPS2 = ("m/s2", "m/s²", "m/s^2", "mps2", "m.s-2", "m·s⁻²", "ms⁻²", "m / s²", "m/sec²", "meter/s²",
        "m/s2 (peak)", "m/s^2 RMS", "metres/second^2")  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        *((unit, 1 / GRAVITY) for unit in MPS2),
        ("cm/s2", 0.01 / GRAVITY), ("Gal", 0.01 / GRAVITY), ("µm/s²", 1e-6 / GRAVITY),
        ("\N{GREEK SMALL LETTER MU}g", 1e-6), ("µg", 1e-6), ("milli-g", 1e-3), ("mg", 1e-3),
    ],
)  # fmt: skip
def test_units_in_titles_are_read(tmp_path, unit, factor):
    recording = read_recording(table(tmp_path, f"time [s],acc [{unit}]\n"))
    np.testing.assert_allclose(recording.samples, X * factor, rtol=1e-5)
    assert recording.notices == (f"'acc [{unit}]' is in {unit}; it is read as g",)


@pytest.mark.parametrize(
    ("unit", "what"),
    [("mm/s RMS", "velocity"), ("inch/s", "velocity"), ("IPS", "velocity"), ("ft/s", "velocity"),
     ("Volts", "voltage"), ("mV/g", "sensitivity"), ("µm", "displacement")],
)  # fmt: skip
def test_what_is_no_acceleration_is_refused(tmp_path, unit, what):
    path = table(tmp_path, f"time [s],acc [{unit}]\n")
    with pytest.raises(InputError, match=f"a {what}"):
        read_recording(path)
    assert read_recording(path, reading=Reading(unit="g")).samples[0] == pytest.approx(X[0])


def test_an_unknown_unit_is_told_and_a_place_is_none(tmp_path):
    (notice,) = read_recording(table(tmp_path, "time [s],acc [foo/bar]\n")).notices
    assert "the unit 'foo/bar' of 'acc [foo/bar]' is not known" in notice
    assert read_recording(table(tmp_path, "time [s],acc [DE]\n")).notices == ()


@pytest.mark.parametrize(
    ("header", "form", "channel"),
    [
        ("0,1,2\n", "{value},{value},{value}\n", "3"),
        (",0,1\n", "{k},{value},{value}\n", "3"),
        (",0\n", "{k},{value}\n", None),
        ("0\n", "{value}\n", None),
    ],
)
def test_titles_that_number_the_columns_are_no_samples(tmp_path, header, form, channel):
    path = table(tmp_path, header, form)
    recording = read_recording(path, reading=Reading(channel=channel))
    assert np.array_equal(recording.samples, X.astype(recording.samples.dtype))
    assert f"line 1, {header.strip()!r}, numbers the columns" in recording.notices[-1]


def test_a_first_row_of_whole_numbers_is_a_sample(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("0,1\n" + "".join(f"{k / RATE:.4f},{x}\n" for k, x in enumerate(X[1:], 1)))
    recording = read_recording(path)
    assert len(recording.samples) == N
    assert recording.sample_rate == pytest.approx(RATE)
    path.write_text("0\n1\n" + "".join(f"{int(x > 0)}\n" for x in X))
    assert len(read_recording(path).samples) == N + 2


@pytest.mark.parametrize("date", ["01-May-2024", "05/01/24", "1 May 2024", "May 1, 2024"])
def test_dates_with_names_of_months_and_short_years(tmp_path, date):
    rows = (f"{date} 10:00:00.{k * 100:06d};{x}\n" for k, x in enumerate(X))
    path = tmp_path / "a.csv"
    path.write_text("Time;acc\n" + "".join(rows))
    assert read_recording(path).sample_rate == pytest.approx(RATE)


def test_time_that_is_not_understood_is_told(tmp_path):
    path = table(tmp_path, "Time,acc\n", "T+{k},{value}\n")
    recording = read_recording(path)
    assert recording.sample_rate is None
    assert recording.notices == ("column 'Time' ('T+0') is not read as time",)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda text: text + "End of data\n", "ends with 'End of data', which is no row"),
        (lambda text: text + "Mean,0.01\n", "ends with 'Mean,0.01', which is no row"),
        (lambda text: text.replace("\n", "\n\n"), "is blank, where the others have 2 cells"),
    ],
)
def test_a_time_that_cannot_be_read_is_not_taken_for_a_signal(tmp_path, damage, why):
    path = table(tmp_path, "time,acc\n")
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError, match=why):
        read_recording(path)


def test_a_printed_minus_and_spaces_that_do_not_break_are_read(tmp_path):
    path = table(tmp_path, "time,acc\n", "{time},{value}\u00a0\n")
    path.write_text(path.read_text(encoding="utf-8").replace("-", "\u2212"), encoding="utf-8")
    assert (X < 0).any()
    samples = read_recording(path).samples
    assert np.array_equal(samples, X.astype(samples.dtype))
