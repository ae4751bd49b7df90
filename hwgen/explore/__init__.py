"""Calibration, parallelism from a target, estimates."""

from hwgen.explore.calibration import Calibration, LayerStatistics, calibrate

__all__ = ["Calibration", "LayerStatistics", "calibrate"]
