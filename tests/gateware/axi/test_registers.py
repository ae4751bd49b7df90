"""The register map: places that do not move, words of wide thresholds, the digest."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from hwgen.gateware.axi.registers import (
    ADDRESS_BITS,
    Access,
    digest_words,
    register_map,
    threshold_words,
)
from hwgen.plans.facts import KnownCore
from hwgen.plans.timing import Timing

PLAN = KnownCore(64, 16, 64, 3, 21, Timing.of((("all", 9),), 64))
DIGEST = hashlib.sha256(b"a network").hexdigest()


def offsets(**changes) -> dict[str, int]:
    found = register_map(replace(PLAN, **changes), DIGEST, 5)
    return {each.name: each.offset for each in found}


def test_places_are_those_of_version_1():
    found = offsets()
    named = {"ID": 0, "VERSION": 4, "CONTROL": 8, "STATUS": 12, "WINDOW": 16, "RESULT_WORDS": 20,
             "CLASSES": 24, "ADC_BITS": 28, "SAMPLES": 64, "RESULTS": 68, "GIVEN_UP": 72,
             "CYCLES": 76}  # fmt: skip
    assert found == named | {f"DIGEST_{n}": 32 + 4 * n for n in range(8)}
    assert list(found.values()) == sorted(found.values())


@pytest.mark.parametrize(("bits", "names"), [
    (10, ["THRESHOLD"]), (33, ["THRESHOLD"]), (34, ["THRESHOLD_0", "THRESHOLD_1"]),
])  # fmt: skip
def test_a_threshold_has_as_many_words_as_it_needs(bits, names):
    plan = replace(PLAN, classes=2, logit_bits=bits, threshold=(1 << (bits - 1)) - 1)
    found = [each for each in register_map(plan, DIGEST, 4) if each.access is Access.HELD]
    assert [each.name for each in found] == names
    assert threshold_words(plan) == len(names)
    value = sum(each.value << (32 * n) for n, each in enumerate(found))
    assert value == plan.threshold
    assert all(each.offset < 1 << ADDRESS_BITS for each in found)


def test_without_a_score_there_is_none():
    assert threshold_words(PLAN) == 0


def test_the_digest_reads_as_it_is_written():
    assert "".join(f"{word:08x}" for word in digest_words(DIGEST)) == DIGEST
    assert digest_words("00ff") == [0x00FF0000, *[0] * 7]
