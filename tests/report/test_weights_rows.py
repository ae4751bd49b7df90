"""The report's optional part ``weights``."""

from __future__ import annotations

import pytest

from hwgen.report.weights_rows import check_weights, weights_rows

WEIGHTS = {
    "from": "flash", "digest": "802e9d58ee480bed", "image_bytes": 1220, "flash_offset": 4194304,
    "bytes_per_window": 1196, "bytes_per_second": 3_125_000, "stream_cycles": 6450,
    "stall_cycles": 1696, "interval_stall_cycles": 5258, "on_chip": ["conv1", "fc1"],
    "streamed": ["conv2"],
}  # fmt: skip


def test_rows():
    check_weights({"weights": WEIGHTS})
    assert weights_rows({"weights": WEIGHTS}) == [
        ("weights from flash", "1,196 bytes a window at 3.12 MB/s: conv2"),
        ("waiting for them", "5,258 cycles of windows back to back, 1,696 of a window alone"),
        ("weights on chip", "conv1, fc1"),
    ]
    assert len(weights_rows({"weights": WEIGHTS | {"on_chip": []}})) == 2


def test_all_on_chip():
    check_weights({})
    assert weights_rows({}) == weights_rows({"weights": None}) == []


@pytest.mark.parametrize(
    ("name", "value"), [("from", ""), ("bytes_per_window", 0), ("streamed", "conv2")]
)
def test_what_it_must_not_be(name, value):
    with pytest.raises(ValueError, match=f"weights.{name} must be"):
        check_weights({"weights": WEIGHTS | {name: value}})
