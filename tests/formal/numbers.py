"""Proofs that arithmetic is what its integer definition says, written here as inequalities.

``q = floor(v / 2**s)`` is the one integer with ``q * 2**s <= v < (q + 1) * 2**s``: no shift and no
rounding constant, as the hardware has them, is in the definition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from amaranth.hdl import Const, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data

from hwgen.fixedpoint import Format
from hwgen.hardware.heads.argmax import ArgMax
from hwgen.hardware.heads.argmax_tree import ArgMaxTree
from hwgen.hardware.primitives.adder import AddSubtract
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.shared.rounder import Rounder
from hwgen.hardware.sources.dft.clipped_magnitude import ClippedMagnitude
from hwgen.hardware.sources.fft.butterfly import rounded_difference, rounded_sum
from hwgen.hardware.unrolled.constant_matrix import ConstantMatrix, shape_of
from hwgen.hardware.unrolled.conv import requantized
from hwgen.plans.constants.adder_graph import Span
from hwgen.plans.constants.csd import digits
from hwgen.plans.constants.subexpressions import share
from hwgen.quantized.magnitude import MAGNITUDES
from tests.formal.proof import Proof
from tests.formal.prover import Bench


def is_floor(q: Value, v: Value, shift: int) -> Value:
    """Return whether ``q`` is ``floor(v / 2**shift)``; a negative shift multiplies."""
    if shift <= 0:
        return q == v * (1 << -shift)
    size = 1 << shift
    return (q * size <= v) & (v < (q + 1) * size)


def is_half_up(q: Value, v: Value, shift: int) -> Value:
    """Return whether ``q`` is the integer nearest to ``v / 2**shift``, the upper of two."""
    if shift <= 0:
        return q == v * (1 << -shift)
    size = 1 << shift
    return ((2 * q - 1) * size <= 2 * v) & (2 * v < (2 * q + 1) * size)


def is_half_down(q: Value, v: Value, shift: int) -> Value:
    """Return whether ``q`` is the integer nearest to ``v / 2**shift``, the lower of two."""
    if shift <= 0:
        return q == v * (1 << -shift)
    size = 1 << shift
    return ((2 * q - 1) * size < 2 * v) & (2 * v <= (2 * q + 1) * size)


def clipped(v: Value, fmt: Format) -> Value:
    """Return the value of `fmt` that is nearest to ``v``."""
    return Mux(v < fmt.min, fmt.min, Mux(v > fmt.max, fmt.max, v))


def butterfly_rounding(plus: Any = rounded_sum, minus: Any = rounded_difference) -> Bench:
    """Sums round halves up, differences halves down, at every shift."""
    b = Bench()
    x, y = b.free(signed(5), "x"), b.free(signed(5), "y")
    for shift in range(5):
        b.claim(f"sum, shift {shift}", is_half_up(plus(x, y, shift), x + y, shift))
        b.claim(f"difference, shift {shift}", is_half_down(minus(x, y, shift), x - y, shift))
    return b


def requantise(make: Callable[..., Value] = requantized) -> Bench:
    """The sum's floor, saturated, for every width of sum and output and every shift.

    The layer adds half of the last place beforehand (`half`): then it is rounding halves up.
    """
    b = Bench()
    for width in (4, 6):
        for sign in (True, False):
            total = b.free(signed(width) if sign else unsigned(width), f"total_{width}_{sign:d}")
            for shift in range(-2, 6):
                for out in [Format(False, n, 0) for n in (1, 3)] + [
                    Format(True, n, 0) for n in (0, 2, 4)
                ]:
                    name = f"{total.shape()} by 2**{shift} to {out}"
                    q = b.free(signed(width + 4), f"q_{len(b.claims)}")
                    floor = is_floor(q, total, shift)
                    got = make(total, shift, out)
                    b.claim(name, ~floor | (got == clipped(q, out)))
                    if shift > 0:
                        half = 1 << (shift - 1)
                        value = total - half  # whose rounding has been added
                        near = b.free(signed(width + 4), f"near_{len(b.claims)}")
                        rounded = is_half_up(near, value, shift)
                        b.claim(f"{name}, halves up", ~rounded | (got == clipped(near, out)))
    return b


def floors_exist() -> Bench:
    """There is a floor and a nearest integer for every value: no claim above is void."""
    b = Bench()
    for shift in range(-2, 6):
        v = b.free(signed(7), f"v_{shift}")
        b.claim(
            f"floor, {shift}",
            is_floor(v.shift_right(shift) if shift > 0 else v * (1 << -shift), v, shift),
        )
        b.claim(
            f"nearest, {shift}",
            is_half_up(
                (v + ((1 << shift) >> 1)).shift_right(shift) if shift > 0 else v * (1 << -shift),
                v,
                shift,
            ),
        )
    return b  # fmt: skip


def collector_rounding() -> Bench:
    """The array's sums are divided, halves up, and saturated, as the layer says."""
    b = Bench()

    formats = (Format(False, 2, 0), Format(False, 3, 0), Format(True, 3, 0), Format(True, 1, 0))
    layers = [(shift, out) for shift in range(5) for out in formats]
    total = b.free(signed(6), "total")
    number = b.constant(range(len(layers)), "number")
    b.assume(number < len(layers))
    shifts = {place: (shift, False) for place, (shift, _) in enumerate(layers)}
    rounder = Rounder(b.m, number, shifts, {place: out for place, (_, out) in enumerate(layers)})
    got = rounder.rounded(total, 4, "value")
    before = b.before(total, 2).as_signed()
    there = b.age(3) == 3  # what the step says comes a cycle before
    for place, (shift, out) in enumerate(layers):
        q = b.free(signed(8), f"q_{place}")
        rounded = is_half_up(q, before, shift)
        b.claim(
            f"by 2**{shift} to {out}",
            ~(there & (number == place) & rounded) | (got == clipped(q, out)),
        )
    return b


