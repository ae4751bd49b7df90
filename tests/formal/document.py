"""Writes what is proven into ``docs/verification.md``: ``python -m tests.formal.document``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.formal.catalogue import PROOFS
from tests.formal.unproven import UNPROVEN

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
BEGIN = "<!-- proofs: made by python -m tests.formal.document -->"
END = "<!-- end of proofs -->"


def listing() -> str:
    """Return the lists of what is proven and what is not, as Markdown."""
    lines = [
        BEGIN,
        "",
        "| proof | of | what holds | how far | at |",
        "| --- | --- | --- | --- | --- |",
    ]
    for proof in PROOFS:
        of = ", ".join(f"`{name}`" for name in proof.covers) or "-"
        mark = " *" if proof.slow else ""
        lines.append(
            f"| {proof.name}{mark} | {of} | {proof.claim} | {proof.method} | {proof.parameters} |"
        )
    lines += [
        "",
        "Not proven, of the components with a stream:",
        "",
        "| component | why not |",
        "| --- | --- |",
    ]
    lines += [f"| `{name}` | {why} |" for name, why in sorted(UNPROVEN.items())]
    return "\n".join([*lines, "", END])


def updated(text: str) -> str:
    """Return the page with the present lists."""
    before, rest = text.split(BEGIN)
    return before + listing() + rest.split(END)[1]


def main() -> int:
    """Write the page."""
    PAGE.write_text(updated(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
