"""The same network on chips of other families: two boards of each, by the whole flow."""

from __future__ import annotations

from pathlib import Path

import points
from store import Part
from subject import Subject

BOARDS: dict[str, list[str]] = {
    "ice40": ["icebreaker", "upduino3"],
    "gowin": ["tang-nano-9k", "tang-nano-20k"],
    "nexus": ["certus-nx-versa", "crosslink-nx-vip"],
}
"""By family; nothing but the board is asked for."""


def part(subject: Subject) -> Part:
    """Return a design point a board."""
    options = {name: ["--board", name] for names in BOARDS.values() for name in names}
    return points.part_of("chips", options, subject, BOARDS, Path(__file__))
