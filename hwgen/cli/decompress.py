"""`hwgen decompress`: a compressed network as a checkpoint again."""

from __future__ import annotations

from pathlib import Path

import click

from hwgen.cli.output import say


@click.command("decompress", short_help="Write what `hwgen compress` made smaller.")
@click.argument("compressed", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="Checkpoint to write (.pt).")  # fmt: skip
def command(compressed: Path, output: Path) -> None:
    """Write the network of COMPRESSED as torch.save does: the state_dict, and what was beside it.

    The module that it came from loads it; hwgen's commands take it, and take COMPRESSED as well.
    """
    from hwgen.flow.compress import decompress

    tensors, weights = decompress(compressed, output)
    say(f"checkpoint: {output} ({tensors} tensors, {weights:,} weights were coded)")
