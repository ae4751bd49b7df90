"""The records of the stages, as they are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwgen.flow import current, generate, implement, netlist, stage
from hwgen.flow.accuracy import Accuracy
from hwgen.flow.benched import Benched
from hwgen.flow.demo import Trained
from hwgen.flow.generated import Estimate, Generated
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.implemented import Implemented, Routed
from hwgen.flow.netlist_checked import NetlistChecked
from hwgen.flow.powered import Mode, Powered
from hwgen.flow.quantized import NetworkFacts, Quantized
from hwgen.flow.results import write_report
from hwgen.flow.stage import StageResult
from hwgen.flow.verified import Verified
from hwgen.link import Benchmark
from hwgen.link.benchmark import Replay, Spread
from hwgen.plans.design import Design
from hwgen.plans.step import Array
from hwgen.plans.timing import Timing
from hwgen.synth.estimate import Band
from hwgen.targets import Cells
from hwgen.verify import Verification

BASIS = {"digest": "ab"}
GENERATED = Generated(
    BASIS,
    Design(Array(2, 4, 2), 3, lanes=8, unrolled=("conv1",)),
    Timing(12, 40, 2, breakdown=(("conv1", 5), ("last", 7)), closed=5),
    hop=16,
    transform="none",
    utilisation=0.5,
    estimate=Estimate(Cells({"lut4": 7}), Cells({"lut4": 9})),
)
VERIFIED = Verified(
    BASIS, Verification("verilator 5", 30, 1, 12, 40, 2, {"bursts": 30}), 10, ("few were run",)
)
CELLS = Cells({"lut4": 9, "comb": 11, "ff": 3, "dsp": 1, "ebr": 2})
IMPLEMENTED = Implemented(
    BASIS,
    cells=CELLS,
    available=Cells({"lut4": 99, "ff": 99, "dsp": 9, "ebr": 9}),
    timing=Routed(100.0, 107.5, met=True, seed=3),
    tools={"yosys": "0.9"},
    clock_mhz=100.0,
    bitstream="top.bit",
    core=Cells({"lut4": 5}),
)
NETLIST = NetlistChecked(BASIS, 16, 2, CELLS)
BENCHED = Benched(
    BASIS,
    Benchmark(
        port="virtual",
        clock_mhz=31.25,
        windows=9,
        mismatches=0,
        latency_cycles=Spread(12, 13, 14),
        replay=Replay(70, 2801, 0),
        round_trip_ms=Spread(0.5, 0.75, 1.5),
        link_windows_per_second=17.25,
        retries=1,
        refusals={"BUSY": 1},
        counters={"frames": 12},
    ),
)
POWERED = Powered(
    BASIS,
    windows=3,
    device="LFE5U-25F",
    clock_mhz=50.0,
    registers=2650,
    sample_rate=25_600.0,
    own_joules=Band(2e-5, 1e-5, 3e-5),
    busy=Mode(40.0, 1.0, {"static": Band(136.0, 100.0, 270.0), "logic": Band(3.0, 1.0, 9.0)}),
    sensor=Mode(12.5, 0.3125, {"static": Band(136.0, 100.0, 270.0), "logic": Band(1.0, 0.5, 3.0)}),
)
QUANTIZED = Quantized(
    design=NetworkFacts("bearingpga", "ab", 256, ("a", "b"), 16, 8.0, "ab"),
    accuracy=Accuracy(
        data="here",
        windows=4,
        agreement=0.75,
        float_f1=1.0,
        fixed_f1=0.5,
        confusion={"float": [[2, 0], [0, 2]], "fixed": [[1, 1], [0, 2]]},
        snr_db=-6.0,
        input_scale=1.5,
    ),
    calibration={"method": "max", "layers": []},
    network={"parameters": 3, "macs": 5, "layers": []},
    robustness={"snr": None},
    search={"max_drop": 0.5},
    qat={"f1": 1.0},
    notices=("mind the gap",),
    basis={"qat": True},
    source="cd",
)
RECORDS = [
    QUANTIZED, GENERATED, VERIFIED, IMPLEMENTED, NETLIST, BENCHED, POWERED, Trained({"f1": 0.75}),
]  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_survives_its_file(tmp_path, record: StageResult):
    kind = type(record)
    done = stage.run("one", tmp_path, {}, (), lambda: record, kind=kind, say=print)
    kept = stage.result_of(tmp_path, kind)
    assert kept.seconds == done.seconds
    assert kept.said.to_json() == json.loads(json.dumps(record.to_json()))
    if kind is not Quantized:  # its sections are not to be compared with each other
        assert kept.said == record


@pytest.mark.parametrize("record", [QUANTIZED, VERIFIED], ids=lambda record: type(record).__name__)
def test_what_the_user_must_know_is_said_again(tmp_path, record):
    said: list[str] = []
    for _ in range(2):
        stage.run("one", tmp_path, {}, (), lambda: record, kind=type(record), say=said.append)
    assert said == [*record.notices, "one: unchanged, not run again"]


@pytest.mark.parametrize("wrong", [{}, {"windows": 3}, {"basis": BASIS}, {"basis": 3, "design": 4}])
@pytest.mark.parametrize("record", RECORDS[:-1], ids=lambda record: type(record).__name__)
def test_what_another_program_said_does_not_count(tmp_path, record, wrong):
    kind = type(record)

    class Foreign(Trained):
        def to_json(self):
            return wrong

    stage.run("one", tmp_path, {}, (), lambda: Foreign({}), kind=Foreign, say=print)
    assert stage.result_of(tmp_path, kind) is None
    stage.run("one", tmp_path, {}, (), lambda: record, kind=kind, say=print)  # is run all the same
    assert stage.result_of(tmp_path, kind) is not None


@pytest.mark.parametrize("place", ["ir", "rtl", "sim", "synth", "netlist", "bench", "power"])
def test_the_record_of_another_stage_does_not_count(finished, place):
    settings, folder = finished
    for other in ("ir", "rtl", "sim", "synth", "netlist"):
        if other != place:
            text = (folder / other / "stage.json").read_text()
            (folder / place).mkdir(exist_ok=True)
            (folder / place / "stage.json").write_text(text)
            for name in json.loads(text)["outputs"]:  # and the files that it speaks of
                (folder / place / name).write_bytes((folder / other / name).read_bytes())
            write_report(settings, folder)
            name = {"ir": "quantize", "rtl": "generate", "sim": "verify"}.get(place, place)
            assert getattr(current.current(settings, folder), name) is None


def test_an_older_build_says_less():
    value = GENERATED.to_json()
    del value["estimate"], value["utilisation"]
    old = Generated.from_json(value)
    assert (old.estimate, old.utilisation) == (None, None)
    assert "estimate" not in old.to_json()
    value = VERIFIED.to_json()
    del value["notices"], value["scenarios"]
    assert Verified.from_json(value).notices == ()
    value = QUANTIZED.to_json()
    del value["basis"], value["source"], value["robustness"], value["search"], value["qat"]
    old = Quantized.from_json(value)
    assert (old.basis, old.source, old.robustness, old.data) == (None, None, None, None)
    assert old.to_json() == value


def test_a_builds_records_are_those_of_its_stages(finished):
    settings, folder = finished
    known = current.current(settings, folder)
    assert list(known.stages()) == ["quantize", "generate", "verify", "synth", "netlist"]
    assert known.bench is None
    for place, done in (("ir", known.quantize), ("synth", known.synth)):
        kept = json.loads(Path(folder / place / "stage.json").read_text())["result"]
        assert kept == json.loads(json.dumps(done.said.to_json())) | {"seconds": done.seconds}


@pytest.mark.parametrize("module", [generate, implement, netlist])
def test_what_a_result_holds_for_is_as_json_gives_it_back(module):
    """It is compared with what was kept; and older builds were made without `unroll`."""
    plain = module.basis("ab", HardwareOptions())
    assert "unroll" not in json.dumps(plain)
    given = module.basis("ab", HardwareOptions.of(unroll=("conv1",), normal=("x",), seeds=(3, 4)))
    assert given != plain
    assert json.loads(json.dumps(given)) == given
