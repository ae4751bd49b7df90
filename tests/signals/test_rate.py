"""The sample rate: what is read, what is refused, and how it is overruled."""

import numpy as np
import pytest
from scipy.io import savemat

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording

RNG = np.random.default_rng(8)


def x(n=300):
    return RNG.uniform(-1, 1, n)


def mat(tmp_path, **variables):
    savemat(tmp_path / "a.mat", variables)
    return tmp_path / "a.mat"


def rate(path, given=None):
    recording = read_recording(path, reading=Reading(sample_rate=given))
    return recording.sample_rate, recording.rate_origin


def table(tmp_path, title, stamps, *, file="a.csv"):
    rows = "".join(f"{stamp},{value:.6f}\n" for stamp, value in zip(stamps, x(10**5), strict=False))
    (tmp_path / file).write_text((f"{title},DE\n" if title else "") + rows, encoding="utf-8")
    return tmp_path / file


@pytest.mark.parametrize(
    "name",
    [
        "fs", "Fs", "FS", "sr", "SR", "f_s", "sampling_rate", "SamplingRate", "samplingRate",
        "sample_rate", "SampleRate", "samplingFrequency", "sampling_frequency", "samplefreq",
        "fs_Hz", "sampling_rate_hz", "Abtastrate",
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["f8", "u4"])
def test_scalars_that_state_the_rate(tmp_path, name, dtype):
    value = np.array(25_600, dtype)
    assert rate(mat(tmp_path, vib=x(), **{name: value})) == (25_600, name)
    nested = mat(tmp_path, rec={"vib": x(), name: value})
    assert rate(nested) == (25_600, f"rec.{name}")


def test_rates_in_khz_and_steps_in_time(tmp_path):
    assert rate(mat(tmp_path, vib=x(), fs_kHz=25.6)) == (25_600, "fs_kHz")
    assert rate(mat(tmp_path, vib=x(), dt=1 / 25_600)) == (25_600, "dt")


@pytest.mark.parametrize("name", ["fsx", "rate", "osr", "offs", "FSR", "srpm", "sample", "rpm"])
def test_scalars_that_only_look_like_it_state_nothing(tmp_path, name):
    assert rate(mat(tmp_path, vib=x(), **{name: 1797.0})) == (None, None)


@pytest.mark.parametrize("given", [99.9, 12.0, 1e9, 0.0, -5.0, np.nan, np.inf])
def test_a_stated_rate_that_is_none_is_refused_but_can_be_overruled(tmp_path, given):
    path = mat(tmp_path, vib=x(), fs=given)
    if not np.isfinite(given):  # written where nothing is known
        assert rate(path) == (None, None)
    else:
        with pytest.raises(
            InputError, match=r"rate of .* Hz \(fs\) must be 100 Hz to 100 MHz; state"
        ):
            rate(path)
    assert rate(path, 12_000) == (12_000, "--sample-rate")


def test_statements_that_differ_are_refused(tmp_path):
    path = mat(tmp_path, vib=x(), fs=12_000, t=np.arange(300) / 48_000)
    with pytest.raises(InputError, match=r"differ: 12000 Hz \(fs\), 48000 Hz \(stamps 't'\); say"):
        rate(path)
    recording = read_recording(path, reading=Reading(sample_rate=48_000))
    assert recording.notices == ("--sample-rate 48000 Hz overrules the file's 12000 Hz (fs)",)


def test_time_of_another_length_says_nothing(tmp_path):
    assert rate(mat(tmp_path, vib=x(), t=np.arange(75) / 4000)) == (None, None)


MICRO = ("us", "µs", "μs", "\u00b5s", "\u03bcs")


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("time", 1), ("Time (s)", 1), ("t", 1), ("", 1), ("anything", 1),
        ("Time (ms)", 1e-3), ("time_ms", 1e-3), ("t [ms]", 1e-3), ("Zeit in ms", 1e-3),
        *((f"Time ({micro})", 1e-6) for micro in MICRO), ("time_us", 1e-6), ("Time (ns)", 1e-9),
        ("Time (min)", 60),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hertz", [12_000, 25_600, 48_000, 97_656.25, 51_200])
@pytest.mark.parametrize("n", [64, 3000])
def test_stamps_in_every_unit_give_the_rate(tmp_path, title, unit, hertz, n):
    stamps = [f"{i / hertz / unit:.12f}" for i in range(n)]
    found, origin = rate(table(tmp_path, title, stamps))
    assert found == pytest.approx(hertz, rel=1e-5)
    assert found in {hertz, round(hertz)}
    assert origin == f"stamps {title or '1'!r}"


@pytest.mark.parametrize(("unit", "per"), [("s", 1), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)])
def test_epochs_are_told_by_their_size(tmp_path, unit, per):
    stamps = np.array([round(1.7e9 * per) + i * per / 12_500 for i in range(3000)])
    if unit in {"ms", "us", "ns"}:
        path = mat(tmp_path, vib=x(3000), stamp=stamps if unit == "ms" else stamps.astype("i8"))
    else:
        path = mat(tmp_path, vib=x(3000), stamp=stamps)
    assert rate(path)[0] == pytest.approx(12_500, rel=2e-4)


