"""Training of BearingPGA-Net on recordings."""

from hwgen.training.architecture import Architecture
from hwgen.training.train import DEFAULT_EPOCHS, TrainResult, train

__all__ = ["DEFAULT_EPOCHS", "Architecture", "TrainResult", "train"]
