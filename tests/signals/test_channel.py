"""Which vector is taken: the same rules for every format."""

import numpy as np
import pytest
from scipy.io import savemat

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording

N = 300
T = np.arange(N) / 12_000


def signal(number):
    return np.random.default_rng(number).uniform(-1, 1, N)


def mat(tmp_path, names, file="a.mat", **others):
    """Write a signal for each name, and other variables."""
    path = tmp_path / file
    savemat(path, {name: signal(i) for i, name in enumerate(names)} | others)
    return path


def table(tmp_path, **columns):
    path = tmp_path / "a.csv"
    rows = zip(*columns.values(), strict=True)
    text = ["\t".join(columns), *("\t".join(f"{float(v)!r}" for v in row) for row in rows)]
    path.write_text("\n".join(text) + "\n")
    return path


def taken(path, channel=None):
    return read_recording(path, reading=Reading(channel=channel)).channel


def refused(path, channel=None):
    with pytest.raises(InputError) as caught:
        taken(path, channel)
    assert "\n" not in str(caught.value)
    return str(caught.value)


CWRU = ["X118_DE_time", "X118_FE_time", "X118_BA_time"]


@pytest.mark.parametrize(
    ("names", "wanted", "expected"),
    [
        (CWRU, None, "X118_DE_time"),
        (CWRU, "DE", "X118_DE_time"),
        (CWRU, "fe", "X118_FE_time"),
        (CWRU, "BA_time", "X118_BA_time"),
        (CWRU, "X118_FE", "X118_FE_time"),
        (CWRU, "118 de", "X118_DE_time"),
        (CWRU, " X118_BA_time ", "X118_BA_time"),
        (CWRU, "2", "X118_FE_time"),
        (["vib", "VIB"], "VIB", "VIB"),
        (["vibLeft", "vibRight"], "left", "vibLeft"),
        (["vibLeft", "vibRight"], "right", "vibRight"),
        (["acc", "accDE"], "acc", "acc"),
        (["MODE", "INDEX", "vib_DE"], None, "vib_DE"),
        (["a1", "a10"], "a1", "a1"),
        (["force", "vibration_1", "vibration_2"], "vibration_2", "vibration_2"),
        (["vib"], None, "vib"),
        (["vib"], "1", "vib"),
        (["MODEL"], None, "MODEL"),
    ],
)
def test_a_channel_is_taken(tmp_path, names, wanted, expected):
    path = mat(tmp_path, names)
    recording = read_recording(path, reading=Reading(channel=wanted))
    assert (recording.channel, recording.channels_of) == (expected, len(names))
    np.testing.assert_array_equal(recording.samples, signal(names.index(expected)))


@pytest.mark.parametrize(
    ("names", "wanted", "said"),
    [
        (["MODE"], "DE", "no signal 'DE'; --channel must name one of: MODE"),
        (["INDEX"], "DE", "no signal 'DE'"),
        (["vib"], "FE", "no signal 'FE'; --channel must name one of: vib"),
        (["vib"], "vi", "no signal 'vi'"),
        (["vib"], "2", "no signal '2'"),
        (["vib"], "0", "no signal '0'"),
        (["X118_DE_time"], "D", "no signal 'D'"),
        (["X118_DE_time"], "X11", "no signal 'X11'"),
        (CWRU, "time", "--channel time fits 3 signals: X118_DE_time, X118_FE_time, X118_BA_time"),
        (["DE1", "DE2"], None, "2 signals: DE1, DE2; name one with --channel"),
        (["left", "right"], None, "2 signals: left, right; name one with --channel"),
        (["left", "right"], "...", r"no signal '...'"),
    ],
)
def test_a_channel_is_refused(tmp_path, names, wanted, said):
    assert said in refused(mat(tmp_path, names), wanted)


