"""Every folder of hwgen/targets keeps the contract, and nobody else knows of one family."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from amaranth.build import Platform
from amaranth.hdl import Instance, Signal

import hwgen
from hwgen import share, targets, tools
from hwgen.boards import load_boards
from hwgen.designs.goals import GOALS
from hwgen.errors import CannotMeetError, UsageError
from hwgen.hardware.primitives.multiplier import DSP_OPERAND
from hwgen.targets import Cells, Turns
from hwgen.targets.target import Primitives

ROOM = Path(targets.__file__).parent
FOLDERS = sorted(each.parent.name for each in ROOM.glob("*/__init__.py"))
FAMILIES = targets.families()
SOURCES = Path(hwgen.__file__).parent

TEXTS = {
    "cli/main.py": ("hwgen build ckpt.pt --board ecp5", "an example; the board's alias"),
    "flow/options.py": ("--board ecp5", "the default board's alias"),
    "flow/hardware_options.py": (r'board: str = .*"ecp5"', "the default board's alias"),
    "report/schema.py": ("--board ecp5", "an example; the board's alias"),
    "link/energy.py": (r'Published\("iCE40UP5K', "what others state of theirs"),
}
"""File of hwgen/: what it may say, and why."""


def test_folders_are_targets():
    assert (
        set(targets.every()) == set(FOLDERS) == {"behavioural", "ecp5", "gowin", "ice40", "nexus"}
    )
    assert set(FAMILIES) == {"ecp5", "gowin", "ice40", "nexus"}


def test_names_that_are_none():
    with pytest.raises(
        UsageError, match=r"^target must be one of behavioural, .*, nexus, not 'abacus'$"
    ):
        targets.find("abacus")
    with pytest.raises(UsageError):
        targets.find("cells")  # a file, no folder


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_has_one_target_of_its_name(name):
    target = targets.find(name)
    assert target.name == name
    assert target.title
    order = ("lut4", "ff", "dsp", "ebr", "spram")
    assert list(target.kinds) == [kind for kind in order if kind in target.kinds]
    assert all(target.kinds.values())
    assert target.operand_bits >= DSP_OPERAND


@pytest.mark.parametrize("name", FOLDERS)
def test_counts_are_of_its_kinds(name):
    target = targets.find(name)
    counts = [
        target.memory(18, 1000), target.memory(18, 1000, rom=True), target.memory(7, 3),
        target.two_port_rom(12, 100), target.multiplier(9, 8), target.adder(9),
        target.multiplier(9, 8, logic=True), target.multiplier(18, 18),
        target.memory(18, 1000, turns=Turns()), target.memory(18, 1000, turns=Turns(2)),
    ]  # fmt: skip
    assert all(isinstance(each, Cells) and set(each) <= set(target.kinds) for each in counts)
    assert target.memory(18, 1000) == target.block_ram(18, 1000)
    assert target.memory(18, 4) == target.memory(18, 4, turns=Turns()) == Cells()  # registers
    assert target.memory(18, 4, rom=True) == target.block_ram(18, 4)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_chip_s_parts_take_cells(name):
    target = FAMILIES[name]
    assert target.memory(18, 1000)["ebr"] >= 1
    assert target.memory(18, 100_000)["ebr"] > target.memory(18, 1000)["ebr"]
    assert target.two_port_rom(18, 1000)["ebr"] >= 1
    assert target.multiplier(9, 8) == Cells({"dsp": 1})
    logic = [target.multiplier(bits, 8, logic=True)["lut4"] for bits in (4, 8, 16)]
    assert logic == sorted(set(logic))
    assert target.adder(10)["lut4"] >= 10


@pytest.mark.parametrize("name", FOLDERS)
def test_primitives_take_what_the_contract_says(name):
    made = targets.find(name).primitives
    wanted = {n: f for n, f in vars(Primitives).items() if inspect.isfunction(f) and n[0] != "_"}
    assert set(wanted) == {"memory", "two_port_rom", "multiplier", "add_subtract"}
    for function, contract in wanted.items():
        names = list(inspect.signature(contract).parameters)[1:]
        assert list(inspect.signature(getattr(made, function)).parameters) == names


@pytest.mark.parametrize("name", FOLDERS)
def test_figures_need_no_hardware_language(name):
    """What plans and estimates ask of a target loads no amaranth."""
    code = f"""
import sys
from hwgen import targets
one = targets.find({name!r})
one.memory(18, 1000), one.two_port_rom(12, 100), one.multiplier(9, 8), one.adder(9)
if isinstance(one, targets.Family):
    one.plan_pll(25.0, 100.0), one.toolchain.tools
