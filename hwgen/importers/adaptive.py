"""Adaptive pooling of a program of torch, for which ONNX has no form of its own.

Groups of one size at one distance are a pooling by sizes; where they differ, each is a part of the
positions, of which the mean or the maximum is taken, and the parts are put together again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hwgen.errors import InputError
from hwgen.network.pooling import adaptive_groups, even_groups

if TYPE_CHECKING:
    import torch

MAX_PARTS = 64
"""Groups that differ; each is a layer, and on chip a step."""

_POSITIONS = -1
"""Axis of (windows, channels, positions)."""


def by_sizes(name: object, program: torch.export.ExportedProgram) -> None:
    """Write adaptive poolings as poolings by sizes, or as means and maxima of parts.

    Parameters
    ----------
    name
        Of the module or file, for messages.
    program
        Is changed.

    Raises
    ------
    InputError
        If more than `MAX_PARTS` groups differ: the node, its layer and the lengths are named.
    """
    import torch

    aten = torch.ops.aten
    strange = []
    for node in list(program.graph.nodes):
        if node.target not in (aten.adaptive_max_pool1d.default, aten.adaptive_avg_pool1d.default):
            continue
        source, (positions, *_) = node.args
        length = source.meta["val"].shape[-1]
        found, largest = even_groups(length, positions), "max" in str(node.target)
        if found is not None:
            if largest:  # of means torch's exporter makes no more than a pooling, too
                _by_size(node, *found)
        elif positions > MAX_PARTS:
            strange.append(
                f"{node.name} ({node.target.overloadpacket.__name__}{_layer(node)}) pools {length} "
                f"positions to {positions}, in more than {MAX_PARTS} groups that differ in size or "
                f"distance; choose a number that divides {length}"
            )
        else:
            _by_parts(program.graph, node, largest)
    if strange:
        raise InputError(f"{name} has nodes that hwgen cannot do: {'; '.join(strange)}")
    program.graph_module.recompile()


def _by_size(node: Any, size: int, stride: int) -> None:
    """Pool groups of one size at one distance."""
    import torch

    node.target = torch.ops.aten.max_pool1d_with_indices.default
    node.args = (node.args[0], [size], [stride])


def _by_parts(graph: Any, node: Any, largest: bool) -> None:
    """Take the maximum or the mean of each part of the positions, and put them side by side."""
    import torch

    aten = torch.ops.aten
    source, (positions, *_) = node.args
    reduce = aten.amax.default if largest else aten.mean.dim

    def put(function: Any, *args: Any) -> Any:
        made = graph.call_function(function, args)
        seen = torch.fx.map_arg(args, lambda each: each.meta["val"])
        made.meta = {**node.meta, "val": function(*seen)}
        return made

    with graph.inserting_before(node):
        parts = [
            put(reduce, put(aten.slice.Tensor, source, _POSITIONS, group.start, group.stop),
                [_POSITIONS], True)
            for group in adaptive_groups(source.meta["val"].shape[-1], positions)
        ]  # fmt: skip
        whole = put(aten.cat.default, parts, _POSITIONS)
    # Of maxima torch gives the places, too; programs that read these are refused as any others.
    values = [each for each in node.users if each.args[1] == 0] if largest else [node]
    for each in values:
        each.replace_all_uses_with(whole)
        graph.erase_node(each)
    for each in [each for each in node.users if not each.users]:
        graph.erase_node(each)
    if largest and not node.users:
        graph.erase_node(node)


def _layer(node: Any) -> str:
    stack = [place for place, _ in node.meta.get("nn_module_stack", {}).values()]
    inner = stack[-1].removeprefix("L['self'].") if stack else ""
    return f", in {inner}" if inner else ""
