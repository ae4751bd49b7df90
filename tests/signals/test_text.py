"""Tables as text: form by form, what is found in them, or why they are refused."""

import tempfile
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording
from hwgen.signals.formats.csv import read
from tests.signals import forms

N = 300
RNG = np.random.default_rng(4)
X = np.round(RNG.uniform(-2, 2, N), 5)
Y = np.round(RNG.uniform(-2, 2, N), 5)
T = np.round(np.arange(N) / 12_000, 7)
COMMAS = ("commas in numbers are read as decimal marks",)


def table(row, header="", end="\n"):
    """Return text with `row(i)` for each sample under `header`."""
    return header + "".join(row(i) + end for i in range(N))


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "a.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def comma(text):
    return text.replace(".", ",")


def checked(path, expected):
    """Read a file and compare names and every value of its channels; return its contents."""
    contents = read(path)
    assert [channel.name for channel in contents.channels] == list(expected)
    for channel in contents.channels:
        values = channel.load()
        assert channel.length == len(values)
        np.testing.assert_array_equal(values, expected[channel.name], err_msg=channel.name)
    return contents


# What parts the columns


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " ", "   ", ", ", "; ", " \t "])
@pytest.mark.parametrize("titles", [True, False])
def test_delimiters(tmp_path, mark, titles):
    header = f"FE{mark}DE\n" if titles else ""
    path = write(tmp_path, table(lambda i: f"{X[i]:.5f}{mark}{Y[i]:.5f}", header))
    names = ("FE", "DE") if titles else ("1", "2")
    contents = checked(path, dict(zip(names, (X, Y), strict=True)))
    assert (contents.notices, contents.passed_over, contents.rates) == ((), (), ())


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_mark_at_the_end_of_each_line_is_no_column(tmp_path, mark):
    path = write(tmp_path, table(lambda i: f"{X[i]:.5f}{mark}", f"DE{mark}\n"))
    assert checked(path, {"DE": X}).passed_over == ()


def test_spaces_before_and_after_numbers(tmp_path):
    path = write(tmp_path, table(lambda i: f"  {X[i]: .7E}   {Y[i]: .7E}  "))
    checked(path, {"1": X, "2": Y})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines(tmp_path, end):
    path = write(tmp_path, table(lambda i: f"{X[i]:.5f}", f"DE{end}", end))
    checked(path, {"DE": X})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
def test_encodings_that_say_what_they_are(tmp_path, encoding):
    mark = {"utf-16-be": "\ufeff", "utf-16-le": "\ufeff"}.get(encoding, "")
    text = mark + table(lambda i: f"{i / 1e3:.3f};{X[i]:.5f}", "Zeit (µs);Straße\n")
    contents = checked(
        write(tmp_path, text, encoding), {"Zeit (µs)": np.arange(N) / 1e3, "Straße": X}
    )
    assert contents.notices == ()


def test_latin_1_is_said(tmp_path):
    text = table(lambda i: f"{X[i]:.5f}", "Schwingung (m/s²)\n")
    contents = checked(write(tmp_path, text, "latin-1"), {"Schwingung (m/s²)": X})
    assert contents.channels[0].unit == "m/s²"
    assert "not UTF-8; it is read as Latin-1" in contents.notices[0]


# Decimal commas


@pytest.mark.parametrize("mark", [";", "\t", " ", "; "])
def test_decimal_commas_between_other_marks(tmp_path, mark):
    path = write(tmp_path, table(lambda i: comma(f"{X[i]:.5f}{mark}{Y[i]:.3e}")))
    expected = {"1": X, "2": [float(f"{v:.3e}") for v in Y]}
    assert checked(path, expected).notices == COMMAS


@pytest.mark.parametrize("header", ["", "Beschleunigung\n"])
def test_decimal_commas_in_one_column(tmp_path, header):
    path = write(tmp_path, table(lambda i: comma(f"{X[i]:.5f}"), header))
    assert checked(path, {header.strip() or "1": X}).notices == COMMAS


