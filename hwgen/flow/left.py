"""The integer network that a build left: whole, and what its settings asked for."""

from __future__ import annotations

from pathlib import Path

from hwgen.errors import InputError
from hwgen.flow import quantize, stage
from hwgen.flow.options import SETTINGS, Settings
from hwgen.flow.quantized import Quantized
from hwgen.quantized import QuantizedModel


def left_by_quantize(folder: Path) -> QuantizedModel:
    """Return the integer network of a build; `InputError` if it is not what `quantize` left."""
    place = folder / quantize.FOLDER
    path = place / "model.json"
    if changed := stage.changed(place):
        _tell_damage(place, changed)
        raise InputError(
            f"{changed} is not the one that was calibrated: it was changed, or a run that wrote "
            f"it was broken off or is still at work; build again"
        )
    done = stage.result_of(place, Quantized)
    if done is None:
        raise InputError(
            f"{folder} has no finished integer network in {quantize.FOLDER}/; "
            f"build again: hwgen build CHECKPOINT -o {folder}"
        )
    model = quantize.read_model(path)
    if model.digest != done.said.design.digest:
        raise InputError(f"{path} is not the one that was calibrated; build again")
    return model


def _tell_damage(place: Path, changed: Path) -> None:
    """Raise what is wrong within a file that should be whole, if that shows."""
    model = quantize.read_model(place / "model.json")
    if changed.name == "windows.npz":
        quantize.read_windows(changed, model)


def check_asked(settings: Settings, folder: Path) -> None:
    """Raise `InputError` if the integer network was made from or for something else than asked.

    A build that was broken off after its first stage leaves the settings of the build before.
    """
    done = stage.result_of(folder / quantize.FOLDER, Quantized)
    if done and not quantize.made_for(done.said, settings):
        raise InputError(
            f"{folder / quantize.FOLDER} was made from another checkpoint, from other recordings "
            f"or with other options than {SETTINGS} says: a build of those was broken off or is "
            f"still at work; build again"
        )
