"""What holds for every format, and the checks behind the formats."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import FileAccessError, InputError, UsageError
from hwgen.signals import Reading, Recording, formats, read_recording

ENDINGS = (".csv", ".h5", ".mat", ".npy", ".npz", ".txt", ".wav")
BINARY = (".h5", ".mat", ".npy", ".npz", ".wav")


def test_endings_are_what_the_modules_of_the_folder_declare():
    assert set(ENDINGS) < set(formats.endings())
    assert {"", ".parquet", ".tdms", ".uff", ".hdf5", ".tsv"} < set(formats.endings())
    for ending in formats.endings():
        assert callable(formats.reader(ending))


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.MAT", ".mat"),
        ("a.b.csv", ".csv"),
        ("2003.10.22.12.06.24", ""),
        ("recording7", ""),
        ("run 3.0 kN", ""),
        ("a.npy.bak", ".bak"),
        (".npy", ""),
    ],
)
def test_ending_of_a_name(name, ending):
    assert formats.ending_of(name) == ending


def test_a_file_without_an_ending_is_text(tmp_path, wave, write):
    path = write(tmp_path / "a.csv", wave).rename(tmp_path / "2003.10.22.12.06.24")
    recording = read_recording(path)
    np.testing.assert_array_equal(recording.samples, wave)


@pytest.mark.parametrize("ending", [*ENDINGS, ".MAT"])
def test_every_format_gives_the_samples_back(tmp_path, wave, write, ending):
    path = write(tmp_path / f"pump{ending.lower()}", wave).rename(tmp_path / f"pump{ending}")
    recording = read_recording(path)
    np.testing.assert_array_equal(recording.samples, wave)
    assert recording.samples.dtype == np.float64
    assert (recording.label, recording.source) == ("pump", f"pump{ending}")
    assert recording.sample_rate == (12_000 if ending == ".wav" else None)


def test_label_can_be_given(tmp_path, wave, write):
    assert read_recording(write(tmp_path / "a.npy", wave), label="worn").label == "worn"


def test_cwru_name_states_class_and_rate(tmp_path, wave, write):
    recording = read_recording(write(tmp_path / "48k_Drive_End_OR007@6_0_135.npy", wave))
    assert (recording.label, recording.sample_rate) == ("OR007", 48_000)


def test_sample_rate_can_be_given_or_confirmed(tmp_path, wave, write):
    assert (
        read_recording(
            write(tmp_path / "a.npy", wave), reading=Reading(sample_rate=5e3)
        ).sample_rate
        == 5e3
    )
    assert (
        read_recording(
            write(tmp_path / "a.wav", wave), reading=Reading(sample_rate=12e3)
        ).sample_rate
        == 12e3
    )


@pytest.mark.parametrize(
    ("name", "origin"), [("a.wav", "header"), ("12k_Drive_End_B007_0_118.npy", "name")]
)
def test_given_rate_overrules_and_says_so(tmp_path, wave, write, name, origin):
    recording = read_recording(write(tmp_path / name, wave), reading=Reading(sample_rate=48_000))
    assert (recording.sample_rate, recording.rate_origin) == (48_000, "--sample-rate")
    (notice,) = recording.notices
    assert notice.startswith("--sample-rate 48000 Hz overrules the file's 12000 Hz (the ")
    assert origin in notice


def test_a_given_rate_that_the_file_confirms_is_no_notice(tmp_path, wave, write):
    path = write(tmp_path / "a.wav", wave)
    assert read_recording(path, reading=Reading(sample_rate=12_000)).notices == ()


def test_name_and_header_that_differ_are_refused(tmp_path, wave, write):
    with pytest.raises(InputError, match="sample rates differ"):
        read_recording(write(tmp_path / "48k_Drive_End_B007_0_122.wav", wave))


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_sample_rate_is_refused(tmp_path, wave, write, rate):
    with pytest.raises(UsageError, match="above 0 Hz"):
        read_recording(write(tmp_path / "a.npy", wave), reading=Reading(sample_rate=rate))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_refused(tmp_path, wave, write, ending, bad):
    spoilt = wave.copy()
    spoilt[123] = bad
    with pytest.raises(InputError, match=r"a\.\w+ must hold finite samples, but sample 123"):
        read_recording(write(tmp_path / f"a{ending}", spoilt))


def test_samples_whose_squares_overflow_are_refused(tmp_path, wave, write):
    with pytest.raises(InputError, match="at most 1e\\+100"):
        read_recording(write(tmp_path / "a.npy", wave * 1e200))


@pytest.mark.parametrize("ending", ENDINGS)
def test_constant_recording_is_refused(tmp_path, write, ending):
    with pytest.raises(InputError, match=r"no vibration: all 100 samples are 0\.5"):
        read_recording(write(tmp_path / f"a{ending}", np.full(100, 0.5)))


@pytest.mark.parametrize("ending", ENDINGS)
def test_empty_file_is_refused(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.touch()
    with pytest.raises(InputError, match=f"a{ending} must have 1 to"):
        read_recording(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_recording_without_samples_is_refused(tmp_path, write, ending):
    path = write(tmp_path / f"a{ending}", np.zeros(0))
    if ending == ".csv":
        path.write_text("DE\n\n")
    with pytest.raises(InputError, match=f"a{ending}"):
        read_recording(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_other_content_than_the_ending_says_is_refused(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"\x00\x01garbage\xff\xfe" * 40)
    with pytest.raises(InputError, match=f"a{ending} is not"):
        read_recording(path)


@pytest.mark.parametrize("name", ["a.docx", "a.py", "a.npy.bak"])
def test_unknown_ending_is_refused(tmp_path, name):
    (tmp_path / name).write_text("1\n2\n")
    with pytest.raises(InputError, match=r"ends in .*\.csv, .*\.mat, .*no ending"):
        read_recording(tmp_path / name)


def test_folder_or_pipe_in_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "a.npy").mkdir()
    os.mkfifo(tmp_path / "b.npy")
    for name in ("a.npy", "b.npy"):
        with pytest.raises(InputError, match="is not a recording"):
            read_recording(tmp_path / name)


def test_files_that_cannot_be_reached_are_access_errors(tmp_path):
    (tmp_path / "loop.npy").symlink_to(tmp_path / "loop.npy")
    for name in ("missing.mat", "loop.npy"):
        with pytest.raises(FileAccessError, match=f"cannot read .*{name}"):
            read_recording(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_an_access_error(tmp_path, wave, write):
    path = write(tmp_path / "a.npy", wave)
    path.chmod(0)
    with pytest.raises(FileAccessError, match="Permission denied"):
        read_recording(path)


@pytest.mark.parametrize("ending", BINARY)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(share=st.floats(0, 1, exclude_max=True))
def test_every_truncation_is_noticed(wave, write, ending, share):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / f"a{ending}", wave)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError, match=f"a{ending}"):
            read_recording(path)


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1),
    headers_only=st.booleans(),
)
def test_corruption_gives_a_sound_recording_or_one_line(wave, write, ending, edits, headers_only):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / f"a{ending}", wave)
        data = bytearray(path.read_bytes())
        reach = 200 if headers_only else len(data)
        for place, value in edits:
            data[int(place * reach)] = value
        path.write_bytes(data)
        outcome = read_or_refuse(path)
        if isinstance(outcome, str):
            assert "\n" not in outcome
            assert f"a{ending}" in outcome
        else:
            assert outcome.samples.ndim == 1
            assert np.isfinite(outcome.samples).all()


def read_or_refuse(path):
    """Return the recording, or the message of an `InputError`; anything else is a failure."""
    try:
        return read_recording(path)
    except InputError as error:
        return str(error)


@pytest.mark.parametrize(
    ("samples", "error", "said"),
    [
        ([1.0, 2.0], TypeError, "not list"),
        (np.zeros(3, dtype=np.float32), TypeError, "float32"),
        (np.zeros((3, 1)), ValueError, r"\(3, 1\)"),
        (np.zeros(0), ValueError, "non-empty"),
    ],
)
def test_recording_checks_its_samples(samples, error, said):
    with pytest.raises(error, match=said):
        Recording("a", samples, None, "a.npy")


def test_recording_checks_its_rate():
    with pytest.raises(ValueError, match="sample_rate must be above 0"):
        Recording("a", np.ones(3), 0.0, "a.npy")


def test_too_little_memory_is_no_fault_of_the_file(tmp_path, wave, write, monkeypatch):
    def lacking(*_):
        raise MemoryError

    monkeypatch.setattr("hwgen.signals.files.choose", lacking)
    with pytest.raises(MemoryError):
        read_recording(write(tmp_path / "a.wav", wave))
