"""A plan, carried out word by word, gives what the golden model gives; a spoilt one does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import Integers
from hwgen.plans import interpreter, rules
from hwgen.plans.interpreter import Stale
from hwgen.plans.memory import Memory
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Array, Step
from tests.integer_graphs import (
    Case,
    cases,
    random_case,
    recurrent_array,
    small_bins,
    small_parts,
    small_quadratic,
    small_recurrent,
    small_reshaped,
    small_scored,
    unchecked,
    with_values,
)

EACH = 100


def traits(case: Case, plan: SharedPlan) -> Iterator[str]:
    """Yield what is special about a network and its plan."""
    steps = plan.steps
    yield case.model.ops[0].op
    yield f"drain {plan.array.drain}"
    yield "indexed" if plan.indexed else "in order"
    if case.model.channels > 1:
        yield "several channels"
    if plan.tables:
        yield "tables"
    if len(plan.shifts) > 1:
        yield "shifts"
    if plan.memory.size < sum(region.size for region in plan.memory.regions.values()):
        yield "words used twice"
    if plan.last_of_features:
        yield "features read again"
    for step in steps:
        if step.hop != step.pool:
            yield "groups that overlap" if step.hop < step.pool else "positions between groups"
        told = {
            "positions left out": step.post.counted is not None,
            "three reads": len(step.reads) > 2,
            "sums in pieces": step.pieces > 1,
            "channels not met": step.taps.met is not None,
        }
        yield from (what for what, so in told.items() if so)
    kinds = {node.op.op for node in case.model.graph.nodes}
    yield from kinds & {"add", "adaptiveavgpool1d", "avgpool1d", "concat", "multiply"}
    for node in case.model.graph.nodes:
        if getattr(node.op, "dilation", 1) > 1:
            yield "dilation"
        if getattr(node.op, "skip", None) is not None:
            yield "residual"


WANTED = {
    "direct", "spectrum", "drain 1", "drain 2", "drain 4", "indexed", "in order", "tables",
    "several channels", "shifts", "words used twice", "features read again", "three reads",
    "positions left out", "groups that overlap", "positions between groups", "channels not met",
    "add", "avgpool1d", "adaptiveavgpool1d", "concat", "multiply", "dilation", "residual",
    "sums in pieces",
}  # fmt: skip


@pytest.mark.parametrize("first", range(0, 1000, EACH))
def test_a_plan_gives_the_golden_models_logits(first):
    seen: Counter[str] = Counter()
    different = 0
    for seed, case, array in cases(range(first, first + EACH)):
        plan = case.layers(array)
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.logits.tolist(), f"seed {seed}, {array}"
        if not case.tables:
            assert (golden.run(case.model, case.samples) == case.logits).all(), f"seed {seed}"
        seen.update(set(traits(case, plan)))
        different += len({row.tobytes() for row in case.logits}) == len(case.logits)
    # Of a hundred networks some have each of these, and most tell any two windows apart.
    assert not WANTED - set(seen)
    assert different > 0.7 * EACH


@pytest.mark.parametrize("first", range(0, 400, EACH))
def test_a_plan_gives_all_outputs(first):
    """Values leave beside the logits or without, those of the source and of no step among them."""
    seen: Counter[str] = Counter()
    for seed, inner, array in cases(range(first, first + EACH)):
        case = with_values(inner, seed, array.drain)
        plan = case.layers(array)
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.answers.tolist(), f"seed {seed}, {array}"
        assert (plan.classes, plan.numbers) == (len(case.model.classes), case.model.numbers)
        if not case.tables:
            found = golden.answers(case.model, case.samples)
            assert (found == case.answers).all(), f"seed {seed}"
        seen.update(kinds_of_outputs(case, plan))
    assert not WANTED_OUTPUTS - set(seen)


def kinds_of_outputs(case: Case, plan: SharedPlan) -> Iterator[str]:
    """Yield what is special about the values that leave."""
    yield "logits too" if plan.classes else "no logits"
    if len(plan.outputs) > 1:
        yield "several"
    for name in case.model.values:
        yield from {case.model.graph[name].op.op} & {"direct", "spectrum", "concat", "conv1d"}
        yield "read too" if case.model.graph.readers(name) else "read by nobody"


WANTED_OUTPUTS = {
    "logits too", "no logits", "several", "direct", "spectrum", "concat", "conv1d", "read too",
    "read by nobody",
}  # fmt: skip


def test_some_channels_and_some_positions():
    seen: Counter[str] = Counter()
    for seed in range(120):
        drain = (1, 2)[seed % 2]
        case = small_parts(seed, drain, 3)
        plan = case.layers(Array(2 * drain, (3, 4)[seed % 3 == 0] * drain, drain))
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.logits.tolist(), f"seed {seed}"
        assert (golden.run(case.model, case.samples) == case.logits).all(), f"seed {seed}"
        whole = {node.op.axis: node.op for node in case.model.graph.nodes if node.op.op == "slice"}
        seen.update(axis for axis, op in whole.items() if op.output.shape != op.shape)
        seen.update(traits(case, plan))
    assert min(seen["channels"], seen["positions"], seen["concat"], seen["residual"]) > 10


def test_scores():
    seen: Counter[str] = Counter()
    for seed in range(120):
        drain = (1, 1, 2)[seed % 3]
        case = small_scored(seed, drain, 5)
        plan = case.layers(Array((2, 4, 3)[seed % 3] * drain, (1, 3)[seed % 2] * drain, drain))
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.logits.tolist(), f"seed {seed}"
        assert (golden.run(case.model, case.samples) == case.logits).all(), f"seed {seed}"
        assert (plan.classes, plan.threshold) == (2, case.model.threshold)
        last = plan.steps[-1]
        seen["by itself" if last.name == case.model.graph.class_output else "at the end"] += 1
        seen["pooled"] += last.post.pool > 1
        seen["of several positions"] += last.positions > 1
        seen["drops bits"] += case.model.score.drop > 0
        seen["both answers"] += len(set(golden.classify(got).tolist())) == 2
    assert min(seen.values()) > 5


def test_values_that_are_cut_anew():
    seen: Counter[str] = Counter()
    for seed in range(160):
        drain = (1, 1, 2)[seed % 3]
        case = small_reshaped(seed, drain, 3)
        plan = case.layers(Array((4, 2, 3)[seed % 3] * drain, (1, 4)[seed % 2] * drain, drain))
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.logits.tolist(), f"seed {seed}"
        assert (golden.run(case.model, case.samples) == case.logits).all(), f"seed {seed}"
        steps = {step.name: step for step in plan.steps}
        for node in case.model.graph.nodes:
            if node.op.op == "reshape":
                seen["a step" if node.name in steps else "no step"] += 1
                seen["apart"] += bool(node.op.down.any())
                seen["of samples"] += node.inputs == ("first",)
                seen["of flat numbers"] += len(node.op.shape) == 1
            elif node.op.op == "maxpool1d" and node.name in steps:
                beside = steps[node.name].outputs > node.op.channels
                seen["groups beside each other" if beside else "one group"] += 1
        seen.update({node.op.op for node in case.model.graph.nodes} & {"lstm", "gru", "multiply"})
    assert len(seen) == 10
    assert min(seen.values()) > 6


def test_quadratic_neurons():
    seen: Counter[str] = Counter()
    for seed in range(120):
        drain = (1, 1, 2)[seed % 3]
        case = small_quadratic(seed, drain, 3)
        plan = case.layers(Array((4, 2, 3)[seed % 3] * drain, (1, 4)[seed % 2] * drain, drain))
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.logits.tolist(), f"seed {seed}"
        assert (golden.run(case.model, case.samples) == case.logits).all(), f"seed {seed}"
        ops = [node.op for node in case.model.graph.nodes if node.op.op == "bilinear1d"]
        seen.update("flat" if op.flat else "convolutions" for op in ops)
        seen["powers"] += any(node.op.op == "concat" for node in case.model.graph.nodes)
        seen.update(f"{len(op.output.shape)} axes" for op in ops)
        seen["dilated"] += any(op.dilation > 1 for op in ops)
        seen["different"] += len({row.tobytes() for row in case.logits}) == len(case.logits)
    assert seen["different"] > 80
    assert min(seen.values()) > 5, seen
    assert len(seen) == 7


def test_bins_of_a_spectrum():
    seen: Counter[object] = Counter()
    for seed in range(60):
        drain = (1, 2)[seed % 2]
        case = small_bins(seed, drain, 3)
        plan = case.layers(Array(2 * drain, (2, 3)[seed % 3 == 0] * drain, drain))
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.logits.tolist(), f"seed {seed}"
        assert (golden.run(case.model, case.samples) == case.logits).all(), f"seed {seed}"
        first = case.model.graph.nodes[0].op
        seen[first.op] += 1
        seen[bool(case.unrolled), first.ascending, len(first.bins) - first.points] += 1
    assert min(seen["spectrum"], seen["dft"]) > 10
    assert len(seen) == 2 + 2 * 2 * 3


def test_values_that_are_cut_anew_while_samples_come():
    early = 0
    for seed in range(300, 380):
        drain = (1, 1, 2)[seed % 3]
        case = replace(small_reshaped(seed, drain, 3), chunks=(2, 3)[seed % 2])
        if any(hasattr(node.op, "units") for node in case.model.graph.nodes):
            continue  # a loop waits for all of its window
        plan = case.layers(Array(2 * drain, (1, 2, 4)[seed % 3] * drain, drain))
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.logits.tolist(), f"seed {seed}"
        early += plan.ahead > 1
    assert early > 20


def test_recurrent_layers():
    seen: Counter[str] = Counter()
    for seed in range(60):
        drain = (1, 2)[seed % 2]
        case = small_recurrent(seed, drain, 3)
        array = recurrent_array(case, drain)
        plan = case.layers(array)
        got = interpreter.run(plan, case.features)
        assert got.tolist() == case.logits.tolist(), f"seed {seed}"
        assert (golden.run(case.model, case.samples) == case.logits).all(), f"seed {seed}"
        for node in case.model.graph.nodes:
            if hasattr(node.op, "units"):
                seen[node.op.op, node.op.backwards] += 1
                spread = np.ptp(case.values[node.name], axis=0).max()
                seen["moves"] += spread > 2
        seen[f"lanes {array.lanes // drain}"] += 1
    assert min(seen[op, way] for op in ("lstm", "gru") for way in (False, True)) > 10
    assert min(seen["lanes 4"], seen["lanes 2"], seen["lanes 1"]) > 3
    assert seen["moves"] > 60


def test_flat_features(make_chain):
    chain = make_chain(3, 16).conv(3, 5, 2, 1).pool(2).dense(4, last=True)
    features = chain.features(5)
    plan = chain.plan(Array(2, 3))
    expected = chain.run(features)
    assert (interpreter.run(plan, features) == expected).all()
    assert (interpreter.run(plan, features[:, 0]) == expected).all()


def test_a_sum_that_leaves_its_range(make_chain):
    chain = make_chain(3, 16).conv(3, 5, 2, 1).dense(4, last=True)
    plan = chain.plan(Array(2, 3))
    narrow = replace(plan.steps[0], accumulator=(-5, 5))
    with pytest.raises(OverflowError, match=r"^conv0 sums must stay within \(-5, 5\)$"):
        interpreter.run(replace(plan, steps=(narrow, *plan.steps[1:])), chain.features(2))


# Spoilt plans.

Spoilt = Iterator[SharedPlan]


def moved(plan: SharedPlan) -> Spoilt:
    """Regions onto others that are there at the same time."""
    regions = plan.memory.regions
    for name, one in regions.items():
        for other, two in regions.items():
            together = one.begin <= two.end and two.begin <= one.end
            if name != other and together:
                changed = {**regions, name: replace(one, start=two.start)}
                yield unchecked(plan, memory=replace(plan.memory, regions=changed))


def forgotten(plan: SharedPlan) -> Spoilt:
    """Regions that end before their last reader."""
    for name, region in plan.memory.regions.items():
        changed = {**plan.memory.regions, name: replace(region, end=region.end - 1)}
        yield unchecked(plan, memory=replace(plan.memory, regions=changed))


def swapped(plan: SharedPlan) -> Spoilt:
    """Neighbours in the order of steps."""
    for first in range(len(plan.steps) - 1):
        order = list(plan.steps)
        order[first], order[first + 1] = order[first + 1], order[first]
        yield unchecked(plan, steps=tuple(order))


def left_out(plan: SharedPlan) -> Spoilt:
    """A step that is not done at all."""
    for number in range(len(plan.steps)):
        yield unchecked(plan, steps=plan.steps[:number] + plan.steps[number + 1 :])


def elsewhere(plan: SharedPlan) -> Spoilt:
    """A read that goes to another value of the same layout."""
    for number, step in enumerate(plan.steps):
        for place, read in enumerate(step.reads):
            for other in plan.memory.regions:
                if other not in (read.value, step.writes):
                    reads = list(step.reads)
                    reads[place] = replace(read, value=other)
                    yield with_step(plan, number, replace(step, reads=tuple(reads)))


ALWAYS = [moved, forgotten, swapped, left_out]
"""No such plan is legal, whatever values are."""


def shifted(plan: SharedPlan) -> Spoilt:
    """A read that begins an element too late, or too early."""
    for number, step in enumerate(plan.steps):
        for place, read in enumerate(step.reads):
            for by in (1, -1):
                reads = list(step.reads)
                reads[place] = replace(read, first=read.first + by)
                yield with_step(plan, number, replace(step, reads=tuple(reads)))


def weightier(plan: SharedPlan) -> Spoilt:
    """Products that count twice."""
    for number, step in enumerate(plan.steps):
        reads = tuple(replace(read, shift=read.shift + 1) for read in step.reads)
        yield with_step(plan, number, replace(step, reads=reads))


def with_step(plan: SharedPlan, number: int, step: Step) -> SharedPlan:
    return unchecked(plan, steps=(*plan.steps[:number], step, *plan.steps[number + 1 :]))


def refused(plan: SharedPlan) -> bool:
    try:
        rules.check(plan)
    except ValueError:
        return True
    return False


def comes_out(plan: SharedPlan, features: Integers, logits: Integers) -> bool:
    try:
        return bool((interpreter.run(plan, features) == logits).all())
    except (Stale, OverflowError):
        return False


@pytest.mark.parametrize("spoil", ALWAYS)
def test_what_no_plan_may_be_is_refused(spoil):
    count = 0
    for seed in range(40):
        for spoilt in spoil(random_case(seed, small=True).layers(Array(2, 3))):
            assert refused(spoilt), f"seed {seed}"
            count += 1
    assert count > 40


@pytest.mark.parametrize("spoil", [shifted, weightier, elsewhere])
def test_what_rules_do_not_see_comes_out_different(spoil):
    count, unseen = 0, 0
    for seed in range(40):
        case = random_case(seed, small=True, windows=8)
        for spoilt in spoil(case.layers(Array(2, 3))):
            count += 1
            unseen += not refused(spoilt) and comes_out(spoilt, case.features, case.logits)
    # Where a value is saturated or zero everywhere another one may do as well.
    assert count > 100
    assert unseen < 0.1 * count


def test_the_interpreter_alone_sees_what_is_not_there():
    count, unseen = 0, 0
    for seed in range(40):
        case = random_case(seed, small=True, windows=8)
        for spoilt in moved(case.layers(Array(2, 3))):
            count += 1
            unseen += comes_out(spoilt, case.features, case.logits)
    assert count > 40
    # Words of padding are not written: values that share only these do not hurt each other.
    assert unseen < 0.1 * count


def test_a_value_that_was_overwritten_is_stale():
    case = random_case(5, small=True)
    plan = case.layers(Array(2, 3))
    spoilt = next(moved(plan))
    with pytest.raises(Stale, match=r"is not all there when it is read$"):
        interpreter.run(spoilt, case.features)


def test_memory_is_not_shared_between_runs():
    case = random_case(7)
    plan = case.layers(Array(3, 2))
    one = interpreter.run(plan, case.features[:1])
    assert (one == case.logits[:1]).all()
    assert (interpreter.run(plan, case.features) == case.logits).all()
    assert isinstance(plan.memory, Memory)
    assert np.array_equal(interpreter.run(plan, case.features[1:]), case.logits[1:])
