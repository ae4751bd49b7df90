"""`hwgen compress`: a network's file, smaller."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hwgen.cli.options.places import CHECKPOINT
from hwgen.cli.options.values import Finite
from hwgen.cli.output import counting, say, table
from hwgen.coding import codes


@click.command("compress", short_help="Write CHECKPOINT with its weights in fewer bits; no data.")
@CHECKPOINT
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="Compressed network to write.")  # fmt: skip
@click.option("--method", type=click.Choice(["auto", *codes.names()]), default="auto",
              show_default=True, help="Code of the weights; auto: for each layer what is smallest."
              )  # fmt: skip
@click.option("--bits", type=Finite(min=0.1, max=32), metavar="N",
              help="Most bits a weight, tables and scales apart; the nearest there is with them."
              )  # fmt: skip
@click.option("--error", type=Finite(min=0, max=1), metavar="E",
              help="Most RMS error of a layer, relative to the RMS of its weights; the fewest bits "
              "with it. Default: 0.1.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object, and nothing else.")
def command(
    checkpoint: Path,
    output: Path,
    method: str,
    bits: float | None,
    error: float | None,
    as_json: bool,
) -> None:
    """Write CHECKPOINT with its matrices of weights coded, without data and without training.

    CHECKPOINT is any network that hwgen reads, or the state_dict of any torch module: tensors whose
    names hold "weight" and that have two dimensions or more are coded, all else travels as it is.
    `hwgen decompress` gives it back, with weights near to those that they were; every command that
    takes a checkpoint takes the compressed one too.
    """
    from hwgen.flow.compress import Outcome, Wanted, compress

    def tell(outcome: Outcome) -> None:
        rows = [
            (each.name, " x ".join(map(str, each.shape)), each.code or "as it is",
             f"{each.bits / each.weights:.2f}", f"{each.error:.4f}")
            for each in outcome.layers
        ]  # fmt: skip
        table(("tensor", "shape", "code", "bits", "error"), rows, right=(3, 4))
        ratio = outcome.before / outcome.after
        say(f"{outcome.before:,} bytes to {outcome.after:,} ({ratio:.2f}x) in "
            f"{outcome.seconds:.1f} s")  # fmt: skip
        say(f"{outcome.bits_a_weight:.2f} bits a coded weight, all of the file but the tensors "
            "that are as they were")  # fmt: skip
        say(f"relative RMS error of all weights: {outcome.error:.4f}")
        say(f"compressed: {output}")

    wanted = Wanted(method, bits, error)
    with counting("compressing") as progress:
        outcome = compress(checkpoint, output, wanted, progress)
    if as_json:
        click.echo(json.dumps({"method": method, "file": str(output), **outcome.to_json()}))
    else:
        tell(outcome)
