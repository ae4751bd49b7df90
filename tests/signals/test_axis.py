"""Axes that are not of seconds in equal steps: other quantities, long units, gaps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import savemat

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording

N = 2000


def table(tmp_path, title, stamps, *, digits=None):
    """Write stamps in full, or rounded, before noise."""
    x = np.random.default_rng(5).normal(0, 0.7, len(stamps))
    shown = [repr(float(t)) if digits is None else f"{t:.{digits}f}" for t in stamps]
    rows = "".join(f"{t},{v:.4f}\n" for t, v in zip(shown, x, strict=True))
    (tmp_path / "a.csv").write_text(f"{title},acc\n{rows}", encoding="utf-8")
    return tmp_path / "a.csv"


def mat(tmp_path, stamps, name="time"):
    x = np.random.default_rng(5).normal(0, 0.7, len(stamps))
    savemat(tmp_path / "a.mat", {name: stamps, "vib": x})
    return tmp_path / "a.mat"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Angle [deg]", "deg"), ("angle (rad)", "rad"), ("ShaftAngle", "Angle"), ("rev", "rev"),
        ("x [mm]", "mm"), ("Time (m)", "m"), ("order", "order"), ("position", "position"),
        ("pos_x", "pos"), ("distance", "distance"), ("Winkel in deg", "Winkel"), ("x_m", "m"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", [0.009, 1.0])
def test_an_axis_of_something_else_gives_no_rate(tmp_path, title, said, step):
    path = table(tmp_path, title, step * np.arange(N))
    recording = read_recording(path)
    assert (recording.channel, recording.sample_rate) == ("acc", None)
    assert recording.notices == (
        f"{title!r} is no time ({said}): no sample rate is taken from it; state it with "
        "--sample-rate",
    )
    given = read_recording(path, reading=Reading(sample_rate=12_000))
    assert (given.sample_rate, given.notices) == (12_000, ())


@pytest.mark.parametrize("title", ["f [Hz]", "Frequency", "freq (kHz)", "f_Hz", "f"])
@pytest.mark.parametrize("step", [0.005, 1.0])
def test_a_spectrum_is_refused(tmp_path, title, step):
    path = table(tmp_path, title, step * np.arange(N))
    with pytest.raises(
        InputError, match=r"is a frequency, so this looks like a spectrum.*--sample"
    ):
        read_recording(path)
    assert read_recording(path, reading=Reading(sample_rate=12_000)).sample_rate == 12_000


def test_an_angle_beside_time_does_not_matter(tmp_path):
    savemat(
        tmp_path / "a.mat",
        {
            "t": np.arange(N) / 25_600,
            "angle": np.arange(N) * 0.3,
            "freq": np.arange(N) * 0.5,
            "vib": np.random.default_rng(5).normal(0, 1, N),
        },
    )
    recording = read_recording(tmp_path / "a.mat")
    assert (recording.channel, recording.sample_rate) == ("vib", 25_600)
    assert recording.notices == ()


@pytest.mark.parametrize("title", ["time [h]", "time_h", "Time in hours", "hours", "t (hrs)"])
def test_hours_are_converted(tmp_path, title):
    recording = read_recording(table(tmp_path, title, np.arange(N) / 1e4 / 3600))
    assert (recording.sample_rate, recording.notices) == (10_000, ())


@pytest.mark.parametrize("title", ["time [d]", "Time (days)", "time_days"])
@pytest.mark.parametrize("first", [0, 739_000.5])
def test_days_that_are_stated_are_converted(tmp_path, title, first):
    recording = read_recording(table(tmp_path, title, first + np.arange(N) / 1e3 / 86_400))
    assert (recording.sample_rate, recording.notices) == (1000, ())


@pytest.mark.parametrize(
    ("first", "said"), [(739_000.5, "the year 0, as MATLAB's datenum"), (45_000.25, "Excel")]
)
@pytest.mark.parametrize("hertz", [1000, 12_800])
def test_days_are_told_by_their_size(tmp_path, first, said, hertz):
    recording = read_recording(mat(tmp_path, first + np.arange(N) / hertz / 86_400))
    assert recording.sample_rate == hertz
    (notice,) = recording.notices
    assert notice.startswith("'time' is read as days")
    assert said in notice


@pytest.mark.parametrize("first", [739_000.5, 45_000.25])
def test_seconds_of_that_size_stay_seconds(tmp_path, first):
    recording = read_recording(mat(tmp_path, first + np.arange(N) / 12_800))
    assert (recording.sample_rate, recording.notices) == (12_800, ())


def missing(*gaps):
    """Return sample numbers with `many` left out behind sample `place`."""
    at = np.arange(N)
    return at + sum(many * (at > place) for place, many in gaps)


@pytest.mark.parametrize(
    ("places", "said"),
    [
        (missing((1000, 1)), "1 gap (1 missing); it is between samples 1000 and 1001"),
        (missing((10, 300)), "1 gap (300 missing); it is between samples 10 and 11"),
        (missing((7, 2), (1500, 1)), "2 gaps (3 missing); the first is between samples 7 and 8"),
        (
            np.arange(N) + np.arange(N) // 20,
            "99 gaps (99 missing); the first is between samples 19 and 20",
        ),
    ],
)
@pytest.mark.parametrize(("hertz", "digits"), [(10_000, 5), (25_600, 6), (25_600, None)])
def test_gaps_do_not_bend_the_rate_and_are_told(tmp_path, places, said, hertz, digits):
    recording = read_recording(table(tmp_path, "time", places / hertz, digits=digits))
    assert recording.sample_rate == hertz
    (notice,) = recording.notices
    assert notice.startswith(f"the stamps of 'time' have {said}, counted from 0")


@pytest.mark.parametrize("n", [64, 2000, 600_000])
def test_a_gap_is_a_gap_in_records_of_every_length(tmp_path, n):
    at = np.arange(n)
    path = mat(tmp_path, (at + (at > n // 2)) / 12_000)
    recording = read_recording(path)
    assert recording.sample_rate == 12_000
    (notice,) = recording.notices
    assert f"1 gap (1 missing); it is between samples {n // 2} and {n // 2 + 1}" in notice
    given = read_recording(path, reading=Reading(sample_rate=12_000))
    assert given.notices == (notice,)


def test_gaps_in_a_count_are_told_too(tmp_path):
    recording = read_recording(mat(tmp_path, missing((500, 3)), name="n"))
    assert recording.sample_rate is None
    assert "1 gap (3 missing)" in recording.notices[0]
    assert "'n' counts the samples" in recording.notices[1]


def test_stamps_of_whole_nanoseconds_since_1970_may_have_gaps(tmp_path):
    stamps = 1_700_000_000_000_000_000 + 80_000 * missing((1000, 4)).astype("i8")
    recording = read_recording(mat(tmp_path, stamps))
    assert recording.sample_rate == 12_500
    assert "1 gap (4 missing)" in recording.notices[0]


@pytest.mark.parametrize("extra", [2.5, 5.5, 300.4])
def test_a_pause_of_no_whole_steps_is_refused(tmp_path, extra):
    path = mat(tmp_path, missing((1000, extra)) / 12_000)
    with pytest.raises(InputError, match="must rise in equal steps"):
        read_recording(path)


@pytest.mark.parametrize("hertz", [9600, 9500])
def test_steps_that_rounding_doubles_are_no_gaps(tmp_path, hertz):
    recording = read_recording(table(tmp_path, "time", np.arange(N) / hertz, digits=4))
    assert recording.sample_rate == hertz
    (notice,) = recording.notices
    assert notice.endswith("is taken for rounding, not for gaps")


@pytest.mark.parametrize("seed", range(3))
def test_stamps_that_waver_have_no_gaps(tmp_path, seed):
    off = np.random.default_rng(seed).uniform(-0.2, 0.2, N)
    recording = read_recording(mat(tmp_path, (np.arange(N) + off) / 12_000))
    assert (recording.sample_rate, recording.notices) == (12_000, ())


def test_parts_of_a_date_are_no_time_that_stands_still(tmp_path):
    x = np.random.default_rng(5).normal(0, 0.7, N)
    rows = "".join(f"12,7,{v:.4f}\n" for v in x)
    (tmp_path / "a.csv").write_text(f"day,hour,acc\n{rows}", encoding="utf-8")
    recording = read_recording(tmp_path / "a.csv", reading=Reading(channel="acc"))
    assert (recording.sample_rate, recording.notices) == (None, ())
