"""What a network may have in place of ops that are not supported."""

from __future__ import annotations

from collections.abc import Iterable

_MEMORY = "LSTM or GRU, or dilated convolutions, which see as far back"
_NORM = "batch normalisation"
_SPECTRUM = "|FFT| of the samples, or convolutions"
_LONGER = "transposed convolutions, or positions that are repeated (nearest)"

_INSTEAD = {
    **dict.fromkeys(("RNN", "Scan", "Loop"), _MEMORY),
    **dict.fromkeys(
        ("LayerNormalization", "InstanceNormalization", "GroupNormalization", "LRN",
         "RMSNormalization", "LpNormalization", "MeanVarianceNormalization"), _NORM),
    **dict.fromkeys(("STFT", "Sin", "Cos"), _SPECTRUM),
    **dict.fromkeys(("DepthToSpace",), _LONGER),
    "Attention": "convolutions and global pooling",
}  # fmt: skip


def told(ops: Iterable[str]) -> str:
    """Return what there is instead of ops, each way once, and where the rest stands."""
    ways: dict[str, list[str]] = {}
    for op in dict.fromkeys(ops):
        if op in _INSTEAD:
            ways.setdefault(_INSTEAD[op], []).append(op)
    known = "".join(f"; instead of {', '.join(names)}: {way}" for way, names in ways.items())
    return f"{known}; docs/onnx.md lists what is supported"
