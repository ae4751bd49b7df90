"""Rows of a table in the place of windows: for networks of numbers that mean something each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import signals, zoo
from hwgen.errors import InputError, UsageError
from hwgen.flow import idle
from hwgen.flow.stage import Say
from hwgen.names import escaped
from hwgen.signals.healthy import healthy_classes
from hwgen.signals.rows import (
    Columns,
    Rows,
    Words,
    check_names,
    dataset,
    recording,
    unlabelled,
)
from hwgen.signals.table_files import (
    ARRAYS,
    MOST_CLASSES,
    TEXTS,
    Cells,
    check_finite,
    check_length,
    class_names,
    has_classes,
    read_cells,
)
from hwgen.signals.units import SCORES

FEWEST, MOST = 30, 100_000
"""Rows of a table to train on: a recording each, for most of a training's time and memory."""
_BINARY = {"0": "normal", "1": "anomaly"}
"""As tables of anomalies have their classes."""


def is_table(data: str | Path | None) -> bool:
    """Return whether data are a table's file; a folder holds recordings."""
    path = Path(data) if data is not None else Path()
    return path.suffix.lower() in (*TEXTS, *ARRAYS) and path.is_file()


def refuse_reading(options: Any, *names: str) -> None:
    """Refuse options on signals, which rows are not; `UsageError` names the first given one."""
    every = ("channel", "channels", "sample_rate", "unit", "offset", "class_from", *names)
    for option in idle.given(options, *every):
        raise UsageError(
            f"{option} must come with recordings; rows of a table are no signals: leave it out"
        )


def read_training(
    path: Path, target: str | None, healthy: Sequence[str], say: Say, *, sound: bool = False
) -> tuple[signals.Dataset, Columns]:
    """Return a table's rows, as standard scores of the healthy ones that train, and its columns.

    Parameters
    ----------
    target
        Column with the classes; None: the last one, or ``y``, where it has few different values.
    healthy
        Classes that are healthy; empty: those that are called so, and 0 of 0 and 1.
    say
        Told what is taken for what.
    sound
        Whether all rows are healthy, whatever their class.

    Raises
    ------
    InputError
        If it is no usable table.
    UsageError
        If there is no such column.
    """
    cells = read_cells(path, target)
    if target is None and cells.y is not None and not has_classes(cells.y):
        say(
            f"no column of {escaped(cells.name)} is taken for classes: all rows are of one, and "
            f"{escaped(cells.target)} is a number like the others (--target names one)"
        )
        cells = unlabelled(cells)
    check_names(cells)
    check_finite(escaped(cells.name), cells.x, cells.inputs)
    _check_rows(cells)
    classes = _classes(cells, cells.y, healthy, say)
    order = _order(len(cells.x))
    known = () if sound else healthy_classes(tuple(sorted(set(classes))), healthy)
    trained = order[np.isin(classes, known)[order]] if known else order
    trained = trained[: len(trained) * 2 // 3]
    columns = Columns.of(cells.inputs, None if cells.y is None else cells.target, cells.x[trained])
    say(f"{escaped(cells.name)}: {len(cells.x):,} rows of {len(cells.inputs)} columns, each column "
        f"as its standard score in the {len(trained):,} healthy ones that train")  # fmt: skip
    return dataset(str(path), columns.scores(cells.x), classes, order), columns


def read_more(path: Path, columns: Columns, healthy: Sequence[str], say: Say) -> signals.Dataset:
    """Return the rows of another table, with the columns and scores of one that was trained on.

    Raises
    ------
    InputError
        If it is no table, or has other columns.
    """
    cells, x, y = _others(path, columns)
    classes = _classes(cells, y, healthy, say)
    return dataset(str(path), columns.scores(x), classes, _order(len(x)))


def read_faulty(path: Path, columns: Columns, say: Say) -> signals.Dataset:
    """Return the rows of a table of faults; raises as `read_more`.

    Where it has no classes, all are of one called ``faulty``.
    """
    cells, x, y = _others(path, columns)
    classes = ["faulty"] * len(x) if y is None else _classes(cells, y, (), say)
    return dataset(str(path), columns.scores(x), classes, _order(len(x)))


def shape_of(columns: Columns, network: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a network of rows.

    Raises
    ------
    UsageError
        If the network takes signals alone, or another window is asked for.
    """
    takers = zoo.with_size("features", "anomaly")
    if network not in takers:
        raise UsageError(f"--network of a table must be one of {', '.join(takers)}, not {network}")
    count = len(columns.names)
    if shape.get("window", count) != count:
        raise UsageError(
            f"--window must be left out, or {count}, for rows of {count} columns, not "
            f"{shape['window']}"
        )
    if shape.get("features", "values") != "values":
        raise UsageError("--features must be values for rows of a table, which have no spectrum")
    return {**shape, "window": count, "features": "values"}


def read_as_one(path: Path, columns: Columns) -> signals.Recording:
    """Return the rows of a table, row behind row in the table's order; raises as `read_more`."""
    _, x, _ = _others(path, columns)
    return recording(path.name, columns.scores(x))


def read_as(columns: Columns) -> signals.ReadAs:
    """Return as what rows were read."""
    return signals.ReadAs(samples=SCORES, columns=columns)


def _others(path: Path, columns: Columns) -> tuple[Cells, Rows, Words | None]:
    cells = read_cells(path)
    if columns.target in cells.inputs and columns.target not in columns.names:
        cells = read_cells(path, columns.target)
    x, y = columns.taken(cells)
    check_finite(escaped(cells.name), x, columns.names)
    return cells, x, y


def _check_rows(cells: Cells) -> None:
    count = len(cells.x)
    if not FEWEST <= count <= MOST:
        raise InputError(
            f"{escaped(cells.name)} must have {FEWEST} to {MOST:,} rows, not {count:,}; "
            f"{'add' if count < FEWEST else 'leave out'} rows"
        )


def _classes(cells: Cells, y: Words | None, healthy: Sequence[str], say: Say) -> list[str]:
    """Return the class of each row."""
    if y is None:
        return ["normal"] * len(cells.x)
    name = escaped(cells.name)
    check_length(name, cells.x, y)
    words = [escaped(each) for each in class_names(name, y, cells.target)]
    different = sorted(set(words))
    if len(different) > MOST_CLASSES:
        raise InputError(
            f"{name}: column {escaped(cells.target)} must have at most {MOST_CLASSES} classes, not "
            f"{len(different)}; --target names another column"
        )
    if not healthy and set(different) <= set(_BINARY):
        say(f"rows whose {escaped(cells.target)} is 0 are taken for normal, 1 for an anomaly "
            "(--healthy 1 says otherwise)")  # fmt: skip
        return [_BINARY[word] for word in words]
    return words


def _order(count: int) -> np.ndarray:
    """Return the order in which rows come, the same each time: tables are often sorted."""
    return np.random.default_rng(0).permutation(count)
