"""From a cleaned ONNX model to the float network."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError, NodesError
from hwgen.importers.answer import TAKEN, TURNED
from hwgen.importers.front_end import FrontEnd
from hwgen.importers.onnx import again, front, instead, ops, spectra
from hwgen.importers.onnx.builder import Builder, Call, Trained, Value
from hwgen.importers.onnx.cut import anew
from hwgen.importers.onnx.model import DOMAINS, QUANTISERS, array
from hwgen.importers.onnx.rows import check_read, check_whole
from hwgen.importers.onnx.survey import named, survey
from hwgen.importers.onnx.trained import changed, plain
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import SAMPLES, Network, Node, Output
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.table import Table
from hwgen.passes.fold_batchnorm import folded

_DAMAGED = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError)
"""What comes of attributes and constants that a node cannot have."""

_MOST_CLASSES = 1 << 12
"""Numbers of an output that tells a class."""

_SCOPES = 10_000
"""Letters of the list of a node's layers that are looked at."""


@dataclass(frozen=True)
class Converted:
    """A network, and what was assumed to make it."""

    network: Network
    notes: tuple[str, ...]


def convert(path: Path, model: Any, asked: FrontEnd | None = None) -> Converted:
    """Return the float network of a cleaned model.

    Parameters
    ----------
    path
        Of its file.
    model
        Of `hwgen.importers.onnx.model.cleaned`.
    asked
        What the user says of its input; None: samples.

    Raises
    ------
    InputError
        If nodes cannot be made part of a network, all of them are named; or if the input is not
        what it must be.
    """
    walk = _Walk(path, model, asked)
    walk.run()
    return walk.converted()


