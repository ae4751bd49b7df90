"""Transforms of samples: the magnitudes in front are found as a whole, others are refused."""

from __future__ import annotations

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.view import Unsupported, View


def transform(call: Call, build: Builder) -> View:
    """Refuse a transform that is no part of a spectrum (`hwgen.importers.onnx.spectra`)."""
    del call, build
    raise Unsupported("is not supported but as |FFT| of the samples")


def length(call: Call, build: Builder) -> View:
    """Refuse the root of sums of squares, which is the magnitude of a transform's bins alone."""
    del call, build
    raise Unsupported("is not supported but as the magnitude of the bins of the samples")


OPS = {"DFT": transform, "ReduceL2": length}
