"""What there is instead of ops is told once a way."""

from __future__ import annotations

from hwgen.importers.onnx import instead, ops


def test_each_way_is_told_once_with_the_ops_that_it_is_for():
    told = instead.told(["Scan", "Strange", "Loop", "Scan", "LayerNormalization"])
    assert told.startswith("; instead of Scan, Loop: LSTM or GRU, or dilated convolutions")
    assert "; instead of LayerNormalization: batch normalisation" in told
    assert "Strange" not in told
    assert told.endswith("docs/onnx.md lists what is supported")


def test_there_is_nothing_instead_of_what_is_supported():
    supported = set(ops.every())
    assert not [op for op in supported if "instead" in instead.told([op])]
