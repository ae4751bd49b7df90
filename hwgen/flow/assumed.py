"""What the network of a bare state_dict is taken for, in a few lines."""

from __future__ import annotations

from hwgen.flow.options import DataOptions
from hwgen.flow.windows import Windows
from hwgen.importers import Checkpoint, Taken
from hwgen.importers.bearingpga.geometry import ends
from hwgen.network import Network

_LISTED = 3
"""Of the geometries that fit as well."""


def lines(checkpoint: Checkpoint, windows: Windows, options: DataOptions) -> list[str]:
    """Return what is assumed of a network, and whence; nothing where its file says it all.

    Parameters
    ----------
    checkpoint
        With its network.
    windows
        On which it is run.
    options
        Of the data.
    """
    taken = checkpoint.taken
    ends = [] if taken is None else [f"taken for: {_ends(taken, windows, options)}"]
    shapes, notes = _of_network(checkpoint)
    return [*shapes, *ends, *notes]


def of_network(checkpoint: Checkpoint) -> list[str]:
    """Return what is assumed of a network by itself, as of `lines`."""
    shapes, notes = _of_network(checkpoint)
    return [*shapes, *notes]


def _of_network(checkpoint: Checkpoint) -> tuple[list[str], list[str]]:
    """Return what front-end and layers are taken for, and what was done to read them."""
    taken = checkpoint.taken
    if taken is None:
        front = checkpoint.meta and checkpoint.meta.front
        filters = [] if front is None else [f"filters in front of the network: {front}"]
        return filters, [f"taken for: {line}" for line in checkpoint.notes]
    shapes = (_front_end(taken), _layers(taken, checkpoint.network))
    return [f"taken for: {line}" for line in shapes], [f"taken for: {line}" for line in taken.notes]


def _front_end(taken: Taken) -> str:
    window = taken.geometry.window
    first, last = ends(taken.asked.bins, window)
    order = f"{first} {'up' if first < last else 'down'} to {last}"
    origin = "given" if taken.asked.bins else "default; --bins ascending for 1 up"
    return (
        f"|FFT| / {window} of windows of {window} samples ({_origin(taken, 'window', 'inferred')}),"
        f" bins {order} ({origin})"
    )


def _layers(taken: Taken, network: Network) -> str:
    full = taken.geometry
    tail = [layer.name for layer in network.layers if layer.op == "dense"]
    dense = f"{', '.join(tail[:-1])} with ReLU, {tail[-1]}" if tail[1:] else tail[0]
    text = (
        f"conv1 with stride {full.stride} ({_origin(taken, 'stride', 'default')}), "
        f"padding {full.padding} ({_origin(taken, 'padding', 'inferred')}), ReLU, "
        f"max-pool {full.pool} ({_origin(taken, 'pool', 'default')}), {dense} without ReLU"
    )
    if not taken.others:
        return text
    same = [each for each in taken.others if each.window == full.window] or list(taken.others)
    some = "; ".join(f"stride {each.stride}, pool {each.pool}" for each in _usual(same))
    more = len(taken.others) - min(len(same), _LISTED)
    return f"{text}; would fit as well: {some}{f' and {more} others' if more else ''}"


def _usual(fits: list) -> list:
    """Return a few of `fits`, powers of two first: networks rarely have another stride."""
    return sorted(fits, key=lambda each: (each.stride & (each.stride - 1) != 0, each.stride == 1))[
        :_LISTED
    ]


def _ends(taken: Taken, windows: Windows, options: DataOptions) -> str:
    names = ", ".join(windows.classes)
    if taken.outputs:
        order = f"outputs {','.join(map(str, taken.outputs))} are {names} (given)"
    else:
        origin = "the data's order" if windows.labelled else "no names are known"
        order = f"outputs 0 to {len(windows.classes) - 1} are {names} ({origin}; --outputs)"
    origin = "given" if options.input_scale else "default: one over the RMS; --input-scale"
    return f"input is the sensor's g times {windows.input_scale:.4g} ({origin}); {order}"


def _origin(taken: Taken, field: str, otherwise: str) -> str:
    if field in taken.stated:
        return "the file says"
    return "given" if getattr(taken.asked, field) is not None else otherwise
