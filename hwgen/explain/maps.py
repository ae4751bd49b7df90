"""All maps of some windows: attention a layer, gradient times input, Grad-CAM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hwgen.explain.attention import layer_attention, quadratic_layers
from hwgen.explain.cam import cam_layer, grad_cam
from hwgen.explain.gradients import gradients
from hwgen.explain.places import Axis, axes, resized
from hwgen.explain.target import Target, seeds
from hwgen.network import Floats, Network
from hwgen.network.network import SAMPLES
from hwgen.network.ops.spectrum import Spectrum

ATTENTION, GRADIENT, CAM = "Qttention", "gradient x input", "Grad-CAM"


@dataclass(frozen=True, eq=False)
class Map:
    """What one way of looking says of some windows.

    Parameters
    ----------
    kind
        `ATTENTION`, `GRADIENT` or `CAM`.
    layer
        Of which layer; the samples' name for `GRADIENT`.
    axis
        What its places are.
    positions
        Of the layer.
    values
        ``(windows, places)``, not negative: as many places as a window has samples, or a spectrum
        bins; the layer's own positions where they are no places.
    parts
        Of the first window, by name: what the values were made of, at the layer's own positions.
    """

    kind: str
    layer: str
    axis: Axis
    positions: int
    values: Floats
    parts: Mapping[str, Floats]

    @property
    def name(self) -> str:
        """In words."""
        return self.kind if self.kind == GRADIENT else f"{self.kind} {self.layer}"

    @property
    def half(self) -> float | None:
        """Least share of the first window's places with half of the map's energy; None of none."""
        energy = np.sort(np.square(self.values[0]))[::-1]
        total = energy.sum()
        if total <= 0:
            return None
        return (int(np.searchsorted(np.cumsum(energy), total / 2)) + 1) / len(energy)


def maps_of(
    network: Network, x: Floats, target: Target, layer: str | None = None
) -> tuple[Map, ...]:
    """Return all maps of windows, those of quadratic layers first.

    Parameters
    ----------
    x
        ``(n >= 1, *input_shape)``, scaled as the network takes them.
    target
        What is explained.
    layer
        Of Grad-CAM; None: the last that still has positions.

    Raises
    ------
    InputError
        If an op has no derivative.
    UsageError
        If there is no such layer.
    """
    values = network.activations(x)
    known = axes(network)
    slopes = gradients(network, values, seeds(target, values))
    bins = [len(op.bins) for op in network.layers if isinstance(op, Spectrum)]
    lengths = {Axis.TIME: network.input_samples, Axis.BINS: bins[0] if bins else 0}
    found = list(_attention(network, values, known, lengths))
    product = values[SAMPLES] * slopes.get(SAMPLES, np.zeros(x.shape))
    absolute = np.abs(product.reshape(len(x), -1, x.shape[-1])).mean(axis=1)
    parts = {"gradient": slopes.get(SAMPLES, np.zeros(x.shape))[0], "product": product[0]}
    found.append(Map(GRADIENT, SAMPLES, Axis.TIME, x.shape[-1], absolute, parts))
    name = cam_layer(network, slopes, known, layer)
    cam = grad_cam(values[name], slopes[name])
    wide = resized(cam, lengths[known[name]], linear=True)
    found.append(Map(CAM, name, known[name], cam.shape[-1], wide, {"cam": cam[0]}))
    return tuple(found)


def _attention(
    network: Network,
    values: Mapping[str, Floats],
    known: Mapping[str, Axis],
    lengths: Mapping[Axis, int],
) -> list[Map]:
    """Return the map of every quadratic layer.

    Filters and channels are put together by the mean of their absolute values: those of opposite
    sign would cancel, and how many there are is the network's size, not what it looks at.
    """
    found = []
    for layer in quadratic_layers(network):
        rows, parts = [], {}
        for number, read in enumerate(values[layer.source]):
            raw, attention = layer_attention(layer, read)
            rows.append(attention.mean(axis=(0, 1)))
            if not number:
                parts = {"raw": raw, "filters": attention.mean(axis=1)}
        own = np.stack(rows)
        axis = known[layer.source]
        placed = own if axis is Axis.NONE else resized(own, lengths[axis])
        found.append(Map(ATTENTION, layer.label, axis, own.shape[1], placed, parts))
    return found
