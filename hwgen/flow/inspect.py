"""What a network is and where it fits, before any build: seconds, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from hwgen.boards import Board, load_boards
from hwgen.designs.chip_room import TooManyWeightsError
from hwgen.designs.goals import ROUTABLE_LUT4
from hwgen.errors import CannotMeetError, InputError, NodesError
from hwgen.flow import (
    as_spectrum,
    assumed,
    generate,
    kept,
    layer_rows,
    quantize,
    readings,
    usual,
)
from hwgen.flow.designs import settled
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.layer_rows import LayerRow
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.readings import Reading
from hwgen.flow.stage import Say
from hwgen.flow.windows import Windows, gather
from hwgen.importers import Checkpoint, Survey
from hwgen.network import Network, Output, Shape
from hwgen.network.anomaly import score_of
from hwgen.passes import canonical
from hwgen.plans.planner import plan
from hwgen.quantized.make import uncalibrated
from hwgen.quantized.rescaling import reachable

_USUAL_SCALE = 1.0
"""Of the samples, where nobody says it: no matter but for a quantiser of the input."""

SMALLEST = "area"
"""Goal of the smallest design."""


@dataclass(frozen=True)
class BoardRow:
    """What a network would be on a board: by the default design, or the smallest if need be.

    Parameters
    ----------
    board, family, device
        Name, and its chip and the family of that.
    goal
        Of the design; None for the default one.
    clock_mhz
        For which microseconds are told.
    problem
        Why it does not fit; None where it does, and the rest is None where it does not.
    interval, latency
        Cycles from one window to the next, and from the last sample to the answer.
    latency_us, windows_per_second
        At the clock.
    keeps_up
        Whether samples may come as fast as the network's sample rate; None where it is not known.
    lut4, dsp, ebr
        Estimates, for a board that a host feeds.
    """

    board: str
    family: str
    device: str
    goal: str | None
    clock_mhz: float
    problem: str | None = None
    interval: int | None = None
    latency: int | None = None
    latency_us: float | None = None
    windows_per_second: float | None = None
    keeps_up: bool | None = None
    lut4: int | None = None
    dsp: int | None = None
    ebr: int | None = None

    @property
    def slow(self) -> bool:
        """Whether place and route takes longer than minutes."""
        return self.lut4 is not None and self.lut4 > ROUTABLE_LUT4

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {
            "name": self.board,
            "family": self.family,
            "device": self.device,
            "fits": self.problem is None,
            "reason": self.problem,
            "goal": self.goal,
            "clock_mhz": self.clock_mhz,
            "cycles_per_window": self.interval,
            "cycles_last_sample_to_class": self.latency,
            "last_sample_to_class_us": self.latency_us,
            "windows_per_second": self.windows_per_second,
            "keeps_up": self.keeps_up,
            "lut4": self.lut4,
            "dsp": self.dsp,
            "ebr": self.ebr,
            "weights": "ram",
            "slow_to_route": self.slow,
        }


@dataclass(frozen=True)
class Inspection:
    """A network before any build.

    Parameters
    ----------
    name
        Of the network.
    shape
        Of a window: channels and samples; what the file says where it cannot be done.
    outputs
        Name, shape and kind of each.
    sample_rate
        Hz, None where nobody says it.
    layers, boards
        Rows of the tables.
    notes
        What was assumed.
    preparations
        How windows may have been prepared in training, best first; empty without labelled
        recordings.
    problem
        Why the network cannot be done, all of it in one line; None where it can.
    """

    name: str
    shape: Shape
    outputs: tuple[tuple[str, Shape, str], ...]
    sample_rate: float | None
    layers: tuple[LayerRow, ...]
    boards: tuple[BoardRow, ...]
    notes: tuple[str, ...]
    preparations: tuple[Reading, ...] = ()
    problem: str | None = None

    @property
    def parameters(self) -> int:
        """Of all layers."""
        return sum(row.parameters for row in self.layers)

    @property
    def macs(self) -> int:
        """Of all layers, a window."""
        return sum(row.macs for row in self.layers)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a JSON object."""
        ways = [{"what": way.what, "options": way.how, "f1": way.f1} for way in self.preparations]
        return {
            "schema": 1,
            "name": self.name,
            "input": {"shape": self.shape, "preparation": ways[0]["what"] if ways else None},
            "outputs": [
                {"name": name, "shape": shape, "kind": kind} for name, shape, kind in self.outputs
            ],
            "parameters": self.parameters,
            "macs": self.macs,
            "nodes": [asdict(row) | {"supported": row.reason is None} for row in self.layers],
            "boards": [row.to_json() for row in self.boards],
            "sample_rate": self.sample_rate,
            "notes": self.notes,
            "preparations": ways,
        }


