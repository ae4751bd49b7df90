"""What a network is and where it fits, before any build: seconds, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from hwgen.boards import Board, load_boards
from hwgen.designs.goals import CLOCKS
from hwgen.errors import CannotMeetError, InputError
from hwgen.flow import assumed, generate, kept, quantize, readings
from hwgen.flow.designs import settled
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.readings import Reading
from hwgen.flow.stage import Say
from hwgen.flow.windows import Windows, gather
from hwgen.importers import Checkpoint
from hwgen.network import Layer, Network, Node, Shape
from hwgen.passes import canonical
from hwgen.plans.planner import plan
from hwgen.quantized.make import uncalibrated
from hwgen.quantized.rescaling import reachable

_USUAL_SCALE = 1.0
"""Of the samples, where nobody says it: no matter but for a quantiser of the input."""

SMALLEST = "area"
"""Goal of the smallest design."""


@dataclass(frozen=True)
class LayerRow:
    """A layer of the network, as it will be built.

    Parameters
    ----------
    name, op
        Its own name, and its kind.
    reads
        Names of what it reads.
    shape
        Of a window's output.
    parameters, macs
        Trained values, and products with them in a window.
    """

    name: str
    op: str
    reads: tuple[str, ...]
    shape: Shape
    parameters: int
    macs: int

    @classmethod
    def of(cls, node: Node[Layer], shapes: dict[str, Shape]) -> LayerRow:
        """Return the row of a node."""
        shape = shapes[node.name]
        tensors = node.op.tensors()
        positions = shape[1] if len(shape) == 2 else 1
        # Biases are rows of numbers, weights have more axes.
        macs = positions * sum(tensor.size for tensor in tensors.values() if tensor.ndim > 1)
        parameters = sum(tensor.size for tensor in tensors.values())
        return cls(node.name, node.op.op, node.inputs, shape, parameters, macs)


@dataclass(frozen=True)
class BoardRow:
    """What a network would be on a board: by the default design, or the smallest if need be.

    Parameters
    ----------
    board, device
        Name, and its chip.
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


@dataclass(frozen=True)
class Inspection:
    """A network before any build.

    Parameters
    ----------
    name, channels, samples
        Of the network, and of one window.
    outputs
        Name and kind of each.
    sample_rate
        Hz, None where nobody says it.
    layers, boards
        Rows of the tables.
    notes
        What was assumed.
    preparations
        How windows may have been prepared in training, best first; empty without labelled
        recordings.
    """

    name: str
    channels: int
    samples: int
    outputs: tuple[tuple[str, str], ...]
    sample_rate: float | None
    layers: tuple[LayerRow, ...]
    boards: tuple[BoardRow, ...]
    notes: tuple[str, ...]
    preparations: tuple[Reading, ...] = ()

    @property
    def parameters(self) -> int:
        """Of all layers."""
        return sum(row.parameters for row in self.layers)

    @property
    def macs(self) -> int:
        """Of all layers, a window."""
        return sum(row.macs for row in self.layers)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self) | {
            "outputs": [{"name": name, "kind": kind} for name, kind in self.outputs],
            "parameters": self.parameters,
            "macs": self.macs,
            "preparations": [
                {"what": each.what, "options": each.how, "f1": each.f1}
                for each in self.preparations
            ],
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
        If it cannot be read or built; all that is in the way is named.
    """
    checkpoint = quantize.checkpoint_of(settings)
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
        channels=network.channels,
        samples=network.input_samples,
        outputs=tuple((output.source, output.kind) for output in network.graph.outputs),
        sample_rate=rate,
        layers=tuple(LayerRow.of(node, shapes) for node in built.graph.nodes),
        boards=tuple(_boards(built, settings, rate, scale)),
        notes=(*assumed.of_network(checkpoint), *kept.lines(checkpoint.network, rescaled)),
        preparations=tuple(readings.prepared(network, windows)) if windows and labelled else (),
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
    usual = _on(network, settings, board, rate, scale)
    if usual.problem is None:
        return usual
    hardware = settings.hardware.but(goal=SMALLEST, clock_mhz=CLOCKS[SMALLEST])
    small = _on(network, replace(settings, hardware=hardware), board, rate, scale)
    return usual if small.problem else small


def _on(
    network: Network, settings: Settings, board: Board, rate: float | None, scale: float
) -> BoardRow:
    hardware = settings.hardware.but(board=board.name)
    clock, goal = hardware.clock_mhz, hardware.design.goal
    try:
        bits = settled(network, replace(settings, hardware=hardware), board, rate, scale)
        model = uncalibrated(network, bits, rate, scale)
        core = plan(model, generate.choose(model, hardware, board))
    except (CannotMeetError, InputError) as error:
        return BoardRow(board.name, board.device, goal, clock, str(error))
    timing, found = core.timing, generate.estimate(core, board.target).board
    assert found is not None
    if short := board.target.short(found, board.resources):
        problem = f"the board's top needs about {' and '.join(short)}"
        return BoardRow(board.name, board.device, goal, clock, problem)
    cycles = max(timing.interval, timing.pause * model.elements)
    return BoardRow(
        board=board.name,
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
