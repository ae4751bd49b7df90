"""What is wrong with a recording or a window: no measurement, another unit, far from what is known.

Nothing here changes a sample; a data set whose recordings are good comes back as it is.
"""

from hwgen.signals.quality.dataset import judge_dataset
from hwgen.signals.quality.findings import Findings
from hwgen.signals.quality.recording import judge_recording
from hwgen.signals.quality.windows import (
    FAR_DB,
    Limits,
    Mark,
    decibels_off,
    judge_windows,
    level_range,
    levels,
    remark,
)

__all__ = [
    "FAR_DB",
    "Findings",
    "Limits",
    "Mark",
    "decibels_off",
    "judge_dataset",
    "judge_recording",
    "judge_windows",
    "level_range",
    "levels",
    "remark",
]
