"""The map of a core's wrapper is that of its plan, and its Verilog needs the core's alone."""

from __future__ import annotations

import re

from amaranth.back import rtlil

from hwgen.gateware.axi.core import AxiCore
from hwgen.gateware.elsewhere import CoreElsewhere
from hwgen.plans.facts import KnownCore
from hwgen.plans.timing import Timing

PLAN = KnownCore(64, 16, 64, 2, 41, Timing.of((("all", 9),), 64), threshold=1 << 39)


def test_a_threshold_of_two_words_and_the_instance_of_the_core():
    core = AxiCore(CoreElsewhere(PLAN, "there"), "ab" * 32)
    assert [each.name for each in core.registers][-2:] == ["THRESHOLD_0", "THRESHOLD_1"]
    text = rtlil.convert(core, name="top", emit_src=False)
    defined = set(re.findall(r"^module \\(\S+)", text, re.MULTILINE))
    used = set(re.findall(r"^ +cell \\(\S+)", text, re.MULTILINE))
    assert used - defined == {"there"}
    assert "connect \\threshold__value" in text
