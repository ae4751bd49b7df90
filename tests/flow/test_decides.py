"""Every option says which stages it decides, and their keys keep to that."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest

from hwgen.boards import find_board
from hwgen.errors import CannotMeetError
from hwgen.flow import generate, implement, netlist, quantize
from hwgen.flow.decides import Decides, Stage, decided, decides, decisive, option
from hwgen.flow.groups import (
    group,
    is_group,
    is_inline,
    option_fields,
    options_of,
    values_of,
)
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.left import left_by_quantize
from hwgen.flow.options import Settings
from hwgen.quantized import Precision
from tests.records import generated

OTHER: dict[str, Any] = {
    "data.snr_db": 3.0,
    "data.channel": "2",
    "data.sample_rate": 13_000.0,
    "data.seed": 2,
    "data.input_scale": 0.5,
    "data.unit": "m/s2",
    "data.offset": 1.0,
    "data.class_from": "x",
    "data.channels": ("1", "2"),
    "geometry.window": 256,
    "geometry.stride": 4,
    "geometry.padding": 1,
    "geometry.pool": 4,
    "geometry.bins": "ascending",
    "geometry.weights_from": "ema",
    "geometry.outputs": (1, 0, 2),
    "geometry.quantizers": "drop",
    "geometry.answer": "values",
    "geometry.part": "front",
    "data.noise": "pink",
    "data.healthy": ("outer",),
    "alarm.threshold": 3.0,
    "alarm.false_alarms": 0.02,
    "alarm.contamination": 0.1,
    "geometry.prepare": "z-score",
    "geometry.front_end": "fft",
    "geometry.fft_scale": "1/N",
    "bits": Precision(feature=6),
    "twiddle": 11,
    "calibration": "max",
    "rounding": "nearest",
    "max_drop": 0.7,
    "qat": True,
    "hardware.board": "ulx3s-12f",
    "hardware.parallel": 2,
    "hardware.weights": "flash",
    "hardware.dsp": 3,
    "hardware.goal": "area",
    "hardware.latency_us": 50.0,
    "hardware.windows_per_second": 20.0,
    "hardware.fit": True,
    "hardware.hop": 64,
    "hardware.clock_mhz": 50.0,
    "hardware.seeds": (9,),
    "hardware.baud": 9600,
    "hardware.source": "mcp3201",
    "hardware.sensor_rate": 24_000.0,
    "hardware.vote": "2/3",
    "hardware.unknown": 2.0,
    "hardware.normal": ("outer",),
    "hardware.learn": 600,
    "hardware.quick": True,
    "hardware.unroll": ("conv1",),
    "verify_windows": 60,
    "own_scale": True,
    "netlist": False,
    "source": "ab",
}
"""Another value of each option; `other` makes those that are files."""

BASES = {
    "as it is": {},
    "for a drop": {"max_drop": 0.5},
    "sought": {"hardware": HardwareOptions.of(hop=128, transform="dft")},
}


def declared(options: Any, prefix: str = "") -> Iterator[tuple[str, Decides]]:
    """Yield the path of each option and what it says that it decides."""
    for field in fields(options):
        path = prefix + field.name
        if is_group(field):
            inner = prefix if is_inline(field) else f"{path}."
            yield from declared(getattr(options, field.name), inner)
        else:
            yield path, decided(field)


DECLARED = dict(declared(Settings("ckpt.pt")))


def changed(settings: Settings, path: str, value: Any) -> Settings:
    head, _, rest = path.partition(".")
    group = getattr(settings, head)
    if rest:
        value = options_of(type(group), values_of(group) | {rest: value})
    return replace(settings, **{head: value})


@pytest.fixture
def other(original, tmp_path, write_state):
    """Return a function that gives another value of an option."""
    settings, _ = original

    def of(path: str, now: Settings) -> Any:
        if path == "hardware.transform":
            return "fft" if now.hardware.design.transform == "dft" else "dft"
        if path == "checkpoint":
            return str(write_state(tmp_path / "other.pt", seed=1))
        if path == "data.test_data":
            return (settings.data.data,)
        if path == "data.data":
            return shutil.copytree(Path(settings.data.data), tmp_path / "moved").as_posix()
        return OTHER[path]

    return of


@pytest.fixture
def keys(original):
    """Return a function that gives the keys of settings, all with the same network."""
    model = left_by_quantize(original[1])
    known = generated(interval=256)

    def of(settings: Settings) -> dict[Stage, dict[str, Any]]:
        hardware, board = settings.hardware, find_board(settings.hardware.board)
        return {
            Stage.QUANTIZE: quantize.inputs(settings),
            Stage.GENERATE: generate.inputs(model, hardware, board),
            Stage.NETLIST: netlist.inputs(model, hardware, board, known),
            Stage.SYNTH: implement.inputs(model, hardware, board, known, None),
        }

    return of


def seeks(settings: Settings, stage: Stage) -> bool:
    """Whether a stage looks for a design point."""
    for_drop = stage is Stage.QUANTIZE and settings.max_drop is not None
    return for_drop or settings.hardware.design.seeking


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("path", DECLARED)
def test_an_option_decides_just_the_stages_that_it_declares(original, keys, other, path, base):
    settings = replace(original[0], **BASES[base])
    after = changed(settings, path, other(path, settings))
    assert after != settings
    before, now = keys(settings), keys(after)
    expected = {
        stage
        for stage in Stage
        if DECLARED[path].decides(stage, sought=seeks(settings, stage) or seeks(after, stage))
    }
    if path == "hardware.source" and settings.hardware.design.hop is None:
        expected -= {Stage.GENERATE}  # windows have no samples that a board could keep
    if path == "hardware.transform" and settings.hardware.design.seeking:
        expected -= {Stage.GENERATE, Stage.NETLIST}  # a design is looked for with either
    assert {stage for stage in Stage if before[stage] != now[stage]} == expected


def watched(options: Any, read: set[str]) -> Any:
    """Return the same options; which of them are read is noted."""

    class Watched(type(options)):
        def __getattribute__(self, name: str) -> Any:
            read.add(name)
            return super().__getattribute__(name)

    values = {field.name: getattr(options, field.name) for field in fields(options)}
    groups = {field.name for field in fields(options) if is_group(field)}
    return Watched(
        **{
            name: watched(value, read) if name in groups else value
            for name, value in values.items()
        }
    )


@pytest.mark.parametrize("asked", [{}, {"goal": "area"}, {"hop": 64, "transform": "dft"}])
def test_what_decides_the_core_is_declared(original, asked):
    """Reading an option that has no say would be a way past the key."""
    read: set[str] = set()
    model, options = left_by_quantize(original[1]), watched(HardwareOptions.of(**asked), read)
    board = find_board(options.board)
    read.clear()
    with contextlib.suppress(CannotMeetError):  # a network of another transform
        generate.choose(model, options, board)
    options_read = set(option_fields(HardwareOptions)) & read
    assert options_read >= {"goal", "hop", "dsp"}
    for name in options_read:
        assert DECLARED[f"hardware.{name}"].decides(Stage.GENERATE, sought=True), name


def test_what_decides_nothing_says_so():
    nothing = {path for path, each in DECLARED.items() if not each.stages | each.sought}
    assert nothing == {"netlist", "source"}


def test_an_option_that_says_nothing_is_found():
    @dataclass(frozen=True)
    class Inner:
        told: int = option(decides(Stage.SYNTH), 3)
        forgotten: int = 4

    @dataclass(frozen=True)
    class Outer:
        inner: Inner = group(Inner)

    with pytest.raises(TypeError, match="forgotten must say which stages it decides"):
        list(declared(Outer()))
    with pytest.raises(TypeError, match="forgotten must say which stages it decides"):
        decisive(Outer(), Stage.SYNTH, sought=False)


def test_what_is_decisive_is_as_json_gives_it_back():
    @dataclass(frozen=True)
    class Options:
        path: str = option(decides(Stage.SYNTH, named=(Stage.SYNTH,)), "here")
        seeds: tuple[int, ...] = option(decides(Stage.SYNTH), (1, 2))
        late: tuple[str, ...] = option(decides(Stage.SYNTH), (), unsaid=True)
        clock: int = option(decides(sought=(Stage.SYNTH,)), 5)
        bits: Precision = option(decides(Stage.QUANTIZE), Precision())

    assert decisive(Options(), Stage.SYNTH, sought=False) == {"seeds": [1, 2]}
    late = Options(late=("a",))
    assert decisive(late, Stage.SYNTH, sought=True) == {"seeds": [1, 2], "late": ["a"], "clock": 5}
    assert decisive(late, Stage.QUANTIZE, sought=True) == {"bits": dataclasses.asdict(Precision())}
