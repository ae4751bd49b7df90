"""F1 of a float network."""

from __future__ import annotations

import numpy as np

from hwgen.checkpoint import Windows
from hwgen.metrics import macro_f1
from hwgen.network import Network
from hwgen.signals import Dataset, windows

STRIDES_A_WINDOW = 16
_BATCH = 256


def f1_of_windows(network: Network, labelled: Windows) -> float:
    """Return the macro-F1 on windows in g."""
    logits = network.run(labelled.x * _scale(network))
    return macro_f1(labelled.labels, logits.argmax(axis=1), network.logits)


def f1_of_dataset(network: Network, dataset: Dataset) -> float:
    """Return the macro-F1 on windows a sixteenth of a window apart.

    Batch by batch: the overlapping windows of long recordings need not fit into memory.
    """
    labels, answers = [], []
    for recording in dataset.recordings:
        stride = max(1, network.input_samples // STRIDES_A_WINDOW)
        views = windows(recording.samples, network.input_samples, stride)
        for start in range(0, len(views), _BATCH):
            logits = network.run(views[start : start + _BATCH] * _scale(network))
            answers.append(logits.argmax(axis=1))
        labels.append(np.full(len(views), dataset.classes.index(recording.label)))
    return macro_f1(np.concatenate(labels), np.concatenate(answers), network.logits)


def _scale(network: Network) -> float:
    if network.input_scale is None:
        raise ValueError("network.input_scale must be a number, not None, to take windows in g")
    return network.input_scale
