"""From the float network to the integer one: widths, formats, integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwgen.explore import Calibration, Choice, choose_calibration
from hwgen.explore.choice import AUTO, methods
from hwgen.flow.options import Settings
from hwgen.flow.stage import Say
from hwgen.flow.windows import Windows
from hwgen.network import Network
from hwgen.quantized import Bits, QuantizedModel


@dataclass(frozen=True, eq=False)
class Tuned:
    """The integer network.

    Parameters
    ----------
    model
        The network.
    calibration
        How it was calibrated.
    parts
        Further sections of the report by name.
    """

    model: QuantizedModel
    calibration: dict[str, Any]
    parts: dict[str, Any]


def tune(network: Network, windows: Windows, settings: Settings, say: Say) -> Tuned:
    """Return the integer network that the settings ask for.

    Raises
    ------
    InputError
        If the windows cannot be used, or are not labelled where labels are needed.
    CannotMeetError
        If no widths within the given ones keep to the drop that is allowed.
    """
    calibration, choices = _calibrate(network, windows, settings, settings.bits)
    return Tuned(calibration.model, _told(calibration, choices), {})


def _calibrate(
    network: Network, windows: Windows, settings: Settings, bits: Bits
) -> tuple[Calibration, tuple[Choice, ...]]:
    # What stands in for recordings says nothing on how the inputs of a layer go together.
    rounding = settings.rounding
    if rounding == AUTO and not windows.labelled:
        rounding = "nearest"
    labelled = windows.labelled and len(windows.held) > 0
    return choose_calibration(
        network,
        windows.calibration,
        bits,
        methods(settings.calibration, rounding),
        windows.held if len(windows.held) else windows.calibration,
        windows.held_labels if labelled else None,
        input_scale=windows.input_scale,
        classes=windows.classes,
        sample_rate=windows.sample_rate,
    )


def _told(calibration: Calibration, choices: tuple[Choice, ...]) -> dict[str, Any]:
    method = calibration.method
    return {
        "method": method.range,
        "rounding": method.rounding,
        "windows": calibration.windows,
        "choices": [choice.to_json() for choice in choices],
    }