def test_decimal_commas_within_quotation_marks(tmp_path):
    path = write(tmp_path, table(lambda i: comma(f'"{X[i]:.5f}"') + f',{i},"{i}"', '"a",b,"c"\n'))
    index = np.arange(N)
    contents = read(path)
    assert contents.notices[0] == COMMAS[0]
    np.testing.assert_array_equal(contents.channels[0].load(), X)
    np.testing.assert_array_equal(contents.channels[1].load(), index)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            lambda i: f"{1000 + i:,}",
            "'000' may be part of a number with a decimal comma, or thousands",
        ),
        (lambda i: f"{1000 + i:,};{2000 - i:,}", "'1,000' may have a decimal comma or one that"),
        (
            lambda i: f"{10 + i % 7},{20 + i % 9}",
            "'10,20' may be part of a number with a decimal comma",
        ),
        (lambda i: f"{i % 7},{i % 9}", "'0,0' may be part of a number with a decimal comma"),
        (
            lambda i: comma(f"{T[i]:.7f}") + "," + comma(f"{X[i]:.5f}"),
            "'0000000' may be part of a number with a dec",
        ),
    ],
)
def test_commas_of_two_meanings_are_refused_with_the_way_out(tmp_path, row, said):
    with pytest.raises(InputError, match=said) as refused:
        read(write(tmp_path, table(row)))
    assert "write decimal points" in str(refused.value)


def test_integers_between_commas_that_cannot_be_decimals(tmp_path):
    signed = table(lambda i: f"{i % 7},{3 - i % 9}")
    checked(write(tmp_path, signed), {"1": np.arange(N) % 7, "2": 3 - np.arange(N) % 9})
    titled = table(lambda i: f"{i % 7},{i % 9}", "FE,DE\n")
    checked(write(tmp_path, titled), {"FE": np.arange(N) % 7, "DE": np.arange(N) % 9})
    counted = table(lambda i: f"{i},{i % 9}")
    contents = checked(write(tmp_path, counted), {"2": np.arange(N) % 9})
    assert contents.passed_over == ("1",)


# What stands over the numbers


@pytest.mark.parametrize(
    ("header", "titles", "units"),
    [
        ("Time,DE\ns,g\n", ("Time", "DE"), ("s", "g")),
        ("Time,DE\n(ms),(m/s^2)\n", ("Time", "DE"), ("ms", "m/s^2")),
        ("Time,DE\n[us],\n", ("Time", "DE"), ("us", None)),
        ("t / s,a / g\n", ("t / s", "a / g"), ("s", "g")),
        ("Time (µs),DE (mV)\n", ("Time (µs)", "DE (mV)"), ("us", "mV")),
        ("Time (μs),DE [m/s²]\n", ("Time (μs)", "DE [m/s²]"), ("us", "m/s²")),
        ("Zeit in ms,Kanal\n", ("Zeit in ms", "Kanal"), ("ms", None)),
        ("time_us,left (outer)\n", ("time_us", "left (outer)"), ("us", None)),
        ("# bench, pump, 3\n\n# t,DE\n", ("t", "DE"), (None, None)),
        ("% t DE\n", ("t", "DE"), (None, None)),
        ("a,a\n", ("a (column 1)", "a (column 2)"), (None, None)),
        ("one title\n", ("1", "2"), (None, None)),
        ("one,two,three\n", ("1", "2"), (None, None)),
        ("\n\n", ("1", "2"), (None, None)),
    ],
)
def test_titles_and_units(tmp_path, header, titles, units):
    path = write(tmp_path, table(lambda i: f"{Y[i]:.5f},{X[i]:.5f}", header))
    contents = checked(path, dict(zip(titles, (Y, X), strict=True)))
    assert tuple(channel.unit for channel in contents.channels) == units


@pytest.mark.parametrize(
    ("line", "hertz"),
    [
        ("fs = 12000", 12_000),
        ("Sampling Rate: 25.6 kHz", 25_600),
        ("# Sampling frequency [kHz]: 25,6", 25_600),
        ("Abtastrate;48000", 48_000),
        ("Sample rate (Hz)\t20000", 20_000),
        ("Delta_X\t8.333333E-5", 12_000),
        ("dt = 50 us", 20_000),
        ('"Sample interval","0.0001"', 10_000),
        ("sr,0", 0),
    ],
)
def test_rates_in_the_header(tmp_path, line, hertz):
    path = write(tmp_path, table(lambda i: f"{X[i]:.5f}", f"bench 7\n{line}\nDE\n"))
    (rate,) = checked(path, {"DE": X}).rates
    assert rate.hertz == pytest.approx(hertz, rel=1e-9)
    assert rate.origin.startswith("line 2, ")


