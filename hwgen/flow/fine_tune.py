"""Fine-tuning of the weights for their integers, kept if it is worth having."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hwgen import golden, metrics
from hwgen.errors import InputError
from hwgen.explore import Calibration, Method, calibrate
from hwgen.flow.options import Settings
from hwgen.flow.stage import Say
from hwgen.flow.windows import Windows
from hwgen.network import Network
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise

if TYPE_CHECKING:
    from hwgen.training.sources import Source

_SNR_JITTER = 3.0
"""dB either side of the stated ratio, as in training."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What fine-tuning led to.

    Parameters
    ----------
    model
        The integer network with the higher F1: the fine-tuned one unless calibration's is higher.
    start_f1, f1
        Macro-F1 on held-out windows of calibration's network and of the fine-tuned one.
    epoch, epochs
        From which the weights are, of how many; 0: no epoch was better than the start.
    """

    model: QuantizedModel
    start_f1: float
    f1: float
    epoch: int
    epochs: int

    def to_json(self) -> dict[str, Any]:
        """Return the report's part."""
        named = ("start_f1", "f1", "epoch", "epochs")
        return {name: getattr(self, name) for name in named} | {"kept": self.f1 >= self.start_f1}


def fine_tune(
    network: Network, windows: Windows, calibration: Calibration, settings: Settings, say: Say
) -> Outcome:
    """Fine-tune on the training part, and judge by its last fifth.

    Raises
    ------
    InputError
        If the windows are not labelled, or none are held out.
    """
    from hwgen.training.finetune import FineTuning, finetune

    if not windows.held_labelled:
        raise InputError(
            f"--qat needs recordings of every class with room for windows in the last fifth of "
            f"their training part, not {windows.name}; give longer ones with --data"
        )
    plan = FineTuning()
    say(f"qat: fine-tuning on {plan.windows} windows of the training part")
    # Its steps round to the nearest: the errors of a row are made up for by learning.
    start = calibrate(
        network,
        windows.calibration,
        calibration.model.bits,
        input_scale=windows.input_scale,
        classes=windows.classes,
        sample_rate=windows.sample_rate,
        method=Method(calibration.method.range, "nearest"),
    ).model
    tuned = finetune(
        network,
        start,
        _source(windows, settings),
        (windows.held, windows.held_labels),
        seed=settings.data.seed,
        plan=plan,
    )
    before = _held_f1(calibration.model, windows)
    kept = tuned.f1 >= before
    say(
        f"qat: F1 on the last fifth of the training part {before:.4f} before, {tuned.f1:.4f} "
        f"after" + ("" if kept else "; calibration's network is kept")
    )
    return Outcome(
        tuned.model if kept else calibration.model,
        before,
        tuned.f1,
        tuned.epoch,
        plan.optimisation.epochs,
    )


def _source(windows: Windows, settings: Settings) -> Source:
    """Return fresh windows of the recordings, or those that the checkpoint carries."""
    from hwgen.training.augment import CLEAN_SNR_DB, Augment
    from hwgen.training.pieces import Pieces
    from hwgen.training.sources import FreshWindows, KeptWindows

    if windows.clean_train is None:
        return KeptWindows(windows.calibration, windows.calibration_labels)
    stated = settings.data.snr_db
    low, high = CLEAN_SNR_DB
    if stated is not None:
        low, high = stated - _SNR_JITTER, stated + _SNR_JITTER
    pieces = Pieces(windows.clean_train, windows.calibration.shape[1])
    return FreshWindows(pieces, Augment(low, high))


def _held_f1(model: QuantizedModel, windows: Windows) -> float:
    answers = golden.classify(golden.run(model, digitise(windows.held, model.bits)))
    return metrics.macro_f1(windows.held_labels, answers, len(windows.classes))