sys.exit("amaranth" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_family_serves_its_boards(name):
    family = FAMILIES[name]
    assert issubclass(family.platform, Platform)
    boards = [board for board in load_boards().values() if board.target is family]
    assert boards
    assert all(targets.of(board.platform()) is family for board in boards)
    assert all(board.package in family.packages for board in boards)
    assert all(board.speed in family.speeds for board in boards)
    assert family.least_dsp == min(board.resources["dsp"] for board in boards)


def test_behavioural_cells_serve_where_there_is_no_family():
    behavioural = targets.find("behavioural")
    assert targets.of(None) is behavioural
    assert targets.of(object()) is behavioural
    assert targets.of(SimpleNamespace(family="abacus")) is behavioural
    assert not behavioural.serves(SimpleNamespace(family="behavioural"))
    assert targets.of(SimpleNamespace(family="ecp5")) is targets.find("ecp5")


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_family_s_pll(name):
    family = FAMILIES[name]
    for mhz in {family.usual_clock, *family.clocks.values()}:
        assert mhz <= family.plan_pll(family.oscillator_mhz[0], mhz).output_mhz <= mhz * 1.05
    plan = family.plan_pll(family.oscillator_mhz[0], family.usual_clock)
    assert float(plan.input_mhz) == family.oscillator_mhz[0]
    made = family.pll(plan, Signal(), Signal(), Signal())
    assert isinstance(made, Instance)
    for outside in (family.oscillator_mhz[0] / 2, family.oscillator_mhz[1] * 2):
        with pytest.raises(CannotMeetError):
            family.plan_pll(outside, 100.0)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_family_s_usual_choices(name):
    family = FAMILIES[name]
    assert set(family.clocks) == set(GOALS)
    assert family.usual_goal in {None, *GOALS}
    assert family.settle_us >= 0


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_family_s_tools(name):
    family = FAMILIES[name]
    chain = family.toolchain
    assert chain.tools[0].name == "yosys"
    assert all(tools.version(tool) for tool in chain.tools)
    assert set(chain.ours) == {tool.name for tool in chain.tools}
    assert set(chain.counted) == set(family.kinds)
    # Place and route need not count flip-flops, which are in the cells of look-up tables.
    assert set(chain.packed) | {"ff"} == set(family.kinds)
    models = (share.folder("sim") / chain.models).read_text()
    modelled = set(re.findall(r"^module (\w+)", models, re.M))
    assert set(chain.equations) <= modelled
    # What is left of a netlist that is simulated: multipliers and block RAMs.
    assert all(modelled & set(chain.counted[kind]) for kind in ("dsp", "ebr"))


def vocabulary(family):
    """Return patterns of what only a family's folder says: its name, its tools and its cells."""
    chain = family.toolchain
    cells = {cell for made_of in chain.counted.values() for cell in made_of}
    cells |= {*chain.packed.values(), *chain.equations}
    tools_ = {chain.placer.name, chain.packer.name, chain.synthesis}
    # A cell's name may be a part of another word.
    own = {rf"(?<![a-z_]){re.escape(cell)}(?![a-z_])" for cell in cells - {"LUT4", "INV"}}
    return own | set(map(re.escape, {family.name, *tools_}))


def naming(text, words):
    """Return the lines of a text that hold any of the words."""
    pattern = "|".join(sorted(words))
    return [line.strip() for line in text.splitlines() if re.search(pattern, line, re.I)]


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_nobody_else_knows_of_a_family(name):
    said, own = {}, 0
    words = vocabulary(FAMILIES[name])
    # A cell's name may be another maker's too.
    others = {f"targets/{other}/": words - vocabulary(family) for other, family in FAMILIES.items()}
    others.pop(f"targets/{name}/")
    for path in sorted(SOURCES.rglob("*.py")):
        file = path.relative_to(SOURCES).as_posix()
        room = next((room for room in others if file.startswith(room)), "")
        found = naming(path.read_text(), others.get(room, words))
        if file.startswith(f"targets/{name}/"):
            own += len(found)
        elif file in TEXTS:
            found = [line for line in found if not re.search(TEXTS[file][0], line)]
            said |= {file: found} if found else {}
        elif found:
            said[file] = found
    assert said == {}
    assert own > 10


def test_the_texts_that_may_name_one_are_there():
    for name, (text, _) in TEXTS.items():
        assert re.search(text, (SOURCES / name).read_text()), name
