"""From a table as text to a recording: which column, which rate, what is said."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording
from tests.signals import forms

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "cases"
N = 400
X = np.round(np.random.default_rng(6).uniform(-2, 2, N), 5)
TIME = [f"{k / 12_000:.7f}" for k in range(N)]


def write(tmp_path, header, *columns, mark=","):
    path = tmp_path / "a.csv"
    rows = zip(*columns, strict=True)
    path.write_text(header + "".join(mark.join(map(str, row)) + "\n" for row in rows))
    return path


def units_of(scale):
    return [f"{k / 12_000 * scale:.3f}" for k in range(N)]


@pytest.mark.parametrize(
    ("header", "columns", "channel", "rate"),
    [
        ("", [X], "1", None),
        ("DE\n", [X], "DE", None),
        ("", [TIME, X], "2", 12_000),
        ("time,DE\n", [TIME, X], "DE", 12_000),
        ("DE,time\n", [X, TIME], "DE", 12_000),
        ("time,FE,DE\n", [TIME, -X, X], "DE", 12_000),
        ("whatever,DE\n", [TIME, X], "DE", 12_000),
        ("Time (ms),DE\n", [units_of(1e3), X], "DE", 12_000),
        ("Zeit (µs),DE\n", [units_of(1e6), X], "DE", 12_000),
        ("Time (μs),DE\n", [units_of(1e6), X], "DE", 12_000),
        ("Time,DE\nms,g\n", [units_of(1e3), X], "DE", 12_000),
        ("stamp,DE\n", [[f"{1.7e9 + k / 12_000:.6f}" for k in range(N)], X], "DE", 12_000),
        (",DE_time\n", [range(5000, 5000 + N), X], "DE_time", None),
        ("INDEX,FE_time\n", [[7 * k % 401 for k in range(N)], X], "FE_time", None),
        ("time,state,DE\n", [TIME, ["OK"] * N, X], "DE", 12_000),
        ("fs = 25600 Hz\nDE\n", [X], "DE", 25_600),
        ("dt = 0.05 ms\n", [X], "1", 20_000),
    ],
)
def test_channel_and_rate(tmp_path, header, columns, channel, rate):
    recording = read_recording(write(tmp_path, header, *columns))
    assert (recording.channel, recording.sample_rate) == (channel, rate)
    assert (recording.rate_origin is None) == (rate is None)
    np.testing.assert_array_equal(recording.samples, X)


@pytest.mark.parametrize(
    ("header", "columns", "said"),
    [
        ("", [units_of(1e3), X], "sample rate of 12 Hz .*seconds.*--sample-rate"),
        (
            "time,DE\n",
            [[f"{k / 12_000:.2f}" for k in range(N)], X],
            "too coarse to tell the sample rate",
        ),
        (
            "time,DE\n",
            [[*TIME[:200], *TIME[:200]], X],
            "time.* must rise in equal steps.*--sample-rate",
        ),
        ("fs = 25600\ntime,DE\n", [TIME, X], "sample rates differ.*--sample-rate"),
        ("", [TIME], r"has no signal.*it has 1 \(time\)"),
        ("", [X, -X], "2 signals: 1, 2; name one with --channel"),
        ("DE 1,DE 2\n", [X, -X], r"DE 1 \(column 1\), DE 2 \(column 2\); name one with"),
    ],
)
def test_what_is_unclear_is_refused_with_the_way_out(tmp_path, header, columns, said):
    with pytest.raises(InputError, match=said):
        read_recording(write(tmp_path, header, *columns))


@pytest.mark.parametrize(
    ("header", "wanted", "there"),
    [
        ("INDEX,FE_time\n", "DE", r"one of: FE_time \(column 2\) \(no signals: INDEX\)"),
        ("time,FE\n", "DE", r"one of: FE \(column 2\) \(no signals: time\)"),
        ("time,state,FE\n", "3x", r"one of: FE \(column 3\) \(no signals: time, state\)"),
    ],
)
def test_a_channel_that_is_not_there_is_refused(tmp_path, header, wanted, there):
    first = [7 * k % 401 for k in range(N)] if "INDEX" in header else TIME
    columns = [first, ["OK"] * N, X] if "state" in header else [first, X]
    with pytest.raises(InputError, match=f"no signal '{wanted}'; .*{there}"):
        read_recording(write(tmp_path, header, *columns), reading=Reading(channel=wanted))


def test_whole_numbers_called_time_are_no_seconds(tmp_path):
    with pytest.raises(InputError, match=r"sample rate of 1 Hz .*seconds.*--sample-rate"):
        read_recording(write(tmp_path, "time,DE\n", range(N), X))


def test_units_are_scaled_to_g_and_said(tmp_path):
    recording = read_recording(write(tmp_path, "Zeit (s);Schwingung (m/s²)\n", TIME, X, mark=";"))
    np.testing.assert_allclose(recording.samples, X / 9.80665, rtol=1e-15)
    said = "'Schwingung (m/s²)' is in m/s²; it is read as g"
    assert (recording.unit, recording.notices) == ("g", (said,))


def test_sample_rate_overrules_times_and_says_so(tmp_path):
    path = write(tmp_path, "", units_of(1e3), X)
    recording = read_recording(path, reading=Reading(sample_rate=12_000))
    assert (recording.sample_rate, recording.rate_origin) == (12_000, "--sample-rate")
    assert "overrules the file's 12 Hz" in recording.notices[0]


@pytest.mark.parametrize(("channel", "column"), [("5", 0), ("6", 1)])
def test_femto_by_column(tmp_path, channel, column):
    both = np.round(np.stack([X, -X], axis=1), 3)
    path = forms.write_femto(tmp_path / "acc_00001.csv", both)
    recording = read_recording(path, reading=Reading(channel=channel))
    assert (recording.sample_rate, recording.channels_of) == (25_600, 2)
    assert recording.rate_origin == "stamps 'columns 1 to 4'"
    np.testing.assert_array_equal(recording.samples, both[:, column])


@pytest.mark.parametrize("channel", [None, "1", "2", "3", "4", "7"])
def test_femto_time_is_never_a_signal(tmp_path, channel):
    path = forms.write_femto(tmp_path / "acc_00001.csv", np.stack([X, -X], axis=1))
    with pytest.raises(InputError, match=r"acc_00001\.csv has (2|no) signal"):
        read_recording(path, reading=Reading(channel=channel))


@pytest.mark.parametrize(
    "name", ["a.txt", "a.tsv", "a.dat", "a.asc", "a.CSV", "a", "2003.10.22.12.06.24"]
)
def test_endings_of_text(tmp_path, name):
    path = forms.write_jnu(tmp_path / name, X)
    np.testing.assert_array_equal(read_recording(path).samples, X)


# The small inputs beside the project: what each gives. None: no rate is stated.

COMMAS = "commas in numbers are read as decimal marks"
OUTCOMES = {
    "bom_crlf.csv": ("DE", None, ""),
    "decimal_comma.csv": ("1", None, COMMAS),
    "decimal_comma_hdr.csv": ("Beschleunigung", None, COMMAS),
    "dropclass/outer/1.txt": ("1", None, ""),
    "epoch_s.csv": ("DE", 12_000, ""),
    "index_substring.csv": ("FE_time", None, "column 'INDEX' numbers the rows"),
    "jnu/ib600_2.csv": ("1", None, ""),
    "labview.csv": ("Acceleration", 12_000, ""),
    "mu_small.csv": ("DE", 12_000, ""),
    "old_mac.csv": ("1", None, ""),
    "one_row.csv": ("1", None, "the 9000 numbers in the only line"),
    "pandas_index.csv": ("DE_time", None, "column '1' numbers the rows"),
    "pandas_slice.csv": ("DE_time", None, "column '1' numbers the rows"),
    "slice_small.csv": ("DE_time", None, "--sample-rate says the rate"),
    "time_last.csv": ("DE", 12_000, ""),
    "time_ms_resolution.csv": ("DE", 12_000, ""),
    "time_ms_titled.csv": ("DE", 12_000, ""),
    "trailing_comma.csv": ("DE", None, ""),
    "units_row.csv": ("DE", 12_000, ""),
    "us_title.csv": ("Schwingung DE (m/s²)", 12_000, "is in m/s²; it is read as g"),
    "us_title_micro2.csv": ("DE", 12_000, ""),
    "utf16.csv": ("DE", None, ""),
}
REFUSED = {
    "blank_cells.csv": r"sample 500 \(line 502\) is blank",
    "femto1/acc_00001.csv": "2 signals: 5, 6 .*name one with --channel",
    "ms_small.csv": "sample rate of 12 Hz.*--sample-rate",
    "nan_cell.csv": r"sample 500 \(line 502\) is 'nan'",
    "row_windows.csv": "40 lines of 400 numbers.*one sample a line",
    "time_ms_untitled.csv": "sample rate of 12 Hz.*--sample-rate",
    "xjtu/35Hz12kN/Bearing1_1/1.csv": "2 signals: Horizontal.*name one with --channel",
}


@pytest.fixture
def case():
    if not CASES.is_dir():
        pytest.skip(f"the small inputs are not at {CASES}")
    return lambda name: CASES / name


@pytest.mark.parametrize("name", OUTCOMES)
def test_cases_that_are_read(case, name):
    recording = read_recording(case(name))
    channel, rate, said = OUTCOMES[name]
    assert (recording.channel, recording.sample_rate) == (channel, rate)
    assert said in " ".join(recording.notices)
    assert bool(said) == bool(recording.notices)


@pytest.mark.parametrize("name", REFUSED)
def test_cases_that_are_refused(case, name):
    with pytest.raises(InputError, match=REFUSED[name]):
        read_recording(case(name))


@pytest.mark.parametrize(
    "form",
    ["%m/%d/%Y %I:%M:%S.%f %p", "%I:%M:%S.%f%p", "%M:%S.%f", "%d.%m.%Y %H:%M:%S.%f", "%H:%M:%S.%f"],
)
@pytest.mark.parametrize("begin", ["11:59:59", "00:59:59", "23:59:59"])
def test_a_clock_says_the_rate_past_noon_hours_and_midnight(tmp_path, form, begin):
    first = datetime.datetime.fromisoformat(f"2026-05-01 {begin}")
    times = (first + datetime.timedelta(milliseconds=i) for i in range(3000))
    rows = [f"{each.strftime(form)},{number % 7}.5" for number, each in enumerate(times)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["Time,acc", *rows]), encoding="utf-8")
    recording = read_recording(path)
    assert recording.sample_rate == pytest.approx(1000.0)
    assert len(recording.samples) == 3000


def test_columns_of_one_title_are_told_apart_by_their_numbers(tmp_path):
    path = write(tmp_path, "acc,acc\n", X, -X)
    with pytest.raises(InputError, match=r"acc \(column 1\), acc \(column 2\)"):
        read_recording(path)
