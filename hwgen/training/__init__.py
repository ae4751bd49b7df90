"""Training of BearingPGA-Net on recordings."""

from hwgen.training.architecture import Architecture
from hwgen.training.recipe import METHODS, RECIPES, Recipe, recipe_named
from hwgen.training.train import TrainResult, train

__all__ = ["METHODS", "RECIPES", "Architecture", "Recipe", "TrainResult", "recipe_named", "train"]
