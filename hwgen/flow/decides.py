"""Which stages an option decides: its field says so, and the stages' keys are made of that."""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, dataclass
from enum import Enum, auto
from typing import Any

from hwgen.flow.groups import is_group, is_inline


class Stage(Enum):
    """A stage in whose key there are options.

    Of the others, verification depends on Verilog and windows alone, and a benchmark is always run.
    """

    QUANTIZE = auto()
    GENERATE = auto()
    NETLIST = auto()
    SYNTH = auto()


@dataclass(frozen=True)
class Decides:
    """What of a build is another with another value of an option; without stages, nothing is.

    Parameters
    ----------
    stages
        Those that are to be run again, whatever else is asked for. What a stage leaves decides
        those behind it in any case.
    sought
        Those that are only where a design point is looked for.
    named
        Of both, those in whose key the stage itself puts what the value stands for: a checkpoint's
        content, a board's cells.
    """

    stages: frozenset[Stage]
    sought: frozenset[Stage]
    named: frozenset[Stage]

    def holds(self, stage: Stage, *, sought: bool) -> bool:
        """Return whether the value itself is in a stage's key."""
        return stage not in self.named and self.decides(stage, sought=sought)

    def decides(self, stage: Stage, *, sought: bool) -> bool:
        """Return whether a stage is run again with another value."""
        return stage in self.stages or (sought and stage in self.sought)


def decides(
    *stages: Stage, sought: tuple[Stage, ...] = (), named: tuple[Stage, ...] = ()
) -> Decides:
    """Return what an option decides."""
    return Decides(frozenset(stages), frozenset(sought), frozenset(named))


def option(
    decided: Decides, default: Any = MISSING, *, added: bool = False, unsaid: bool = False
) -> Any:
    """Return a field of options.

    Parameters
    ----------
    decided
        What it decides.
    default
        Its default, if it has one.
    added
        Whether settings of earlier versions do not have it; they mean its default.
    unsaid
        Whether keys do not hold it at its default, as those of earlier versions.
    """
    metadata = {"decides": decided, "added": added, "unsaid": unsaid}
    return dataclasses.field(default=default, metadata=metadata)


def decided(field: dataclasses.Field[Any]) -> Decides:
    """Return what a field decides; TypeError if it does not say."""
    found = field.metadata.get("decides")
    if not isinstance(found, Decides):
        raise TypeError(f"{field.name} must say which stages it decides: hwgen.flow.decides.option")
    return found


def decisive(options: Any, stage: Stage, *, sought: bool) -> dict[str, Any]:
    """Return the options that decide a stage, as a JSON object.

    A group that is not inline is an object within it.

    Parameters
    ----------
    options
        A dataclass whose fields are made by `option` and `hwgen.flow.groups.group`.
    sought
        Whether a design point is looked for.
    """
    found: dict[str, Any] = {}
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if is_group(field):
            inner = decisive(value, stage, sought=sought)
            found |= inner if is_inline(field) or not inner else {field.name: inner}
        elif decided(field).holds(stage, sought=sought) and not _unsaid(field, value):
            found[field.name] = _plain(value)
    return found


def _unsaid(field: dataclasses.Field[Any], value: Any) -> bool:
    return bool(field.metadata.get("unsaid")) and value == field.default


def _plain(value: Any) -> Any:
    """Return a value as JSON gives it back: what was kept is compared with it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(item) for name, item in dataclasses.asdict(value).items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
