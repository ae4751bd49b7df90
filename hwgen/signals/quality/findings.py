"""What was found in a recording, and how the user is told."""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.signals.quality.glitches import Glitches
from hwgen.signals.quality.runs import Stretch
from hwgen.signals.quality.windows import Limits, Mark
from hwgen.signals.units import SHARES

LARGEST_RMS = 100.0
"""In g. No machine that a bearing survives shakes so."""

_OFFSET = 2.0
"""In g: gravity, and as much again for a sensor that is not adjusted."""

_OFFSET_RMS = 4.0
"""An offset is a fault when it is also as many times the RMS: a spectrum hardly shows the rest."""


@dataclass(frozen=True)
class Findings:
    """What was found.

    Parameters
    ----------
    source
        The recording's.
    size
        Samples.
    mean, rms
        In the recording's unit; the RMS about the mean.
    whole
        Whether all samples are whole numbers that span 16 or more.
    run
        Equal samples in a row that are a dropout here.
    dropouts
        All of them, in order.
    bottom, top
        Samples from here on are at an end of the range; infinite where none is reached.
    windows
        Windows of the length that was asked for, one behind the other.
    marked
        How many of them have a mark, by mark; those with a dropout or constant under DROPOUT.
    unit
        The recording's.
    glitches
        Samples far beyond all others; None if there are none.
    """

    source: str
    size: int
    mean: float
    rms: float
    whole: bool
    run: int
    dropouts: tuple[Stretch, ...]
    bottom: float
    top: float
    windows: int
    marked: dict[Mark, int]
    unit: str
    glitches: Glitches | None = None

    @property
    def offset(self) -> bool:
        """Whether the mean is none that a vibration sensor has."""
        return self.rms > 0 and abs(self.mean) > max(_OFFSET, _OFFSET_RMS * self.rms)

    @property
    def not_g(self) -> bool:
        """Whether samples that are said to be in g cannot be."""
        return self.unit == "g" and (self.whole or self.rms > LARGEST_RMS)

    @property
    def limits(self) -> Limits:
        """Of this recording's windows, without levels."""
        return Limits(self.run, self.bottom, self.top)

    def share(self, mark: Mark) -> float:
        """Return the share of windows with a mark."""
        return self.marked[mark] / self.windows if self.windows else 0.0

    def why_not_g(self) -> str:
        """Return why the samples cannot be g; only where `not_g` holds."""
        why = ["all are whole numbers"] if self.whole else []
        if self.rms > LARGEST_RMS:
            why.append(f"their RMS is {self.rms:.4g}, and machines stay below {LARGEST_RMS:g} g")
        if self.offset:
            why.append(f"their mean is {self.mean:.4g}")
        if self.glitches:
            far = f"sample {self.glitches.first} is {self.glitches.value:.6g}"
            why.append(f"{far}, far beyond all others")
        return f"samples of {self.source} cannot be g ({', '.join(why)})"

    def remedy(self) -> str:
        """Return the options that say what samples are which cannot be g."""
        unit = "--unit counts" if self.whole else "--unit m/s2 or --unit counts"
        return f"{unit} and --offset {self.mean:.0f}" if self.offset else unit

    def notices(self, *, unit: str | None = None) -> tuple[str, ...]:
        """Return what the user must know, a sentence each.

        Parameters
        ----------
        unit
            What the user says the samples are in: is then not questioned. None: nothing.
        """
        found = [self.glitches.told(self.source)] if self.glitches else []
        if self.not_g and unit is None:
            found.append(f"{self.why_not_g()}; say what they are with {self.remedy()}")
        if self.unit == SHARES:
            found.append(
                f"samples of {self.source} are shares of full scale, not g: they are right only "
                f"where the build's data and --full-scale are such shares too"
            )
        if self.offset and not self.not_g:
            found.append(
                f"samples of {self.source} have a mean of {self.mean:.4g} ({self.unit}) where "
                f"their RMS is {self.rms:.4g}: no vibration has; give --offset {self.mean:.4g}"
            )
        if self.dropouts:
            found.append(self._told(Mark.DROPOUT, f"{self.run} or more equal samples in a row"))
        if self.marked[Mark.CLIPPED]:
            found.append(self._told(Mark.CLIPPED, "one sample in 256 at an end of the range"))
        return tuple(found)

    def _told(self, mark: Mark, what: str) -> str:
        name = (mark.name or "").lower()
        return (
            f"{name}: {self.marked[mark]} of {self.windows} windows of {self.source} "
            f"({percent(self.share(mark))}) have {what}"
        )


def percent(share: float) -> str:
    """Return a share in per cent, never as 0 % or 100 % where it is not."""
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"
