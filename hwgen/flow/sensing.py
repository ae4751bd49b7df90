"""A build whose board has a sensor of its own: what is asked, checked, and told of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwgen.analysis.margin_threshold import share_below, threshold
from hwgen.errors import CannotMeetError, InputError, UsageError
from hwgen.flow.generated import Generated
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.margins import read_margins
from hwgen.plans.facts import KnownCore
from hwgen.protocol import Learn
from hwgen.quantized import QuantizedModel
from hwgen.signals import ReadAs
from hwgen.signals.healthy import NORMAL

if TYPE_CHECKING:
    from hwgen.boards import Board
    from hwgen.gateware.sensors.sensor import SensorPlan
    from hwgen.hardware.contract import Core

_ALLOWED = 100
"""Windows of a learn phase that begins at power-up of which one may be above the threshold."""


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

    Vote.parse(options.sensor.vote)
    if options.sensor.learn is not None:
        _check_button(options, board)
    if options.sensor.source != UART:
        check_pins(board, options.sensor.source, find_part(options.sensor.source))
    elif options.sensor.sensor_rate is not None:
        raise UsageError("--sensor-rate must come with --source PART, not uart")


def _check_button(options: HardwareOptions, board: Board) -> None:
    if not options.sensor.sensed:
        raise UsageError("--learn must come with --source PART, not uart")
    if board.learn is None:
        raise CannotMeetError(
            f"--learn needs a board with a button for it; {board.name} has none (`learn` of its "
            f"file); have a host do it: hwgen monitor BUILD --learn MINUTES"
        )


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
        options.sensor.source,
        model_rate=model.sample_rate,
        sensor_rate=options.sensor.sensor_rate,
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


def check_model(
    model: QuantizedModel, options: HardwareOptions, board: Board, read_as: ReadAs | None
) -> None:
    """Refuse a sensor that does not suit the integer network, or what it was trained on."""
    if options.sensor.sensed:
        if read_as is not None and read_as.columns is not None:
            raise InputError(
                "--source needs a network of a signal; this one takes rows of a table, column by "
                "column: leave --source out, and have a host send them"
            )
        if not model.classes:
            raise InputError(
                "--source needs a network with an output that is a class, on which the board "
                "votes; this one has none"
            )
        plan(model, options, board)
        faulty(model.classes, options.sensor.normal)
    if options.sensor.learn is not None and model.threshold is None:
        raise InputError(
            "--learn needs a network with a score, whose threshold it sets; this one tells classes"
        )


def check_core(
    model: QuantizedModel, options: HardwareOptions, board: Board, known: Generated
) -> None:
    """Refuse a core that does not keep up with the sensor; `known` is what the generator said."""
    from hwgen.gateware.sensors.sensor import check_pace

    if options.sensor.sensed:
        check_pace(_core(model, known), plan(model, options, board), options.design.hop)


def _core(model: QuantizedModel, known: Generated) -> KnownCore:
    """Return what a sensor needs to know of a core, without planning one again."""
    return KnownCore(
        model.elements,
        model.bits.adc,
        known.hop,
        len(model.classes),
        model.logit_width,
        known.timing,
        model.numbers,
        model.number_bits,
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
        lambda mhz: plan(model, options, board, mhz),
        _core(model, known),
        options.design.hop,
        clock_mhz,
    )


def least_margin(folder: Path, options: HardwareOptions) -> int:
    """Return the margin from which on a class is known; `folder` is the integer network's."""
    return threshold(read_margins(folder).right, options.sensor.unknown)


def at_start(options: HardwareOptions) -> Learn | None:
    """Return the learn phase that the board's button begins at power-up; None: it has none."""
    windows = options.sensor.learn
    return None if windows is None else Learn(windows, windows // _ALLOWED)


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
    if not options.sensor.sensed:
        return {}
    from hwgen.gateware.decision import Decision, Vote
    from hwgen.gateware.sensors.sensor import Sensor, source_pins

    sensor = sensor or plan(model, options, board)
    return {
        "source": Sensor(
            core.plan, sensor, hop=options.design.hop, connection=source_pins(board, sensor)
        ),
        "decision": Decision(
            core.plan,
            faulty=faulty(model.classes, options.sensor.normal),
            vote=Vote.parse(options.sensor.vote),
            margin=margin,
            board=board,
        ),
    }


def windows_per_second(sensor: SensorPlan, hop: int) -> float:
    """Return how many windows a sensor gives a second."""
    return sensor.rate_hz / sensor.ratio / hop


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
    if not options.sensor.sensed:
        return {}
    found = read_margins(folder)
    least = threshold(found.right, options.sensor.unknown)
    sensor = plan(model, options, board)
    hop = options.design.hop or hop
    alarms = faulty(model.classes, options.sensor.normal)
    return {
        "sensor": sensor.to_json()
        | {"hop": hop, "windows_per_second": windows_per_second(sensor, hop)},
        "decision": {
            "vote": options.sensor.vote,
            "alarm_classes": [model.classes[number] for number in alarms],
            "unknown_below": least,
            "unknown_percent": options.sensor.unknown,
            "decided_on": found.windows,
            "unknown_of_right": share_below(found.right, least),
            "unknown_of_wrong": share_below(found.wrong, least),
            "unknown_of_right_test": share_below(found.test_right, least),
            "unknown_of_wrong_test": share_below(found.test_wrong, least),
        },
    }