@pytest.mark.parametrize("line", ["offset = 3", "speed: 1797 rpm", "Samples\t300", "sampling: yes"])
def test_other_facts_are_no_rate(tmp_path, line):
    assert read(write(tmp_path, table(lambda i: f"{X[i]:.5f}", line + "\nDE\n"))).rates == ()


def test_labview(tmp_path):
    header = (
        "LabVIEW Measurement\t\nSeparator\tTab\nX_Columns\tOne\nDate\t2012/05/22\n"
        "***End_of_Header***\t\n\t\nChannels\t2\t\t\nDelta_X\t8.33333E-5\t8.33333E-5\t\n"
        "***End_of_Header***\t\t\t\nX_Value\tVib_0\tVib_1\tComment\n"
    )
    path = write(tmp_path, table(lambda i: f"{T[i]:.7f}\t{X[i]:.5f}\t{Y[i]:.5f}", header))
    contents = checked(path, {"X_Value": T, "Vib_0": X, "Vib_1": Y})
    assert [rate.hertz for rate in contents.rates] == [12_000]


# Columns that are no signals


@pytest.mark.parametrize(
    ("header", "first", "name"),
    [
        (",DE\n", lambda i: i, "1"),
        (",DE\n", lambda i: 5000 + i, "1"),
        (",DE\n", lambda i: 10 * i, "1"),
        ("", lambda i: i, "1"),
        ("", lambda i: 1 + i, "1"),
        ("Unnamed: 0,DE\n", lambda i: i, "Unnamed: 0"),
        ("sample,DE\n", lambda i: i, "sample"),
        ("INDEX,DE\n", lambda i: 7 * i % 1001, "INDEX"),
        ("DE\n", lambda i: i + 1, "1"),
    ],
)
def test_row_numbers_are_passed_over_and_are_no_time(tmp_path, header, first, name):
    path = write(tmp_path, table(lambda i: f"{first(i)},{X[i]:.5f}", header))
    contents = checked(path, {"DE" if header else "2": X})
    assert contents.passed_over == (name,)
    assert contents.notices == (
        f"column {name!r} numbers the rows; it is not read as time; --sample-rate says the rate",
    )


@pytest.mark.parametrize("header", ["time,DE\n", "t,DE\n", "FE,DE\n"])
def test_whole_numbers_with_a_title_stay_a_channel(tmp_path, header):
    path = write(tmp_path, table(lambda i: f"{i},{X[i]:.5f}", header))
    checked(path, {header.partition(",")[0]: np.arange(N), "DE": X})


def test_words_are_passed_over_by_name(tmp_path):
    path = write(
        tmp_path, table(lambda i: f"{X[i]:.5f},OK,2024-05-01,{Y[i]:.5f}", "a,state,day,b\n")
    )
    assert checked(path, {"a": X, "b": Y}).passed_over == ("state", "day")


@pytest.mark.parametrize(
    ("first", "scale"), [(1.7e9, 1.0), (1.7e12, 1e3), (1.7e15, 1e6), (1.7e18, 1e9)]
)
def test_epochs_have_the_unit_of_their_size(tmp_path, first, scale):
    stamps = [f"{first + i * scale / 12_800:.6f}" for i in range(N)]
    path = write(tmp_path, table(lambda i: f"{stamps[i]},{X[i]:.5f}", "stamp,DE\n"))
    contents = checked(path, {"stamp": [float(s) for s in stamps], "DE": X})
    assert [channel.unit for channel in contents.channels] == [None, None]
    rate = read_recording(path).sample_rate
    assert rate == pytest.approx(12_800, rel=1e-3)


START = datetime(2024, 5, 1, 23, 59, 59, 990_000)


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%dT%H:%M:%S.%f",
        "%Y-%m-%d %H:%M:%S.%fZ",
        "%Y/%m/%d %H:%M:%S.%f+02:00",
        "%d.%m.%Y %H:%M:%S.%f",
        "%H:%M:%S.%f",
    ],
)
def test_dates_and_times_of_day_become_seconds_past_midnight_too(tmp_path, form):
    stamps = [(START + timedelta(microseconds=100 * i)).strftime(form) for i in range(N)]
    path = write(tmp_path, table(lambda i: f"{stamps[i]};{X[i]:.5f}", "when;DE\n"))
    when, signal = read(path).channels
    assert (when.name, when.unit, when.length) == ("when", "s", N)
    np.testing.assert_allclose(np.diff(when.load()), 1e-4, atol=1e-9)
    np.testing.assert_array_equal(signal.load(), X)


