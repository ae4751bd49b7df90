"""A build whose weights come from the board's flash, from a checkpoint to the virtual board."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwgen.errors import CannotMeetError, InputError
from hwgen.files import read_json
from hwgen.flow import check, link
from hwgen.flow.build import build
from hwgen.flow.export import export_build
from hwgen.flow.hardware_options import DesignOptions, HardwareOptions
from hwgen.flow.options import Settings
from hwgen.flow.power import power
from hwgen.importers import CheckpointMeta, save_checkpoint
from hwgen.network import SAMPLES, Graph, Network, Node, Output
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.plans.weights.image import HEADER_BYTES, MAGIC

WINDOW = 64
OPTIONS = HardwareOptions(design=DesignOptions(weights="flash", parallel=4))


def network() -> Network:
    """Return two convolutions and a dense layer."""
    rng = np.random.default_rng(8)
    nodes = (
        Node(Direct("direct"), (SAMPLES,)),
        Node(
            Conv1d("conv1", rng.normal(0, 0.4, (8, 1, 8)), rng.normal(0, 0.1, 8), 4, 2), ("direct",)
        ),
        Node(
            Conv1d("conv2", rng.normal(0, 0.3, (8, 8, 3)), rng.normal(0, 0.1, 8), 1, 1), ("conv1",)
        ),
        Node(Dense("fc1", rng.normal(0, 0.3, (3, 128)), rng.normal(0, 1, 3)), ("conv2",)),
    )
    graph = Graph((SAMPLES,), nodes, (Output("fc1"),))
    return Network("made up", WINDOW, graph, ("inner", "outer", "sound"), 1.0, 12_000.0)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("flashed")
    path = folder / "net.pt"
    save_checkpoint(path, network(), meta=CheckpointMeta("made up", None))
    build(Settings(str(path), hardware=OPTIONS), folder / "build", lambda _: None, upto="verify")
    return folder / "build"


def test_its_report_says_what_the_stream_costs(built):
    report = read_json(built / "report.json")
    weights, image = report["weights"], (built / "rtl/weights.bin").read_bytes()
    assert report["verification"]["mismatches"] == 0
    assert image[:4] == MAGIC
    assert len(image) == weights["image_bytes"] == HEADER_BYTES + weights["bytes_per_window"]
    assert weights["streamed"]
    assert report["latency"]["cycles_per_window"] >= weights["stream_cycles"] - 32
    page = (built / "report/index.html").read_text()
    assert f"{weights['bytes_per_window']} bytes a window at " in page


def test_the_virtual_board_has_them(built):
    done = link.bench(built, "virtual", lambda _: None, windows=6, timeout_s=60.0)
    found = done.said.found
    assert (found.windows >= 6, found.mismatches) == (True, 0)


def test_its_power_is_not_known(built):
    with pytest.raises(CannotMeetError, match="can only be measured, for what its flash takes"):
        power(built, lambda _: None, windows=1)


def test_without_the_image_nothing_is_verified(built, tmp_path):
    with pytest.raises(InputError, match=r"rtl/weights\.bin must be there: make it anew"):
        check._streamed(tmp_path, check_known(built))


def check_known(folder: Path):
    from hwgen.flow.current import current
    from hwgen.flow.options import read_settings

    known = current(read_settings(folder), folder).generate
    assert known is not None
    return known.said


def test_it_is_not_exported(built):
    with pytest.raises(CannotMeetError, match="whose weights are on chip, not in a flash"):
        export_build(built, "verilog", None, lambda _: None)
