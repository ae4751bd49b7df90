"""Nets of a netlist: what drives them, and what they reach."""

from __future__ import annotations

import json

import pytest

from hwgen import targets
from hwgen.errors import ToolError
from hwgen.synth import nets
from hwgen.synth.activity import Activity, activity
from hwgen.synth.nets import Net
from hwgen.verify.saif import Bit, Trace

FAMILY = targets.find("ice40")


def cell(kind, **pins):
    outputs = {"O", "Q", "CO", "RDATA"}
    return {
        "type": kind,
        "connections": pins,
        "port_directions": {pin: "output" if pin in outputs else "input" for pin in pins},
    }


# a[0] -> table -> flip-flop, which a table, a carry and two pins of a memory read.
MODULE = {
    "ports": {
        "clk": {"direction": "input", "bits": [2]},
        "a": {"direction": "input", "bits": [3, 4]},
        "out": {"direction": "output", "bits": [6]},
    },
    "cells": {
        "cell1": cell("SB_LUT4", I0=[3], I1=["0"], O=[5]),
        "cell2": cell("SB_DFF", C=[2], D=[5], Q=[6]),
        "cell3": cell("SB_LUT4", I0=[6], I3=[7], O=[8]),
        "cell4": cell("SB_CARRY", I0=[6], I1=["1"], CI=["0"], CO=[7]),
        "cell5": cell("SB_RAM40_4K", RADDR=[6, 6, 8], RCLK=[2], RDATA=[9]),
    },
    "netnames": {
        "clk": {"bits": [2]}, "a": {"bits": [3, 4]}, "net1": {"bits": [5]}, "out": {"bits": [6]},
        "net2": {"bits": [7]}, "net3": {"bits": [8]}, "net4": {"bits": [9]},
        "spare": {"bits": [99]},
    },
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def read(module):
        path = tmp_path / "nets.json"
        path.write_text(json.dumps({"modules": {"top": module}}))
        return nets.read(path, "top", FAMILY.toolchain, FAMILY.power.wiring)

    return read


def test_what_drives_a_net_and_what_it_reaches(read):
    found = read(MODULE)
    assert {net.name: net for net in found.nets} == {
        net.name: net for net in (
            Net("a[0]", False, 1), Net("a[1]", False, 0),
            Net("net1", True, 0),  # its flip-flop is in the same cell
            Net("out", True, 3),  # not the carry, which shares a pin with a table
            Net("net2", True, 0),  # a carry stays in its column
            Net("net3", True, 1),
            Net("net4", False, 0),
        )
    }  # fmt: skip
    assert found.works == {"cell5": "ebr"}


@pytest.mark.parametrize("change", [{"cells": None}, {"ports": {}}, {"netnames": {"a": {}}}])
def test_a_file_that_is_no_netlist(read, change):
    with pytest.raises(ToolError, match="must be Yosys's netlist of top; run it again"):
        read(MODULE | change)


def traced(**changes: int) -> Trace:
    bits = {"clk": Bit(400, 160)} | {name: Bit(0, count) for name, count in changes.items()}
    works = Trace({"working_read": Bit(200, 9), "RDATA[0]": Bit(800, 50)})
    return Trace(bits, {"cell5": works})


def test_activity_is_by_what_it_costs(read):
    found = activity(traced(net1=5, out=4, net2=3, net3=2, net4=7), read(MODULE))
    assert found == Activity(80, logic=5 + 4 + 3 + 2, routing=4 * 3 + 2, accesses={"ebr": 20})


def test_more_that_switches_is_more(read):
    known = read(MODULE)
    less, more = activity(traced(out=4), known), activity(traced(out=5), known)
    assert (more.logic, more.routing) == (less.logic + 1, less.routing + 3)


def test_a_simulation_of_something_else(read):
    with pytest.raises(ToolError, match="must have traced 'cell5' of the netlist"):
        activity(Trace({"clk": Bit(1, 2)}), read(MODULE))


def test_activities_add_up():
    one, two = Activity(10, 2, 3, {"dsp": 1}), Activity(5, 1, 4, {"ebr": 2})
    assert one + two == Activity(15, 3, 7, {"dsp": 1, "ebr": 2})
    assert (one + two).beyond(two) == Activity(10, 2, 3, {"dsp": 1, "ebr": 0})
    assert one.beyond(two) == Activity(5, 1, 0, {"dsp": 1, "ebr": 0})  # nothing is less than none
    assert Activity.from_json(json.loads(json.dumps(one.to_json()))) == one
