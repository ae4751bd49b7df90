"""Fine-tuning of the weights for their integers, kept if it is worth having."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hwgen import zoo
from hwgen.calibration import Calibration
from hwgen.errors import InputError
from hwgen.flow.options import Settings
from hwgen.flow.stage import Say
from hwgen.flow.windows import Windows
from hwgen.importers import CheckpointMeta
from hwgen.network import Network
from hwgen.quantized import QuantizedModel

if TYPE_CHECKING:
    from hwgen.training import Recipe
    from hwgen.training.sources import Source


@dataclass(frozen=True)
class FineTuned:
    """The report's ``qat``.

    Parameters
    ----------
    start_f1, f1
        On the held-out windows before and after.
    epoch
        Whose weights were kept; 0: those of the start.
    epochs
        How many were run.
    """

    start_f1: float
    f1: float
    epoch: int
    epochs: int

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dict(vars(self))


def fine_tune(
    network: Network,
    windows: Windows,
    calibration: Calibration,
    settings: Settings,
    say: Say,
    trained: CheckpointMeta | None = None,
) -> tuple[QuantizedModel, FineTuned]:
    """Fine-tune on the training part, judged by its last fifth; return network and what it gave.

    `trained` is how the checkpoint says that its network was.

    Raises
    ------
    InputError
        If the windows are not labelled, or none are held out.
    """
    from hwgen.training.finetune import FineTuning, finetune
    from hwgen.training.latent import dequantized

    if not windows.held_labelled:
        raise InputError(
            f"--qat needs recordings of every class with room for windows in the last fifth of "
            f"their training part, not {windows.name}; give longer ones with --data"
        )
    plan, compensated = FineTuning(), calibration.method.rounding == "compensated"
    say(f"qat: fine-tuning on {plan.windows} windows of the training part")
    tuned = finetune(
        network,
        calibration.model,
        _source(windows, settings, _recipe(network.name, trained)),
        (windows.held, windows.held_labels),
        start=dequantized(network, calibration.model) if compensated else None,
        seed=settings.data.seed,
        plan=plan,
    )
    say(
        f"qat: F1 on the last fifth of the training part {tuned.start_f1:.4f} before, "
        f"{tuned.f1:.4f} after"
    )
    epochs = plan.optimisation.epochs
    return tuned.model, FineTuned(tuned.start_f1, tuned.f1, tuned.epoch, epochs)


def _source(windows: Windows, settings: Settings, recipe: Recipe) -> Source:
    """Return fresh windows of the recordings, or those that the checkpoint carries."""
    from hwgen.training.pieces import Pieces
    from hwgen.training.sources import FreshWindows, KeptWindows

    if windows.clean_train is None:
        return KeptWindows(windows.calibration, windows.calibration_labels)
    snr_db = settings.data.snr_db
    if snr_db is not None:
        # The user says what noise the network is for: a recipe's own range is for those who do not.
        kind = settings.data.noise
        recipe = replace(recipe, snr_range=None, snr_exponent=1.0, noise=kind)
    pieces = Pieces(windows.clean_train, windows.calibration.shape[-1])
    # As in training: without it the network learns by heart the windows that it sees.
    return FreshWindows(pieces, recipe.augment(snr_db), recipe.speeds)


def _recipe(kind: str, trained: CheckpointMeta | None) -> Recipe:
    """Return the recipe that varies windows as the training of a network of this kind did.

    The default one where that is not known, or varied nothing.
    """
    from hwgen.training import recipe_named

    name = trained and trained.recipe
    known = zoo.designed(kind, {}).recipes if kind in zoo.names() else {}
    recipe = known.get(name or "default")
    if recipe is None or recipe.windows != "fresh":
        recipe = known.get("default", recipe_named("default"))
    if trained is None or trained.noise == recipe.noise:
        return recipe
    return replace(recipe, noise=trained.noise)
