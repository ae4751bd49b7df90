"""When a network notices that a machine fails: alarms along a sequence of recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwgen.errors import InputError
from hwgen.network import Floats
from hwgen.signals.run_to_failure import Moment
from hwgen.training.scores import Scorer, recording_scores

K, N = 3, 5
"""The alarm is raised when K of the last N recordings are anomalies."""


@dataclass(frozen=True, eq=False)
class Detection:
    """What a network says of a life.

    Parameters
    ----------
    moments
        In order.
    scores
        ``(moments,)``: the median of each recording's windows.
    threshold
        What is above it is an anomaly.
    """

    moments: tuple[Moment, ...]
    scores: Floats
    threshold: float

    @property
    def alarm(self) -> int | None:
        """Number of the recording at which the alarm is raised; None: never.

        Where the fault's beginning is known: the first alarm from there on. Those before are
        false ones.
        """
        begin = next((n for n, each in enumerate(self.moments) if each.severity), 0)
        return next((number for number in self.raised() if number >= begin), None)

    def raised(self) -> list[int]:
        """Return the recordings at which K of the last N are anomalies."""
        above = self.scores > self.threshold
        return [
            number
            for number in range(len(above))
            if above[number] and above[max(0, number + 1 - N) : number + 1].sum() >= K
        ]

    def metrics(self) -> dict[str, float]:
        """Return figures of merit.

        Returns
        -------
        ``delay_hours`` and ``delay_severity`` where these are known, ``delay_life``: the share of
        the life that is over; none of them where no alarm is raised. ``early_alarms``: recordings
        at which there is an alarm before the fault begins, where that is known.
        """
        found = {}
        sound = [number for number, each in enumerate(self.moments) if each.severity == 0]
        if sound:
            found["early_alarms"] = float(len(set(sound) & set(self.raised())))
        if self.alarm is None:
            return found
        at = self.moments[self.alarm]
        found["delay_life"] = (self.alarm + 1) / len(self.moments)
        if at.severity is not None and at.hours is not None:
            began = (self.moments[sound[-1]].hours if sound else None) or 0.0
            found |= {"delay_hours": at.hours - began, "delay_severity": at.severity}
        return found

    def told(self) -> str:
        """Return the outcome in words."""
        count = len(self.moments)
        rule = f"{K} of {N} recordings"
        if self.alarm is None:
            return f"run to failure: no alarm ({rule}) in {count} recordings"
        at, figures = self.moments[self.alarm], self.metrics()
        where = f"run to failure: alarm ({rule}) at {at.recording.source}"
        if "delay_hours" not in figures:
            return f"{where}, number {self.alarm + 1} of {count}"
        early = int(figures.get("early_alarms", 0))
        return (
            f"{where}, {figures['delay_hours']:g} h after the fault began, severity "
            f"{figures['delay_severity']:.3f}; alarms before: {early}"
        )


def detect(moments: Sequence[Moment], score: Scorer, threshold: float, window: int) -> Detection:
    """Return what a network says of a life; `InputError` if a recording is too short."""
    for moment in moments:
        if len(moment.recording.samples) < window:
            raise InputError(
                f"{moment.recording.source} must have at least {window} samples, a window, not "
                f"{len(moment.recording.samples)}"
            )
    medians = [
        float(np.median(recording_scores(score, [each.recording], window))) for each in moments
    ]
    return Detection(tuple(moments), np.array(medians), threshold)