def adder(width: int = 6, b_width: int = 4) -> Bench:
    """a + b or a - b, modulo 2**width."""
    b = Bench()
    b.m.submodules.dut = dut = AddSubtract(width, b_width)
    for name in ("a", "b", "subtract"):
        b.drive(getattr(dut, name), name)
    x, y = b.before(dut.a).as_signed(), b.before(dut.b).as_signed()
    total = Mux(b.before(dut.subtract), x - y, x + y)
    b.claim("sum or difference", ~b.run | (dut.o.as_unsigned() == total[:width].as_unsigned()))
    return b


def constant_digits() -> Bench:
    """Canonical signed digits of every small number add up to it."""
    b = Bench()
    x = b.free(signed(4), "x")
    for value in range(-40, 41):
        total = sum((digit * (x << place) for place, digit in digits(value)), start=Const(0))
        b.claim(f"{value} times", total == value * x)
    return b


def matrix(
    seed: int, rows: int, lanes: int, *, signed_source: bool, make: Any = ConstantMatrix
) -> Bench:
    """Every row of a constant matrix times any input."""
    rng = np.random.default_rng(seed)
    values = rng.integers(-60, 61, (rows, lanes))
    values[0, 0] = 0
    b = Bench()
    graph = share(values, Span(-8, 7) if signed_source else Span(0, 15))
    b.m.submodules.dut = dut = make(graph)
    x = b.drive(dut.x, "x")
    b.drive(dut.zero, "zero")
    before = data.View(data.ArrayLayout(shape_of(graph.source), lanes), b.before(x, graph.latency))
    zero = b.before(dut.zero, graph.latency)
    there = b.age(graph.latency) == graph.latency
    for row, output in enumerate(graph.outputs):
        if output is None:
            continue
        product = sum((int(values[row, k]) * before[k] for k in range(lanes)), start=Const(0))
        node = dut.y[f"o{row}"]
        got = (node << output.shift) * (-1 if output.negative else 1)
        b.claim(f"row {row}", ~there | zero | (got == product))
        b.claim(f"row {row} of nothing", ~there | ~zero | (got == 0))
    return b


