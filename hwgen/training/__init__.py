"""Training of networks on recordings; which there are is in `hwgen.zoo`."""

from hwgen.training.design import Design
from hwgen.training.recipe import METHODS, RECIPES, Recipe, recipe_named
from hwgen.training.train import TrainResult, train

__all__ = ["METHODS", "RECIPES", "Design", "Recipe", "TrainResult", "recipe_named", "train"]