# The forms of published sets


@pytest.mark.parametrize("mark", [",", ";"])
def test_femto(tmp_path, mark):
    both = np.round(np.stack([X, Y], axis=1), 3)
    path = forms.write_femto(tmp_path / "acc_00001.csv", both, mark=mark)
    time, horizontal, vertical = read(path).channels
    assert (time.name, time.unit) == ("columns 1 to 4", "s")
    np.testing.assert_allclose(np.diff(time.load()), 1 / 25_600, atol=1.1e-7)
    assert (horizontal.name, vertical.name) == ("5", "6")
    np.testing.assert_array_equal(horizontal.load(), both[:, 0])
    np.testing.assert_array_equal(vertical.load(), both[:, 1])


def test_five_columns_of_small_integers_are_no_time_of_day(tmp_path):
    path = write(tmp_path, table(lambda i: f"{i % 20},{i % 7},{i % 9},{i % 50},{X[i]:.5f}"))
    assert [channel.name for channel in read(path).channels] == ["1", "2", "3", "4", "5"]


def test_xjtu(tmp_path):
    path = forms.write_xjtu(tmp_path / "1.csv", np.stack([X, Y], axis=1))
    checked(path, {"Horizontal_vibration_signals": X, "Vertical_vibration_signals": Y})


def test_ims_has_no_ending(tmp_path):
    eight = np.round(RNG.normal(size=(N, 8)), 3)
    path = forms.write_ims(tmp_path / "2003.10.22.12.06.24", eight)
    checked(path, {str(k + 1): eight[:, k] for k in range(8)})


def test_jnu(tmp_path):
    checked(forms.write_jnu(tmp_path / "ib600_2.csv", X), {"1": X})


@pytest.mark.parametrize("mark", ["\t", ","])
def test_seu(tmp_path, mark):
    eight = np.round(RNG.normal(size=(N, 8)), 6)
    path = forms.write_seu(tmp_path / "ball_20_0.csv", eight, mark=mark)
    contents = checked(path, {str(k + 1): eight[:, k] for k in range(8)})
    assert contents.rates == ()


# One line, many lines


def test_one_line_is_one_channel_and_it_is_said(tmp_path):
    path = write(tmp_path, ",".join(f"{v:.5f}" for v in X) + "\n")
    contents = checked(path, {"1": X})
    assert contents.notices == (
        f"the {N} numbers in the only line are read as samples of one channel",
    )


def test_one_line_with_decimal_commas_and_a_mark_at_its_end(tmp_path):
    path = write(tmp_path, comma("".join(f"{v:.5f};" for v in X)))
    assert checked(path, {"1": X}).notices[0] == COMMAS[0]


@pytest.mark.parametrize("cell", ["", "nan", "1e999", "gap", "1_000"])
def test_one_line_with_a_hole_is_refused(tmp_path, cell):
    path = write(tmp_path, ",".join(cell if i == 7 else f"{v:.5f}" for i, v in enumerate(X)))
    with pytest.raises(InputError, match=f"sample 7 is '{cell}'"):
        read(path).channels[0].load()


def test_a_window_a_line_is_refused(tmp_path):
    text = "".join(",".join(f"{v:.3f}" for v in X) + "\n" for _ in range(40))
    with pytest.raises(InputError, match=r"40 lines of 300 numbers.*one sample a line"):
        read(write(tmp_path, text))


def test_a_single_sample_of_each_column_is_no_channel(tmp_path):
    contents = read(write(tmp_path, "1.5,2.5\n"))
    assert (contents.channels, contents.passed_over) == ((), ("1", "2"))


def test_a_table_beyond_what_is_kept_is_read_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("hwgen.signals.formats._text.columns._KEPT", 100)
    monkeypatch.setattr("hwgen.signals.formats._text.columns._PIECE", 64)
    checked(write(tmp_path, table(lambda i: f"{X[i]:.5f},{Y[i]:.5f}", "a,b\n")), {"a": X, "b": Y})
    bad = table(lambda i: f"{X[i]:.5f},{Y[i]:.5f}" if i != 250 else "1.0,gap", "a,b\n")
    with pytest.raises(InputError, match=r"line 252, column 'b' is 'gap'"):
        read(write(tmp_path, bad)).channels[0].load()


