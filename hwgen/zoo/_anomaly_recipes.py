"""Recipes for autoencoders, which are trained on healthy windows alone."""

from __future__ import annotations

from collections.abc import Mapping

from hwgen.training.recipe import Averaging, Optimisation, Recipe


def _recipe(name: str, plan: Optimisation) -> Recipe:
    # What distinguishes a fault may be a level or a line: nothing is varied but the noise.
    return Recipe(name, plan, plan, snr_jitter=0.0, gain_jitter=0.0, colour=0.0, dropout=0.0)


_PUBLISHED = _recipe(
    "published",
    Optimisation(
        epochs=100,
        batch=128,
        optimizer="adam",
        learning_rate=1e-3,
        final_rate=1e-3,
        warm_up=0.0,
        weight_decay=1e-5,
        relinear=0.05,
        dropout=0.5,
        published_form=True,
    ),
)
"""As the published code has it."""

_LATE = Averaging(start=0.5)

FEATURES: Mapping[str, Recipe] = {
    "default": _recipe(
        "default",
        Optimisation(epochs=15, learning_rate=1e-3, weight_decay=1e-4, relinear=0.05, limit=8.0,
                     averaging=_LATE),
    ),
    "published": _PUBLISHED,
}  # fmt: skip
"""Of networks on bins of a spectrum."""

VALUES: Mapping[str, Recipe] = {
    "default": _recipe(
        "default",
        Optimisation(epochs=15, learning_rate=2e-3, weight_decay=1e-4, relinear=0.05, limit=3.0,
                     denoise=None),
    ),
    "published": _PUBLISHED,
}  # fmt: skip
"""Of networks on values that mean something each: wider than their input, they learn to take
noise away."""

SAMPLES: Mapping[str, Recipe] = {
    "default": _recipe(
        "default",
        Optimisation(epochs=15, learning_rate=2e-3, weight_decay=1e-4, averaging=_LATE),
    ),
}
"""Of networks on samples."""
