"""The threshold of a build whose network has a score: on its board, and kept beside the build."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import files, lock
from hwgen.errors import InputError, UsageError
from hwgen.flow.hardware_options import FEWEST
from hwgen.flow.left import left_by_quantize
from hwgen.flow.stage import Say
from hwgen.link import Board
from hwgen.link.learning import Learnt
from hwgen.protocol import MARGIN_ONE, MAX_MARGIN, MAX_WINDOWS, Keeping, Learn, Origin, Threshold
from hwgen.quantized import QuantizedModel
from hwgen.quantized.ops.score import QuantizedScore

FILE = "threshold.json"
"""In the build's folder: the threshold that is set again when the host connects."""
_QUANTILES = (0, 5, 25, 50, 75, 95, 100)
_ORIGINS = {Origin.MODEL: "the model's", Origin.HOST: "set by a host", Origin.LEARNT: "learnt"}
_KEPT = {
    Keeping.FLASH: "there again after a power cycle",
    Keeping.WRITING: "being written into the board's flash",
    Keeping.FAILED: "NOT kept over a power cycle: the board's flash does not do what it is told",
}
_WRITE_S, _LOOK_S = 5.0, 0.05
"""A flash is written in less; and how often to look."""


@dataclass(frozen=True)
class Kept:
    """A threshold that a host set, or a board learnt.

    Parameters
    ----------
    digest
        Of the model that it is for.
    value
        In the score's integers.
    origin
        Who set it.
    """

    digest: str
    value: int
    origin: Origin

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {"digest": self.digest, "value": self.value, "origin": self.origin.name.lower()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Kept:
        """Return what `to_json` wrote; `KeyError`, `TypeError` or `ValueError` if it is damaged."""
        return cls(str(value["digest"]), int(value["value"]), Origin[value["origin"].upper()])


@dataclass(frozen=True)
class Asked:
    """The learn phase that a user asks for.

    Parameters
    ----------
    minutes
        Of the healthy machine.
    false_alarms
        Share of its windows that may be above the threshold.
    margin
        What the threshold is multiplied by at last.
    """

    minutes: float
    false_alarms: float
    margin: float = 1.0

    def planned(self, per_second: float, say: Say) -> Learn:
        """Return the phase for a board of so many windows a second; tell what is doubtful.

        Raises
        ------
        UsageError
            If it has too few windows, or more than a board counts; says what would do.
        """
        windows = round(60 * self.minutes * per_second)
        if not FEWEST <= windows <= MAX_WINDOWS:
            low, high = (count / per_second / 60 for count in (FEWEST, MAX_WINDOWS))
            raise UsageError(
                f"--learn must be {_up(low)} to {high:.3g} minutes ({FEWEST} to {MAX_WINDOWS:,} "
                f"windows at {per_second:.4g} a second), not {self.minutes:g} ({windows:,} windows)"
            )
        allowed = int(windows * self.false_alarms)
        if self.false_alarms and not allowed:
            needed = _up(1 / self.false_alarms / per_second / 60)
            say(
                f"learn: warning: {windows:,} windows are too few to tell a share of "
                f"{self.false_alarms:g}; the largest score is taken ({needed} minutes would do)"
            )
        margin = min(MAX_MARGIN, max(1, round(self.margin * MARGIN_ONE)))
        return Learn(windows, allowed, margin)


@dataclass(frozen=True)
class Wanted:
    """What a user wants of a threshold: one of these, or to know it.

    Parameters
    ----------
    integer, real
        In the score's integers, or in real units.
    reset
        The model's.

    Raises
    ------
    UsageError
        If it is more than one of these.
    """

    integer: int | None = None
    real: float | None = None
    reset: bool = False

    def __post_init__(self) -> None:
        if (self.integer is not None) + (self.real is not None) + self.reset > 1:
            raise UsageError("one of VALUE, --real and --reset must be given, not several")

    def value(self, score: QuantizedScore) -> int | None:
        """Return it in the score's integers; None: it is only asked for.

        Raises
        ------
        UsageError
            If no score is as large.
        """
        most = score.output.fmt.max
        step = float(score.output.scale[-1])
        if self.reset:
            return score.threshold
        if self.real is not None:
            if not 0 <= self.real < (most + 1) * step:
                raise UsageError(f"--real must be 0 to {most * step:.6g}, not {self.real:g}")
            return score.in_steps(self.real)
        if self.integer is not None and not 0 <= self.integer <= most:
            raise UsageError(f"VALUE must be 0 to {most:,}, not {self.integer:,}")
        return self.integer


def _up(minutes: float) -> str:
    """Return minutes with two digits behind the point, rounded up."""
    return f"{np.ceil(minutes * 100) / 100:g}"


def score_of(model: QuantizedModel, build: Path) -> QuantizedScore:
    """Return the op that has the threshold; `InputError` if the build has none."""
    if model.score is None:
        raise InputError(
            f"{build} has no threshold: its network tells classes, not whether a window is an "
            f"anomaly"
        )
    return model.score


def is_scored(build: Path) -> bool:
    """Return whether a build's network has a threshold."""
    return left_by_quantize(build).score is not None


def step_of(model: QuantizedModel) -> float:
    """Return the real value of one in the score."""
    return float(model.logits.scale[-1])


def read(build: Path, model: QuantizedModel) -> Kept | None:
    """Return the threshold that is kept for a build's model; None if there is none.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = build / FILE
    if not path.exists():
        return None
    try:
        kept = Kept.from_json(files.read_json(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path} is damaged ({type(error).__name__}: {error}); remove it, and set the "
            f"threshold again"
        ) from error
    most = score_of(model, build).output.fmt.max
    if not 0 <= kept.value <= most:
        raise InputError(f"{path}: value must be 0 to {most:,}, not {kept.value}; remove it")
    return kept if kept.digest == model.digest else None


def keep(build: Path, model: QuantizedModel, stands: Threshold | None) -> None:
    """Keep a board's threshold beside the build, whole or not at all; with None keep none."""
    with lock.folder(build):
        if stands is None:
            with files.access(build / FILE, "write"):
                (build / FILE).unlink(missing_ok=True)
            return
        kept = Kept(model.digest, stands.value, stands.origin)
        files.write_json(build / FILE, kept.to_json())


def restore(board: Board, build: Path, model: QuantizedModel, say: Say) -> None:
    """Set the threshold that is kept, if the board has the model's: it was without power.

    Raises
    ------
    InputError
        If the file is damaged.
    LinkError
        If the board does not answer.
    """
    kept = read(build, model)
    stands = board.threshold()
    if kept is not None and stands.origin == Origin.MODEL and not stands.learning:
        board.threshold(kept.value)
        say(f"threshold: {kept.value:,}, {_ORIGINS[kept.origin]}, as kept in {build / FILE}")


def settled(board: Board, stands: Threshold) -> Threshold:
    """Return how a threshold stands when the board's flash has been written, if it has one."""
    end = time.monotonic() + _WRITE_S
    while stands.kept == Keeping.WRITING and time.monotonic() < end:
        time.sleep(_LOOK_S)
        stands = board.threshold()
    return stands


def in_words(stands: Threshold, model: QuantizedModel) -> str:
    """Return a line that says how a threshold stands."""
    real = stands.value * step_of(model)
    text = f"threshold: {stands.value:,} ({real:.4g} in real units), {_ORIGINS[stands.origin]}"
    if stands.learning:
        text += f"; learning: {stands.collected:,} of {stands.wanted:,} windows"
    if stands.kept in _KEPT:
        text += f"; {_KEPT[stands.kept]}"
    return f"{text}; the model's is {model.threshold:,}"


def distribution(scores: Sequence[int], model: QuantizedModel) -> str:
    """Return quantiles of scores, in integers and real units."""
    step = step_of(model)
    parts = [
        f"{share} %: {value:,.0f} ({value * step:.3g})"
        for share, value in zip(_QUANTILES, np.percentile(scores, _QUANTILES), strict=True)
    ]
    return f"scores (real units): {', '.join(parts)}"


def doubts(value: int, scores: Sequence[int], model: QuantizedModel, whose: str) -> list[str]:
    """Return warnings of a threshold that tells none of some windows apart.

    Parameters
    ----------
    scores
        At least one.
    whose
        What windows they are.
    """
    above = sum(score > value for score in scores)
    told = []
    if min(scores) == max(scores):
        told.append(
            f"all {len(scores):,} {whose} have the score {scores[0]:,}; is the machine running, "
            f"and the sensor at it?"
        )
    if above in (0, len(scores)):
        share = "none" if not above else "every one"
        told.append(
            f"{share} of the {len(scores):,} {whose} is above the threshold {value:,}; "
            f"{distribution(scores, model)}"
        )
    return told


def tell(found: Learnt, order: Learn, model: QuantizedModel, say: Say) -> None:
    """Say what a learn phase came to, and what is doubtful of it."""
    after, scores = found.after, found.scores
    say(f"learn: {in_words(after, model)}")
    if not scores:
        return
    above = [sum(score > each.value for score in scores) for each in (found.before, after)]
    say(
        f"learn: of {len(scores):,} windows heard {above[1]:,} are above it ({order.allowed:,} of "
        f"{order.windows:,} were allowed), {above[0]:,} above the threshold before"
    )
    if found.useless:
        say(f"learn: {found.useless:,} windows did not count: the sensor was at fault")
    # Where none was allowed to be above, none is.
    expected = order.allowed == 0 and above[1] == 0 and min(scores) < max(scores)
    for doubt in [] if expected else doubts(after.value, scores, model, "windows"):
        say(f"learn: warning: {doubt}")


def to_json(stands: Threshold, model: QuantizedModel) -> dict[str, Any]:
    """Return how a threshold stands as a JSON object."""
    return {
        "threshold": stands.value,
        "real": stands.value * step_of(model),
        "origin": stands.origin.name.lower(),
        "learning": stands.learning,
        "collected": stands.collected,
        "wanted": stands.wanted,
        "kept": stands.kept.name.lower(),
        "model": model.threshold,
    }
