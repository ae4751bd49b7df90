"""What the parts of an accelerator, and those around it, hand to each other."""

from __future__ import annotations

from typing import Any, Protocol

from amaranth.hdl import signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.plans.facts import AnswerFacts, CoreFacts, ResultFacts
from hwgen.plans.sources.source import SourcePlan

COUNTER_BITS = 32


def sample_layout(adc_bits: int) -> data.StructLayout:
    """Return the payload of the sample stream: the value, and whether it begins a window."""
    return data.StructLayout({"value": signed(adc_bits), "first": 1})


def answer_fields(plan: AnswerFacts) -> dict[str, Any]:
    """Return the shapes of what layers say of a window, by name.

    ``class_`` and ``logits`` where an output is a class; nothing where there are but values, which
    have a stream of their own (`value_layout`).
    """
    fields: dict[str, Any] = {}
    if plan.classes:
        fields["class_"] = unsigned(max(1, (plan.classes - 1).bit_length()))
        fields["logits"] = data.ArrayLayout(signed(plan.logit_bits), plan.classes)
    return fields


def result_layout(plan: AnswerFacts) -> data.StructLayout:
    """Return the payload of the result stream: `answer_fields`, and cycles.

    ``cycles`` counts clock cycles from the edge that took the window's last sample to the one that
    presents the result.
    """
    return data.StructLayout(answer_fields(plan) | {"cycles": unsigned(COUNTER_BITS)})


def value_layout(bits: int) -> data.StructLayout:
    """Return the payload of the stream of values: one, whether a window's first, and its last."""
    return data.StructLayout({"value": signed(bits), "first": 1, "last": 1})


def value_member(plan: AnswerFacts) -> dict[str, wiring.Member]:
    """Return the port where values leave, of a network that has some.

    Those of one window after the other; of a window one output after the other, position by
    position, channels of one side by side.
    """
    if not plan.numbers:
        return {}
    return {"values": Out(stream.Signature(value_layout(plan.number_bits)))}


def threshold_signature(bits: int) -> wiring.Signature:
    """Return the signature of a new threshold for scores of `bits`, signed: it counts when set."""
    return wiring.Signature({"set": Out(1), "value": Out(unsigned(bits - 1))})


def threshold_member(plan: AnswerFacts) -> dict[str, wiring.Member]:
    """Return the port that takes another threshold, where there is a score."""
    if plan.threshold is None:
        return {}
    return {"threshold": In(threshold_signature(plan.logit_bits))}


def weight_members(plan: CoreFacts | ResultFacts) -> dict[str, wiring.Member]:
    """Return the ports of streamed weights, of a plan that has some.

    Returns
    -------
    weights
        Bytes of the stream (`hwgen.plans.weights.flash.FlashPlan.content`), again and again.
    weights_wrong
        A stream's check sum was wrong: no window is done any more.
    """
    if getattr(plan, "flash", None) is None:
        return {}
    return {"weights": In(stream.Signature(8)), "weights_wrong": Out(1)}


def write_port(width: int, words: int) -> wiring.Signature:
    """Return the signature of a write into a memory of `words` words."""
    return wiring.Signature(
        {
            "enable": Out(1),
            "address": Out(unsigned(max(1, (words - 1).bit_length()))),
            "data": Out(width),
        }
    )


def core_members(plan: CoreFacts) -> dict[str, wiring.Member]:
    """Return the ports of every accelerator.

    Returns
    -------
    samples
        Stream of ADC samples, one marked ``first`` at the head of every window.
    abandon
        While high, the window whose samples came last is given up: in progress or complete, it
        has no result (unless that was presented already). Windows that overlap are given up
        together. Samples are then ignored until one is marked ``first``.
    result
        Stream of results, in the order of the windows.
    values
        Only of a network with outputs that are values: a stream of them (`value_member`). A
        window's begin to leave behind its result, whether that is taken or not, and leave whole;
        the result of the next window may come while they do.
    threshold
        Only of a network with a score: another threshold, for windows that are not done yet.
    weights, weights_wrong
        Only where weights are streamed (`weight_members`).
    """
    return (
        {
            "samples": In(stream.Signature(sample_layout(plan.adc_bits))),
            "abandon": In(1),
            "result": Out(stream.Signature(result_layout(plan))),
        }
        | value_member(plan)
        | threshold_member(plan)
        | weight_members(plan)
    )