def test_many_names_are_cut(tmp_path):
    said = refused(mat(tmp_path, [f"x{i:03d}" for i in range(300)]))
    assert "300 signals: x000, x001" in said
    assert len(said) < 300 + len(str(tmp_path))


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("normal_2_99.mat", "X099_DE_time"),
        ("99.mat", "X099_DE_time"),
        ("99_Normal_2.mat", "X099_DE_time"),
        ("098.mat", "X098_DE_time"),
        ("x.mat", None),
        ("normal_7.mat", None),
    ],
)
def test_of_two_records_in_a_file_its_number_says_which(tmp_path, file, expected):
    path = mat(tmp_path, ["X098_DE_time", "X098_FE_time", "X099_DE_time", "X099_FE_time"], file)
    for channel in (None, "DE"):
        if expected is None:
            assert "X098_DE_time, X099_DE_time" in refused(path, channel)
        else:
            assert taken(path, channel) == expected
    assert taken(path, "X098_FE_time") == "X098_FE_time"


@pytest.mark.parametrize("name", ["t", "DE_time", "x", "vib"])
@pytest.mark.parametrize(
    "axis",
    [T, T + 5, np.round(T, 6), np.arange(N), 5000 + 7 * np.arange(N), T[::-1], T.astype("f4")],
    ids=["s", "later", "rounded", "count", "slice", "down", "single"],
)
def test_what_goes_on_in_equal_steps_is_never_a_signal(tmp_path, name, axis):
    alone = tmp_path / "alone.mat"
    savemat(alone, {name: axis})
    assert "has no signal" in refused(alone)
    assert "has no signal" in refused(alone, name)
    both = mat(tmp_path, ["signal"], **{name: axis})
    # A count that is called time states a rate which is none.
    recording = read_recording(both, reading=Reading(sample_rate=12_000))
    assert recording.channel == "signal"
    assert f"'{name}'" in refused(both, name)
    assert "no signals: " + name in refused(both, name)


@pytest.mark.parametrize("seed", range(20))
def test_signals_are_not_taken_for_time(tmp_path, seed):
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.uniform(0, 1, N))
    for values in (rng.uniform(-1, 1, N), walk, np.exp(np.arange(N) / 50), np.sqrt(1 + T) + T**2):
        savemat(tmp_path / "a.mat", {"x": values})
        if np.abs(np.diff(values, 2)).max() > 1e-3:
            assert taken(tmp_path / "a.mat") == "x"


def test_parameters_beside_a_signal_are_no_choice(tmp_path):
    path = mat(tmp_path, ["vib"], gains=[3.0, 1.0, 2.0], poly=[2.0, 0.5, 9.0, 1.0])
    assert taken(path) == "vib"
    assert taken(path, "gains") == "gains"


def test_columns_are_counted_as_a_person_counts_them(tmp_path):
    path = table(tmp_path, time=T, FE=signal(1), DE=signal(2))
    assert [taken(path, c) for c in (None, "2", "3", "FE")] == ["DE", "FE", "DE", "FE"]
    said = refused(path, "1")
    assert "no signal '1': time is time; --channel must name one of: FE (column 2), DE (col" in said


def test_a_number_that_is_one_columns_place_and_anothers_name_is_refused(tmp_path):
    path = table(tmp_path, time=T, ch_1=signal(1), ch_2=signal(2))
    assert "--channel 2 fits 2 signals: ch_1 (column 2), ch_2" in refused(path, "2")
    assert taken(path, "ch_2") == "ch_2"
    assert taken(path, "3") == "ch_2"


def test_time_in_the_last_column_and_in_a_matrix(tmp_path):
    assert taken(table(tmp_path, DE=signal(1), time=T)) == "DE"
    savemat(tmp_path / "a.mat", {"data": np.stack([T, signal(1)], axis=1)})
    recording = read_recording(tmp_path / "a.mat")
    assert (recording.channel, recording.sample_rate) == ("data[2]", 12_000)


def test_what_cannot_be_a_channel_is_told_apart_from_what_is_not_there(tmp_path):
    path = mat(tmp_path, ["vib"], flags=np.array([True, False] * 9), MODE=1.0)
    assert "no signal 'flags': there is flags (logical), which is no vector" in refused(
        path, "flags"
    )
    assert "no signal 'MODE': there is MODE" in refused(path, "MODE")
