"""The integer network: all that is needed to build and to check the hardware."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen import files
from hwgen.errors import InputError, UsageError
from hwgen.network import SAMPLES, Floats, Graph, Shape
from hwgen.network.network import sample_shape
from hwgen.network.wiring import graph_from_json, graph_to_json
from hwgen.quantized import rules
from hwgen.quantized.op import Activations, QuantizedOp, op_from_json
from hwgen.quantized.ops.score import QuantizedScore
from hwgen.quantized.precision import Precision
from hwgen.signals.task import Task

FORMAT, VERSION = "hwgen-quantized", 2


@dataclass(frozen=True, eq=False)
class QuantizedModel:
    """A graph of integer ops from ADC samples to its outputs.

    Parameters
    ----------
    name
        Kind of network.
    input_samples
        Samples a window.
    classes
        Names, one per logit; the class is the first arg-max.
    graph
        The ops. Its input is the samples.
    bits
        The choices it was made with.
    input_scale
        The float network takes the sensor's value times this.
    sample_rate
        Hz, or None if not known.
    channels
        Of the samples.

    Raises
    ------
    InputError
        If a rule of `hwgen.quantized.rules` is broken.
    """

    name: str
    input_samples: int
    classes: tuple[str, ...]
    graph: Graph[QuantizedOp]
    bits: Precision
    input_scale: float
    sample_rate: float | None
    channels: int = 1

    def __post_init__(self) -> None:
        rules.check(self)

    @property
    def ops(self) -> tuple[QuantizedOp, ...]:
        """All ops, each behind those that it reads."""
        return self.graph.ops

    @property
    def input_shape(self) -> Shape:
        """``(samples,)`` of one channel, ``(channels, samples)`` of several."""
        return sample_shape(self.channels, self.input_samples)

    @property
    def task(self) -> Task:
        """What the network is for."""
        return Task(self.classes, self.input_scale, self.sample_rate)

    @property
    def elements(self) -> int:
        """Samples a window of all channels, as they come one by one."""
        return self.channels * self.input_samples

    @property
    def logits(self) -> Activations:
        """Shape, format and scale of the logits; `InputError` if no output is a class."""
        return self.graph[self.graph.logits_name()].op.output

    @property
    def logit_width(self) -> int:
        """Bits of a logit, signed; 0 if no output is a class."""
        return 0 if self.graph.class_output is None else self.logits.fmt.width

    @property
    def score(self) -> QuantizedScore | None:
        """The op whose two logits say whether a window is an anomaly; None: classes are others."""
        name = self.graph.class_output
        op = None if name is None else self.graph[name].op
        return op if isinstance(op, QuantizedScore) else None

    @property
    def threshold(self) -> int | None:
        """The largest score that is no anomaly; None: there is no score."""
        return None if self.score is None else self.score.threshold

    @property
    def values(self) -> dict[str, Activations]:
        """The outputs that are values for the user, by name, in their order."""
        names = (output.source for output in self.graph.outputs if output.kind == "values")
        return {name: self.graph[name].op.output for name in names}

    @property
    def numbers(self) -> int:
        """How many numbers `values` are, of a window."""
        return sum(math.prod(each.shape) for each in self.values.values())

    @property
    def number_bits(self) -> int:
        """Bits that hold any of them, signed; 0 if there are none."""
        formats = [each.fmt for each in self.values.values()]
        return max((fmt.width + (not fmt.signed) for fmt in formats), default=0)

    @property
    def steps(self) -> Floats:
        """Real value of one in each number that the network is judged by (`Network.judged`)."""
        found = [self.graph[name].op.output for name in self.graph.judged()]
        return np.concatenate([np.tile(v.scale, math.prod(v.shape[1:])) for v in found])

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides the hardware's answers (64 hex digits).

        A chain that gives a class has the digest that it has in files of version 1.
        """
        body: dict[str, Any] = {"samples": self.input_samples}
        if self.channels != 1:
            body["channels"] = self.channels
        if self.graph.is_chain:
            body["ops"] = [op.to_json() for op in self.ops]
        else:
            body |= graph_to_json(self.graph)
        return files.digest(json.dumps(body, sort_keys=True))

    def with_ops(self, ops: Collection[QuantizedOp]) -> QuantizedModel:
        """Return the model with other ops in the place of those of the same name."""
        return dataclasses.replace(self, graph=self.graph.with_ops(ops))

    def to_json(self) -> dict[str, Any]:
        """Return the model as a JSON object."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "input_samples": self.input_samples,
            "classes": list(self.classes),
            "input_scale": self.input_scale,
            "sample_rate": self.sample_rate,
            "channels": self.channels,
            "bits": self.bits.to_json(),
            "digest": self.digest,
            **graph_to_json(self.graph),
        }

    @classmethod
    def from_json(cls, value: Any) -> QuantizedModel:
        """Return the model that `to_json` wrote.

        Raises
        ------
        InputError
            If it is of another kind, a newer version, damaged, or changed by hand.
        """
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise InputError(f"a quantized model must say format {FORMAT!r}; quantize again")
        if value.get("version") not in (1, VERSION):
            raise InputError(
                f"model version must be 1 or {VERSION}, not {value.get('version')!r}; "
                "quantize again"
            )
        try:
            model = cls(
                name=str(value["name"]),
                input_samples=int(value["input_samples"]),
                classes=tuple(str(name) for name in value["classes"]),
                graph=graph_from_json(value, SAMPLES, op_from_json, "ops"),
                bits=Precision(**value["bits"]),
                input_scale=float(value["input_scale"]),
                sample_rate=value["sample_rate"],
                channels=int(value.get("channels", 1)),
            )
        except (
            KeyError,
            TypeError,
            ValueError,
            OverflowError,
            IndexError,
            UsageError,
        ) as error:
            raise InputError(f"quantized model is damaged: {error!r}; quantize again") from error
        if model.digest != value.get("digest"):
            raise InputError("quantized model does not match its digest; quantize again")
        return model
