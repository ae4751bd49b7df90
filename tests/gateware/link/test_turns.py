"""Whose turn it is, cycle by cycle, against what the turns are said to be."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.link.turns import Turns

DRAIN, SILENCE = 5, 23
INPUTS = ("set", "on", "heard", "offered", "idle")
OUTPUTS = ("run", "engaged", "live", "switching")


def run(rows, drain=DRAIN, silence=SILENCE):
    """Give each row of inputs in its cycle; return the outputs of every cycle."""
    dut = Turns(drain, silence)
    seen = []

    async def process(ctx):
        for row in rows:
            for name, value in row.items():
                ctx.set(getattr(dut, name), int(value))
            seen.append({name: ctx.get(getattr(dut, name)) for name in OUTPUTS})
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return seen


def expected(rows, drain=DRAIN, silence=SILENCE):
    """Return the outputs by the description: a wish, a count of silence, and who has the core."""
    owner, wanted, quiet, over, left = "sensor", True, 0, False, 0
    for row in rows:
        yield {
            "run": int(owner == "sensor" and wanted),
            "engaged": int(wanted or owner != "host"),
            "live": int(owner == "sensor"),
            "switching": int(owner == "nobody"),
        }
        if owner == "nobody":
            left -= 1
            owner = owner if left else ("sensor" if wanted else "host")
        elif (owner == "sensor" and not wanted and not row["offered"]) or (
            owner == "host" and wanted and row["idle"]
        ):
            owner, left = "nobody", drain
        wanted = bool(row["on"]) if row["set"] else (wanted or over)
        over, quiet = quiet == silence, 0 if row["heard"] or over else quiet + 1


def rows(count, **columns):
    """Return rows of zeros but for what is given: a set of cycles, or whether always."""
    return [
        {
            name: int(cycle in columns[name] if name in columns else False)
            for name in INPUTS
        }
        for cycle in range(count)
    ]  # fmt: skip


EVER = range(10_000)


def test_it_is_the_sensor_s_after_a_reset_and_stays_so():
    assert run(rows(60)) == [{"run": 1, "engaged": 1, "live": 1, "switching": 0}] * 60


def test_the_host_gets_the_core_when_it_has_drained():
    seen = run(rows(14, set={3}, heard=EVER))
    assert [row["live"] for row in seen] == [1] * 5 + [0] * 9
    assert [row["run"] for row in seen] == [1] * 4 + [0] * 10
    assert [row["switching"] for row in seen] == [0] * 5 + [1] * DRAIN + [0] * 4
    assert [row["engaged"] for row in seen] == [1] * (5 + DRAIN) + [0] * 4


def test_a_sample_that_is_offered_is_waited_for():
    seen = run(rows(20, set={3}, heard=EVER, offered=range(9)))
    assert [row["live"] for row in seen] == [1] * 10 + [0] * 10


def test_the_sensor_gets_it_back_when_the_host_is_idle():
    seen = run(rows(40, set={3, 20}, on={20}, heard=EVER, idle=range(25, 100)))
    assert [row["engaged"] for row in seen[10:]] == [0] * 11 + [1] * 19
    assert [row["switching"] for row in seen[20:]] == [0] * 6 + [1] * DRAIN + [0] * 9
    assert [row["live"] for row in seen[20:]] == [0] * (6 + DRAIN) + [1] * 9


def test_a_host_that_changes_its_mind_while_the_core_drains():
    seen = run(rows(20, set={3, 7}, on={7}, heard=EVER))
    assert [row["switching"] for row in seen] == [0] * 5 + [1] * DRAIN + [0] * 10
    assert [row["live"] for row in seen] == [1] * 5 + [0] * DRAIN + [1] * 10


def test_a_silent_host_loses_it():
    heard = {0, 10, 15}
    seen = run(rows(70, set={3}, heard=heard, idle=EVER))
    # The byte of cycle 15 is the last; silence, its registers and the wish take so long.
    back = 15 + 1 + SILENCE + 2
    assert [row["engaged"] for row in seen[10:back]] == [0] * (back - 10)
    assert seen[back]["engaged"] == 1
    assert [row["live"] for row in seen].index(1, 10) == back + 1 + DRAIN


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("drain", "silence"), [(DRAIN, SILENCE), (1, 1), (8, 4)])
def test_any_inputs(seed, drain, silence):
    rng = np.random.default_rng([seed, drain])
    often = {"set": 0.1, "on": 0.5, "heard": 0.02 + 0.1 * seed, "offered": 0.5, "idle": 0.3}
    drawn = {name: rng.random(600) < part for name, part in often.items()}
    given = [{name: int(drawn[name][cycle]) for name in INPUTS} for cycle in range(600)]
    assert run(given, drain, silence) == list(expected(given, drain, silence))


@pytest.mark.parametrize(("given", "name"), [((0, 5), "drain_cycles"), ((5, 0), "silence_cycles")])
def test_parameters(given, name, refusing):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, not 0"):
        Turns(*given)


def test_ports():
    assert {name: len(getattr(Turns(1, 1), name)) for name in (*INPUTS, *OUTPUTS)} == dict.fromkeys(
        (*INPUTS, *OUTPUTS), 1
    )
