"""The float network: what a checkpoint means, without torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.errors import InputError
from hwgen.network import rules
from hwgen.network.graph import Graph
from hwgen.network.layer import Floats, Layer, Shape, layer_from_json
from hwgen.network.wiring import graph_from_json, graph_to_json

FORMAT, VERSION = "hwgen-network", 2

SAMPLES = "samples"
"""Name of the network's input."""

_BATCH = 256
"""Windows at a time: the patches of a convolution take 8 times the memory of its input."""


@dataclass(frozen=True, eq=False)
class Network:
    """A graph of layers from a window of samples to its outputs.

    Parameters
    ----------
    name
        Of the network's kind, for example ``"bearingpga"``.
    input_samples
        Samples a window and channel.
    graph
        The layers. Its input is `SAMPLES`.
    classes
        Their names; empty where the checkpoint names none, or no output is a class.
    input_scale
        The network's input is ``x * input_scale``; None where the checkpoint does not say.
    sample_rate
        Hz, None where the checkpoint does not say.
    channels
        Of the samples.

    Raises
    ------
    InputError
        If a rule of `hwgen.network.rules` is broken.
    """

    name: str
    input_samples: int
    graph: Graph[Layer]
    classes: tuple[str, ...] = ()
    input_scale: float | None = None
    sample_rate: float | None = None
    channels: int = 1

    def __post_init__(self) -> None:
        rules.check(self, rules.FLOAT)

    @classmethod
    def chain(
        cls, name: str, input_samples: int, layers: Collection[Layer], **fields: Any
    ) -> Network:
        """Return the network whose layers follow each other; the last gives the logits."""
        return cls(name, input_samples, Graph.chain(SAMPLES, layers), **fields)

    @property
    def input_shape(self) -> Shape:
        """``(samples,)`` of one channel, ``(channels, samples)`` of several."""
        return sample_shape(self.channels, self.input_samples)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, each behind those that it reads."""
        return self.graph.ops

    def with_layers(self, layers: Collection[Layer]) -> Network:
        """Return the network with other layers in the place of those of the same name."""
        return dataclasses.replace(self, graph=self.graph.with_ops(layers))

    def shapes(self) -> dict[str, Shape]:
        """Return the shape of one window's input and of every layer's output, by name."""
        return self.graph.walk(
            lambda node, shapes: node.op.output_shape(*shapes), {SAMPLES: self.input_shape}
        )

    @property
    def class_output(self) -> str | None:
        """Name of the value whose first arg-max is the class; None if there is none."""
        return self.graph.class_output

    @property
    def logits(self) -> int:
        """Number of classes; 0 where no output is a class."""
        name = self.class_output
        return 0 if name is None else self.shapes()[name][0]

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        return sum(tensor.size for layer in self.layers for tensor in layer.tensors().values())

    def activations(
        self, x: npt.ArrayLike, *, keep: Collection[str] | None = None
    ) -> dict[str, Floats]:
        """Return the outputs of all layers for windows ``(n, *input_shape)``, already scaled.

        `keep` names those that are returned; None for all.
        """
        value = np.asarray(x, dtype=np.float64)
        return self.graph.walk(
            lambda node, values: node.op.value(*values), {SAMPLES: value}, keep=keep
        )

    def run(self, x: npt.ArrayLike) -> Floats:
        """Return the logits ``(n, classes)`` of windows ``(n, *input_shape)``, already scaled."""
        name = self.graph.logits_name()
        return self.outputs(x, (name,))[name]

    def judged(self, x: npt.ArrayLike) -> Floats:
        """Return what a network is judged by (`Graph.judged`), ``(n, numbers)``.

        One output after the other, position by position with the channels of one side by side, as
        a chip gives them.
        """
        found = self.outputs(x, self.graph.judged())
        return np.concatenate([_by_position(each) for each in found.values()], axis=1)

    def outputs(self, x: npt.ArrayLike, names: Sequence[str] = ()) -> dict[str, Floats]:
        """Return values for windows ``(n, *input_shape)``, already scaled, a batch at a time.

        `names` are those of the values; none for the outputs'.
        """
        x = np.asarray(x, dtype=np.float64)
        if x.shape[1:] != self.input_shape or not x.ndim:
            raise InputError(
                f"windows must be (n, {', '.join(map(str, self.input_shape))}), not {x.shape}"
            )
        names = tuple(names) or self.graph.sources()
        shapes = self.shapes()
        parts = [self.activations(x[i : i + _BATCH], keep=names) for i in range(0, len(x), _BATCH)]
        return {
            name: np.concatenate([part[name] for part in parts])
            if parts
            else np.zeros((0, *shapes[name]))
            for name in names
        }

    def to_json(self) -> dict[str, Any]:
        """Return the network as a JSON object."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "input_samples": self.input_samples,
            "channels": self.channels,
            "classes": list(self.classes),
            "input_scale": self.input_scale,
            "sample_rate": self.sample_rate,
            **graph_to_json(self.graph),
        }

    @classmethod
    def from_json(cls, value: Any) -> Network:
        """Return the network that `to_json` wrote; `InputError` if it is damaged or too new."""
        try:
            version = value.get("version", 1)
            if version not in (1, VERSION):
                raise InputError(
                    f"network version must be 1 or {VERSION}, not {version!r}; update hwgen"
                )
            return cls(
                name=str(value["name"]),
                input_samples=int(value["input_samples"]),
                graph=graph_from_json(value, SAMPLES, layer_from_json, "layers"),
                classes=tuple(str(name) for name in value["classes"]),
                input_scale=value["input_scale"],
                sample_rate=value["sample_rate"],
                channels=int(value.get("channels", 1)),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InputError(f"network JSON is damaged: {error!r}") from error


def _by_position(values: Floats) -> Floats:
    by_position = values.transpose(0, 2, 1) if values.ndim == 3 else values
    return by_position.reshape(len(values), -1)


def sample_shape(channels: int, samples: int) -> Shape:
    """Return the shape of a window's samples: one channel has no axis of its own."""
    return (samples,) if channels == 1 else (channels, samples)
