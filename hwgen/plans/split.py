"""Which layers have hardware of their own in front of those that take turns on an array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwgen.errors import CannotMeetError, InputError
from hwgen.network import Graph
from hwgen.plans.sources.source import source_op
from hwgen.plans.unrolled.row import Row, row_of
from hwgen.quantized import QuantizedModel, QuantizedOp


@dataclass(frozen=True)
class Split:
    """A network in two: what works while samples come, and the rest.

    Parameters
    ----------
    source
        The op that takes the samples.
    row
        Layers behind it with hardware of their own; `Row()` for none.
    features
        What the rest reads: the last of them, or the source.
    rest
        The graph behind `features`.
    """

    source: QuantizedOp
    row: Row
    features: QuantizedOp
    rest: Graph[QuantizedOp]

    @property
    def value_width(self) -> int:
        """Bits of a value between the layers of the rest: wide enough for each, signed."""
        logits = self.rest.class_output
        ops = (self.features, *(op for op in self.rest.ops if op.name != logits))
        formats = (fmt for op in ops for fmt in (op.output.fmt, *op.inside))
        return max(fmt.width + (not fmt.signed) for fmt in formats)


def split(model: QuantizedModel, unrolled: Sequence[str] = ()) -> Split:
    """Return a network with the layers named `unrolled` in front.

    Raises
    ------
    CannotMeetError
        If they do not follow each other, each the only one that reads the one before, or cannot
        have hardware of their own.
    InputError
        If the network begins with no source.
    """
    source = source_op(model)
    graph, features = model.graph, source
    for name in unrolled:
        readers = graph.readers(features.name)
        alone = [node.name for node in readers] == [name] and readers[0].inputs == (features.name,)
        if not alone or graph.leaves(features.name):
            names = ", ".join(node.name for node in readers) or "none"
            raise CannotMeetError(
                f"{name} must be the only layer that reads {features.name} to have hardware of its "
                f"own, not {names}"
            )
        features = readers[0].op
    row = row_of([graph[name].op for name in unrolled])
    if row.last is not None:
        raise CannotMeetError(f"{features.name} must have a layer behind it, not give the logits")
    if len(graph.nodes) == 1 + len(unrolled):
        raise InputError(f"on chip a network must have a layer behind {features.name}, not none")
    return Split(source, row, features, graph.behind(features.name))


def heads(model: QuantizedModel) -> list[tuple[str, ...]]:
    """Return every choice of layers that may have hardware of their own in front of an array."""
    found: list[tuple[str, ...]] = []
    names: tuple[str, ...] = ()
    before = source_op(model).name
    while len(readers := model.graph.readers(before)) == 1:
        before = readers[0].name
        names = (*names, before)
        try:
            split(model, names)
        except CannotMeetError:
            break
        found.append(names)
    return found
