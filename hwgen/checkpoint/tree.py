"""What stand-ins stand for, as plain dicts, lists and tensors; nothing of the file is run."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen.checkpoint.inert import Inert, Storage
from hwgen.network.layer import MAX_ELEMENTS

if TYPE_CHECKING:
    import torch

MAX_DEPTH = 64
"""Of containers in one another."""

MAX_TENSORS = 10_000
"""In a module with all that is in it."""

_LONGEST = 1000

_MAPPINGS = ("collections.OrderedDict", "collections.defaultdict", "collections.Counter")
_TENSORS = ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor")
_TYPED_TENSOR = "torch._utils._rebuild_tensor_v3"
"""Says its type beside a storage that has none, as float8 does."""

_PARAMETERS = (
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
    "torch.nn.parameter.Parameter",
)
_FX = (
    "torch.fx.graph_module.reduce_graph_module",
    "torch.fx.graph_module.reduce_deploy_graph_module",
)
_ARRAY = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
_STORAGES = {
    "torch.FloatStorage": "float32",
    "torch.DoubleStorage": "float64",
    "torch.HalfStorage": "float16",
    "torch.BFloat16Storage": "bfloat16",
    "torch.LongStorage": "int64",
}

Fetch = Callable[[str], bytes]
"""Returns the bytes of the storage of a key."""


class Unreadable:
    """A tensor of a kind that is not read; whoever needs it will say so."""


def plain(value: Any, fetch: Fetch) -> Any:
    """Return `value` without stand-ins.

    A module becomes its state_dict, another object the dict of its attributes.

    Parameters
    ----------
    value
        Of `hwgen.checkpoint.inert.load`.
    fetch
        Gives the bytes of a storage; KeyError where there is none.
    """
    return _Reader(fetch).plain(value, 0)


class _Reader:
    """Goes through a tree once: what is met again is what it was."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._known: dict[int, Any] = {}
        self._storages: dict[str, bytearray] = {}

    def plain(self, value: Any, depth: int) -> Any:
        if not isinstance(value, dict | list | tuple | Inert):
            return value
        if depth > MAX_DEPTH:
            return None
        if id(value) not in self._known:
            self._known[id(value)] = None  # what holds itself ends here
            self._known[id(value)] = self._made(value, depth + 1)
        return self._known[id(value)]

    def _made(self, value: Any, depth: int) -> Any:
        if isinstance(value, Inert):
            return self._object(value, depth)
        if isinstance(value, dict):
            return {key: self.plain(item, depth) for key, item in value.items()}
        return [self.plain(item, depth) for item in value]

    def _object(self, value: Inert, depth: int) -> Any:
        if value.name in (*_TENSORS, _TYPED_TENSOR):
            return self._tensor(value.args, _type_of(value))
        if value.name in _PARAMETERS:
            return self.plain(value.args[0], depth) if value.args else Unreadable()
        if value.name in _ARRAY:
            return _array(value.state)
        if value.name in _MAPPINGS:
            return self._items(value, depth)
        state = state_of(value)
        if isinstance(state, dict) and isinstance(state.get("_modules"), dict):
            return self._module(state, depth)
        parts: dict[Any, Any] = dict(value) | (state if isinstance(state, dict) else {})
        if value.listed:
            parts["items"] = value.listed
        return {key: self.plain(item, depth) for key, item in parts.items()}

    def _items(self, value: Inert, depth: int) -> dict[Any, Any]:
        found = {key: self.plain(item, depth) for key, item in value.items()}
        # Python 2 wrote an OrderedDict as a list of pairs.
        for pairs in value.args[:1]:
            if isinstance(pairs, list):
                found |= {
                    pair[0]: self.plain(pair[1], depth)
                    for pair in pairs
                    if isinstance(pair, list | tuple)
                    and len(pair) == 2
                    and isinstance(pair[0], str)
                }
        return found

    def _module(self, state: dict[Any, Any], depth: int) -> dict[str, Any]:
        """Return the state_dict of a module: its own tensors, then those of its children."""
        found: dict[str, Any] = {}
        for part in ("_parameters", "_buffers"):
            own = self.plain(_mapping(state.get(part)), depth) or {}
            found |= {str(name): tensor for name, tensor in own.items() if tensor is not None}
        for name, child in _mapping(state["_modules"]).items():
            inner = self.plain(child, depth)
            # Modules that are shared again and again would make a list without end.
            if isinstance(inner, dict) and len(found) + len(inner) <= MAX_TENSORS:
                found |= {f"{name}.{key}"[:_LONGEST]: tensor for key, tensor in inner.items()}
        return found

    def _tensor(self, args: tuple[Any, ...], kind: str | None) -> torch.Tensor | Unreadable:
        """Return the tensor that torch's function would make of a part of a storage."""
        import torch

        if len(args) < 4 or not isinstance(args[0], Storage):
            return Unreadable()
        storage, offset, size, stride = args[:4]
        numbers = [offset, *_sequence(size), *_sequence(stride)]
        if kind is None or not all(type(n) is int and 0 <= n < 1 << 40 for n in numbers):
            return Unreadable()
        if len(size) != len(stride) or math.prod(size) > MAX_ELEMENTS:
            return Unreadable()
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        if storage.key not in self._storages:
            self._storages[storage.key] = bytearray(self._fetch(storage.key))
        data = self._storages[storage.key]
        dtype = getattr(torch, kind)
        if not math.prod(size):
            return torch.zeros(tuple(size), dtype=dtype)
        if (last + 1) * dtype.itemsize > len(data):
            return Unreadable()
        whole = torch.frombuffer(data, dtype=dtype, count=last + 1)
        return whole.as_strided(tuple(size), tuple(stride), offset)


