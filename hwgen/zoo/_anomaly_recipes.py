"""Recipes for autoencoders, which are trained on healthy windows alone."""

from __future__ import annotations

from collections.abc import Mapping

from hwgen.training.recipe import Averaging, Optimisation, Recipe


def _recipe(name: str, plan: Optimisation) -> Recipe:
    return Recipe(name, student=plan, teacher=plan, gain_jitter=0.0, colour=0.0, dropout=0.0)


PUBLISHED = Optimisation(
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
)
"""As the published code has it; its quadratic terms begin as ReLinear's."""

FEATURES: Mapping[str, Recipe] = {
    "default": _recipe(
        "default",
        Optimisation(
            epochs=30,
            learning_rate=1e-3,
            weight_decay=1e-4,
            relinear=0.05,
            averaging=Averaging(start=0.5),
        ),
    ),
    "published": _recipe("published", PUBLISHED),
}
"""Of networks on features."""

SAMPLES: Mapping[str, Recipe] = {
    "default": _recipe(
        "default",
        Optimisation(
            epochs=30,
            learning_rate=2e-3,
            weight_decay=1e-4,
            averaging=Averaging(start=0.5),
        ),
    ),
}
"""Of networks on samples."""
