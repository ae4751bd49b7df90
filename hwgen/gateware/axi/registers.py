"""The register map of an accelerator behind AXI4-Lite: hardware, headers and pages are made of it.

Registers are of 32 bits, at multiples of four bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from hwgen.plans.facts import CoreFacts

ID = 0x4857_4758
"""What the first register reads: ``HWGX``."""
VERSION = 1
"""Of the map: a register's meaning never changes under a number."""
ADDRESS_BITS = 8
WORD_BITS = 32
DIGEST_WORDS = 8
"""Of a SHA-256."""

_FIRST_DIGEST = 0x20
_FIRST_COUNTER = 0x40
_FIRST_THRESHOLD = 0x60


class Access(Enum):
    """What a register may be used for, and where what it reads comes from."""

    CONSTANT = "constant"
    LIVE = "read-only"
    PULSE = "write 1s"
    HELD = "read and write"


@dataclass(frozen=True)
class Bit:
    """A bit, or several, of a register.

    Parameters
    ----------
    name, meaning
        In capitals; for the reader.
    low, width
        Place.
    """

    name: str
    meaning: str
    low: int
    width: int = 1


@dataclass(frozen=True)
class Register:
    """One register.

    Parameters
    ----------
    name
        In capitals.
    offset
        Bytes from the beginning of the map.
    access
        Who writes it.
    meaning
        For the reader.
    value
        Of a constant, or after reset.
    bits
        Of which it is made, where that is not one number.
    """

    name: str
    offset: int
    access: Access
    meaning: str
    value: int = 0
    bits: tuple[Bit, ...] = field(default=())


CONTROL = (
    Bit("ABANDON", "give up the window in progress; the next sample begins another", 0),
    Bit("CLEAR", "set all counters to 0", 1),
)
STATUS = (
    Bit("BUSY", "a window has begun and not all of its samples are there", 0),
    Bit("RESULT", "a result waits at the output stream", 1),
)
COUNTERS = {
    "SAMPLES": "samples taken",
    "RESULTS": "results sent, whole",
    "GIVEN_UP": "windows that a TLAST ended before their last sample, or ABANDON",
    "CYCLES": "clock cycles from a window's last sample to its result, of the result sent last",
}
"""What changes by itself, one behind the other."""


def register_map(plan: CoreFacts, digest: str, result_words: int) -> tuple[Register, ...]:
    """Return all registers of an accelerator, in the order of their addresses.

    Parameters
    ----------
    plan
        Of the core.
    digest
        Of the integer network: 64 hexadecimal digits.
    result_words
        Of 32 bits, that a result is on the output stream.
    """
    constants = {
        "ID": (ID, "tells that this is hwgen's map: HWGX"),
        "VERSION": (VERSION, "of the map"),
    }
    sizes = {
        "WINDOW": (plan.input_samples, "samples a window"),
        "RESULT_WORDS": (result_words, "words of a result on the output stream"),
        "CLASSES": (plan.classes, "classes of the network; 0 without"),
        "ADC_BITS": (plan.adc_bits, "bits of a sample, signed"),
    }
    found = [_constant(name, 4 * n, *said) for n, (name, said) in enumerate(constants.items())]
    found += [
        Register("CONTROL", 0x08, Access.PULSE, "acts once for each 1 written; reads 0",
                 bits=CONTROL),
        Register("STATUS", 0x0C, Access.LIVE, "how it stands", bits=STATUS),
    ]  # fmt: skip
    found += [_constant(name, 0x10 + 4 * n, *said) for n, (name, said) in enumerate(sizes.items())]
    found += [
        _constant(f"DIGEST_{n}", _FIRST_DIGEST + 4 * n, word, "identity: SHA-256 of the network"
                  f", hexadecimal digits {8 * n} to {8 * n + 7}")
        for n, word in enumerate(digest_words(digest))
    ]  # fmt: skip
    found += [
        Register(name, _FIRST_COUNTER + 4 * n, Access.LIVE, meaning)
        for n, (name, meaning) in enumerate(COUNTERS.items())
    ]
    return (*found, *_threshold(plan))


def threshold_words(plan: CoreFacts) -> int:
    """Return the registers that a threshold takes; 0 without a score."""
    return 0 if plan.threshold is None else -(-(plan.logit_bits - 1) // WORD_BITS)


def digest_words(digest: str) -> list[int]:
    """Return a digest as the registers have it; what is shorter than a SHA-256 ends in zeros."""
    whole = digest.ljust(8 * DIGEST_WORDS, "0")
    return [int(whole[8 * n : 8 * n + 8], 16) for n in range(DIGEST_WORDS)]


def _constant(name: str, offset: int, value: int, meaning: str) -> Register:
    return Register(name, offset, Access.CONSTANT, meaning, value)


def _threshold(plan: CoreFacts) -> list[Register]:
    """Return the registers of the threshold: it counts from the write of its highest word on."""
    count = threshold_words(plan)
    meaning = "largest score that is no anomaly"
    if count < 2:
        names = ["THRESHOLD"][:count]
        said = [f"{meaning}; counts for results after the write"]
    else:
        names = [f"THRESHOLD_{n}" for n in range(count)]
        said = [f"{meaning}, bits {32 * n + 31} to {32 * n}" for n in range(count)]
        said[-1] += "; the write of this word has all of them count"
    return [
        Register(name, _FIRST_THRESHOLD + 4 * n, Access.HELD, said[n],
                 ((plan.threshold or 0) >> (32 * n)) & 0xFFFF_FFFF)
        for n, name in enumerate(names)
    ]  # fmt: skip
