"""`hwgen neuron`: a task's own neuron."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from hwgen.cli.options.reading import reading_from, reading_options
from hwgen.cli.options.values import SEED, SNR
from hwgen.cli.output import counting, say, table
from hwgen.network.neuron import MAX_ORDER, MAX_RANK


@click.group("neuron", short_help="Search for the neuron that suits a task.")
def command() -> None:
    """Search for the neuron that suits a task: powers of its inputs, and products of sums."""


@command.command("search")
@click.option(
    "--data",
    required=True,
    metavar="FILE|DIR|synthetic",
    help="A table (.csv, .tsv, .txt; .npz or .mat with X and y; .npy), or recordings as for "
    "`hwgen train`.",
)
@click.option("--task", type=click.Choice(["classify", "regress"]),
              help="What is to be done. Default: guessed from the target, and said.")  # fmt: skip
@click.option("--target", metavar="NAME",
              help="Column that is to be told. Default: the last one, or y.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Neuron's file to write.")
@click.option("--order", type=click.IntRange(1, MAX_ORDER), default=5, show_default=True,
              help="Highest order that is tried.")  # fmt: skip
@click.option("--rank", type=click.IntRange(1, MAX_RANK), default=8, show_default=True,
              help="Products of sums of each order while it searches.")  # fmt: skip
@click.option("--share-rank", is_flag=True,
              help="Write --rank into the file: the neurons of a layer share so many products. "
              "Default: each has one of its own.")  # fmt: skip
@click.option("--seeds", type=click.IntRange(1, 1000), default=5, show_default=True,
              help="Searches; the neuron that most of them find is taken.")  # fmt: skip
@click.option("--seed", type=SEED, default=0, show_default=True, help="Of the first search.")
@click.option("--epochs", type=click.IntRange(1, 100_000),
              help="Of the training with gates. Default: 100.")  # fmt: skip
@click.option("--snr", "snr_db", type=SNR, metavar="DB", help="Add noise to the recordings.")
@reading_options
@click.option("--json", "as_json", is_flag=True, help="Print the file's content, and nothing else.")
def search(data: str, output: Path | None, as_json: bool, **values: Any) -> None:
    """Find the orders of powers and products that a task needs, and print the formula.

    Each seed parts the rows anew; how many of the seeds find the same formula is said. A fifth of a
    table, and the test part of recordings, is not seen by any search: it compares the formula with
    a linear and a quadratic neuron.
    """
    from hwgen.flow.neuron import SearchOptions, search_neuron

    reading = reading_from(values)
    with counting("searching") as progress:
        value, _ = search_neuron(
            data, output, SearchOptions(**values), say=(lambda _: None) if as_json else say,
            progress=progress, reading=reading,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(value))
        return
    _tell(value)
    if output is not None:
        say(f"neuron: {output}")


def _tell(value: dict[str, Any]) -> None:
    about = value["search"]
    say("")
    say(f"formula: {value['formula']}")
    say(f"powers: {_listed(value['powers'])}; products of sums: {_listed(value['products'])}")
    say(f"found by {about['times']} of {about['of']} seeds in {about['seconds']:.0f} s")
    if about["terms"]:
        say(f"largest terms: {', '.join(about['terms'])}")
    say("")
    rows = [
        (name, f"{each['loss']:.4g}", *([f"{each['f1']:.4f}"] if about["classes"] else []),
         f"{each['parameters']:,}")
        for name, each in about["scores"].items()
    ]  # fmt: skip
    loss = "cross-entropy" if about["classes"] else "squared error"
    head = ("neuron", loss, *(["macro F1"] if about["classes"] else []), "parameters")
    table(head, rows, right=range(1, len(head)))
    say(f"on {about['held_rows']:,} rows that no search saw")
    scores = about["scores"]
    if "linear" in scores and scores["found"]["loss"] > scores["linear"]["loss"]:
        say("WARNING: on these rows a linear neuron is better; more --seeds or rows may tell")


def _listed(orders: list[int]) -> str:
    return ", ".join(map(str, orders)) or "none"
