"""From which score on a window is an anomaly: set from healthy windows, or as the user says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen import golden
from hwgen.calibration.threshold import settled
from hwgen.errors import UsageError
from hwgen.flow.options import AlarmOptions, Settings
from hwgen.flow.tune import Tuned
from hwgen.flow.windows import Windows
from hwgen.network import Floats, Network
from hwgen.network.anomaly import score_of, with_score
from hwgen.network.threshold import Rule, distribution
from hwgen.quantized.samples import digitise


def check(settings: Settings, network: Network) -> None:
    """Refuse options of a threshold where there is none, and what a score cannot be tuned by.

    Raises
    ------
    UsageError
        Naming the option.
    """
    asked = settings.alarm
    if score_of(network) is None:
        given = [name for name, value in vars(asked).items() if value is not None]
        if given or settings.data.healthy:
            name = (given or ["healthy"])[0].replace("_", "-")
            raise UsageError(
                f"--{name} makes no sense for {network.name}, which tells classes, not anomalies; "
                "leave it out"
            )
        return
    if settings.data.test_data:
        raise UsageError(
            f"--test-data makes no sense for {network.name}, whose answer is a score: give the "
            "recordings with --data, and say with --healthy which are"
        )
    if settings.qat:
        raise UsageError(
            f"--qat makes no sense for {network.name}, whose answer is a score: leave it out, and "
            "give more --activation-bits where fixed point costs too much"
        )
    if asked.threshold is not None and (asked.false_alarms, asked.contamination) != (None, None):
        raise UsageError("--threshold must come without --false-alarms and --contamination")


def with_threshold(network: Network, windows: Windows, asked: AlarmOptions) -> Network:
    """Return a network with a score whose threshold is known; others as they are.

    As the user says; else as the network has it; else from healthy windows that calibrate, or of
    those that are held out if there are some.
    """
    score = score_of(network)
    if score is None:
        return network
    if asked.threshold is not None:
        return with_score(network, replace(score, threshold=asked.threshold, false_alarms=None))
    ruled = asked.false_alarms is not None or asked.contamination is not None
    if score.threshold is not None and not ruled:
        return network
    rule = Rule(asked.false_alarms, asked.contamination)
    seen = _scores(network, windows, windows.calibration)
    held = _scores(network, windows, healthy_held(windows))
    threshold = rule.threshold(seen, held if len(held) else seen)
    return with_score(network, replace(score, threshold=threshold, false_alarms=rule.stated))


def healthy_held(windows: Windows) -> Floats:
    """Return the healthy ones of the held-out windows."""
    return windows.held[windows.held_labels == 0]


def resettled(chosen: Tuned, network: Network, windows: Windows) -> Tuned:
    """Return an integer network whose threshold suits healthy windows, as of calibration.

    Those that are held out count too: calibration has seen the others.
    """
    model = chosen.model
    op, score = model.score, score_of(network)
    if op is None or score is None:
        return chosen
    x = np.concatenate([windows.calibration, healthy_held(windows)])
    integers = golden.run(model, digitise(x, model.bits))[:, 1]
    found = settled(op, score.threshold, _scores(network, windows, x), integers)
    return replace(chosen, model=model.with_ops((found,)))


def notices(network: Network, windows: Windows, floats: Floats, before: Network) -> list[str]:
    """Return what is told of a threshold: what it is, and what is strange about it.

    Parameters
    ----------
    before
        The network as it came: whether its threshold was chosen here.
    floats
        The float network's logits of the test windows, ``(n, 2)``.
    """
    score = score_of(network)
    if score is None or score.threshold is None:
        return []
    scores = floats[:, 1]
    share = "" if score.false_alarms is None else (
        f", above which {100 * score.false_alarms:.3g} % of healthy windows were to be"
    )  # fmt: skip
    told = [f"anomaly: squared error above {score.threshold:.4g}{share}"]
    known = len(healthy_held(windows)) or len(windows.calibration)
    needed = Rule(score.false_alarms).needed() if score.false_alarms else 0
    if known < needed and score != score_of(before):
        told.append(
            f"{known} healthy windows that are held out are few for such a share: one of "
            f"{needed:,} was to be above, and the largest score is the threshold"
        )
    healthy = scores[windows.labels == 0]
    above = np.count_nonzero(scores > score.threshold)
    if above in (0, len(scores)):
        which = "every window" if above else "no window"
        told.append(
            f"WARNING: {which} of the test part is above the threshold; its scores: "
            f"{distribution(scores)}; give another with --threshold or --false-alarms"
        )
    elif len(healthy) and np.all(healthy > score.threshold):
        told.append(
            f"WARNING: every healthy window of the test part is above the threshold; their scores: "
            f"{distribution(healthy)}: the machine is not as it was, or the threshold not for it"
        )
    return told


def _scores(network: Network, windows: Windows, x: Floats) -> Floats:
    """Return the float network's scores ``(n,)`` of windows in g."""
    return network.run(x * windows.input_scale)[:, 1]
