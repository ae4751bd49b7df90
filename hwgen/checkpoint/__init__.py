"""Checkpoints: `.pt` to the float network; a bare state_dict, or our own format.

Importing this package does not import torch; loading and saving do.
"""

from hwgen.checkpoint.geometry import ASCENDING, BINS, FullGeometry, Geometry
from hwgen.checkpoint.load import load_checkpoint
from hwgen.checkpoint.own import save_checkpoint
from hwgen.checkpoint.records import Checkpoint, CheckpointMeta, Taken, Windows
from hwgen.checkpoint.state import network_from_state, state_from_network

__all__ = [
    "ASCENDING",
    "BINS",
    "Checkpoint",
    "CheckpointMeta",
    "FullGeometry",
    "Geometry",
    "Taken",
    "Windows",
    "load_checkpoint",
    "network_from_state",
    "save_checkpoint",
    "state_from_network",
]
