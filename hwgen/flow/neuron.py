"""Data to a task-driven neuron's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen import files, lock, signals
from hwgen.errors import CannotMeetError, UsageError
from hwgen.flow import idle
from hwgen.flow.stage import Say
from hwgen.flow.train import recordings_of

if TYPE_CHECKING:
    from hwgen.neurons.search import Outcome
    from hwgen.neurons.table import Table


@dataclass(frozen=True)
class SearchOptions:
    """What is searched for, in what, and for how long.

    Parameters
    ----------
    task
        ``"classify"`` or ``"regress"``; None: guessed.
    target
        Name of the column that is to be told; None: the last one.
    order, rank
        Highest order; products of sums of each order.
    share_rank
        Whether the neurons of a layer are to share the products (the CP form).
    seeds, seed
        How many searches; the first one's.
    epochs
        Of the training with gates; None: as usual.
    snr_db
        Of recordings.
    """

    task: Any = None
    target: str | None = None
    order: int = 5
    rank: int = 8
    share_rank: bool = False
    seeds: int = 5
    seed: int = 0
    epochs: int | None = None
    snr_db: float | None = None


def search_neuron(
    data: str,
    output: Path | None,
    options: SearchOptions = SearchOptions(),
    *,
    say: Say,
    progress: Callable[[int, int], None] = lambda done, total: None,
    reading: signals.Reading = signals.Reading(),  # noqa: B008 -- frozen
) -> tuple[dict[str, Any], Outcome]:
    """Search, write the neuron's file if one is named, and return its content.

    Parameters
    ----------
    data
        A table's file, a folder of recordings, or ``"synthetic"``.
    output
        Written whole at the end, or not at all.

    Raises
    ------
    InputError
        If the data cannot be used.
    UsageError
        If an option does not fit them.
    CannotMeetError
        If most seeds have found nothing: no file is written.
    """
    from hwgen.neurons.one import Asked
    from hwgen.neurons.search import search, with_rank

    path = Path(data)
    if output is not None:
        files.check_writable(output, read=[path] if path.is_file() else [])
    table, test = _tables(data, options, reading, say)
    asked = Asked(options.order, options.rank)
    if options.epochs is not None:
        asked = Asked(options.order, options.rank, options.epochs)
    found = search(table, asked, seed=options.seed, seeds=options.seeds, test=test, say=say,
                   progress=progress)  # fmt: skip
    if found.neuron is None:
        raise CannotMeetError(
            f"nothing found: for {found.times} of {len(found.found)} seeds no neuron up to order "
            f"{options.order} is better on held-out rows than a constant; no file is written; "
            "give more rows, or other columns"
        )
    neuron = with_rank(found.neuron, options.rank if options.share_rank else None)
    search_of = {
        "data": table.name, "digest": table.digest, "task": table.task, "target": table.target,
        "inputs": len(table.inputs), "classes": list(table.classes), "order": options.order,
        "rank": options.rank, "epochs": asked.epochs, "seed": options.seed,
        "snr_db": options.snr_db, **found.to_json(),
    }  # fmt: skip
    value = {**neuron.to_json(), "search": search_of}
    if output is not None:
        with lock.output(output):
            files.write_json(output, value)
    return value, found


def _tables(
    data: str, options: SearchOptions, reading: signals.Reading, say: Say
) -> tuple[Table, Table | None]:
    """Return the rows to search, and those that score where they are others."""
    from hwgen.neurons.table_files import read_table

    test: Table | None = None
    if data != "synthetic" and not Path(data).is_dir():
        for line in idle.of_reading(reading, "sample_rate", "channels"):
            say(line)
        if options.snr_db is not None:
            say("a table has no signal, so --snr does nothing")
        table, said = read_table(Path(data), target=options.target, task=options.task)
    else:
        table, test, said = _recordings(data, options, reading, say)
    for line in said:
        say(line)
    kind = f"{len(table.classes)} classes" if table.classes else "values"
    say(f"{table.name}: {len(table.x):,} rows of {len(table.inputs)} inputs, {kind}")
    return table, test


def _recordings(
    data: str, options: SearchOptions, reading: signals.Reading, say: Say
) -> tuple[Table, Table, tuple[str, ...]]:
    from hwgen.neurons.bands import WINDOW, tables

    for given, option, why in (
        (options.task == "regress", "--task regress", "recordings have classes"),
        (options.target is not None, "--target", "the class of a recording is its target"),
    ):
        if given:
            raise UsageError(f"{option} needs a table: {why}; name a .csv, .npz or .mat file")
    dataset, _ = recordings_of(data, reading, options.seed, None, WINDOW, say)
    return tables(dataset, options.snr_db, options.seed)
