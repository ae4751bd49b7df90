"""A network's file to a smaller one, without data, and back."""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwgen import files, importers, lock
from hwgen.checkpoint import compressed, nesting
from hwgen.checkpoint.compressed import Compressed, Matrix, as_type
from hwgen.checkpoint.tensors import FLOATS, listing, printable, unusable
from hwgen.coding import Coded, UnreachedError, by_bits, by_error, codes
from hwgen.coding.matrix import error
from hwgen.coding.search import Kept, sample, shape_of
from hwgen.errors import InputError, UsageError
from hwgen.importers import CheckpointMeta
from hwgen.importers.formats.own import as_object
from hwgen.importers.source import Source
from hwgen.network import Floats

if TYPE_CHECKING:
    import torch

AUTO = "auto"
SLOW = ("inr",)
"""Codes that `AUTO` does not try: minutes a layer, nowhere the smallest (docs/compression.md)."""
USUAL_ERROR = 0.1
_CLOSE = 1.05
"""Bits, over the fewest for some of a large matrix, up to which a code is tried with all of it."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Wanted:
    """How far a network is to be compressed.

    Parameters
    ----------
    method
        A code, or `AUTO`: for each matrix what is smallest.
    bits
        Most bits of words a weight; None: by `error`.
    error
        Most RMS error of a matrix, relative to the RMS of its weights; None: by `bits`.

    Raises
    ------
    UsageError
        If both are given, or `AUTO` is to keep to bits.
    """

    method: str = AUTO
    bits: float | None = None
    error: float | None = None

    def __post_init__(self) -> None:
        if self.bits is not None and self.error is not None:
            raise UsageError("give --bits or --error, not both: one follows from the other")
        if self.bits is not None and self.method == AUTO:
            raise UsageError("--bits needs a --method; auto finds the smallest for an --error")

    @property
    def most(self) -> float:
        """The error that is kept to, where no bits are asked for."""
        return USUAL_ERROR if self.error is None else self.error


@dataclass(frozen=True)
class Layer:
    """What became of one tensor.

    Parameters
    ----------
    name, shape
        Of the tensor.
    code
        None: it travels as it is, for no code makes it smaller.
    bits
        Stored for it: words, tables, scales.
    error
        RMS, relative to that of the weights.
    """

    name: str
    shape: tuple[int, ...]
    code: str | None
    bits: int
    error: float

    @property
    def weights(self) -> int:
        """Weights of the tensor."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Outcome:
    """What a compression came to.

    Parameters
    ----------
    layers
        Tensors of weights.
    before, after
        Bytes of the files.
    error
        RMS of all the weights, relative to theirs.
    bits_a_weight
        Of the file, but for the tensors that travel as they are, a coded weight.
    seconds
        That it took.
    """

    layers: tuple[Layer, ...]
    before: int
    after: int
    error: float
    bits_a_weight: float
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "schema": 1, "bytes_before": self.before, "bytes_after": self.after,
            "ratio": self.before / self.after, "bits_a_weight": self.bits_a_weight,
            "error": self.error, "seconds": self.seconds,
            "layers": [
                {"name": each.name, "shape": list(each.shape), "code": each.code,
                 "bits_a_weight": each.bits / each.weights, "error": each.error}
                for each in self.layers
            ],
        }  # fmt: skip


def compress(
    checkpoint: Path, output: Path, wanted: Wanted, progress: Progress = lambda done, total: None
) -> Outcome:
    """Write a network's file with its matrices of weights coded, whole or not at all.

    Parameters
    ----------
    checkpoint
        Any file that hwgen reads a network from, or tensors of any network.
    output
        As `hwgen.checkpoint.compressed` has it.
    progress
        Called with matrices done and in all.

    Raises
    ------
    InputError
        If the file holds no matrix of weights, or some are not finite.
    CannotMeetError
        If the method comes not near enough, or not to so few bits: the nearest is told.
    FileAccessError
        If a file cannot be read or written.
    """
    files.check_writable(output, read=[checkpoint])
    tensors: list[tuple[str, torch.Tensor]] = []

    def take(name: str, tensor: torch.Tensor) -> int:
        tensors.append((name, tensor))
        return len(tensors) - 1

    source = Source(checkpoint)
    try:
        tree = nesting.unnested(_value(source), take)
    except InputError as error_:
        where = "" if str(checkpoint) in str(error_) else f"{checkpoint}: "
        raise InputError(f"{where}{error_}") from error_
    chosen = [number for number, (name, tensor) in enumerate(tensors) if _is_matrix(name, tensor)]
    if not chosen:
        raise InputError(f"{checkpoint} holds no matrix of float weights (tensors '...weight...')")
    _check_finite(checkpoint, [tensors[number] for number in chosen])
    begun = time.monotonic()
    layers, coded, wrong, size = [], {}, 0.0, 0.0
    for done, number in enumerate(chosen):
        progress(done, len(chosen))
        layer, made, squares = _layer(*tensors[number], wanted)
        layers.append(layer)
        wrong, size = wrong + squares[0], size + squares[1]
        if made is not None:
            coded[number] = made
    plain = {number: each for number, (_, each) in enumerate(tensors) if number not in coded}
    data = compressed.write(Compressed(wanted.method, tree, plain, coded))
    with lock.output(output):
        files.write_bytes(output, data)
    kept = sum(each.numel() * each.element_size() for each in plain.values())
    weights = sum(each.coded.size for each in coded.values())
    return Outcome(
        tuple(layers), len(source.data), len(data), math.sqrt(wrong / size) if size else 0.0,
        8 * (len(data) - kept) / max(weights, 1), time.monotonic() - begun,
    )  # fmt: skip


