"""Between the tensors of the published format and the float network IR."""

from __future__ import annotations

from collections.abc import Sequence

from hwgen.checkpoint.tensors import State
from hwgen.errors import InputError
from hwgen.importers.bearingpga.geometry import FullGeometry, Geometry, ends, resolve
from hwgen.importers.structure import structure, tensors
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum

NAME = "bearingpga"


def network_from_state(
    state: State,
    geometry: Geometry | None = None,
    *,
    classes: tuple[str, ...] = (),
    input_scale: float | None = None,
    sample_rate: float | None = None,
) -> Network:
    """Return the network that `state` and `geometry` describe.

    Parameters
    ----------
    state
        ``conv1.weight (F, 1, K)``, ``conv1.bias (F,)``, ``fc1.weight (C, F * P)``,
        ``fc1.bias (C,)``, and ``fc2``, ... if any: then all but the last have a ReLU.
    geometry
        What the tensors do not say; open values are inferred.
    classes, input_scale, sample_rate
        As `Network` has them.

    Raises
    ------
    InputError
        If the tensors and the geometry do not fit each other.
    """
    full = geometry_of(state, geometry)
    bins = None if geometry is None else geometry.bins
    dense = [name.removesuffix(".weight") for name in state if name.endswith(".weight")][1:]
    return Network.chain(
        name=NAME,
        input_samples=full.window,
        layers=(
            Spectrum("spectrum", full.window, *ends(bins, full.window)),
            Conv1d("conv1", state["conv1.weight"], state["conv1.bias"], full.stride, full.padding),
            MaxPool1d("pool1", full.pool),
            *(
                Dense(name, state[f"{name}.weight"], state[f"{name}.bias"], name != dense[-1])
                for name in dense
            ),
        ),
        classes=classes,
        input_scale=input_scale,
        sample_rate=sample_rate,
    )


def geometry_of(state: State, geometry: Geometry | None = None) -> FullGeometry:
    """Return what `state` does not say, given or inferred; errors as `network_from_state`."""
    kernel, wanted = sizes(state)
    return resolve(geometry or Geometry(), kernel, wanted)


def sizes(state: State) -> tuple[int, int]:
    """Return the convolution's taps, and the positions that the first dense layer takes a filter.

    Raises
    ------
    InputError
        If the layers do not fit each other.
    """
    filters, _, kernel = state["conv1.weight"].shape
    inputs = state["fc1.weight"].shape[1]
    if inputs % filters:
        raise InputError(
            f"fc1.weight must take a multiple of conv1's {filters} filters, not {inputs} values"
        )
    return kernel, inputs // filters


def check_outputs(outputs: Sequence[int], count: int) -> None:
    """Check that the user names each of so many outputs once; `InputError` otherwise."""
    if sorted(outputs) != list(range(count)):
        raise InputError(
            f"--outputs must be each of the network's outputs 0 to {count - 1} once, "
            f"not {','.join(map(str, outputs))}"
        )


def in_order(state: State, outputs: Sequence[int]) -> State:
    """Return `state` with the logits in the order of the classes.

    Parameters
    ----------
    outputs
        The output that stands for each class; none where they are in order.

    Raises
    ------
    InputError
        If it is not each output once.
    """
    last = list(state)[-1].removesuffix(".bias")
    count = len(state[f"{last}.weight"])
    if not outputs:
        return state
    check_outputs(outputs, count)
    parts = (f"{last}.weight", f"{last}.bias")
    return state | {part: state[part][list(outputs)] for part in parts}


def geometry_from_network(network: Network) -> FullGeometry | None:
    """Return what the tensors of a network do not say; None where that takes more than a geometry.

    With its tensors `network_from_state` gives the network again.
    """
    told = structure(network)
    dense = [("dense", f"fc{k}") for k in range(1, len(told["nodes"]) - 2)]
    layers = [("spectrum", "spectrum"), ("conv1d", "conv1"), ("maxpool1d", "pool1"), *dense]
    if [(node["op"], node["name"]) for node in told["nodes"]] != layers or not dense:
        return None
    _, conv, pool, *_ = told["nodes"]
    full = FullGeometry(conv["stride"], conv["padding"], pool["size"], network.input_samples)
    try:
        again = network_from_state(tensors(network), full.given())
    except InputError:  # it has zeros on one side alone, or the like
        return None
    return full if structure(again) == told else None
