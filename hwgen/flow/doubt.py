"""Doubts about a network from its own answers: near chance in floats, worse in integers."""

from __future__ import annotations

import numpy as np

from hwgen import metrics
from hwgen.flow.accuracy import Accuracy
from hwgen.flow.readings import Reading, read_otherwise
from hwgen.flow.windows import Windows
from hwgen.importers import Checkpoint
from hwgen.network import Floats
from hwgen.network.anomaly import score_of

NEAR = 0.5
"""Part of the way from chance, 1 / classes, to 1 below which F1 counts as near chance."""

LOW = 0.9
"""F1 below which other readings of the network are tried; one that is far better is told."""

FALL = 0.05
"""F1 that integers may cost without a word."""

AUC_FALL = 0.005
"""The same of AUC."""

LEAST_SQNR_DB = 10.0
"""Of scores, where no faults are known."""

_TOLD = 3


def of_float(checkpoint: Checkpoint, windows: Windows, logits: Floats) -> list[str]:
    """Return what is to be told of a network's F1 on labelled windows, loudest first.

    Parameters
    ----------
    checkpoint
        With its network.
    windows
        Those of the test part are looked at.
    logits
        ``(n, classes)`` of the float network for them.

    Returns
    -------
    Nothing where F1 is high, or the windows are not labelled or all of one class.
    """
    if not windows.labelled or len(np.unique(windows.labels)) < 2 or score_of(checkpoint.network):
        return []  # of a score the threshold is told, and what is strange about it
    classes = len(windows.classes)
    f1 = metrics.macro_f1(windows.labels, logits.argmax(axis=1), classes)
    if f1 >= LOW:
        return []
    chance = 1 / classes
    near = _near(f1, classes)
    found = read_otherwise(checkpoint, windows, logits)
    better = _better(found, f1)
    if not near and not better:
        return []
    verdict = _verdict(f1, chance, windows, near=near)
    return [verdict, *_reasons(better), _summary(found)]


def of_training(f1: float, classes: int) -> list[str]:
    """Return what is to be told of the F1 of a network that was just trained."""
    if not _near(f1, classes):
        return []
    return [
        f"WARNING: F1 of the trained network is {f1:.3f}, near chance ({1 / classes:.3f}): it has "
        "not learnt to tell the classes apart; check the table above (classes, files, channel, "
        "rate), give more recordings, or more --epochs"
    ]


def _near(f1: float, classes: int) -> bool:
    chance = 1 / classes
    return f1 < chance + NEAR * (1 - chance)


def _better(found: list[Reading], f1: float) -> list[Reading]:
    """Return the best few that take away half of the errors or more.

    What cannot be built is left out where something that can be does as well.
    """
    better = [each for each in found if each.f1 >= f1 + (1 - f1) / 2]
    best_built = max((each.f1 for each in better if each.how), default=0.0)
    return [each for each in better if each.how or each.f1 > best_built][:_TOLD]


def _summary(found: list[Reading]) -> str:
    best: dict[str, float] = {}
    for each in found:
        best[each.kind] = max(each.f1, best.get(each.kind, 0.0))
    single = {kind: f1 for kind, f1 in best.items() if " and scale" not in kind}
    listed = ", ".join(f"{kind} {f1:.3f}" for kind, f1 in single.items())
    pairs = [f1 for kind, f1 in best.items() if kind not in single]
    both = f", one of them with another scale {max(pairs):.3f}" if pairs else ""
    return f"WARNING: {len(found)} other readings were tried; best F1 of each kind: {listed}{both}"


def _verdict(f1: float, chance: float, windows: Windows, *, near: bool) -> str:
    measured = f"F1 of the float network is {f1:.3f} on {len(windows.test)} labelled windows"
    if near:
        return (
            f"WARNING: {measured}, near chance ({chance:.3f}): it is another network than it is "
            "taken for, or these are not its data"
        )
    return f"WARNING: {measured}, and far higher if it is read otherwise"


def _reasons(better: list[Reading]) -> list[str]:
    if not better:
        return [
            "WARNING: no other reading of the network does far better: check that these "
            "recordings, their channel, unit and sample rate are those of its training"
        ]
    return [
        f"WARNING: F1 would be {each.f1:.3f} with {each.what}: "
        f"{each.how or 'hwgen cannot build that network now'}"
        for each in better
    ]


def of_fixed(accuracy: Accuracy) -> str | None:
    """Return what is to be told where integers cost much F1 or AUC, None where they do not."""
    if accuracy.kind == "anomaly":
        return _score(accuracy)
    exact, fixed = accuracy.float_f1, accuracy.fixed_f1
    if exact is None or fixed is None or exact - fixed <= FALL:
        return None
    return (
        f"WARNING: F1 falls from {exact:.3f} in floats to {fixed:.3f} in integers; check "
        "--full-scale and --adc-bits, give more bits, or fine-tune with --qat"
    )


def _score(accuracy: Accuracy) -> str | None:
    """Return the same of a score: by AUC where faults are known, else by its noise."""
    exact, fixed = accuracy.auc_float, accuracy.auc_fixed
    if exact is not None and fixed is not None:
        found = f"AUC falls from {exact:.3f} in floats to {fixed:.3f} in integers"
        coarse = exact - fixed > AUC_FALL
    else:
        found = f"the scores of fixed point are noisy (SQNR {accuracy.sqnr_db or 0:.1f} dB)"
        coarse = accuracy.sqnr_db is not None and accuracy.sqnr_db < LEAST_SQNR_DB
    if not coarse:
        return None
    return (
        f"WARNING: {found}; check --full-scale, and give more bits: --feature-bits 12 "
        "--activation-bits 12 --conv-weight-bits 12 --dense-weight-bits 12"
    )