def test_a_long_table_takes_the_memory_of_one_column(tmp_path):
    path = write(
        tmp_path, "time,DE\n" + "".join(f"{k * 1e-4:.4f},{k % 97}\n" for k in range(10**6))
    )
    tracemalloc.start()
    values = read(path).channels[1].load()
    assert tracemalloc.get_traced_memory()[1] < 48 * 2**20
    tracemalloc.stop()
    np.testing.assert_array_equal(values, np.arange(10**6) % 97)


# What is refused, and where it is


def spoilt(line):
    """Two titled columns whose sample 200, in line 202, is `line`."""
    return table(lambda i: f"{X[i]:.5f},{Y[i]:.5f}" if i != 200 else line, "a,b\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "line 202 is blank"),
        ("   ", "line 202 is blank"),
        ("1.0", "line 202 has 1, where the others have 2 cells"),
        ("1.0,2.0,3.0", "line 202 has 3, where the others have 2 cells"),
        ("1.0,", r"sample 200 \(line 202, column 'b'\) is blank"),
        ("1.0,nan", r"sample 200 \(line 202, column 'b'\) is 'nan'"),
        ("1.0,NaN", r"sample 200 \(line 202, column 'b'\) is 'NaN'"),
        ("1.0,inf", r"sample 200 \(line 202, column 'b'\) is 'inf'"),
        ("1.0,1e999", r"sample 200 \(line 202, column 'b'\) is '1e999'"),
        ("1.0,gap", "line 202, column 'b' is 'gap', not a number"),
        ("1.0,1_000", "line 202, column 'b' is '1_000', not a number"),
        ("1.0,0x10", "line 202, column 'b' is '0x10', not a number"),
        ('1.0,"2', "line 202, column 'b' is '\"2', not a number"),
        ("a,b", "line 202, column 'a' is 'a', not a number"),
        ("# gap", "line 202 has 1, where"),
    ],
)
def test_a_spoilt_line_is_named(tmp_path, line, said):
    (_, signal) = read(write(tmp_path, spoilt(line))).channels
    with pytest.raises(InputError, match=said):
        signal.load()


def test_a_blank_in_a_column_that_is_not_read_does_no_harm(tmp_path):
    signal, _ = read(write(tmp_path, spoilt("1.0,"))).channels
    assert signal.load()[200] == 1.0


@pytest.mark.parametrize(("line", "said"), [("", "is blank"), ("1", "has 1,"), ("1 2 3", "has 3,")])
def test_a_spoilt_line_between_spaces_is_named(tmp_path, line, said):
    text = table(lambda i: f"{X[i]:.5f} {Y[i]:.5f}" if i != 200 else line)
    for channel in read(write(tmp_path, text)).channels:
        with pytest.raises(InputError, match=f"line 201 {said}"):
            channel.load()


def test_blank_lines_at_start_and_end_do_no_harm(tmp_path):
    checked(write(tmp_path, "\n \n" + table(lambda i: f"{X[i]:.5f}") + "\n  \n\t\n\r\n"), {"1": X})


TEXT = table(lambda i: f"{X[i]:.5f}")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no numbers"),
        (b" \n\n", "no numbers"),
        (b"\xff\xfe", "no numbers"),
        (b"DE\n", "not a table of numbers"),
        (b"hello\nworld\n", "not a table of numbers"),
        (b"<html>\n<body>404</body>\n</html>\n", "not a table of numbers"),
        (TEXT.encode("utf-16-le"), "zero bytes; if it is UTF-16, save it as UTF-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1], "not sound UTF-16 text: truncated data"),
        (b"\xff\xfe" + b"1\x00\x00\xdc" * 40, "not sound UTF-16 text"),
        (bytes(range(256)) * 20, "zero bytes"),
        (bytes(range(1, 256)) * 20, "control character"),
        (b"1.5\n" * 50 + b"\x00" * 100, "zero bytes"),
        (b"1.5\x01\n" * 50, "control character"),
        (b'"1.5\n' * 50, "not a table of numbers"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(tmp_path, data, said):
    with pytest.raises(InputError, match=said):
        read(write(tmp_path, data))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"1.0," * 25_000_000, "more than 8388608 characters in line 1"),
        (b"5" * 100_000_000, "more than 8388608 characters in line 1"),
        (b",".join([b"1.5"] * 10**6), "1000000 numbers in its only line"),
        ((b",".join([b"1.5"] * 10**6) + b"\n") * 2, "2 lines of 1000000 numbers"),
        (b"DE\n" + b"\n" * 3_000_000 + b"x" * 9_000_000, "more than 8388608 characters"),
    ],
    ids=["long line", "long number", "million columns", "two of them", "long last line"],
)
def test_lines_without_end_are_refused_in_little_memory(tmp_path, data, said):
    path = write(tmp_path, data)
    tracemalloc.start()
    with pytest.raises(InputError, match=said):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 128 * 2**20
    tracemalloc.stop()


