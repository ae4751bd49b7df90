"""The float network: what a checkpoint means, without torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.network.layer import Floats, Layer, Shape, layer_from_json

_BATCH = 256
"""Windows at a time: the patches of a convolution take 8 times the memory of its input."""


@dataclass(frozen=True, eq=False)
class Network:
    """A chain of layers from samples to one logit a class; the class is the first arg-max.

    Parameters
    ----------
    name
        Of the network's kind, for example ``"bearingpga"``.
    input_samples
        Samples a window.
    layers
        In order.
    classes
        Their names; empty where the checkpoint names none.
    input_scale
        The network's input is ``x * input_scale``; None where the checkpoint does not say.
    sample_rate
        Hz, None where the checkpoint does not say.

    Raises
    ------
    InputError
        If shapes do not chain, or the class names are not one per logit.
    """

    name: str
    input_samples: int
    layers: tuple[Layer, ...]
    classes: tuple[str, ...] = ()
    input_scale: float | None = None
    sample_rate: float | None = None

    def __post_init__(self) -> None:
        self.check()

    def check(self) -> None:
        """Check every rule of the IR; `InputError` names the first that is broken."""
        if not self.layers:
            raise InputError("a network must have at least one layer, not none")
        shape = self.shapes()[-1]
        if len(shape) != 1 or shape[0] < 2:
            raise InputError(f"a network must end in 2 or more logits, not in shape {shape}")
        if getattr(self.layers[-1], "relu", False):
            raise InputError(f"{self.layers[-1].name} gives the logits and must have no ReLU")
        names = [layer.name for layer in self.layers]
        if len(set(names)) != len(names):
            raise InputError(f"layer names must differ, not be {names}")
        if self.classes and len(self.classes) != shape[0]:
            raise InputError(
                f"class names must be one per logit ({shape[0]}), not {len(self.classes)}"
            )
        for field in ("input_scale", "sample_rate"):
            value = getattr(self, field)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise InputError(f"{field} must be a positive number, not {value!r}")

    def shapes(self) -> tuple[Shape, ...]:
        """Return the shape of one window's input and of every layer's output."""
        shapes: list[Shape] = [(self.input_samples,)]
        for layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return tuple(shapes)

    @property
    def logits(self) -> int:
        """Number of classes."""
        return self.shapes()[-1][0]

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        return sum(
            value.size
            for layer in self.layers
            for value in vars(layer).values()
            if isinstance(value, np.ndarray)
        )

    def activations(self, x: npt.ArrayLike) -> list[Floats]:
        """Return every layer's output for windows ``(n, input_samples)``, already scaled."""
        outputs = []
        value = np.asarray(x, dtype=np.float64)
        for layer in self.layers:
            value = layer.apply(value)
            outputs.append(value)
        return outputs

    def run(self, x: npt.ArrayLike) -> Floats:
        """Return the logits ``(n, classes)`` of windows ``(n, input_samples)``, already scaled."""
        x = np.asarray(x, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != self.input_samples:
            raise InputError(f"windows must be (n, {self.input_samples}), not {x.shape}")
        parts = [self.activations(x[i : i + _BATCH])[-1] for i in range(0, len(x), _BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.logits))

    def to_json(self) -> dict[str, Any]:
        """Return the network as a JSON object."""
        return {
            "name": self.name,
            "input_samples": self.input_samples,
            "classes": list(self.classes),
            "input_scale": self.input_scale,
            "sample_rate": self.sample_rate,
            "layers": [layer.to_json() for layer in self.layers],
        }

    @classmethod
    def from_json(cls, value: Any) -> Network:
        """Return the network that `to_json` wrote; `InputError` if it is damaged."""
        try:
            return cls(
                name=str(value["name"]),
                input_samples=int(value["input_samples"]),
                layers=tuple(layer_from_json(layer) for layer in value["layers"]),
                classes=tuple(str(name) for name in value["classes"]),
                input_scale=value["input_scale"],
                sample_rate=value["sample_rate"],
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise InputError(f"network JSON is damaged: {error!r}") from error
