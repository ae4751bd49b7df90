"""Which steps' weights stay on chip, and which come of a stream: a cost model.

A stream brings every word once a window, however often it is met. What it costs is waiting: of a
step whose words take longer to come than to be met by all positions. Block RAM is for the steps
that would wait the longest for each of its bits; where none waits, for those that are met most.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from hwgen.errors import CannotMeetError
from hwgen.plans.step import Step
from hwgen.plans.weights.flash import Pace

FEWEST = 16
"""Words of weights of a step that are worth a stream."""


def streamable(step: Step, *, leaves: bool) -> bool:
    """Return whether a step's weights can come of a stream.

    Parameters
    ----------
    step
        As it is lowered.
    leaves
        Whether its values leave: then they do so position by position.
    """
    if step.loop is not None or step.post.pairs is not None:
        return False
    across = replace(step, streamed=True).crosswise
    whole = step.array.rows % step.array.lanes == 0 and step.outputs % step.array.rows == 0
    return not across or (whole and not step.exact and not leaves)


def streamed(
    steps: tuple[Step, ...], names: Collection[str], outputs: Collection[int]
) -> tuple[Step, ...]:
    """Return the steps, those of some values with streamed weights.

    Parameters
    ----------
    steps
        As they are lowered.
    names
        Of the values that they write.
    outputs
        Numbers of the steps whose values leave.

    Raises
    ------
    CannotMeetError
        If there is no such step, or it cannot have them.
    """
    can = {s.writes for n, s in enumerate(steps) if streamable(s, leaves=n in outputs)}
    for name in names:
        if name not in can:
            raise CannotMeetError(
                f"streamed must be of {', '.join(sorted(can)) or 'nothing'} on this array, not "
                f"{name}"
            )
    return tuple(replace(s, streamed=True) if s.writes in names else s for s in steps)


def by_use(steps: Collection[Step], pace: Pace) -> list[Step]:
    """Return steps in the order in which block RAM is for them, the first one before all others."""
    # A word has room for the widest weights of all.
    width = max((step.weight_bits for step in steps), default=0)

    def worth(step: Step) -> tuple[float, float]:
        bits = step.weight_depth * step.array.size * width
        comes = bits / 8 * pace.byte
        return max(0.0, comes - step.cycles) / bits, step.cycles / bits

    return sorted(steps, key=worth, reverse=True)
