"""National Instruments' TDMS."""

import logging
import struct
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import InputError
from hwgen.signals.formats.tdms import read

nptdms = pytest.importorskip("nptdms")

N = 400
X = np.random.default_rng(8).normal(size=N)


def write(path, *objects, segments=1):
    with nptdms.TdmsWriter(path) as writer:
        for _ in range(segments):
            writer.write_segment(list(objects))
    return path


def channel(name, values, group="g", **properties):
    return nptdms.ChannelObject(group, name, values, properties)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "i4", "u1", "i8"])
def test_numbers_of_every_type_over_segments(tmp_path, dtype):
    values = (X * 40 + 100).astype(dtype)
    path = write(tmp_path / "a.tdms", channel("DE", values), channel("FE", X), segments=3)
    contents = read(path)
    assert [(c.name, c.length, c.unit, c.rate) for c in contents.channels] == [
        ("DE", 3 * N, None, None),
        ("FE", 3 * N, None, None),
    ]
    np.testing.assert_array_equal(contents.channels[0].load(), np.tile(values, 3))
    np.testing.assert_array_equal(contents.channels[1].load(), np.tile(X, 3))


def test_waveforms_state_rate_and_unit(tmp_path):
    waves = [
        channel("DE", X, wf_increment=8.33333e-5, wf_xunit_string="s", unit_string="m/s^2"),
        channel("FE", X, wf_increment=0.05, wf_xunit_string="ms"),
        channel("order", X, wf_increment=0.05, wf_xunit_string="rev"),
        channel("none", X, wf_increment=0.0),
    ]
    found = read(write(tmp_path / "a.tdms", *waves)).channels
    assert [c.rate for c in found] == [12_000, 20_000, None, None]
    assert [c.unit for c in found] == ["m/s^2", None, None, None]


def test_groups_are_named_where_there_are_several(tmp_path):
    path = write(tmp_path / "a.tdms", channel("DE", X), channel("DE", -X, group="h"))
    found = read(path).channels
    assert [c.name for c in found] == ["g/DE", "h/DE"]
    np.testing.assert_array_equal(found[1].load(), -X)


def test_properties_of_the_file_state_a_rate(tmp_path):
    root = nptdms.RootObject({"SamplingRate": 25_600.0, "name": "bench"})
    rates = read(write(tmp_path / "a.tdms", root, channel("DE", X))).rates
    assert [(rate.hertz, rate.origin) for rate in rates] == [(25_600, "SamplingRate")]


def test_stamps_are_seconds_and_words_are_passed_over(tmp_path):
    stamps = np.datetime64("2024-05-01T23:59:59", "us") + np.arange(N) * np.timedelta64(100, "us")
    objects = [channel("when", stamps), channel("DE", X), channel("word", ["a", "b"])]
    contents = read(write(tmp_path / "a.tdms", *objects, channel("one", np.array([1.0]))))
    when, _ = contents.channels
    assert (when.name, when.unit, contents.passed_over) == ("when", "s", ("word", "one"))
    np.testing.assert_allclose(when.load(), np.arange(N) * 1e-4, rtol=0, atol=1.001e-6)  # whole us


def test_every_truncation_is_refused_and_nothing_is_logged(tmp_path, caplog, capfd):
    whole = write(tmp_path / "a.tdms", channel("DE", X), segments=2).read_bytes()
    for size in [*range(1, 200), *range(200, len(whole), 41)]:
        if size == len(whole) // 2:
            continue
        (tmp_path / "a.tdms").write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"a\.tdms"):
            read(tmp_path / "a.tdms")
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_more_samples_than_bytes_are_refused(tmp_path):
    path = write(tmp_path / "a.tdms", channel("DE", X))
    data = path.read_bytes()
    count = struct.pack("<Q", N)
    assert data.count(count) == 1
    path.write_bytes(data.replace(count, struct.pack("<Q", 2**40)))
    tracemalloc.start()
    with pytest.raises(InputError, match="3200 is not a multiple of the chunk size 8796093022208"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize("data", [b"TDSm", b"TDSm" + bytes(200), b"1.5\n" * 50, bytes(500)])
def test_other_content_is_refused(tmp_path, data):
    (tmp_path / "a.tdms").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.tdms"):
        read(tmp_path / "a.tdms")


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4),
    header=st.booleans(),
)
def test_corruption_gives_numbers_or_one_line(edits, header):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.tdms", channel("DE", X, wf_increment=1e-4), channel("FE", X))
        data = bytearray(path.read_bytes())
        for place, value in edits:
            data[int(place * (250 if header else len(data)))] = value
        path.write_bytes(data)
        try:
            for found in read(path).channels:
                assert found.load().shape == (found.length,)
        except InputError as error:
            line = str(error)
        else:
            line = f"{path.name} is read"
        assert "\n" not in line
        assert "a.tdms" in line
    assert not any(logging.getLogger("nptdms.reader").filters)