class _Walk:
    """One walk over the nodes of a model."""

    def __init__(self, path: Path, model: Any, asked: FrontEnd | None) -> None:
        self._path, self._model, self._graph = path, model, model.graph
        self._build = Builder()
        self._opset = max(each.version for each in model.opset_import if each.domain in DOMAINS)
        constants = {each.name: array(path, each) for each in model.graph.initializer}
        # None stands for what an unsupported node would have given.
        self._values: dict[str, Value | None] = {**constants}
        # What a node gives that none may read, and why.
        self._hidden: dict[str, Unsupported] = {}
        self._problems: list[str] = []
        self._reasons: dict[int, str] = {}
        self._refused: list[str] = []
        (samples,) = (each for each in model.graph.input if each.name not in constants)
        shape = tuple(each.dim_value for each in samples.type.tensor_type.shape.dim)
        first = front.read_as_channels(model.graph, samples.name, shape, constants)
        begun = front.begin(path, samples.name, shape, self._build, asked, channels_first=first)
        self._samples, self._notes = begun
        self._values[samples.name] = self._samples
        self._spectra = spectra.Spectra()
        if asked is None:
            self._spectra = spectra.find(model, self._opset, shape, constants)
        for name, seen in front.spectra(self._spectra, self._build, self._notes):
            self._values[name] = seen if isinstance(seen, View) else None
            if isinstance(seen, Unsupported):
                self._hidden[name] = seen

    def run(self) -> None:
        """Translate all nodes."""
        for number, node in enumerate(self._graph.node):
            if number not in self._spectra.left_out:
                self._one(number, node)
        self._build.origin = None
        if self._problems:
            raise self._error()

    def _error(self) -> NodesError:
        return NodesError(
            f"{self._path} has nodes that hwgen cannot do: {'; '.join(self._problems)}"
            f"{instead.told(self._refused)}",
            survey(self._path.stem, self._model, self._reasons),
        )

    def _one(self, number: int, node: Any) -> None:
        from onnx import helper

        inputs = [self._values.get(name) if name else None for name in node.input]
        strange = [name for name in node.input if name and name not in self._values]
        lost = any(name in self._values and self._values[name] is None for name in node.input)
        given = {each.name: _plain(helper.get_attribute_value(each)) for each in node.attribute}
        constant = np.ndarray | Trained
        weights = [name for name in node.input if isinstance(self._values.get(name), constant)]
        call = Call(node.op_type, node.name, tuple(inputs), given, tuple(weights), self._opset,
                    len(node.output))  # fmt: skip
        self._values |= dict.fromkeys(node.output)
        self._build.origin = number, f"{named(node)} ({_kind(node)})"
        translate = ops.every().get((node.domain, node.op_type), _unknown)
        hidden = next((self._hidden[name] for name in node.input if name in self._hidden), None)
        reason = self._spectra.reasons.get(number)
        if lost and hidden is None and reason is None and translate is not _unknown:
            return  # what it reads is what cannot be done
        try:
            _check_read(strange, reason, hidden)
            made = _made(translate, call, self._build)
        except (Unsupported, InputError, *_DAMAGED) as error:
            self._refuse(number, error)
            return
        for name, value in zip(
            node.output, made if isinstance(made, tuple) else (made,), strict=False
        ):
            if isinstance(value, Unsupported):
                self._hidden[name] = value
            else:
                self._values[name] = value

    def _refuse(self, number: int, error: Exception) -> None:
        """Remember what is in the way of a node, or of the one that an error is about."""
        of = error.number if isinstance(error, Unsupported) else None
        number = number if of is None else of
        if number in self._reasons:
            return  # several read what it gives
        node = self._graph.node[number]
        says = f"is damaged: {error!r}" if isinstance(error, _DAMAGED) else str(error)
        place = f", in {inner}" if (inner := _place(node)) else ""
        self._problems.append(f"{named(node)} ({_kind(node)}{place}) {says}")
        self._refused.append(node.op_type)
        self._reasons[number] = says

    def converted(self) -> Converted:
        """Return the network, with its outputs."""
        views = {}
        for output in self._graph.output:
            view = self._values.get(output.name)
            if not isinstance(view, View):
                raise InputError(f"{self._path}: output {output.name} must depend on the samples")
            views[output.name] = view
        try:
            outputs = self._outputs(views)
            shape = self._build.shapes[SAMPLES]
            network = Network(
                self._path.stem,
                shape[-1],
                self._build.graph(outputs),
                channels=1 if len(shape) == 1 else shape[0],
            )
        except (Unsupported, InputError) as error:
            if isinstance(error, Unsupported) and error.number is not None:
                self._refuse(error.number, error)
                raise self._error() from error
            raise InputError(f"{self._path}: {error}") from error
        return Converted(network, (*self._build.notes, *self._notes))

    def _outputs(self, views: dict[str, View]) -> tuple[Output, ...]:
        found = []
        classified = [name for name, view in views.items() if view.classified]
        for name, view in views.items():
            ready = self._build.ready(replace(view, classified=False))
            check_whole(ready)
            if len(views) == 1 and not view.classified:
                ready = again.cut(self._build, ready, view.shape, self._samples)
            if name in classified[:1] or (not classified and self._like_a_class(views, ready)):
                if name not in classified:
                    self._notes.append(
                        f"output {name} {TAKEN} {math.prod(ready.logical)}: the largest number "
                        f"says which; if each counts, give --answer values"
                    )
                found.append(Output(self._logits(ready)))
            else:
                turned = ready.order != tuple(range(len(ready.logical)))
                more = f", {TURNED} {view.shape}" if turned else ""
                self._notes.append(f"output {name} is values{more}")
                found.append(Output(ready.value, "values"))
        return tuple(found)

    def _like_a_class(self, views: dict[str, View], view: View) -> bool:
        """Return whether an output that nothing is said of is logits."""
        node = next(node for node in self._build.nodes if node.name == view.value)
        numbers = math.prod(view.logical)
        alone = len(views) == 1 and numbers == max(view.logical) > 1
        curved = node.op.rectified or isinstance(node.op, Table)
        # A number for each position, not flattened, goes with the samples.
        along = len(view.logical) == 2 and view.logical[1] > 1 and len(view.shape) > 2
        return alone and not curved and not along and numbers != max(self._samples.logical)

    def _logits(self, view: View) -> str:
        """Return the value that is logits: a dense layer gives it, if need be one of ones."""
        view = self._without_norm(view)
        node = next(node for node in self._build.nodes if node.name == view.value)
        read = any(view.value in each.inputs for each in self._build.nodes)
        if isinstance(node.op, Dense) and not read:
            return view.value
        numbers = math.prod(view.logical)
        if numbers > _MOST_CLASSES:
            raise Unsupported(
                f"must have an output of at most {_MOST_CLASSES:,} numbers that tell a class, not "
                f"of {numbers:,}; {view.value} gives it"
            )
        name = self._build.name(Call("logits", "logits", (), {}))
        # On a grid there is nothing to be rounded.
        unit = None if node.op.grid is None else (1.0,) * numbers
        layer = Dense(name, np.eye(numbers), np.zeros(numbers), unit=unit)
        return self._build.put(layer, view).value

    def _without_norm(self, view: View) -> View:
        """Return logits with what multiplies them in the weights of the dense layer before."""
        nodes = self._build.nodes
        node = next(node for node in nodes if node.name == view.value)
        source = next((each for each in nodes if each.name == node.inputs[0]), None)
        readers = [each for each in nodes if {node.name, node.inputs[0]} & {*each.inputs}]
        if source is None or not isinstance(node.op, BatchNorm1d) or len(readers) > 1:
            return view
        if not isinstance(source.op, Dense) or not source.op.linear:
            return view
        made = Node(folded(source.op, node.op), source.inputs)
        self._build.nodes = [made if each is source else each for each in nodes if each is not node]
        return replace(view, value=source.name)


def _kind(node: Any) -> str:
    """Return a node's op, with its domain where it is another one."""
    known = ("", QUANTISERS)
    return str(node.op_type if node.domain in known else f"{node.domain}.{node.op_type}")


def _place(node: Any) -> str:
    """Return the layer of a module of torch that a node comes of, "" where none is told."""
    for each in node.metadata_props:
        if each.key == "pkg.torch.onnx.name_scopes":
            names = re.findall(r"'([\w.]*)'", each.value[:_SCOPES])[:-1]  # the last is the op's own
            return str(names[-1])[:100] if names else ""
    return ""


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return list(value) if isinstance(value, list | tuple) else value


def _check_read(strange: list[str], reason: str | None, hidden: Unsupported | None) -> None:
    if strange:
        raise Unsupported(f"reads {strange[0]}, a tensor of a kind that is not read (sparse)")
    if reason is not None:
        raise Unsupported(reason)
    if hidden is not None:
        raise hidden


def _made(translate: ops.Translate, call: Call, build: Builder) -> Value | tuple[Value, ...]:
    """Return what becomes of a node."""
    trained = any(isinstance(each, Trained) for each in call.inputs)
    if trained and not call.views:
        return changed(call)
    check_read(call)
    call = replace(call, inputs=plain(call))
    return translate(replace(call, inputs=anew(call, build)), build)


def _unknown(call: Call, build: Builder) -> View:
    del call, build
    raise Unsupported("is not supported")
