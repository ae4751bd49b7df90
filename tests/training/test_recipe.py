"""Recipes are what they say; the published one is the published one."""

from __future__ import annotations

import dataclasses

import pytest

from hwgen.errors import UsageError
from hwgen.training import RECIPES, Recipe, recipe_named
from hwgen.training.recipe import Averaging, Distillation, Optimisation


def test_the_published_recipe_as_facts():
    recipe = RECIPES["published"]
    assert (recipe.method, recipe.windows) == ("dkd", "drawn")
    assert recipe.distillation == Distillation(0.8, 0.2, 2.5, 5.0, 1.0, 5)
    for plan in (recipe.teacher, recipe.student):
        assert (plan.epochs, plan.batch, plan.optimizer) == (75, 64, "sgd")
        assert (plan.learning_rate, plan.momentum, plan.final_rate) == (0.1, 0.9, 1e-8)
        assert plan.renewed
        assert plan.keep_best
        assert not plan.unit_inputs
    assert recipe.noise_range(-6.0) == (-6.0, -6.0)
    assert recipe.noise_range(None) is None


def test_noise_ranges():
    assert RECIPES["default"].noise_range(-6.0) == (-9.0, -3.0)
    assert RECIPES["default"].noise_range(None) == (20.0, 40.0)
    for name in ("mixed", "general"):
        for stated in (None, 0.0):
            assert RECIPES[name].noise_range(stated) == (-9.0, 40.0)
            assert RECIPES[name].scale_snr(stated) == 0.0
    assert RECIPES["default"].scale_snr(-6.0) == -6.0
    augment = RECIPES["mixed"].augment(None)
    assert (augment.low, augment.high, augment.exponent) == (-9.0, 40.0, 2.0)


def test_a_network_is_tested_at_the_stated_ratio_or_at_the_recipes_own():
    for recipe in RECIPES.values():
        assert recipe.tested_snrs(-3.0) == (-3.0,)
    assert RECIPES["default"].tested_snrs(None) == (None,)
    assert RECIPES["mixed"].tested_snrs(None) == (-6.0, 0.0, None)
    assert RECIPES["general"].tested_snrs(None) == (-6.0, 0.0, None)


def test_only_the_recipe_for_other_loads_changes_speeds_and_paths():
    for name, recipe in RECIPES.items():
        general = name == "general"
        assert recipe.speeds.any == general
        assert (recipe.path > 0) == (recipe.augment(None).path > 0) == general


def test_another_method_or_length():
    recipe = RECIPES["default"].adapted("kd", 3)
    assert (recipe.method, recipe.student.epochs, recipe.teacher.epochs) == ("kd", 3, 3)
    longer = RECIPES["default"].adapted(epochs=500)
    assert (longer.student.epochs, longer.teacher) == (500, RECIPES["default"].teacher)
    assert RECIPES["default"].adapted() == RECIPES["default"]


def test_what_does_not_exist():
    with pytest.raises(UsageError, match="--recipe must be one of default, published, mixed"):
        recipe_named("best")
    with pytest.raises(UsageError, match="--method must be one of ce, kd, dkd, not mse"):
        recipe_named("default").adapted("mse")


@pytest.mark.parametrize("field", ["epochs", "batch", "steps"])
def test_numbers_out_of_range(field):
    with pytest.raises(ValueError, match=f"{field} must be at least 1, not 0"):
        dataclasses.replace(Optimisation(5), **{field: 0})
    with pytest.raises(ValueError, match="start must be"):
        Averaging(1.0)
    with pytest.raises(ValueError, match="decay must be"):
        Averaging(0.5, 1.0)


def test_fresh_windows_hold_none_out():
    best = Optimisation(5, keep_best=True)
    with pytest.raises(ValueError, match="keep_best must be False"):
        Recipe("x", student=best, teacher=Optimisation(5))
