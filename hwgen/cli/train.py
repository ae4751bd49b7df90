"""`hwgen train`: recordings to checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from hwgen.cli.options.anomaly import AnomalyOptions, anomaly_options, say_figures
from hwgen.cli.options.data import TEST_DATA
from hwgen.cli.options.reading import reading_from, reading_options
from hwgen.cli.options.values import SNR
from hwgen.cli.output import counting, say
from hwgen.errors import UsageError
from hwgen.network.ops.normalise import METHODS
from hwgen.signals.noise_kinds import KINDS
from hwgen.zoo import ANOMALY_DEFAULT, DEFAULT, names

if TYPE_CHECKING:
    from hwgen.flow.train import TrainingOptions
    from hwgen.signals import Reading


@click.command("train")
@click.option(
    "--data",
    required=True,
    metavar="DIR|synthetic",
    help="Recordings: one class a file or a folder, or as --class-from or a classes.csv in DIR "
    "says. Of --task anomaly also a table's file: .csv, .npz, .mat.",
)
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Checkpoint to write."
)
@click.option("--snr", "snr_db", type=SNR, metavar="DB", help="Train and test at this SNR.")
@click.option("--noise", type=click.Choice(list(KINDS)),
              help="Its kind; white and pink are Gaussian. Default: white.")  # fmt: skip
@click.option("--task", default="classes", show_default=True,
              type=click.Choice(["classes", "anomaly"]),
              help="Tell classes apart; or know healthy recordings alone, and say what is "
              "not like them.")  # fmt: skip
@click.option("--network", type=click.Choice(names()),
              help=f"Kind of network. Default: {DEFAULT}; {ANOMALY_DEFAULT} of --task "
              "anomaly.")  # fmt: skip
@click.option("--recipe", default="default", show_default=True,
              type=click.Choice(["default", "published", "mixed", "general"]),
              help="default; the published one (bearingpga, ae, qae, hae-x, hae-y, hae-i); "
              "mixed: one network from -9 dB to clean; general: and for other loads.")  # fmt: skip
@click.option("--method", type=click.Choice(["ce", "kd", "dkd"]),
              help="Cross-entropy, with a teacher's classical or decoupled distillation. "
              "Default: the recipe's.")  # fmt: skip
@TEST_DATA
@reading_options
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option(
    "--epochs", type=click.IntRange(1, 100_000), help="Of the student. Default: the recipe's."
)
@click.option("--classes", type=click.IntRange(2, 22), default=10, show_default=True,
              help="Of the synthetic signals.")  # fmt: skip
@click.option("--window", type=int, help="Samples a window. Default: 2048.")
@click.option("--prepare", type=click.Choice(list(METHODS)),
              help="What is done to each window by itself, before networks that read samples. "
              "Default: nothing.")  # fmt: skip
@click.option("--front", type=click.Choice(["classbd", "time", "filter", "gain"]),
              help="Filters in front of the network, trained with it: ClassBD's over time and one "
              "over frequency, one of the two, or a gain of each bin of the spectrum. "
              "Default: none.")  # fmt: skip
@click.option("--neuron", type=click.Path(path_type=Path), metavar="FILE.json",
              help="What the neurons of the convolutions sum, as `hwgen neuron search` found it. "
              "Default: products with weights.")  # fmt: skip
@click.option("--relinear", type=click.FloatRange(0, 10, min_open=True), metavar="SHARE",
              help="Share of the learning rate that quadratic and higher terms have. "
              "Default: 0.1.")  # fmt: skip
@click.option("--batchnorm", type=click.Choice(["trained", "frozen"]),
              help="Whether gain and offset of batch normalisations learn. "
              "Default: trained.")  # fmt: skip
@anomaly_options
@click.option("--filters", type=int, help="Of bearingpga's convolution. Default: 4.")
@click.option("--kernel", type=int, help="Taps of a filter of bearingpga. Default: 64.")
@click.option("--stride", type=int, help="Of bearingpga's convolution. Default: 8.")
@click.option("--padding", type=int,
              help="Of bearingpga's convolution. Default: (kernel - stride) / 2.")  # fmt: skip
@click.option("--pool", type=int, help="Size of bearingpga's max-pool. Default: 2.")
@click.option("--hidden", type=int,
              help="Neurons of a dense layer before bearingpga's last one; of the first of an "
              "autoencoder.")  # fmt: skip
def command(
    data: str,
    output: Path,
    snr_db: float | None,
    task: str,
    network: str | None,
    recipe: str,
    method: str | None,
    seed: int,
    epochs: int | None,
    noise: str | None,
    classes: int,
    neuron: Path | None,
    test_data: tuple[str, ...],
    **values: Any,
) -> None:
    """Train a network on recordings and write a checkpoint.

    The first two thirds of each recording train, the last third tests; many short ones are split
    by file. The checkpoint carries
    class names, input scale, sample rate, SNR range, metrics, and windows for calibration and
    test. After an interruption the same command goes on where it was.

    With --task anomaly only healthy recordings train: all of --data where --faulty names the
    others, else the classes called normal, healthy, none, good or baseline.
    """
    from hwgen.flow.neuron_file import read_neuron
    from hwgen.flow.train import TrainingOptions

    chosen = AnomalyOptions.taken(values)
    reading = reading_from(values)
    shape = {size: value for size, value in values.items() if value is not None}
    if neuron is not None:
        shape["neuron"] = read_neuron(neuron)
    usual = DEFAULT if task == "classes" else ANOMALY_DEFAULT
    options = TrainingOptions(network or usual, shape, recipe, epochs, method, noise)
    number = classes if _given("classes") else None
    known = {"snr_db": snr_db, "seed": seed, "classes": number, "say": say}
    if task == "anomaly":
        if test_data:
            raise UsageError(
                "--test-data must come without --task anomaly; --faulty and --run-to-failure name "
                "other recordings"
            )
        _anomaly(data, output, options, chosen, reading, known)
    else:
        chosen.refuse()
        _classes(data, output, options, reading, known | {"test_data": test_data})
    say(f"checkpoint: {output}")


def _classes(
    data: str, output: Path, options: TrainingOptions, reading: Reading, known: dict[str, Any]
) -> None:
    from hwgen.flow.train import train_checkpoint

    with counting("training") as progress:
        metrics = train_checkpoint(
            data, output, options, reading=reading, progress=progress, **known
        )
    say(f"F1 on the test part: {metrics['f1']:.4f} +- {metrics['f1_std']:.4f} (dense sweep)")
    say(f"F1 of the published draws: {metrics['f1_draws']:.4f} +- {metrics['f1_draws_std']:.4f}")
    for key, value in metrics.items():
        if key.startswith("f1 on "):
            say(f"F1{key.removeprefix('f1')}: {value:.4f} (dense sweep)")


def _anomaly(
    data: str,
    output: Path,
    options: TrainingOptions,
    chosen: AnomalyOptions,
    reading: Reading,
    known: dict[str, Any],
) -> None:
    from hwgen.flow.anomaly import AnomalyData, train_anomaly
    from hwgen.network.threshold import Rule

    rule = Rule(chosen.false_alarms, chosen.contamination)
    where = AnomalyData(
        data, chosen.faulty, chosen.run_to_failure, reading, chosen.healthy or (), chosen.target
    )
    with counting("training") as progress:
        metrics = train_anomaly(where, output, options, rule, progress=progress, **known)
    say_figures(metrics)


def _given(name: str) -> bool:
    """Return whether the user gave an option that has a default."""
    source = click.get_current_context().get_parameter_source(name)
    return source is not ParameterSource.DEFAULT