def _type_of(made: Inert) -> str | None:
    """Return the name of a tensor's type of numbers, None where it is not read or there is none."""
    import torch

    if made.name != _TYPED_TENSOR:
        storage = made.args[0] if made.args else None
        return _STORAGES.get(storage.kind) if isinstance(storage, Storage) else None
    stated = made.args[6] if len(made.args) > 6 else None
    if not (isinstance(stated, type) and issubclass(stated, Inert)):
        return None
    name = stated.name.removeprefix("torch.")
    return name if isinstance(getattr(torch, name, None), torch.dtype) else None


def attributes(state: Any) -> Any:
    """Return an object's attributes: a pair is those of ``__dict__`` and of ``__slots__``."""
    if isinstance(state, tuple) and len(state) == 2 and isinstance(state[1], dict):
        return (state[0] if isinstance(state[0], dict) else {}) | state[1]
    return state


def state_of(made: Inert) -> Any:
    """Return the attributes of an object; torch.fx gives those of its modules to a function."""
    return attributes(made.args[0] if made.name in _FX and made.args else made.state)


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (None,)


def _array(state: Any) -> torch.Tensor | Unreadable:
    """Return the array of floats that NumPy's own state describes."""
    import torch

    if not isinstance(state, tuple) or len(state) != 5:
        return Unreadable()
    _, shape, kind, fortran, data = state
    code = kind.args[0] if isinstance(kind, Inert) and kind.args else None
    order = kind.state[1] if isinstance(kind, Inert) and isinstance(kind.state, tuple) else "<"
    if isinstance(data, Inert) and data.name == "_codecs.encode" and data.args:
        data = data.args[0]  # a text of letters 0 to 255 stands for bytes
    if isinstance(data, str):
        data = data.encode("latin1", errors="replace")
    sizes = _sequence(shape)
    if code not in ("f2", "f4", "f8") or not isinstance(data, bytes):
        return Unreadable()
    if not all(type(n) is int and 0 <= n <= MAX_ELEMENTS for n in sizes):
        return Unreadable()
    if math.prod(sizes) * int(code[1]) != len(data):
        return Unreadable()
    values = np.frombuffer(data, (">" if order == ">" else "<") + code)
    shaped = values.reshape(sizes, order="F" if fortran else "C")
    return torch.from_numpy(np.array(shaped, dtype=f"<{code}", order="C"))
