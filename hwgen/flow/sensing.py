"""A build whose board has a sensor of its own: what is asked, checked, and told of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen import files, golden, signals
from hwgen.analysis.margin_threshold import share_below, threshold
from hwgen.analysis.margins import gaps
from hwgen.errors import InputError, UsageError
from hwgen.fixedpoint import Integers
from hwgen.flow.generated import Generated
from hwgen.flow.options import HardwareOptions
from hwgen.flow.windows import Windows
from hwgen.plans.facts import KnownCore
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.signals.quality import level_range

if TYPE_CHECKING:
    from hwgen.boards import Board
    from hwgen.gateware.sensors.sensor import SensorPlan
    from hwgen.hardware.contract import Core

MARGINS = "decision.json"
"""In the integer network's folder: margins of windows, from which "unknown" is decided."""

LEVELS = "levels_db"
"""In `MARGINS`: the lowest and the highest level of a window that calibration saw."""

READ_AS = "read_as"
"""In `MARGINS`: as what the recordings were read."""

NORMAL = ("normal", "healthy", "none", "good", "baseline")
"""How the name of a class begins that raises no alarm, unless the user says which."""

_MOST = 4000
"""Held-out windows that are looked at."""


def margins(model: QuantizedModel, windows: Windows, test: Integers) -> dict[str, Any]:
    """Return the margins of right and wrong answers, in units of a logit's integer.

    Levels (`hwgen.signals.quality`) are of the windows that calibrated, of those held out, and of
    the recordings without the noise that was added to them.

    Parameters
    ----------
    model
        The integer network.
    windows
        Held-out windows; where there are none, those that calibrated stand in for them.
    test
        Logits of the test windows ``(n, classes)``.
    """
    held = len(windows.held) > 0
    x, labels = (
        (windows.held, windows.held_labels)
        if held
        else (windows.calibration, windows.calibration_labels)
    )
    chosen = signals.spread(len(x), _MOST)
    logits = golden.run(model, digitise(x[chosen], model.bits))
    found = _right_and_wrong(logits, labels[chosen], windows.labelled)
    tested = _right_and_wrong(test, windows.labels, windows.labelled)
    return {
        "windows": "held-out" if held else "calibration",
        "labelled": windows.labelled,
        "right": found[0],
        "wrong": found[1],
        "test_right": tested[0],
        "test_wrong": tested[1],
        LEVELS: _levels(windows),
        READ_AS: windows.read_as.to_json(),
    }


def _levels(windows: Windows) -> list[float] | None:
    """Return the lowest and the highest level, in dB; None where all windows are constant."""
    length = windows.calibration.shape[-1]
    clean = windows.clean_train.recordings if windows.clean_train else ()
    views = (signals.windows(each.samples, length, length) for each in clean)
    found = level_range([windows.calibration, windows.held, *views])
    return None if found is None else list(found)


def _right_and_wrong(
    logits: Integers, labels: Integers, labelled: bool
) -> tuple[list[int], list[int]]:
    """Return sorted margins; every answer counts as right where nobody knows."""
    right = golden.classify(logits) == labels if labelled else np.ones(len(logits), dtype=bool)
    found = gaps(logits)
    return np.sort(found[right]).tolist(), np.sort(found[~right]).tolist()


def read_margins(folder: Path) -> dict[str, Any]:
    """Return what `margins` found; `InputError` if the file is damaged."""
    path = folder / MARGINS
    value = files.read_json(path)
    names = ("right", "wrong", "test_right", "test_wrong")
    if not isinstance(value, dict) or not all(
        isinstance(value.get(name), list) and all(isinstance(each, int) for each in value[name])
        for name in names
    ):
        raise InputError(f"{path} is damaged; build again")
    return value


