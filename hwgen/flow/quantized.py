"""What the quantizing stage has to say of an integer network: the record that others read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from hwgen import report
from hwgen.flow.accuracy import Accuracy
from hwgen.flow.stage import StageResult
from hwgen.quantized import QuantizedModel

Section = Mapping[str, Any]
"""A section of the report that is told as it is: JSON, of which `hwgen.report` has the rules."""

_OPTIONAL = ("network", "robustness", "search", "qat", "data")
"""Sections that not every build has."""


@dataclass(frozen=True)
class NetworkFacts:
    """What the report's ``design`` says of the integer network.

    Parameters
    ----------
    network
        Its name.
    digest
        Of all that decides its answers.
    input_samples
        Of a window.
    classes
        Names.
    adc_bits, full_scale_g, magnitude
        Of the choices that it was made with.
    """

    network: str
    digest: str
    input_samples: int
    classes: tuple[str, ...]
    adc_bits: int
    full_scale_g: float
    magnitude: str

    @classmethod
    def of(cls, model: QuantizedModel) -> Self:
        """Return the facts of a network."""
        bits = model.bits
        return cls(
            model.name,
            model.digest,
            model.input_samples,
            model.classes,
            bits.adc,
            bits.full_scale,
            bits.magnitude,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return vars(self) | {"classes": list(self.classes)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(**{**value, "classes": tuple(value["classes"])})


@dataclass(frozen=True, eq=False)
class Quantized(StageResult):
    """An integer network that was made and measured.

    Parameters
    ----------
    design
        Of the network.
    accuracy
        On the test part.
    calibration
        How it was calibrated, and each layer's statistics.
    network
        Its sizes, and each layer's; None of an older hwgen's build.
    robustness, search, qat, data
        Noise and gains, the search for widths, fine-tuning, and what was read; None where there is
        nothing to tell.
    notices
        What the user must know.
    basis
        Of `hwgen.flow.quantize.basis`: the options that this holds for; None of an older hwgen's
        build, or outside of one.
    source
        Of `hwgen.flow.quantize.source`: what checkpoint and recordings held; None likewise.
    """

    design: NetworkFacts
    accuracy: Accuracy
    calibration: Section
    network: Section | None = None
    robustness: Section | None = None
    search: Section | None = None
    qat: Section | None = None
    data: Section | None = None
    notices: tuple[str, ...] = ()
    basis: Mapping[str, Any] | None = None
    source: str | None = None

    @property
    def again(self) -> Sequence[str]:
        """What was read, and what the user must know."""
        read = report.data_lines(dict(self.data)) if self.data else ()
        return [*read, *self.notices]

    def sections(self) -> dict[str, Any]:
        """Return the report's sections by name, those that there are."""
        optional = {name: getattr(self, name) for name in _OPTIONAL}
        return {
            "design": self.design.to_json(),
            "accuracy": self.accuracy.to_json(),
            "calibration": dict(self.calibration),
        } | {name: dict(section) for name, section in optional.items() if section}

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        holds = {"basis": self.basis, "source": self.source}
        return (
            self.sections()
            | {"notices": list(self.notices)}
            | {name: value for name, value in holds.items() if value is not None}
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(
            design=NetworkFacts.from_json(value["design"]),
            accuracy=Accuracy.from_json(value["accuracy"]),
            calibration=value["calibration"],
            notices=tuple(value["notices"]),
            basis=value.get("basis"),
            source=value.get("source"),
            **{name: value.get(name) for name in _OPTIONAL},
        )
