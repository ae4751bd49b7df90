"""Recipes for networks without a teacher of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hwgen.training.recipe import RECIPES, Recipe


def usual(*, epochs: int, mixed: int, **other: Any) -> dict[str, Recipe]:
    """Return the recipes ``default``, ``mixed`` and ``general`` with other numbers of epochs.

    Of the last as many as of ``mixed``; `other` are more fields of an optimisation.
    """
    numbers = {"default": epochs, "mixed": mixed, "general": mixed}
    return {
        name: replace(RECIPES[name], student=replace(RECIPES[name].student, epochs=number, **other))
        for name, number in numbers.items()
    }
