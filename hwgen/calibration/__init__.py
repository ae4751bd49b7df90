"""From float weights to integers: ranges, rounding, and how well it went."""

from hwgen.calibration.calibrate import Calibration, calibrate
from hwgen.calibration.choice import Choice, choose_calibration
from hwgen.calibration.fit import Method
from hwgen.calibration.statistics import LayerStatistics, layer_statistics

__all__ = [
    "Calibration",
    "Choice",
    "LayerStatistics",
    "Method",
    "calibrate",
    "choose_calibration",
    "layer_statistics",
]
