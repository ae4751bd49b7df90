"""What a user wants of a package beside its format."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hwgen.errors import UsageError
from hwgen.export.form import Format
from hwgen.protocol import DEFAULT_BAUD

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,63}")


@dataclass(frozen=True)
class Wanted:
    """Options of an export.

    Parameters
    ----------
    clock_mhz
        Clock that constraints ask for, and that a board's PLL makes.
    part
        Chip of the project, as its tool calls it; None: the format's.
    vhdl
        Whether a VHDL entity comes with it.
    baud
        Of a serial link, where the format has one.
    """

    clock_mhz: float = 100.0
    part: str | None = None
    vhdl: bool = False
    baud: int = DEFAULT_BAUD

    def check(self, form: Format) -> None:
        """Raise `UsageError` for what the format cannot do."""
        if self.part is not None:
            if form.part is None:
                raise UsageError(f"part must be left out with format {form.name}: "
                                 f"nothing in it depends on a chip")  # fmt: skip
            if not _PART.fullmatch(self.part):
                raise UsageError(f"part must be a chip as the tool calls it, such as {form.part}, "
                                 f"not {self.part!r}")  # fmt: skip
        low, high = form.clock_mhz or (0, 0)
        if form.clock_mhz is not None and not low <= self.clock_mhz <= high:
            raise UsageError(f"clock_mhz must be {low:g} to {high:g} for format {form.name}, "
                             f"not {self.clock_mhz:g}")  # fmt: skip
