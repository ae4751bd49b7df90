"""Calibration, parallelism from a target, estimates."""

from hwgen.explore.calibration import Calibration, calibrate
from hwgen.explore.choice import Choice, choose_calibration
from hwgen.explore.fitting import Method
from hwgen.explore.statistics import LayerStatistics, layer_statistics

__all__ = [
    "Calibration",
    "Choice",
    "LayerStatistics",
    "Method",
    "calibrate",
    "choose_calibration",
    "layer_statistics",
]