def feature_members(plan: SourcePlan) -> dict[str, wiring.Member]:
    """Return the ports between a source and the layers behind it, as of the source.

    Returns
    -------
    room
        Whether the layers have room for a window.
    begin
        High in the cycle in which that room is taken.
    write, done
        Words of features; ``done`` comes with a window's last.
    there, void
        Only where words are written as samples come (`SourcePlan.streams`): how many of the window
        in progress are, and high for a cycle when they are no longer of one, for another begins.
    first
        Only where words leave in consecutive cycles (`SourcePlan.accumulates`): comes with a
        window's first.
    """
    members: dict[str, wiring.Member] = {
        "room": In(1),
        "begin": Out(1),
        "write": Out(write_port(plan.write_width, plan.write_words)),
    }
    if plan.streams:
        members |= {"there": Out(range(plan.words + 1)), "void": Out(1)}
    if plan.accumulates:
        members["first"] = Out(1)
    return members | {"done": Out(1)}


def source_members(plan: SourcePlan) -> dict[str, wiring.Member]:
    """Return the ports of every source of features.

    Returns
    -------
    samples, abandon
        As of the accelerator.
    permit
        Whether a window may be taken: of a source that accumulates whether one may be completed,
        of others whether one may begin. Without, ``samples.ready`` is low there.
    complete
        High in the cycle that takes a window's last sample.
    room, begin, write, done, there, void, first
        As in `feature_members`. A window needs room to begin.
    """
    return {
        "samples": In(stream.Signature(sample_layout(plan.adc_bits))),
        "abandon": In(1),
        "permit": In(1),
        "complete": Out(1),
    } | feature_members(plan)


def layers_members(front: SourcePlan, plan: ResultFacts) -> dict[str, wiring.Member]:
    """Return the ports of all layers behind a source.

    Parameters
    ----------
    front
        The source's plan.
    plan
        What the layers' results look like.

    Returns
    -------
    room, begin, write, done, there, void, first
        As in `feature_members`, the other way round.
    known, class_, logits
        A window's answer is there, as far as the layers give one (`answer_fields`); it stands
        until ``leave``.
    leave
        High for a cycle when what was known has been taken; in the cycle of ``known`` when it is
        not wanted, and its values neither.
    values, threshold, weights, weights_wrong
        As of the accelerator.
    """
    return (
        {name: member.flip() for name, member in feature_members(front).items()}
        | {"known": Out(1)}
        | {name: Out(shape) for name, shape in answer_fields(plan).items()}
        | {"leave": In(1)}
        | value_member(plan)
        | threshold_member(plan)
        | weight_members(plan)
    )


class Component(Protocol):
    """What is made of a signature."""

    signature: wiring.Signature

    def elaborate(self, platform: Any) -> Any:
        """Return the hardware."""
        ...


class FeaturePorts(Component, Protocol):
    """Either end of `feature_members`."""

    room: Any
    begin: Any
    write: Any
    done: Any
    there: Any
    void: Any
    first: Any


class Source(FeaturePorts, Protocol):
    """A component that makes features of samples: `source_members`, and the plan it was made of."""

    plan: SourcePlan
    samples: Any
    abandon: Any
    permit: Any
    complete: Any


class Layers(FeaturePorts, Protocol):
    """A component that makes answers of features: `layers_members`."""

    known: Any
    class_: Any
    logits: Any
    values: Any
    leave: Any
    threshold: Any
    weights: Any
    weights_wrong: Any


class Core(Component, Protocol):
    """An accelerator: `core_members`, and the plan that it was made of."""

    samples: Any
    abandon: Any
    result: Any
    values: Any
    threshold: Any
    weights: Any
    weights_wrong: Any

    @property
    def plan(self) -> CoreFacts:
        """What it was made of, as those around it know it."""
        ...
