"""Options of `hwgen train --task anomaly`, and what it prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from hwgen.cli.options.alarm import HEALTHY
from hwgen.cli.output import say, table
from hwgen.errors import UsageError

_FOLDER: Any = click.Path(path_type=Path)


def anomaly_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option("--faulty", type=_FOLDER, metavar="DIR",
                 help="Of --task anomaly: recordings of faults, which are tested with and never "
                 "trained on; all of --data is then healthy."),
    HEALTHY,
    click.option("--target", metavar="COLUMN",
                 help="Of --task anomaly, for a table: the column that has the classes. Default: "
                 "the last one, or y."),
    click.option("--run-to-failure", type=_FOLDER, metavar="DIR",
                 help="Of --task anomaly: recordings of one machine until it failed, in the order "
                 "of their names, to tell when it is noticed."),
    click.option("--false-alarms", type=float, metavar="SHARE",
                 help="Of --task anomaly: share of held-out healthy windows above the threshold. "
                 "Default: 0.01."),
    click.option("--contamination", type=float, metavar="SHARE",
                 help="Of --task anomaly: instead, share of the windows that it is trained on."),
    click.option("--features", type=click.Choice(["spectrum", "values"]),
                 help="Of ae, qae, hae-x, hae-y, hae-i: what they make again. Default: the "
                 "spectrum of windows of 32 samples or more."),
    click.option("--code", type=int,
                 help="Numbers in the middle of an autoencoder of dense layers. Default: a quarter "
                 "of the features; of mlp-ae a sixteenth of the window."),
)  # fmt: skip


@dataclass(frozen=True)
class AnomalyOptions:
    """Options that no network has."""

    faulty: Path | None = None
    healthy: tuple[str, ...] | None = None
    target: str | None = None
    run_to_failure: Path | None = None
    false_alarms: float | None = None
    contamination: float | None = None

    @classmethod
    def taken(cls, values: dict[str, Any]) -> AnomalyOptions:
        """Return them, taken out of all values."""
        return cls(**{field.name: values.pop(field.name) for field in fields(cls)})

    def refuse(self) -> None:
        """Refuse them for another task; `UsageError`."""
        for field in fields(self):
            if getattr(self, field.name) is not None:
                raise UsageError(f"--{field.name.replace('_', '-')} must come with --task anomaly")


def say_figures(metrics: Mapping[str, float]) -> None:
    """Print how well anomalies are told."""
    say(f"threshold: {metrics['threshold']:.4g} (squared error of a window)")
    say(f"false alarms on the healthy test part: {metrics['false_alarms']:.2%} of windows")
    if "auc" not in metrics:
        say("no faults are known, so nothing tells what it detects; --faulty names some")
        return
    say(
        f"AUC {metrics['auc']:.4f}, average precision {metrics['average_precision']:.4f}, "
        f"F1 at the threshold {metrics['f1']:.4f}"
    )
    faults = [key.removeprefix("auc ") for key in metrics if key.startswith("auc ")]
    rows = [
        [name, f"{metrics[f'auc {name}']:.4f}", f"{metrics[f'detected {name}']:.1%}"]
        for name in faults
    ]
    table(["fault", "AUC", "windows above the threshold"], rows)