def eighths(a: Value, c: Value, method: str) -> Value:
    """Return the largest of the approximations, eight times."""
    high, low = Mux(a > c, a, c), Mux(a > c, c, a)
    most: Any = Const(0)
    for alpha, beta in MAGNITUDES[method]:
        total = alpha * high + beta * low
        most = Mux(total > most, total, most)
    return most


def absolute(v: Value) -> Value:
    return Mux(v < 0, -v, v)


def magnitude(method: str, make: Any = ClippedMagnitude) -> Bench:
    """The larger part plus its share of the smaller, rounded halves up and saturated."""
    b = Bench()
    width = 5
    re, im = b.free(signed(width), "re"), b.free(signed(width), "im")
    blank = b.free(1, "blank")
    there = b.age(4) == 4
    first, second = (absolute(b.before(part, 4).as_signed()) for part in (re, im))
    most = eighths(first, second, method)
    for shift in (-4, -3, -1, 0, 1, 2):
        for out in (Format(False, 2, 0), Format(False, 4, 0)):
            name = f"{shift}_{out.width}".replace("-", "m")
            b.m.submodules[f"dut_{name}"] = dut = make(method, width, shift, out)
            b.m.d.comb += [dut.re.eq(re), dut.im.eq(im), dut.blank.eq(blank)]
            q = b.free(unsigned(10), f"q_{name}")
            rounded = is_half_up(q, most, shift + 3)
            wanted = Mux(b.before(blank), 0, clipped(q, out))
            b.claim(f"by 2**{shift} to {out}", ~(there & rounded) | (dut.o == wanted))
    return b


def argmax(classes: int = 3, width: int = 3, make: Any = ArgMax) -> Bench:
    """The first of the largest, with ties and all negative, however the logits come."""
    b = Bench()
    b.m.submodules.dut = dut = make(classes, width)
    valid, logit = b.free(1, "valid"), b.free(signed(width), "logit")
    place = Signal(range(classes))
    b.m.d.comb += [dut.valid.eq(valid), dut.logit.eq(logit), dut.last.eq(place == classes - 1)]
    kept = [Signal(signed(width), name=f"kept_{n}") for n in range(classes)]
    with b.m.If(valid):
        b.m.d.sync += place.eq(Mux(place == classes - 1, 0, place + 1))
        for n in range(classes):
            with b.m.If(place == n):
                b.m.d.sync += kept[n].eq(logit)
    b.claim("done with the last", ~b.run | (dut.done == b.before(valid & (place == classes - 1))))
    _claim_first_largest(b, dut.done, dut.class_, kept)
    for n in range(classes):
        b.claim(f"logit {n} is kept", ~dut.done | (dut.logits[n] == kept[n]))
    return b


def _claim_first_largest(b: Bench, when: Any, chosen: Any, logits: list[Any]) -> None:
    b.claim("a class", ~when | (chosen < len(logits)))
    for n, logit in enumerate(logits):
        for k, other in enumerate(logits):
            better = logit > other if k < n else logit >= other
            b.claim(f"{n} against {k}", ~(when & (chosen == n)) | better)


def argmax_tree(classes: int, width: int, make: Any = ArgMaxTree) -> Bench:
    """The same of all logits at once."""
    b = Bench()
    b.m.submodules.dut = dut = make(classes, width)
    b.drive(dut.valid, "valid")
    logits = [b.constant(signed(width), f"logit_{n}") for n in range(classes)]
    for n, logit in enumerate(logits):
        b.m.d.comb += dut.logits[n].eq(logit)
    there = b.age(dut.latency) == dut.latency
    b.claim("valid after its latency", ~there | (dut.o_valid == b.before(dut.valid, dut.latency)))
    _claim_first_largest(b, there & dut.o_valid, dut.class_, logits)
    return b


