"""Operands of a layer that is looked at by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hwgen.plans.operand import Operand, Part


@pytest.fixture(scope="session")
def operand() -> Callable[..., Operand]:
    """Return a maker of operands: positions, then the channels of each part, named a, b, c."""
    return lambda positions, *channels: Operand(
        tuple(Part(name, each) for name, each in zip("abc", channels, strict=False)), positions
    )
