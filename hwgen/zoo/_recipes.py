"""Recipes for networks without a teacher of their own."""

from __future__ import annotations

from dataclasses import replace

from hwgen.training.recipe import RECIPES, Recipe


def usual(*, epochs: int, mixed: int) -> dict[str, Recipe]:
    """Return the recipes ``default`` and ``mixed`` with other numbers of epochs."""
    return {
        name: replace(RECIPES[name], student=replace(RECIPES[name].student, epochs=number))
        for name, number in (("default", epochs), ("mixed", mixed))
    }
