"""Sums, products and functions, number by number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special

from hwgen.importers.onnx.builder import JOINED, Builder, Call, Value
from hwgen.importers.onnx.curve import IDENTITY
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import Floats
from hwgen.network.functions import FUNCTIONS
from hwgen.network.grid import Grid
from hwgen.network.ops.quantizer import Quantizer

Join = Callable[[Any, Any], Any]

_JOINS: dict[str, Join] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Max": np.maximum,
    "Min": np.minimum,
    "Pow": np.power,
}


def binary(call: Call, build: Builder) -> Value:
    """Return what an op makes of a value and a constant, or of two of either."""
    if len(call.inputs) == 1:
        return call.view()
    if len(call.inputs) > 2:
        raise Unsupported(f"must have two inputs, not {len(call.inputs)}")
    one, two = call.inputs
    join = _JOINS[call.op]
    if isinstance(one, View) and isinstance(two, View):
        return _joined(call, build, one, two)
    if not call.views:
        return np.asarray(join(one, two))
    view, constant = (one, two) if isinstance(one, View) else (two, one)
    assert isinstance(view, View)
    value = np.asarray(constant, dtype=np.float64)
    if not np.isfinite(value).all():
        raise Unsupported("must have finite constants")
    if value.size == 1 or _alike(value, view):
        number = float(value.reshape(-1)[0])
        if isinstance(one, View):
            as_it_is = call.op == "Pow" and number == 1.0
            return view if as_it_is else build.curved(view, lambda x: join(x, number))
        return build.curved(view, lambda x: join(number, x))
    return _with_constants(call, build, view, value)


def _alike(value: Floats, view: View) -> bool:
    """Return whether constants are one number all through, and no more than the value's."""
    whole = view.expanded or view.shape
    fits = np.broadcast_shapes(whole, value.shape) == whole
    return fits and bool((value == value.reshape(-1)[0]).all())


def _with_constants(call: Call, build: Builder, view: View, value: Floats) -> View:
    first = isinstance(call.inputs[0], View)
    match call.op, first:
        case "Add", _:
            return build.scaled(call, view, 1.0, value)
        case "Mul", _:
            return build.scaled(call, view, value, 0.0)
        case "Sub", True:
            return build.scaled(call, view, 1.0, -value)
        case "Sub", False:
            return build.scaled(call, view, -1.0, value)
        case "Div", True:
            return build.scaled(call, view, 1.0 / value, 0.0)
    raise Unsupported(f"must have one constant, not {value.shape}")


def _joined(call: Call, build: Builder, one: View, two: View) -> View:
    """Return what becomes of two values that depend on the samples."""
    op = call.op
    if op == "Sub":
        op, two = "Add", build.curved(two, np.negative)
    first, second = ((each.shape, each.order, each.expanded, each.places) for each in (one, two))
    alike = first == second
    plain = all(each.pads == (0, 0) and not each.classified for each in (one, two))
    if one.value == two.value and alike and plain:
        curves = one.curve or IDENTITY, two.curve or IDENTITY
        return replace(one, curve=curves[0].met(curves[1], op, _JOINS[op], build.origin))
    if op not in JOINED:
        raise Unsupported(
            f"makes a {op.lower()} of two values of the network, which is not supported; "
            f"sums and products of them are"
        )
    return together(call, build, op, (one, two))


def together(call: Call, build: Builder, op: str, views: tuple[View, ...]) -> View:
    """Return the sum or product of several values, which repeat where others have more numbers."""
    wanted = np.broadcast_shapes(*(view.expanded or view.shape for view in views))
    shape = tuple(np.broadcast_shapes(*(view.shape for view in views)))
    if shape != tuple(wanted):
        raise Unsupported(f"must not repeat numbers to {wanted} that no value has, but {shape}")
    padded = [_at_rank(build, view, len(shape)) for view in views]
    places = {view.places for view in padded}
    if len(places) > 1:
        raise Unsupported(
            "must not join flattened values of several sizes that stand side by side with others"
        )
    order: list[int] = []
    for axis, size in enumerate(shape):
        found = {view.axes[axis] for view in padded if view.shape[axis] == size > 1}
        if len(found) > 1:
            raise Unsupported(
                f"must read channels beside channels and positions beside positions, not "
                f"{' and '.join(str(view.shape) for view in views)}"
            )
        order += next(iter(found), ())
    if len(set(order)) < len(order):
        raise Unsupported("must not make a table of channels by channels")
    made = build.put(JOINED[op](build.name(call)), *padded)
    units = (axis for axis in range(len(made.logical)) if axis not in order)
    return replace(made, shape=shape, order=(*order, *units), places=places.pop())


def _at_rank(build: Builder, view: View, rank: int) -> View:
    ready = build.ready(replace(view, expanded=None))
    return ready.shaped((1,) * (rank - len(view.shape)) + view.shape)


def several(call: Call, build: Builder) -> Value:
    """Return the sum of any number of values."""
    given = [each for each in call.inputs if each is not None]
    if len(given) > 2 and len(call.views) == len(given):
        return together(call, build, "Add", call.views)
    total, *others = given
    for each in others:
        total = binary(replace(call, op="Add", inputs=(total, each)), build)
    return total


