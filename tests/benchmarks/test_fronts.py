"""The tables of filters in front of networks, and what is measured of signals."""

from __future__ import annotations

import fronts
import fronts_steps as steps
import numpy as np
import pytest
import torch
from torch import nn

from hwgen.signals.noise_kinds import KINDS
from hwgen.training.informed import Filters

RATE = 12_000.0


def row(front="filter"):
    f1 = {kind: {f"{snr:g}": (0.9, 0.01) for snr in steps.SNRS} for kind in KINDS}
    looks = {kind: {"kurtosis": [3.0, 4.0], "line_db": [1.0, 2.0]} for kind in ("clean", *KINDS)}
    return {"network": "wdcnn", "front": front, "epochs": 13, "parameters": 54_567,
            "weights": {"weight_envelope": 5.0, "weight_classes": 2.0}, "f1": f1, "signals": looks,
            "gain": [1.0] * 1025 if front == "filter" else None}  # fmt: skip


def test_the_tables():
    lines = fronts.tables({"wdcnn none": row("none"), "wdcnn filter, long": row()})
    assert len({line.count("|") for line in lines[:4]}) == 1
    assert lines[2].startswith("| `wdcnn`, `none` | 54,567 | 1,300 | 0.900 |")
    assert lines[3].startswith("| `wdcnn`, `filter`, long |")
    assert lines[7].startswith("| the samples | 3.0 | 3.0 | 3.0 | 3.0 | 1.0 |")
    assert lines[8].startswith("| wdcnn filter, long | 4.0 | 4.0 | 4.0 | 4.0 | 2.0 |")
    assert lines[8].endswith("| envelope 5.00, classes 2.00 |")
    assert len(lines) == 9
    assert fronts.drawn({"wdcnn none": row("none")}) is None
    drawn = fronts.drawn({"wdcnn filter": row()})
    assert drawn is not None
    assert "<svg" in drawn
    assert len(fronts.tables({})) == 5


def test_the_page_is_written_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{fronts.BEGIN}\nold\n{fronts.END}\nafter\n")
    fronts.write(["| a |"], page)
    assert page.read_text() == f"before\n{fronts.BEGIN}\n\n| a |\n\n{fronts.END}\nafter\n"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="must have <!-- fronts: begin -->"):
        fronts.write([], page)


def test_what_is_known_is_not_measured_again(tmp_path):
    assert fronts.known(13, tmp_path) == {}
    fronts.path_of("wdcnn none, long", 13, tmp_path).write_text('{"a": 1}')
    fronts.path_of("wdcnn filter", 13, tmp_path).write_text("damaged")
    assert fronts.known(13, tmp_path) == {"wdcnn none, long": {"a": 1}}


@pytest.mark.parametrize(
    ("label", "line"),
    [("B007", "BSF"), ("IR014", "BPFI"), ("OR021", "BPFO"), ("normal", ""), ("Broken", "")],
)
def test_the_line_of_a_fault(label, line):
    assert steps._line(label) == line


def test_a_struck_resonance_has_its_line_and_noise_has_none():
    rng = np.random.default_rng(0)
    hertz = steps.fault_lines(steps.signals.Bearing(), steps.RPM)["BPFO"]
    struck = np.zeros(40_960)
    struck[(np.arange(0, 3.4, 1 / hertz) * RATE).astype(int)] = 1.0
    ring = np.exp(-np.arange(60) / 12) * np.sin(np.arange(60) * 1.5)
    noise = rng.standard_normal(40_960)
    x = np.convolve(struck, ring)[:40_960] + 0.02 * noise
    assert steps._strength(x.reshape(-1, 2048), "OR007", RATE) > 10
    assert steps._strength(noise.reshape(-1, 2048), "OR007", RATE) < 6


def test_the_published_filter_gives_a_palindrome():
    x = torch.randn(2, 1, 64)
    y = steps.Dense(64)(x)
    assert y.shape == x.shape
    torch.testing.assert_close(y[..., 1:], y[..., 1:].flip(-1))


def test_the_gain_is_that_of_the_filter():
    conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([[[0.0, 1.0, 1.0]]]))
    module = nn.Module()
    module.front = Filters(None, conv)
    with torch.no_grad():
        gain = steps._gain(module)
    np.testing.assert_allclose(gain, 2 * np.cos(np.arange(1025) * np.pi / 2048), atol=1e-5)
    assert steps._gain(nn.Linear(2, 2)) is None


def test_designs_that_are_not_in_the_zoo():
    for front in ("dense", "signed"):
        design = steps.design_of("wdcnn", front)
        module = design.trained(1, 3, design.recipe("mixed").student)
        assert module.eval()(torch.randn(2, 2048)).shape == (2, 3)
        assert design.network(module, 1, tuple("abc"), 1.0, RATE).graph.nodes[0].name == "direct"
    assert steps.design_of("wdcnn", "none").front is None
    assert steps.recipe_of(steps.design_of("wdcnn", "none"), 2).noise_range(None) == (-10.0, 40.0)
