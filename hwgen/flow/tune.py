"""From the float network to the integer one: widths, formats, integers."""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.calibration import Calibration, Choice, Method, choose_calibration
from hwgen.calibration.choice import AUTO, methods
from hwgen.errors import InputError
from hwgen.flow.fine_tune import FineTuned, fine_tune
from hwgen.flow.options import Settings
from hwgen.flow.search import search_bits
from hwgen.flow.stage import Say
from hwgen.flow.windows import Windows
from hwgen.importers import CheckpointMeta
from hwgen.network import Network
from hwgen.quantized import QuantizedModel
from hwgen.widths.search import Search


@dataclass(frozen=True, eq=False)
class Tuned:
    """The integer network.

    Parameters
    ----------
    model
        The network.
    calibration
        How it was calibrated.
    choices
        What else was measured for that; none if only one way was asked for.
    search
        For its widths; None where none were looked for.
    qat
        Fine-tuning of its weights; None likewise.
    """

    model: QuantizedModel
    calibration: Calibration
    choices: tuple[Choice, ...]
    search: Search | None = None
    qat: FineTuned | None = None


def tune(
    network: Network,
    windows: Windows,
    settings: Settings,
    say: Say,
    trained: CheckpointMeta | None = None,
) -> Tuned:
    """Return the integer network that the settings ask for.

    `trained` is how the checkpoint says that its network was: fine-tuning goes on like that.

    Raises
    ------
    InputError
        If the windows cannot be used, or are not labelled where labels are needed.
    CannotMeetError
        If no widths within the given ones keep to the drop that is allowed.
    """
    asked = "--max-drop" if settings.max_drop is not None else "--qat" if settings.qat else None
    if asked and not windows.classes:
        raise InputError(f"{asked} measures F1: the network must have an output that is a class")
    bits, ways = settings.bits, _ways(windows, settings)
    found = tuned = None
    if settings.max_drop is not None:
        found = search_bits(network, windows, settings, _narrow(settings), settings.max_drop, say)
        bits, ways = found.chosen.bits, (_narrow(settings),)
    calibration, choices = choose_calibration(
        network,
        windows.calibration,
        bits,
        windows.task,
        ways,
        windows.held if len(windows.held) else windows.calibration,
        windows.held_labels if windows.held_labelled else None,
    )
    model = calibration.model
    if settings.qat:
        model, tuned = fine_tune(network, windows, calibration, settings, say, trained)
    return Tuned(model, calibration, choices, found, tuned)


def _ways(windows: Windows, settings: Settings) -> tuple[Method, ...]:
    # What stands in for recordings says nothing on how the inputs of a layer go together.
    if settings.rounding == AUTO and not windows.labelled:
        return methods(settings.calibration, "nearest")
    return methods(settings.calibration, settings.rounding)


def _narrow(settings: Settings) -> Method:
    """Return the way in which few bits are calibrated unless another is asked for."""
    return Method(
        "mse" if settings.calibration == AUTO else settings.calibration,
        "compensated" if settings.rounding == AUTO else settings.rounding,
    )
