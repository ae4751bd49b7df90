"""The published network on the published records: the figures that the project promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.flow.options import DataOptions

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
RECORDS = DATA / "cwru" / "0HP"
CHECKPOINT = DATA / "checkpoints" / "bearingpga_cwru_0hp_-6db.pt"
CLASSES = ["B007", "B014", "B021", "IR007", "IR014", "IR021", "OR007", "OR014", "OR021", "normal"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not RECORDS.is_dir(), reason=f"no CWRU records in {RECORDS}"),
    pytest.mark.skipif(not CHECKPOINT.is_file(), reason=f"no checkpoint {CHECKPOINT}"),
]


def test_the_default_point_on_real_records(verified):
    report = verified(CHECKPOINT, data=DataOptions(data=str(RECORDS), snr_db=-6.0))
    accuracy = report["accuracy"]
    assert accuracy["data"] == "cwru"
    assert accuracy["input_scale"] == pytest.approx(1.261, abs=0.002)
    assert accuracy["float_f1"] >= 0.993
    assert accuracy["fixed_f1"] >= accuracy["float_f1"] - 0.002
    assert accuracy["agreement"] >= 0.995
    assert report["design"]["classes"] == CLASSES
    verification = report["verification"]
    assert verification["mismatches"] == 0
    assert verification["windows"] - verification["corner_windows"] >= 100
    assert "no window" not in " ".join(report["notes"])
    latency = report["latency"]
    assert latency["cycles_last_sample_to_class"] <= 5000
    assert latency["cycles_per_window"] <= 2048
    assert latency["min_cycles_between_samples"] == 1
