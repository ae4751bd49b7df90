"""The integer network: all that is needed to build and to check the hardware."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hwgen import files
from hwgen.errors import InputError, UsageError
from hwgen.quantized.bits import Bits
from hwgen.quantized.op import QuantizedOp, op_from_json

FORMAT, VERSION = "hwgen-quantized", 1


@dataclass(frozen=True, eq=False)
class QuantizedModel:
    """A chain of integer ops from ADC samples to logits; the class is the first arg-max.

    Parameters
    ----------
    name
        Kind of network.
    input_samples
        Samples a window.
    classes
        Names, one per logit.
    ops
        In order; the first takes samples, the last gives the logits.
    bits
        The choices it was made with.
    input_scale
        The float network takes the sensor's value times this.
    sample_rate
        Hz, or None if not known.
    """

    name: str
    input_samples: int
    classes: tuple[str, ...]
    ops: tuple[QuantizedOp, ...]
    bits: Bits
    input_scale: float
    sample_rate: float | None

    def __post_init__(self) -> None:
        shape = self.ops[-1].output.shape
        if shape != (len(self.classes),):
            raise InputError(f"class names must be one per logit {shape}, not {len(self.classes)}")

    @property
    def logit_width(self) -> int:
        """Bits of a logit, signed."""
        return self.ops[-1].output.fmt.width

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides the hardware's answers (64 hex digits)."""
        body = {"samples": self.input_samples, "ops": [op.to_json() for op in self.ops]}
        return files.digest(json.dumps(body, sort_keys=True))

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
            "bits": self.bits.to_json(),
            "digest": self.digest,
            "ops": [op.to_json() for op in self.ops],
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
        if value.get("version") != VERSION:
            raise InputError(
                f"model version must be {VERSION}, not {value.get('version')!r}; quantize again"
            )
        try:
            model = cls(
                name=str(value["name"]),
                input_samples=int(value["input_samples"]),
                classes=tuple(str(name) for name in value["classes"]),
                ops=tuple(op_from_json(op) for op in value["ops"]),
                bits=Bits(**value["bits"]),
                input_scale=float(value["input_scale"]),
                sample_rate=value["sample_rate"],
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
