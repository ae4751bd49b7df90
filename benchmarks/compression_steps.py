"""Measurements of `benchmarks/compression.py`: one function an item, each gives its figures."""

from __future__ import annotations

import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import importers
from hwgen.checkpoint.mappings import mappings
from hwgen.coding import by_bits, codes
from hwgen.coding.matrix import error
from hwgen.flow.compress import Wanted, compress
from hwgen.flow.options import DataOptions
from hwgen.flow.windows import Windows, gather
from hwgen.importers.source import Source
from hwgen.metrics import macro_f1
from hwgen.network import Network

Row = dict[str, Any]
SNR = -6.0


@cache
def windows(checkpoint: Path, data: str) -> Windows:
    """Return the windows of recordings with noise of `SNR` dB, as `hwgen quantize` measures on."""
    options = DataOptions(data=data, snr_db=SNR)
    return gather(importers.load(checkpoint), options, lambda _: None)


def f1(network: Network, of: Windows) -> float:
    """Return the macro F1 of a float network on the test part."""
    answers = network.judged(of.test * of.input_scale).argmax(axis=1)
    return macro_f1(of.labels, answers, len(of.classes))


def plain(checkpoint: Path, data: str) -> Row:
    """Return the figures of the network as it is."""
    of = windows(checkpoint, data)
    return {"f1": f1(importers.load(checkpoint).network, of), "windows": len(of.test),
            "file": checkpoint.stat().st_size}  # fmt: skip


def coded(checkpoint: Path, data: str, wanted: Wanted) -> Row:
    """Return the figures of a network compressed as is wanted, all from the file that it makes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.hwz"
        outcome = compress(checkpoint, path, wanted)
        network = importers.load(path).network
    weights = sum(each.weights for each in outcome.layers)
    return {
        "codes": [each.code for each in outcome.layers],
        "bits": sum(each.bits for each in outcome.layers) / weights,
        "file": outcome.after,
        "errors": {each.name: each.error for each in outcome.layers},
        "f1": f1(network, windows(checkpoint, data)),
        "seconds": outcome.seconds,
    }


def largest(checkpoint: Path, layer: str | None = None) -> tuple[str, np.ndarray]:
    """Return the name and the matrix of a file's largest tensor of weights, or of one of a name."""
    content = Source(checkpoint).content
    tensors = {
        name: tensor
        for _, mapping in (mappings(content.value) if content else ())
        for name, tensor in mapping.items()
        if "weight" in name and tensor.ndim >= 2
    }
    name = layer or max(tensors, key=lambda each: tensors[each].numel())
    return name, tensors[name].reshape(len(tensors[name]), -1).double().numpy()


def part(checkpoint: Path, layer: str | None, share: int, method: str, bits: float) -> Row:
    """Return the figures of a `share`-th of the rows of a large layer."""
    name, matrix = largest(checkpoint, layer)
    matrix = matrix[: max(1, len(matrix) // share)]
    begun = time.monotonic()
    found = by_bits(method, matrix, bits)
    return {
        "layer": name, "shape": list(matrix.shape), "bits": found.bits / found.size,
        "error": error(matrix, found.real), "seconds": time.monotonic() - begun,
    }  # fmt: skip


def methods() -> tuple[str, ...]:
    """Return the codes."""
    return codes.names()