def _value(source: Source) -> Any:
    """Return dicts and lists of tensors: of the file itself, or of the network in it."""
    content = source.content
    if content is not None and not content.strangers:
        if compressed.recognises(source.data):
            raise InputError(f"{source.path} is compressed already; hwgen decompress it first")
        return content.value
    found = importers.load(source.path)
    meta = found.meta or CheckpointMeta(data="unknown", snr_db=None)
    return as_object(
        found.network, meta=meta, calibration=found.calibration, test=found.test, notes=found.notes
    )


def _is_matrix(name: str, tensor: torch.Tensor) -> bool:
    floats = str(tensor.dtype).removeprefix("torch.") in FLOATS
    return "weight" in name and floats and tensor.ndim >= 2 and tensor.numel() > 0


def _check_finite(checkpoint: Path, tensors: list[tuple[str, torch.Tensor]]) -> None:
    import torch

    bad = []
    for name, tensor in tensors:
        if problem := unusable(tensor, FLOATS):
            raise InputError(f"{checkpoint}: {printable(name)} {problem}")
        if not torch.isfinite(tensor).all():
            bad.append(printable(name))
    if bad:
        raise InputError(
            f"{checkpoint} has weights that are NaN or infinite: {listing(bad)}; train it again"
        )


def _layer(
    name: str, tensor: torch.Tensor, wanted: Wanted
) -> tuple[Layer, Matrix | None, tuple[float, float]]:
    """Return what becomes of a tensor, its coded form, and squares of error and weights."""
    matrix: Floats = tensor.detach().double().resolve_neg().numpy()
    matrix = matrix.reshape(len(matrix), -1)
    shape, dtype = tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")
    plain = 8 * tensor.numel() * tensor.element_size()
    squares = float((matrix**2).sum())
    found = _coded(matrix, wanted, partial(as_type, dtype=dtype))
    if found is not None:
        made = Matrix(shape, dtype, found)
        bits = found.bits + 8 * len(json.dumps(made.to_json(), separators=(",", ":")))
        if bits < plain:
            said = as_type(found.real, dtype)
            wrong = float(((matrix - said) ** 2).sum())
            share = error(matrix, said)
            return Layer(name, shape, found.code, found.bits, share), made, (wrong, squares)
    return Layer(name, shape, None, plain, 0.0), None, (0.0, squares)


def _coded(matrix: Floats, wanted: Wanted, kept: Kept) -> Coded | None:
    """Return weights coded as is wanted; None where the code has no choice for so few."""
    names = [each for each in codes.names() if each not in SLOW]
    if wanted.method != AUTO:
        names = [wanted.method]
    names = [each for each in names if codes.of(each).choices(shape_of(matrix))]
    if not names:
        return None
    if wanted.bits is not None:
        return by_bits(names[0], matrix, wanted.bits)
    part = sample(matrix)
    if part is not matrix and len(names) > 1:
        tried = _all_by_error(names, part, wanted.most, kept)
        fewest = min(each.bits for each in tried.values())
        names = [name for name, each in tried.items() if each.bits <= _CLOSE * fewest]
    found = _all_by_error(names, matrix, wanted.most, kept)
    return min(found.values(), key=lambda each: each.bits)


def _all_by_error(names: list[str], matrix: Floats, most: float, kept: Kept) -> Mapping[str, Coded]:
    """Return weights in each of the codes that come near enough; raises if none does."""
    found, nearest = {}, []
    for name in names:
        try:
            found[name] = by_error(name, matrix, most, kept)
        except UnreachedError as error_:
            nearest.append(error_)
    if not found:
        raise min(nearest, key=lambda each: each.nearest)
    return found


def decompress(source: Path, output: Path) -> tuple[int, int]:
    """Write what a compressed file was made of, as torch.save does; return its tensors and weights.

    Raises
    ------
    InputError
        If it is no compressed file, or was cut short or altered.
    FileAccessError
        If a file cannot be read or written.
    """
    import torch

    files.check_writable(output, read=[source])
    data = Source(source).data
    if not compressed.recognises(data):
        raise InputError(f"{source} is no file of `hwgen compress`; give one")
    content = compressed.read(data, str(source))
    value = compressed.value_of(data, str(source))
    buffer = io.BytesIO()
    torch.save(value, buffer)
    with lock.output(output):
        files.write_bytes(output, buffer.getvalue())
    sizes = [each.coded.size for each in content.coded.values()]
    return len(content.plain) + len(sizes), int(np.sum(sizes))