def inspect(settings: Settings, say: Say = lambda _: None) -> Inspection:
    """Return what a network is, and what it would be on every board.

    Parameters
    ----------
    settings
        Those of a build; its board has no say.
    say
        Told what recordings are read.

    Raises
    ------
    InputError
        If it cannot be read. Nodes that cannot be done are a part of what is returned.
    """
    try:
        checkpoint = quantize.checkpoint_of(settings)
    except NodesError as error:
        return _surveyed(settings, error)
    network = canonical(checkpoint.network)
    windows = _windows(checkpoint, settings.data, say)
    scale = (windows.input_scale if windows else settings.data.input_scale) or _USUAL_SCALE
    rescaled = reachable(network, settings.bits, scale)
    built = rescaled.network
    shapes = built.shapes()
    known = windows.sample_rate if windows else None
    rate = network.sample_rate or settings.data.sample_rate or known
    labelled = windows is not None and windows.labelled
    return Inspection(
        name=network.name,
        shape=(network.channels, network.input_samples),
        outputs=tuple(
            (o.source, shapes[o.source], kind_of(network, o)) for o in network.graph.outputs
        ),
        sample_rate=rate,
        layers=layer_rows.rows(built),
        boards=tuple(_boards(built, settings, rate, scale)),
        notes=(*assumed.of_network(checkpoint), *kept.lines(checkpoint.network, rescaled)),
        preparations=tuple(_prepared(network, windows, settings)) if windows and labelled else (),
    )


def kind_of(network: Network, output: Output) -> str:
    """Return what an output is: ``"class"``, ``"values"``, or ``"anomaly"`` of a score."""
    scored = score_of(network) is not None and output.kind == "class"
    return "anomaly" if scored else output.kind


def _prepared(network: Network, windows: Windows, settings: Settings) -> list[Reading]:
    """Return how windows may have been prepared; as a spectrum, where no other way does."""
    found = readings.prepared(network, windows)
    if found[0].f1 >= readings.GOOD:
        return found
    return readings.best_first([*found, *as_spectrum.tried(settings, network)])


def _surveyed(settings: Settings, error: NodesError) -> Inspection:
    """Return what there is to see of a network that cannot be done."""
    found = error.survey
    assert isinstance(found, Survey)
    rows = (
        LayerRow(node.name, node.op, (), node.shape, node.parameters, node.macs, node.reason)
        for node in found.nodes
    )
    clock = settings.hardware.clock_mhz
    reason = "it has nodes that are not supported"
    boards = (
        BoardRow(name, board.target.name, board.device, None, clock, reason)
        for name, board in load_boards().items()
    )
    return Inspection(
        name=found.name,
        shape=found.shape,
        outputs=tuple((name, shape, "values") for name, shape in found.outputs),
        sample_rate=settings.data.sample_rate,
        layers=tuple(rows),
        boards=tuple(boards),
        notes=(),
        problem=str(error),
    )


def _windows(checkpoint: Checkpoint, data: DataOptions, say: Say) -> Windows | None:
    """Return the windows of recordings that the user names; None where there are none."""
    return None if data.data in (None, "synthetic") else gather(checkpoint, data, say)


def _boards(
    network: Network, settings: Settings, rate: float | None, scale: float
) -> Iterator[BoardRow]:
    """Yield a row for every board; chips of one kind are looked at once."""
    rows: dict[str, BoardRow] = {}
    for name, board in load_boards().items():
        if board.device not in rows:
            rows[board.device] = _best(network, settings, board, rate, scale)
        row = rows[board.device]
        problem = row.problem and row.problem.replace(row.board, name)
        yield replace(row, board=name, problem=problem)


def _best(
    network: Network, settings: Settings, board: Board, rate: float | None, scale: float
) -> BoardRow:
    """Return the row of the default design, or of the smallest where that does not fit."""
    try:
        default = _on(network, settings, board, rate, scale)
    except TooManyWeightsError as error:
        return _refused(board, _asked(settings, board), str(error))
    if default.problem is None:
        return default
    hardware = settings.hardware.but(goal=SMALLEST)
    small = _on(network, replace(settings, hardware=hardware), board, rate, scale)
    return default if small.problem else small


def _asked(settings: Settings, board: Board) -> HardwareOptions:
    """Return what is asked for on a board."""
    return usual.on(board, settings.hardware.but(board=board.name))


def _refused(board: Board, hardware: HardwareOptions, problem: str) -> BoardRow:
    """Return the row of a board that a network does not fit."""
    goal, clock = hardware.design.goal, hardware.clock_mhz
    return BoardRow(board.name, board.target.name, board.device, goal, clock, problem)


def _on(
    network: Network, settings: Settings, board: Board, rate: float | None, scale: float
) -> BoardRow:
    hardware = _asked(settings, board)
    clock, goal = hardware.clock_mhz, hardware.design.goal
    try:
        bits = settled(network, replace(settings, hardware=hardware), board, rate, scale)
        model = uncalibrated(network, bits, rate, scale)
        core = plan(model, generate.choose(model, hardware, board))
    except TooManyWeightsError:
        raise
    except (CannotMeetError, InputError) as error:
        return _refused(board, hardware, str(error))
    timing, found = core.timing, generate.estimate(core, board).board
    assert found is not None
    if short := board.target.short(found, board.resources):
        return _refused(board, hardware, f"the board's top needs about {' and '.join(short)}")
    cycles = max(timing.interval, timing.pause * model.elements)
    return BoardRow(
        board=board.name,
        family=board.target.name,
        device=board.device,
        goal=goal,
        clock_mhz=clock,
        interval=cycles,
        latency=timing.latency,
        latency_us=timing.latency / clock,
        windows_per_second=clock * 1e6 / cycles,
        keeps_up=None if rate is None else cycles * rate <= clock * 1e6 * network.input_samples,
        lut4=found["lut4"],
        dsp=found["dsp"],
        ebr=found["ebr"],
    )
