"""`hwgen predict`: a recording through the golden model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hwgen.cli.options.places import BUILD
from hwgen.cli.options.reading import reading_from, reading_options
from hwgen.cli.output import say, table


@click.command("predict", short_help="Diagnose a recording as BUILD's hardware would.")
@BUILD
@click.argument("file", type=click.Path(path_type=Path))
@reading_options
@click.option("--hop", type=click.IntRange(1), metavar="N",
              help="Samples from one window to the next. Default: a window.")  # fmt: skip
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE.npz",
              help="Also write every window's outputs (logits, others) to FILE.npz.")  # fmt: skip
def command(build: Path, file: Path, hop: int | None, save: Path | None, **values: Any) -> None:
    """Diagnose a recording with the golden model of BUILD: what the hardware answers, to the bit.

    A row per window: when it begins, its class, the margin between the two largest logits, and
    what is wrong with it, if anything is: stuck, clipped, dropout, far (level outside of what
    calibration saw), unknown (margin below the board's threshold). Such a window's class stands
    in brackets and counts for nothing.
    """
    from hwgen.flow.predict import predict

    rows, summary = predict(build, file, reading=reading_from(values), hop=hop, save=save, say=say)
    timed = rows[0].seconds is not None
    classes = any(row.name for row in rows)
    table(
        ("time s" if timed else "sample", *(("class", "margin") if classes else ()), "remark"),
        [
            (
                str(row.start) if row.seconds is None else f"{row.seconds:.3f}",
                *(_class(row.name, row.margin, row.remark) if classes else ()),
                row.remark,
            )
            for row in rows
        ],
        right=(0, 2) if classes else (0,),
    )
    say(summary)


def _class(name: str, margin: float, remark: str) -> tuple[str, str]:
    return f"({name})" if remark else name, f"{margin:.3f}"