def product(a_width: int, b_width: int, *, logic: bool) -> Bench:
    """A product of three cycles before."""
    b = Bench()
    b.m.submodules.dut = dut = Multiplier(a_width, b_width, logic=logic)
    b.drive(dut.a, "a")
    b.drive(dut.b, "b")
    x, y = b.before(dut.a, 3).as_signed(), b.before(dut.b, 3).as_signed()
    b.claim("product", (b.age(3) != 3) | (dut.p == x * y))
    return b


PROOFS = (
    Proof("rounding: definitions", (), "every value has a floor and a nearest integer, so that no "
          "claim about them is void", "7 bits, shifts -2 to 5", floors_exist, 1),
    Proof("rounding: butterfly", ("Butterfly",), "`rounded_sum` rounds halves up, "
          "`rounded_difference` halves down", "5 bits, shifts 0 to 4", butterfly_rounding, 1),
    Proof("requantise: unrolled", ("UnrolledConv",), "`requantized` is the floor, saturated; with "
          "the half added beforehand it rounds halves up",
          "sums of 4 and 6 bits with and without sign, shifts -2 to 5, outputs of 1 to 5 bits",
          requantise, 1),
    Proof("requantise: shared", ("Collector",), "the array's sums are divided, halves up, and "
          "saturated, by the shift and the format of the layer",
          "6 bits, shifts 0 to 4, 4 formats", collector_rounding, 4),
    Proof("adder", ("AddSubtract",), "`a + b` or `a - b` modulo 2^width", "6 and 4 bits", adder,
          3, 2),
    Proof("adder: carry cells", ("AddSubtract",), "the same of the ECP5's carry cells",
          "6 and 4 bits", adder, 3, 2, ecp5=True),
    Proof("adder: carry cells, odd", ("AddSubtract",), "the same", "5 and 5 bits",
          lambda: adder(5, 5), 3, 2, ecp5=True),
    Proof("constants: digits", ("ConstantMatrix",), "the signed digits of a number add up to it",
          "-40 to 40, times 4 bits", constant_digits, 1),
    Proof("constants: matrix", ("ConstantMatrix",),
          "every row of a constant matrix times any input",
          "3 x 3 of 7 bits, inputs of 4 bits without sign",
          lambda: matrix(1, 3, 3, signed_source=False), 8),
    Proof("constants: matrix, signed", ("ConstantMatrix",), "the same",
          "2 x 2 of 7 bits, inputs of 4 bits with sign",
          lambda: matrix(2, 2, 2, signed_source=True), 8),
    *(Proof(f"magnitude: {method}", ("ClippedMagnitude",), "the approximation, rounded halves up "
            "and saturated, or zero where it is blanked",
            "parts of 5 bits, shifts -4 to 2, 2 and 4 bits",
            lambda method=method: magnitude(method), 6, slow=method != "max-7/8-1/2")
      for method in MAGNITUDES),
    Proof("arg-max: one by one", ("ArgMax",), "the first of the largest; all logits stand",
          "3 classes of 3 bits", argmax, 14),
    Proof("arg-max: all at once", ("ArgMaxTree",), "the first of the largest",
          "5 classes of 4 bits", lambda: argmax_tree(5, 4), 6),
    Proof("arg-max: rounds", ("ArgMaxTree",), "the same over two rounds", "13 classes of 3 bits",
          lambda: argmax_tree(13, 3), 8),
    Proof("multiplier", ("Multiplier",), "the product of three cycles before", "5 x 4 bits",
          lambda: product(5, 4, logic=False), 6),
    Proof("multiplier: logic", ("Multiplier",), "the same of adders", "5 x 4 bits",
          lambda: product(5, 4, logic=True), 6),
    Proof("multiplier: logic, odd", ("Multiplier",), "the same", "4 x 5 bits",
          lambda: product(4, 5, logic=True), 6),
    Proof("multiplier: DSP cell", ("Multiplier",), "the same of MULT18X18D", "5 x 4 bits",
          lambda: product(5, 4, logic=False), 6, ecp5=True),
    Proof("multiplier: DSP cell, whole", ("Multiplier",), "the same", "18 x 18 bits",
          lambda: product(18, 18, logic=False), 6, ecp5=True),
)  # fmt: skip