SOUND = [
    TEXT.encode(),
    spoilt("1.0,2.0").encode(),
    comma(table(lambda i: f"{T[i]:.7f};{X[i]:.5f}", "Zeit (µs);DE\n")).encode(),
    b"\xff\xfe" + TEXT.encode("utf-16-le"),
    table(lambda i: f"9,39,39,{i * 39}.5,{X[i]:.3f},{Y[i]:.3f}").encode(),
    table(lambda i: f"2024-05-01T10:00:{i // 10:02d}.{i % 10}, {X[i]:.3f}").encode(),
]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    sound=st.sampled_from(SOUND),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3)), max_size=6),
    keep=st.floats(0.01, 1),
)
def test_corruption_gives_finite_numbers_or_one_line(sound, edits, keep):
    data = bytearray(sound[: int(len(sound) * keep)])
    for place, new in edits:
        at = int(place * len(data))
        data[at : at + 1] = new
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), bytes(data))
        for outcome in outcomes(path):
            if isinstance(outcome, str):
                assert "\n" not in outcome
                assert "a.csv" in outcome
            else:
                assert outcome.ndim == 1
                assert np.isfinite(outcome).all()


def outcomes(path):
    """Yield the values of each channel, or the message of the `InputError` in their place."""
    try:
        channels = read(path).channels
    except InputError as error:
        yield str(error)
        return
    for channel in channels:
        try:
            values = channel.load()
            assert len(values) == channel.length
            yield values
        except InputError as error:
            yield str(error)


@st.composite
def tables(draw):
    """A table of numbers in some dialect: its bytes, and its columns."""
    rows, columns = draw(st.integers(2, 60)), draw(st.integers(1, 5))
    mark = draw(st.sampled_from([";", "\t", ",", "|", " ", "; ", "\t "]))
    decimal = draw(st.sampled_from([".", ",", "."]))
    form = draw(
        st.sampled_from(["{:.0f}", "{:.1f}", "{:.3f}", "{:.6f}", "{:.4e}", "{!r}", "{:+.2f}"])
    )
    largest = draw(st.sampled_from([0.5, 2, 100, 5000, 1e6]))
    signed = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = rng.uniform(-largest if signed else 0, largest, (rows, columns))
    cells = [[form.format(float(value)) for value in row] for row in values]
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    tail = draw(st.sampled_from(["", mark])) if columns > 1 and mark.strip() else ""
    quote = draw(st.sampled_from(["", "", '"']))
    lines = [[cell.replace(".", decimal) for cell in row] for row in cells]
    text = [mark.join(f"{quote}{cell}{quote}" for cell in row) + tail for row in lines]
    titles = [f"Kanal{chr(65 + k)}" for k in range(columns)]
    header = draw(st.sampled_from([[], [mark.join(titles) + tail], ["# bench", "", "Prüfstand 7"]]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    data = (end.join([*header, *text]) + end).encode(encoding)
    return data, [[float(row[k]) for row in cells] for k in range(columns)]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(drawn=tables())
def test_any_table_is_read_as_it_was_written_or_refused(drawn):
    data, columns = drawn
    with tempfile.TemporaryDirectory() as folder:
        try:
            contents = read(write(Path(folder), data))
            found = {c.number: c.load().tolist() for c in contents.channels}
        except InputError:
            return
    truth = dict(enumerate(columns, 1))
    assert {number: truth.get(number) for number in found} == found
    assert len(found) + len(contents.passed_over) == len(columns)


def test_a_title_of_two_columns_names_neither(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("acc,acc\n" + "".join(f"{k % 7},{k % 5}\n" for k in range(200)))
    with pytest.raises(InputError, match="--channel acc fits 2 signals"):
        read_recording(path, reading=Reading("acc"))
    assert read_recording(path, reading=Reading("acc (column 2)")).samples[4:7].tolist() == [
        4,
        0,
        1,
    ]
