"""Values of options: kinds of numbers, lists in one word, and several options at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Finite(click.FloatRange):
    """A number in a range; click's own takes NaN for one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number

    def _describe_range(self) -> str:
        """Return what the help says of the range: nothing where there is none."""
        return "" if self.min is None and self.max is None else super()._describe_range()


POSITIVE = Finite(min=0, min_open=True, max=1e12)
SNR = Finite(-100, 100)
SAMPLE_RATE = Finite(min=0, min_open=True)
CLOCK = Finite(1, 1000)
SEED = click.IntRange(0, 2**63 - 1)


def names(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    """Return the names in a list with commas."""
    del context, parameter
    return None if text is None else tuple(name.strip() for name in text.split(","))


def names_if_any(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    """Return the names in a list with commas; an empty one is as good as none."""
    return names(context, parameter, text or None)


def numbers(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    """Return the numbers in a text like ``1,2,3``."""
    del context
    try:
        return None if text is None else tuple(int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(
            f"must be numbers with commas between, not {text!r}", param_hint=parameter.opts[0]
        ) from None


def together(options: list[Callable[[F], F]]) -> Callable[[F], F]:
    """Return what adds all of `options` to a command, in this order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate
