"""Parquet tables: columns of numbers and times, by pyarrow (extra ``parquet``)."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.formats._contents import Channel, Contents
from hwgen.signals.formats._extra import needed, sound
from hwgen.signals.formats._stated import stated_rates, stated_unit, unit_of_title

ENDINGS = (".parquet", ".pq")

_MOST_ROWS = 1 << 27
"""A column of them is 1 GiB; equal values take no room in the file, so its size says nothing."""
_MOST_INFLATED = 1 << 32
"""Bytes of a group of rows, unpacked, as the file announces them."""
_PIECE = 1 << 16
_INDEX = re.compile(r"__index_level_\d+__|unnamed: \d+|index|idx", re.IGNORECASE)


def read(path: Path) -> Contents:
    """Return the columns of numbers; stamps of time become seconds since the first.

    Raises
    ------
    InputError
        It is no sound Parquet file, or announces more rows than fit.
    ToolError
        pyarrow is not installed.
    """
    parquet = needed("pyarrow.parquet", path, "parquet")
    with sound(path, "Parquet"), parquet.ParquetFile(path, page_checksum_verification=True) as file:
        rows, schema = file.metadata.num_rows, file.schema_arrow
        _check_size(path, file.metadata)
    channels, passed_over, notices = [], [], []
    facts = {_text(key): _text(value) for key, value in (schema.metadata or {}).items()}
    for number, field in enumerate(schema, 1):
        unit = _time_unit(field.type)
        if rows < 2 or not (unit or _is_number(field.type)):
            passed_over.append(field.name)
        elif _INDEX.fullmatch(field.name) and not unit:
            passed_over.append(field.name)
            notices.append(f"column {field.name!r} numbers the rows; it is not read as time")
        else:
            said = unit or _said_unit(field) or stated_unit(facts)
            load = partial(_numbers, path, field.name, rows)
            channels.append(Channel(field.name, rows, load, said, number=number))
    return Contents(tuple(channels), stated_rates(facts), tuple(passed_over), tuple(notices))


def _check_size(path: Path, metadata: Any) -> None:
    """Refuse what would not fit into memory, before any of it is unpacked."""
    if not 0 <= metadata.num_rows <= _MOST_ROWS:
        raise InputError(f"{path} has {metadata.num_rows} rows; at most {_MOST_ROWS} are read")
    # Not by column: the description of a damaged column ends the program inside pyarrow.
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        if not 0 <= group.total_byte_size <= _MOST_INFLATED:
            raise InputError(
                f"{path}: a group of rows unpacks to {group.total_byte_size} bytes; "
                f"at most {_MOST_INFLATED} are read"
            )


def _is_number(of: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_decimal(of)


def _time_unit(of: Any) -> str | None:
    """Return ``"s"`` for a type that is a time, which `_numbers` turns into seconds."""
    import pyarrow as pa

    timed = pa.types.is_timestamp(of) or pa.types.is_duration(of) or pa.types.is_time(of)
    return "s" if timed else None


def _said_unit(field: Any) -> str | None:
    facts = {_text(key): _text(value) for key, value in (field.metadata or {}).items()}
    return stated_unit(facts) or unit_of_title(field.name)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _numbers(path: Path, name: str, rows: int) -> np.ndarray:
    """Return (rows,) float64 of a column, piece by piece."""
    from pyarrow import parquet

    found, start = np.empty(rows), 0
    with sound(path, "Parquet"), parquet.ParquetFile(path, page_checksum_verification=True) as file:
        first: int | None = None
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(_PIECE, [group], columns=[name], use_threads=False):
                values, first = _seconds_or_values(batch.column(0), first)
                found[start : start + len(values)] = values
                start += len(values)
    if start != rows:
        raise InputError(f"{path} is truncated: {rows} rows announced, {start} present")
    if not np.isfinite(found).all():
        row = int(np.argmin(np.isfinite(found)))
        raise InputError(
            f"{path} must hold finite samples, but sample {row} of column {name!r} is "
            f"{found[row]} or missing; cut the recording there, or leave the column out"
        )
    return found


def _seconds_or_values(array: Any, first: int | None) -> tuple[np.ndarray, int | None]:
    """Return a piece as float64, times in seconds since `first`, and what is first."""
    import pyarrow as pa

    if _time_unit(array.type) is None:
        return array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), None
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[array.type.unit]
    wide = array.cast(pa.int32()) if array.type.bit_width == 32 else array
    ticks = wide.cast(pa.int64())
    if first is None:
        first = ticks[0].as_py() or 0
    return pa.compute.subtract(ticks, first).cast(pa.float64(), safe=False).to_numpy(
        zero_copy_only=False
    ) / per_second, first
