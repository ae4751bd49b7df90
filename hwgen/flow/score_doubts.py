"""What is to be told of scores and their threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hwgen.network.threshold import Rule
    from hwgen.training.scores import Judged

_TIMES = 5
"""So often the false alarms that were asked for are many more."""
_FEW = 20
"""Windows above the threshold, below which their share is chance."""
_LITTLE = 0.05
"""Of the variance: what makes no more of it again knows hardly more than a mean."""


def of(judged: Judged, metrics: Mapping[str, float], rule: Rule) -> list[str]:
    """Return what is to be told, loudest first."""
    found = [*_everything_or_nothing(judged), *_false_alarms(judged, metrics, rule)]
    held = int(metrics["held_windows"])
    if rule.contamination is None and held < rule.needed():
        found.append(
            f"WARNING: {held} held-out windows are too few for --false-alarms {rule.share:g}: the "
            f"threshold is the largest of their scores; record more, or ask for {1 / held:.2g}"
        )
    if metrics["explained"] < _LITTLE:
        found.append(
            f"WARNING: the autoencoder makes {metrics['explained']:.0%} of the variance of healthy "
            "windows again: its score is hardly more than the distance from their mean; give it "
            "more --epochs, or another --network"
        )
    return found


def _everything_or_nothing(judged: Judged) -> list[str]:
    """Return what is told of a threshold that every window exceeds, or none."""
    from hwgen.network.threshold import distribution

    found, limit = [], judged.threshold
    if (judged.healthy > limit).all():
        found.append(
            f"WARNING: every healthy window of the test part exceeds the threshold {limit:.4g} "
            f"(scores: {distribution(judged.healthy)}): the machine has changed since the part "
            "that trained; train on recordings of every condition"
        )
    every = np.concatenate([judged.healthy, *judged.faulty.values()])
    if judged.faulty and not (every > limit).any():
        found.append(
            f"WARNING: no window exceeds the threshold {limit:.4g} (healthy scores: "
            f"{distribution(judged.healthy)}; faulty: {_faulty(judged)}): the network does not "
            "see these faults; try another --network, or more --false-alarms"
        )
    missed = [name for name, values in judged.faulty.items() if not (values > limit).any()]
    if missed and len(missed) < len(judged.faulty):
        found.append(f"WARNING: no window of {', '.join(missed)} exceeds the threshold {limit:.4g}")
    return found


def _faulty(judged: Judged) -> str:
    from hwgen.network.threshold import distribution

    return distribution(np.concatenate(list(judged.faulty.values())))


def _false_alarms(judged: Judged, metrics: Mapping[str, float], rule: Rule) -> list[str]:
    from hwgen.network.threshold import distribution

    share, count = metrics["false_alarms"], int((judged.healthy > judged.threshold).sum())
    if share == 1 or share <= _TIMES * rule.share or count < _FEW:
        return []
    return [
        f"WARNING: {share:.1%} of the healthy windows of the test part exceed the threshold "
        f"{judged.threshold:.4g} where {rule.share:.2g} of all were to (scores: "
        f"{distribution(judged.healthy)}): the machine changes; record longer, under every "
        "condition"
    ]
