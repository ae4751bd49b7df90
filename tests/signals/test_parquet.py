"""Parquet tables."""

import os
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import InputError
from hwgen.signals.formats.parquet import read

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

N = 1000
X = np.random.default_rng(7).normal(size=N)


def write(path, columns, facts=None, **options):
    pq.write_table(pa.table(columns).replace_schema_metadata(facts), path, **options)
    return path


@pytest.mark.parametrize(
    "values",
    [
        X,
        X.astype(np.float32),
        X.astype(np.float16),
        (X * 1000).astype(np.int16),
        np.arange(N, dtype=np.uint64) % 7,
        pa.array([int(100 * v) for v in X], pa.int64()).cast(pa.decimal128(21, 2)),
    ],
)
def test_numbers_of_every_type(tmp_path, values):
    path = write(tmp_path / "a.parquet", {"DE": values}, row_group_size=300)
    (channel,) = read(path).channels
    assert (channel.name, channel.length, channel.unit) == ("DE", N, None)
    np.testing.assert_array_equal(channel.load(), np.asarray(values).astype(np.float64))


def test_pandas_frames_with_their_index(tmp_path):
    frame = pd.DataFrame({"acc.x (m/s²)": X, "y": -X}, index=np.arange(N) * 3 % 1009)
    frame.to_parquet(tmp_path / "a.parquet")
    contents = read(tmp_path / "a.parquet")
    assert [channel.name for channel in contents.channels] == ["acc.x (m/s²)", "y"]
    assert [channel.unit for channel in contents.channels] == ["m/s²", None]
    assert contents.passed_over == ("__index_level_0__",)
    np.testing.assert_array_equal(contents.channels[0].load(), X)
    np.testing.assert_array_equal(contents.channels[1].load(), -X)


@pytest.mark.parametrize(
    "of",
    [
        pa.timestamp("us"),
        pa.timestamp("ns", tz="UTC"),
        pa.duration("us"),
        pa.time64("us"),
    ],
)
def test_times_are_seconds_since_the_first(tmp_path, of):
    ticks = np.arange(N) * 100 * (1000 if of.unit == "ns" else 1) + 1_700_000_000
    column = pa.array(ticks, pa.int64()).cast(of)
    path = write(tmp_path / "a.parquet", {"when": column, "DE": X}, row_group_size=300)
    when, _ = read(path).channels
    assert (when.name, when.unit) == ("when", "s")
    np.testing.assert_allclose(when.load(), np.arange(N) * 1e-4, rtol=0, atol=1e-12)


def test_facts_of_the_file_state_rate_and_unit(tmp_path):
    field = pa.field("DE", pa.float64(), metadata={"unit": "m/s^2"})
    schema = pa.schema([field], metadata={"Sampling rate (kHz)": "25.6", "speed": "1797"})
    pq.write_table(pa.table({"DE": X}, schema=schema), tmp_path / "a.parquet")
    contents = read(tmp_path / "a.parquet")
    assert contents.channels[0].unit == "m/s^2"
    assert [(rate.hertz, rate.origin) for rate in contents.rates] == [
        (25_600, "Sampling rate (kHz)")
    ]


def test_other_columns_are_passed_over_by_name(tmp_path):
    columns = {"DE": X, "word": ["a"] * N, "flag": X > 0, "list": [[1.0, 2.0]] * N}
    contents = read(write(tmp_path / "a.parquet", columns))
    assert [channel.name for channel in contents.channels] == ["DE"]
    assert contents.passed_over == ("word", "flag", "list")


def test_one_row_is_no_channel(tmp_path):
    contents = read(write(tmp_path / "a.parquet", {"DE": [1.0]}))
    assert (contents.channels, contents.passed_over) == ((), ("DE",))


@pytest.mark.parametrize("bad", [None, np.nan, np.inf])
def test_missing_and_infinite_samples_are_refused(tmp_path, bad):
    values = [*X[:700], bad, *X[701:]]
    path = write(tmp_path / "a.parquet", {"DE": values}, row_group_size=300)
    (channel,) = read(path).channels
    with pytest.raises(InputError, match="finite samples, but sample 700 of column 'DE'"):
        channel.load()


def test_more_rows_than_fit_are_refused_unread(tmp_path, monkeypatch):
    """Equal values take no room: a file of 5 KB can hold a million of them."""
    path = write(tmp_path / "a.parquet", {"DE": np.zeros(10**6)})
    assert path.stat().st_size < 10**4
    monkeypatch.setattr("hwgen.signals.formats.parquet._MOST_ROWS", 10**6 - 1)
    tracemalloc.start()
    with pytest.raises(InputError, match="1000000 rows; at most 999999 are read"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


def test_columns_that_unpack_to_more_than_fits_are_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "a.parquet", {"DE": X})
    monkeypatch.setattr("hwgen.signals.formats.parquet._MOST_INFLATED", 1000)
    with pytest.raises(InputError, match="a group of rows unpacks to"):
        read(path)


def test_a_long_column_takes_the_memory_of_its_numbers(tmp_path):
    path = write(tmp_path / "a.parquet", {"a": np.arange(10**6) % 977 / 8, "b": np.zeros(10**6)})
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    values = read(path).channels[0].load()
    assert tracemalloc.get_traced_memory()[1] < 24 * 2**20
    tracemalloc.stop()
    assert pa.total_allocated_bytes() - before < 2**20
    np.testing.assert_array_equal(values, np.arange(10**6) % 977 / 8)


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"1.5\n" * 50])
def test_other_content_is_refused_in_one_line(tmp_path, data):
    (tmp_path / "a.parquet").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.parquet is not a usable Parquet file"):
        read(tmp_path / "a.parquet")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    keep=st.floats(0.5, 1) | st.just(1.0),
    compression=st.sampled_from(["none", "snappy", "zstd"]),
)
def test_corruption_gives_finite_numbers_or_one_line(edits, keep, compression):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "a.parquet", {"DE": X, "FE": -X}, compression=compression)
        data = bytearray(path.read_bytes())
        del data[int(len(data) * keep) :]
        for place, value in edits:
            data[int(place * len(data))] = value
        path.write_bytes(data)
        try:
            for channel in read(path).channels:
                values = channel.load()
                assert values.shape == (channel.length,)
                assert np.isfinite(values).all()
        except InputError as error:
            line = str(error)
        else:
            line = f"{path.name} is read"
        assert "\n" not in line
        assert "a.parquet" in line


def test_truncations_are_refused(tmp_path):
    path = write(tmp_path / "a.parquet", {"DE": X})
    whole = path.read_bytes()
    for size in range(1, len(whole), 97):
        os.truncate(path, 0)
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"a\.parquet"):
            read(path)


def test_a_column_described_wrongly_does_not_end_the_program(tmp_path):
    """pyarrow's description of a column throws past Python where the schema contradicts it."""
    path = write(tmp_path / "a.parquet", {"DE": X, "word": ["a"] * N})
    data = path.read_bytes()
    assert data.count(b"%\x02\x18\x02DE") == 1
    path.write_bytes(data.replace(b"%\x02\x18\x02DE", b"%\x00\x18\x02DE"))  # nothing may be missing
    with pytest.raises(InputError, match=r"a\.parquet is not a usable Parquet file"):
        [channel.load() for channel in read(path).channels]
