"""What stands in a graph for functions that have no form there: they are named, with all others.

A graph is exported whole or not at all, and a function that hwgen cannot do may be one that torch's
exporter cannot do either, or one that is not taken from a file. An ONNX node of its name, in a
domain of its own, stands in for each: the reader of ONNX then says of all nodes what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_NAME, _PLACE = "hwgen_name", "hwgen_place"
_SCOPES = "pkg.torch.onnx.name_scopes"
_MISSING = re.compile(r"No ONNX function found for <OpOverload\(op='([\w.]+)', overload='(\w+)'\)")
_TARGET = re.compile(r"torch\.ops\.(\w+)\.(\w+)\.\w+", re.ASCII)


def missing(error: BaseException) -> torch._ops.OpOverload | None:
    """Return the function that torch's exporter has no form for; None for any other error."""
    import torch

    while error.__cause__ is not None:
        error = error.__cause__
    found = _MISSING.search(str(error))
    if found is None:
        return None
    place: Any = torch.ops
    for name in found[1].split("."):
        place = getattr(place, name)
    overload: torch._ops.OpOverload = getattr(place, found[2])
    return overload


def translation(function: torch._ops.OpOverload) -> Callable[..., Any]:
    """Return what torch's exporter is to make of a function: a node that reads its tensors."""
    import onnx
    from onnx.defs import OpSchema
    from onnxscript import ir, values

    domain, _, name = str(function._schema.name).partition("::")
    kind = OpSchema.FormalParameterOption.Variadic
    inputs = OpSchema.FormalParameter(
        "inputs", "T", param_option=kind, is_homogeneous=False, min_arity=0
    )
    outputs = [
        OpSchema.FormalParameter(f"y{n}", "T") for n, _ in enumerate(function._schema.returns)
    ]
    schema = onnx.defs.OpSchema(
        name, domain, 1, inputs=[inputs], outputs=outputs,
        type_constraints=[("T", ["tensor(float)"], "")],
    )  # fmt: skip
    op = values.Op(values.Opset(domain, 1), name, schema)

    def stand_in(*arguments: Any, **_: Any) -> Any:
        return op(*[each for each in arguments if isinstance(each, ir.Value)])

    return stand_in


@dataclass(frozen=True)
class StandIn:
    """A call that is not done, for what a file calls by a name.

    Parameters
    ----------
    target
        The name.
    name, place
        Of the node, and of the layer that it is in; "" for none.
    kinds, shapes
        Of the tensors that it gives.
    """

    target: str
    name: str
    place: str
    kinds: Sequence[torch.dtype]
    shapes: Sequence[Sequence[int]]

    def __call__(self, *tensors: torch.Tensor) -> Any:
        """Return what stands for its outputs, when a graph is exported."""
        import torch

        found = _TARGET.fullmatch(self.target)
        domain, op = (found[1], found[2]) if found else ("python", self.target)
        plain = re.sub(r"\W", "_", op, flags=re.ASCII) or "_"
        told: dict[str, Any] = {_NAME: self.name, _PLACE: self.place}
        return torch.onnx.ops.symbolic_multi_out(
            f"{domain}::{plain}", tensors, told, dtypes=self.kinds, shapes=self.shapes, version=1
        )


def named(model: Any) -> Any:
    """Return an exported model whose stand-ins have the names that they have in their file."""
    for node in model.graph.node:
        told = {
            each.name: each.s.decode() for each in node.attribute if each.name in (_NAME, _PLACE)
        }
        if told:
            node.name = told[_NAME]
            del node.attribute[:]
            node.metadata_props.add(key=_SCOPES, value=str([told[_PLACE], ""]))
    return model


def put_shapes(exported: Any, made: Any) -> None:
    """Tell a cleaned model what its exporter said of its stand-ins' outputs.

    From others' nodes shapes follow.
    """
    from hwgen.importers.onnx.model import DOMAINS

    told = {each.name: each for each in (*exported.graph.value_info, *exported.graph.output)}
    ends = {each.name: each for each in made.graph.output}
    for node in made.graph.node:
        for name in node.output if node.domain not in DOMAINS else ():
            if name in ends:
                ends[name].CopyFrom(told[name])
            elif name in told:
                made.graph.value_info.append(told[name])
