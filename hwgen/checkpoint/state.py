"""Between the tensors of the published format and the float network IR."""

from __future__ import annotations

from collections.abc import Sequence

from hwgen.checkpoint.ascending import turned
from hwgen.checkpoint.geometry import ASCENDING, FullGeometry, Geometry, resolve
from hwgen.checkpoint.structure import structure
from hwgen.checkpoint.tensors import State
from hwgen.errors import InputError
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
    if geometry is not None and geometry.bins == ASCENDING:
        conv, first = turned(state["conv1.weight"], state["fc1.weight"], full)
        state = state | {"conv1.weight": conv, "fc1.weight": first}
    dense = [name.removesuffix(".weight") for name in state if name.endswith(".weight")][1:]
    return Network.chain(
        name=NAME,
        input_samples=full.window,
        layers=(
            Spectrum("spectrum", full.window),
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
    if sorted(outputs) != list(range(count)):
        raise InputError(
            f"--outputs must be each of the network's outputs 0 to {count - 1} once, "
            f"not {','.join(map(str, outputs))}"
        )
    parts = (f"{last}.weight", f"{last}.bias")
    return state | {part: state[part][list(outputs)] for part in parts}


def state_from_network(network: Network) -> tuple[State, FullGeometry]:
    """Return the tensors of `network` under their published names, and its geometry.

    Raises
    ------
    ValueError
        If the network is not spectrum, convolution with ReLU, max-pool and dense layers.
    """
    state, geometry = _taken_apart(network)
    # What it says beyond these, such as a dilation, would be lost.
    if structure(network_from_state(state, geometry.given())) != structure(network):
        raise ValueError(f"network must be of BearingPGA-Net's kind, not {network.name}")
    return state, geometry


def _taken_apart(network: Network) -> tuple[State, FullGeometry]:
    match network.layers:
        case (
            Spectrum(window=window),
            Conv1d(name="conv1", relu=True) as conv,
            MaxPool1d(size=pool),
            *dense,
        ) if _is_dense_tail(dense):
            state: State = {"conv1.weight": conv.weight, "conv1.bias": conv.bias}
            for layer in dense:
                assert isinstance(layer, Dense)
                state[f"{layer.name}.weight"] = layer.weight
                state[f"{layer.name}.bias"] = layer.bias
            return state, FullGeometry(conv.stride, conv.padding, pool, window)
    ops = [layer.op for layer in network.layers]
    raise ValueError(f"network must be spectrum, conv1, max-pool, fc1, ..., not {ops}")


def _is_dense_tail(layers: list) -> bool:
    return bool(layers) and all(
        isinstance(layer, Dense) and layer.name == f"fc{k}" and layer.relu == (k < len(layers))
        for k, layer in enumerate(layers, 1)
    )
