"""Universal files."""

import gc
import tempfile
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import InputError
from hwgen.signals.formats.uff import read

pyuff = pytest.importorskip("pyuff")

N = 301
X = np.random.default_rng(9).normal(size=N).astype(np.float32).astype(np.float64)
STEP = 1 / 12_000


def record(values=X, **fields):
    """A data set 58 of samples over time."""
    usual = {
        **{
            "func_type": 1,
            "rsp_node": 3,
            "rsp_dir": 2,
            "ref_node": 0,
            "ref_dir": 0,
            "id1": "Acc DE",
        },
        **{"abscissa_spacing": 1, "abscissa_min": 0.0, "abscissa_inc": STEP, "binary": 0},
        **{"abscissa_spec_data_type": 17, "ordinate_spec_data_type": 12},
        **{"abscissa_axis_units_lab": "s", "ordinate_axis_units_lab": "m/s^2"},
        **{"rsp_ent_name": "NONE", "ref_ent_name": "NONE", "orddenom_spec_data_type": 0},
        **{"x": np.arange(len(values)) * STEP, "data": values},
    }
    return pyuff.prepare_58(**{**usual, **fields})


def write(path, *sets):
    with warnings.catch_warnings():  # pyuff leaves a file open, to be closed by the collector
        warnings.simplefilter("ignore", ResourceWarning)
        path.unlink(missing_ok=True)
        for one in sets:
            pyuff.UFF(str(path)).write_sets(one, "add")
        gc.collect()
    return path


@pytest.mark.parametrize("binary", [0, 1])
def test_even_steps_state_the_rate(tmp_path, binary):
    (channel,) = read(write(tmp_path / "a.uff", record(binary=binary))).channels
    assert (channel.name, channel.length, channel.unit) == ("Acc DE", N, "m/s^2")
    assert channel.rate == 12_000
    np.testing.assert_allclose(channel.load(), X, rtol=1e-11)


@pytest.mark.parametrize("binary", [0, 1])
def test_times_of_their_own_are_a_channel(tmp_path, binary):
    times, samples = read(
        write(tmp_path / "a.unv", record(binary=binary, abscissa_spacing=0))
    ).channels
    assert (times.name, times.unit, samples.name, samples.rate) == (
        *("Acc DE time", "s", "Acc DE", None),
    )
    np.testing.assert_allclose(times.load(), np.arange(N) * STEP, rtol=1e-5)
    np.testing.assert_allclose(samples.load(), X, rtol=1e-11)


def test_steps_in_milliseconds(tmp_path):
    path = write(tmp_path / "a.uff", record(abscissa_axis_units_lab="ms", x=np.arange(N) * 0.05))
    assert read(path).channels[0].rate == 20_000


def test_several_records_and_what_is_none(tmp_path):
    spectrum = record(X + 1j * X, func_type=4, abscissa_spec_data_type=18)
    header = pyuff.prepare_151(model_name="pump", description="", db_app="", program="hwgen")
    records = [header, record(), record(-X), record(2 * X, id1="NONE"), spectrum]
    contents = read(write(tmp_path / "a.uff", *records))
    assert [channel.name for channel in contents.channels] == ["Acc DE 3:2", "set 3", "3:2"]
    assert contents.passed_over == ("set 1 (type 151)", "set 5 (type 58)")
    np.testing.assert_allclose(contents.channels[1].load(), -X, rtol=1e-11)
    np.testing.assert_allclose(contents.channels[2].load(), 2 * X, rtol=1e-11)


def test_every_truncation_is_refused(tmp_path):
    whole = write(tmp_path / "a.uff", record(), record(-X)).read_bytes().rstrip()
    for size in range(1, len(whole), 89):
        (tmp_path / "a.uff").write_bytes(whole[:size])
        with pytest.raises(InputError, match="truncated: it does not end in a line -1"):
            read(tmp_path / "a.uff")


@pytest.mark.parametrize("binary", [0, 1])
def test_a_hole_in_the_middle_is_refused(tmp_path, binary):
    data = write(tmp_path / "a.uff", record(binary=binary)).read_bytes()
    (tmp_path / "a.uff").write_bytes(data[: len(data) // 2] + data[len(data) // 2 + 160 :])
    (channel,) = read(tmp_path / "a.uff").channels
    with pytest.raises(InputError, match=r"announces 301 samples and has 2\d\d; copy it again"):
        channel.load()


def test_more_than_pyuff_can_hold_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "a.uff", record())
    monkeypatch.setattr("hwgen.signals.formats.uff._MAX_BYTES", 1000)
    with pytest.raises(InputError, match="universal files are read up to 1000"):
        read(path)


@pytest.mark.parametrize(
    "data", [b"", b"1.5\n" * 50, bytes(500), b"    -1\n    58\n    -1\n", b"    -1\n" * 300]
)
def test_other_content_gives_no_channel(tmp_path, data):
    (tmp_path / "a.uff").write_bytes(data)
    try:
        assert read(tmp_path / "a.uff").channels == ()
    except InputError as error:
        line = str(error)
        assert "a.uff" in line


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4),
    header=st.booleans(),
    binary=st.sampled_from([0, 1]),
    spacing=st.sampled_from([0, 1]),
)
def test_corruption_gives_numbers_or_one_line(edits, header, binary, spacing):
    data = bytearray(sound(binary, spacing))
    for place, value in edits:
        data[int(place * (1000 if header else len(data)))] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.uff"
        path.write_bytes(data)
        try:
            for channel in read(path).channels:
                assert channel.load().shape == (channel.length,)
        except InputError as error:
            line = str(error)
        else:
            line = f"{path.name} is read"
        assert "\n" not in line
        assert "a.uff" in line


@cache
def sound(binary, spacing):
    """The bytes of a sound file."""
    with tempfile.TemporaryDirectory() as folder:
        one = record(binary=binary, abscissa_spacing=spacing)
        return write(Path(folder) / "a.uff", one).read_bytes()
