"""Cycles through the small parts, and what they take: what components keep to, and plans add up."""

from __future__ import annotations

MEMORY = 2
"""From an address to its word."""

MULTIPLIER = 3
"""From two factors to their product."""

OPERAND = 18
"""Bits of the widest signed operand that one multiplier of every target takes."""

LOW_OPERAND = OPERAND - 1
"""Bits without a sign that one multiplier takes of an operand that is too wide for one."""

WIDE_MULTIPLIER = MULTIPLIER + 1
"""The same where one factor is that wide: two products and their sum."""

ADD_SUBTRACT = 1
"""From two numbers to their sum or difference."""


def adder_tree(lanes: int) -> int:
    """Return the levels of a tree of adders, each with its register."""
    return (lanes - 1).bit_length()


MANY_ROWS, MANY_MULTIPLIERS = 8, 64
"""From so many rows on, and beyond so many multipliers, values have a register in front of them: on
a large chip the way from a memory to all rows takes most of a clock."""


def spread(rows: int, lanes: int) -> int:
    """Return the registers on the way from the memories of values to the multipliers."""
    return int(rows >= MANY_ROWS and rows * lanes > MANY_MULTIPLIERS)


def mac_array(lanes: int, rows: int = 1) -> int:
    """Return the cycles from a sum's last word to the sum: products, their tree, accumulator."""
    return spread(rows, lanes) + MULTIPLIER + adder_tree(lanes) + 1


DIRECT = 3
"""From a sample to the word that it completes: rounding, saturation, packing."""

# Of windows that are normalised by themselves.

NORMALISE_SETTLE = 12
"""From a window's last sample to where its statistics stand, and what numbers met is free again."""

NORMALISE_LOOK = MEMORY + 1
"""From a number to its table's word."""

# Of the layers that share one array.

ISSUE = 2
"""From the sequencer's step to the address that it gives out."""

INDEX = MEMORY + 2
"""More than that, where a memory says which word comes."""

TASK = 1
"""From where a task can begin to its first count."""

BLOCK = 2
"""From where a block of streamed weights is due to the first count of it, where it is there."""

RING_THERE = 3
"""From a stream's last byte of a word to where the sequencer knows of it."""

RING_READ = 12
"""From where a block is done with to where its last word has been read for sure."""

RING_FREE = 2 * RING_READ + 2
"""From there to where what comes next may take its place, at most."""

COLLECTED_VALUE = 7
"""From the sums to the first value: row, bias (in memory), rounding, saturation, pooling."""

PRODUCT = MULTIPLIER + 2
"""From two values to their product: multiplied, rounded, saturated."""

COLLECTED_LOGIT = 5
"""From the sums to the first logit."""

PACKER = 1
"""From a word's last value to its write."""

VALUE = MEMORY + 2
"""From a result to the first of its values: in memory, in a queue, at the port."""

ARGMAX = 1
"""From a window's last logit to its class."""


def score(at_once: int) -> int:
    """Return the cycles from a window's last values to their score: products, tree, sum, class."""
    return MULTIPLIER + adder_tree(at_once) + 2


# Of the spectrum by FFT.

INTAKE = 1
"""From a pair's second sample to the pair."""

BUTTERFLY = 3
"""From a value of a block's second half to its sum."""

COMPLEX_MULTIPLIER = MULTIPLIER + 2
"""From two complex factors to their product."""

WIDE_COMPLEX_MULTIPLIER = WIDE_MULTIPLIER + 2
"""The same where one factor is too wide for one multiplier."""

COMPLEX_INTERVAL = 2
"""From one complex product to the next: two multipliers take turns."""

TWIDDLES = MEMORY + COMPLEX_MULTIPLIER
"""From a value to its product with an entry of a table."""

COMBINED = MEMORY + 2
"""From the first read of a pair of results to its even and odd part."""

UNTANGLE = 1 + COMBINED + COMPLEX_MULTIPLIER + 1
"""From the start of the untangling to the first bin."""

MAGNITUDE = 5
"""From a bin to its feature."""

# Of gains of bins.

OPERANDS = MEMORY + 2
"""From the address of a pair's first value to their difference, or to a value, in a register."""

GAIN_DRAIN = OPERANDS + WIDE_COMPLEX_MULTIPLIER
"""From a pass over all values to the next one: what was written last can be read again."""

GAIN_START = 2
"""From a window's last sample to the first pass."""

GAIN_VALUE = 1 + MEMORY + 2
"""From the count of a sample that leaves to its value: address, memory, rounding, saturation."""

# Of the spectrum by accumulation.

CLIPPED_MAGNITUDE = 4
"""From a sum to its feature."""

DFT_SUMS = MULTIPLIER + ADD_SUBTRACT
"""From a word of twiddles to its sums."""

DFT_FEATURES = DFT_SUMS + CLIPPED_MAGNITUDE
"""From a word of twiddles to its features."""

DFT_CLEAR = 2
"""From a word of bins to whether its sums begin anew."""

DFT_SHORTEST = 5
"""Least pause of samples: the sums that a sweep writes are there before the next reads them."""