def read_as(folder: Path) -> signals.ReadAs | None:
    """Return as what a build's recordings were read; None in builds of older versions.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = folder / MARGINS
    found = read_margins(folder).get(READ_AS) if path.is_file() else None
    try:
        return None if found is None else signals.ReadAs.from_json(found)
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged ({READ_AS}: {error}); build again") from error


def check_asked(options: HardwareOptions, board: Board) -> None:
    """Refuse what can be told before any work is done.

    Raises
    ------
    UsageError
        If there is no such part, or the vote makes no sense.
    CannotMeetError
        If the board has no pins for the part.
    """
    from hwgen.gateware.decision import Vote
    from hwgen.gateware.sensors.sensor import check_pins
    from hwgen.gateware.sensors.sources import UART, find_part

    Vote.parse(options.vote)
    if options.source != UART:
        check_pins(board, options.source, find_part(options.source))
    elif options.sensor_rate is not None:
        raise UsageError("--sensor-rate must come with --source PART, not uart")


def plan(
    model: QuantizedModel, options: HardwareOptions, board: Board, clock_mhz: float | None = None
) -> SensorPlan:
    """Return how the part samples for the model.

    Parameters
    ----------
    clock_mhz
        Of the design; None: what the board's PLL makes.

    Raises
    ------
    CannotMeetError
        If part, clock and network do not go together.
    """
    from hwgen.gateware.sensors.sensor import plan_sensor

    made = board.plan_pll(options.clock_mhz).output_mhz
    return plan_sensor(
        options.source,
        model_rate=model.sample_rate,
        sensor_rate=options.sensor_rate,
        clock_mhz=float(made) if clock_mhz is None else clock_mhz,
        full_scale=model.bits.full_scale,
    )


def faulty(classes: tuple[str, ...], normal: tuple[str, ...]) -> tuple[int, ...]:
    """Return the indices of the classes that raise the alarm: all but the `normal` ones.

    Parameters
    ----------
    classes
        All names.
    normal
        Those that raise none; empty: those whose name begins as one of `NORMAL`, else the first.

    Raises
    ------
    UsageError
        If a normal class is none, or no other is left.
    """
    usual = tuple(name for name in classes if name.lower().startswith(NORMAL))
    names = normal or usual or classes[:1]
    if strange := [name for name in names if name not in classes]:
        raise UsageError(
            f"--normal must be classes of the checkpoint ({', '.join(classes)}), not "
            f"{', '.join(strange)}"
        )
    found = tuple(number for number, name in enumerate(classes) if name not in names)
    if not found:
        raise UsageError("--normal must leave a class that raises the alarm, not name all")
    return found


def check_model(model: QuantizedModel, options: HardwareOptions, board: Board) -> None:
    """Refuse a sensor that does not suit the integer network."""
    if options.sensed:
        plan(model, options, board)
        faulty(model.classes, options.normal)


def check_core(
    model: QuantizedModel, options: HardwareOptions, board: Board, known: Generated
) -> None:
    """Refuse a core that does not keep up with the sensor; `known` is what the generator said."""
    from hwgen.gateware.sensors.sensor import check_pace

    if options.sensed:
        check_pace(_core(model, known), plan(model, options, board), options.hop)


def _core(model: QuantizedModel, known: Generated) -> KnownCore:
    """Return what a sensor needs to know of a core, without planning one again."""
    return KnownCore(
        model.elements,
        model.bits.adc,
        known.hop,
        len(model.classes),
        model.logit_width,
        known.timing,
    )


def hurried(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    known: Generated,
    clock_mhz: float,
) -> SensorPlan:
    """Return how the sensor of a virtual board samples (`hwgen.link.virtual_sensor.hurried`).

    Parameters
    ----------
    known
        What the generator said.
    clock_mhz
        Of the board.
    """
    from hwgen.link.virtual_sensor import hurried

    return hurried(
        lambda mhz: plan(model, options, board, mhz), _core(model, known), options.hop, clock_mhz
    )


def least_margin(folder: Path, options: HardwareOptions) -> int:
    """Return the margin from which on a class is known; `folder` is the integer network's."""
    return threshold(read_margins(folder)["right"], options.unknown)


def components(
    model: QuantizedModel,
    options: HardwareOptions,
    board: Board,
    core: Core,
    margin: int,
    sensor: SensorPlan | None = None,
) -> dict[str, Any]:
    """Return the board top's ``source`` and ``decision``; none for a board that the host feeds.

    Parameters
    ----------
    sensor
        How the part samples; None: as `plan` says.
    """
    if not options.sensed:
        return {}
    from hwgen.gateware.decision import Decision, Vote
    from hwgen.gateware.sensors.sensor import Sensor, source_pins

    sensor = sensor or plan(model, options, board)
    return {
        "source": Sensor(core.plan, sensor, hop=options.hop, connection=source_pins(board, sensor)),
        "decision": Decision(
            core.plan,
            faulty=faulty(model.classes, options.normal),
            vote=Vote.parse(options.vote),
            margin=margin,
            board=board,
        ),
    }


def report_parts(
    model: QuantizedModel, options: HardwareOptions, board: Board, folder: Path, hop: int
) -> dict[str, Any]:
    """Return the report's sections ``sensor`` and ``decision``.

    Parameters
    ----------
    folder
        The integer network's.
    hop
        Of the core.
    """
    if not options.sensed:
        return {}
    found = read_margins(folder)
    least = threshold(found["right"], options.unknown)
    sensor = plan(model, options, board)
    hop = options.hop or hop
    alarms = faulty(model.classes, options.normal)
    return {
        "sensor": sensor.to_json()
        | {"hop": hop, "windows_per_second": sensor.rate_hz / sensor.ratio / hop},
        "decision": {
            "vote": options.vote,
            "alarm_classes": [model.classes[number] for number in alarms],
            "unknown_below": least,
            "unknown_percent": options.unknown,
            "decided_on": found["windows"],
            "unknown_of_right": share_below(found["right"], least),
            "unknown_of_wrong": share_below(found["wrong"], least),
            "unknown_of_right_test": share_below(found["test_right"], least),
            "unknown_of_wrong_test": share_below(found["test_wrong"], least),
        },
    }