def _function(name: str) -> Callable[[Call], Callable[[Floats], Floats]]:
    return lambda _: lambda x: FUNCTIONS[name](x, 1.0)


def _clip(call: Call) -> Callable[[Floats], Floats]:
    low, high = call.given("min", 1), call.given("max", 2)
    return lambda x: np.clip(x, -np.inf if low is None else low, np.inf if high is None else high)


def _prelu(call: Call) -> Callable[[Floats], Floats]:
    slope = float(np.asarray(call.constant(1), dtype=np.float64).reshape(-1)[0])
    return lambda x: np.where(x >= 0, x, slope * x)


def prelu(call: Call, build: Builder) -> Value:
    """Return values with those below zero times a slope, one for all or one a channel."""
    slopes = np.asarray(call.constant(1), dtype=np.float64)
    if not call.views:
        x = call.constant(0)
        return np.asarray(np.where(x >= 0, x, slopes * x))
    if not np.isfinite(slopes).all():
        raise Unsupported("must have finite constants")
    if (slopes == slopes.reshape(-1)[0]).all():
        return unary(call, build)
    # Each channel is its slope times the value, and the rest of it where it is above zero.
    view = build.by_channel(build.ready(call.view()), slopes)
    if len(view.logical) == 1:
        view = build.as_channels(view)  # flat ones that are read twice have no layer of their own
    above = build.curved(view, _UNARY["Relu"](call))
    both = (
        build.scaled(replace(call, name=f"{call.name}_{what}"), each, gain, 0.0)
        for what, each, gain in (("all", view, slopes), ("above", above, 1.0 - slopes))
    )
    return together(call, build, "Add", tuple(both))


def _with_alpha(name: str, usual: float) -> Callable[[Call], Callable[[Floats], Floats]]:
    return lambda call: lambda x: FUNCTIONS[name](x, call.attributes.get("alpha", usual))


def _selu(call: Call) -> Callable[[Floats], Floats]:
    alpha = call.attributes.get("alpha", 1.67326319217681884765625)
    gamma = call.attributes.get("gamma", 1.05070102214813232421875)
    return lambda x: gamma * FUNCTIONS["elu"](x, alpha)


def _hard_sigmoid(call: Call) -> Callable[[Floats], Floats]:
    alpha, beta = call.attributes.get("alpha", 0.2), call.attributes.get("beta", 0.5)
    return lambda x: np.clip(alpha * x + beta, 0.0, 1.0)


def _gelu(call: Call) -> Callable[[Floats], Floats]:
    name = "gelu_tanh" if call.attributes.get("approximate", "none") == "tanh" else "gelu"
    return lambda x: FUNCTIONS[name](x, 1.0)


def _swish(call: Call) -> Callable[[Floats], Floats]:
    alpha = call.attributes.get("alpha", 1.0)
    return lambda x: x * FUNCTIONS["sigmoid"](alpha * x, 1.0)


def _plain(function: Callable[[Floats], Floats]) -> Callable[[Call], Callable[[Floats], Floats]]:
    return lambda _: function


_UNARY: dict[str, Callable[[Call], Callable[[Floats], Floats]]] = {
    "Relu": _function("relu"),
    "Sigmoid": _function("sigmoid"),
    "Tanh": _function("tanh"),
    "Softplus": _function("softplus"),
    "Mish": _function("mish"),
    "HardSwish": _function("hard_swish"),
    "Softsign": _function("softsign"),
    "Sign": _function("sign"),
    "LeakyRelu": _with_alpha("leaky_relu", 0.01),
    "Elu": _with_alpha("elu", 1.0),
    "Selu": _selu,
    "HardSigmoid": _hard_sigmoid,
    "Gelu": _gelu,
    "Swish": _swish,
    "Clip": _clip,
    "PRelu": _prelu,
    "Erf": _plain(special.erf),
    "Exp": _plain(np.exp),
    "Log": _plain(np.log),
    "Sqrt": _plain(np.sqrt),
    "Abs": _plain(np.abs),
    "Neg": _plain(np.negative),
    "Reciprocal": _plain(np.reciprocal),
}


def unary(call: Call, build: Builder) -> Value:
    """Return a value with a function of each number to be applied; of a constant, what it gives."""
    function = _UNARY[call.op](call)
    if not call.views:
        return np.asarray(function(call.constant(0)))
    view = call.view()
    if call.op == "Clip" and view.coded is not None:
        return _cut(call, build, view, view.coded)
    return build.curved(view, function)


def _cut(call: Call, build: Builder, view: View, coded: tuple[float, int]) -> View:
    """Return the integers of a QuantizeLinear, cut to a narrower range."""
    step, zero = coded
    low, high = call.given("min", 1), call.given("max", 2)
    if low is None or high is None:
        raise Unsupported("must have both ends where it cuts integers of a QuantizeLinear")
    grid = Grid((step,), int(low) - zero, int(high) - zero)
    layer = Quantizer(build.name(call), grid=grid)
    made = build.put(layer, replace(view, coded=None))
    return replace(made, shape=view.shape, order=view.order, coded=coded)


OPS = {
    **dict.fromkeys(_JOINS, binary),
    **dict.fromkeys(_UNARY, unary),
    "PRelu": prelu,
    "Sum": several,
}