@pytest.mark.parametrize("digits", [3, 4, 5, 6])
@pytest.mark.parametrize("hertz", [8_000, 12_000, 25_600, 48_000])
def test_rounded_stamps_still_give_the_rate(tmp_path, digits, hertz):
    stamps = [f"{i / hertz:.{digits}f}" for i in range(20_000)]
    assert rate(table(tmp_path, "time", stamps))[0] == hertz


def test_stamps_that_are_too_coarse_are_refused(tmp_path):
    path = table(tmp_path, "time", [f"{i / 12_000:.3f}" for i in range(64)])
    with pytest.raises(InputError, match="too coarse to tell the sample rate; state it"):
        rate(path)
    assert rate(path, 12_000) == (12_000, "--sample-rate")


@pytest.mark.parametrize("title", ["time", "", "t"])
def test_stamps_in_an_unsaid_unit_are_refused_with_the_way_out(tmp_path, title):
    path = table(tmp_path, title, [f"{i / 12:.6f}" for i in range(64)])
    with pytest.raises(
        InputError, match=r"of 12 Hz \(stamps .*, if they are seconds\).* such as 'time \(ms\)'"
    ):
        rate(path)
    assert rate(path, 12_000) == (12_000, "--sample-rate")


def test_an_unsaid_unit_is_found_where_the_rate_is_stated_too(tmp_path):
    path = mat(tmp_path, vib=x(), fs=12_000, time=np.arange(300) / 12)
    recording = read_recording(path)
    assert (recording.sample_rate, recording.rate_origin) == (12_000, "fs")
    assert recording.notices == ("'time' is read as ms, since fs says 12000 Hz",)


@pytest.mark.parametrize("first", [0, 1, 5000])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_counts_of_rows_give_no_rate(tmp_path, first, step):
    path = mat(tmp_path, vib=x(), n=first + step * np.arange(300))
    recording = read_recording(path)
    assert (recording.sample_rate, recording.rate_origin) == (None, None)
    assert recording.notices == ("'n' counts the samples: no sample rate is taken from it",)


@pytest.mark.parametrize(
    "stamps",
    [[0, 0, 0, 0] * 75, [*range(299), 500.4], [0, 2, 1] * 100],
    ids=["constant", "gap", "jumps"],
)
def test_time_in_unequal_steps_is_refused(tmp_path, stamps):
    path = mat(tmp_path, vib=x(), time=np.array(stamps) / 12_000)
    with pytest.raises(InputError, match="'time' is time and must rise in equal steps; resample"):
        rate(path)
    assert rate(path, 12_000)[0] == 12_000


def test_the_name_of_a_cwru_file_counts(tmp_path):
    savemat(tmp_path / "48k_Drive_End_B007_0_122.mat", {"X122_DE_time": x()})
    assert rate(tmp_path / "48k_Drive_End_B007_0_122.mat") == (48_000, "the file's name")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sampFreq", 25_600.0), ("samp_rate", 25_600.0), ("acq_rate", 25_600.0),
        ("acquisitionFrequency", 25_600.0), ("fsHz", 25_600.0), ("fs_kHz", 25.6),
        ("time_step", 1 / 25_600), ("sampling_interval_ms", 1e3 / 25_600), ("dt_us", 1e6 / 25_600),
        ("fs", "25600"), ("Fs", "25600 Hz"), ("sampling_rate", "25.6 kHz"), ("dt", "39.0625 us"),
    ],
)  # fmt: skip
def test_names_that_say_their_unit_and_rates_as_text(tmp_path, name, value):
    assert rate(mat(tmp_path, vib=x(), **{name: value})) == (25_600, name)


@pytest.mark.parametrize("text", ["fast", "25600 samples", "1.2.3", ""])
def test_a_text_that_is_no_rate_states_none(tmp_path, text):
    assert rate(mat(tmp_path, vib=x(), fs=text)) == (None, None)


@pytest.mark.parametrize(
    ("value", "hertz"), [(1 / 12_000, 12_000.0), (1.7e9, None), (1.0, None), (0.0, None)]
)
def test_ts_is_a_step_where_it_can_be_one(tmp_path, value, hertz):
    samples = np.random.default_rng(4).normal(size=500)
    savemat(tmp_path / "a.mat", {"X": samples, "Ts": value})
    assert read_recording(tmp_path / "a.mat").sample_rate == hertz
    savemat(tmp_path / "b.mat", {"X": samples, "ts": value})
    assert read_recording(tmp_path / "b.mat").sample_rate is None
