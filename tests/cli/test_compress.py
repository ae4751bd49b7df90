"""`hwgen compress` and `hwgen decompress`."""

from __future__ import annotations

import json

import torch


def test_there_and_back(hwgen, write_state, tmp_path):
    bare, out, back = write_state(tmp_path / "a.pt"), tmp_path / "a.hwz", tmp_path / "b.pt"
    outcome = hwgen("compress", bare, "-o", out, "--method", "uniform", "--bits", 5)
    assert (outcome.code, outcome.err) == (0, "")
    assert "conv1.weight  2 x 1 x 16" in outcome.out
    assert f"{bare.stat().st_size:,} bytes to {out.stat().st_size:,}" in outcome.out
    outcome = hwgen("decompress", out, "-o", back)
    assert (outcome.code, outcome.err) == (0, "")
    was, found = torch.load(bare), torch.load(back)
    assert list(was) == list(found)
    assert torch.equal(was["fc1.bias"], found["fc1.bias"])
    assert 0 < (was["fc1.weight"] - found["fc1.weight"]).norm() < 0.1 * was["fc1.weight"].norm()


def test_figures_as_json(hwgen, write_state, tmp_path):
    bare, out = write_state(tmp_path / "a.pt"), tmp_path / "a.hwz"
    outcome = hwgen("compress", bare, "-o", out, "--json")
    said = json.loads(outcome.out)
    assert (said["schema"], said["method"], said["file"]) == (1, "auto", str(out))
    assert said["bytes_after"] == out.stat().st_size
    assert max(each["error"] for each in said["layers"]) <= 0.1
    assert {each["name"] for each in said["layers"]} == {"conv1.weight", "fc1.weight"}


def test_a_bound_that_is_not_met(hwgen, write_state, tmp_path):
    outcome = hwgen("compress", write_state(tmp_path / "a.pt"), "-o", tmp_path / "x", "--error", 0)
    assert outcome.code == 4
    assert "error must be at least 0.0" in outcome.line
    assert not (tmp_path / "x").exists()


def test_another_file(hwgen, write_state, tmp_path):
    outcome = hwgen("decompress", write_state(tmp_path / "a.pt"), "-o", tmp_path / "x")
    assert outcome.code == 3
    assert "is no file of `hwgen compress`" in outcome.line
