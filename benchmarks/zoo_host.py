"""A network of the zoo on one core of this machine: torch, onnxruntime, and C made for it."""

from __future__ import annotations

import logging
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import compiled
import numpy as np
import numpy.typing as npt
from host import FFT, timed
from machine import gcc, packages
from place import HERE
from store import Row

from hwgen import files, zoo
from hwgen.network import Floats, Network

RUNS = 2000
"""Calls of which the median is told, a window each."""
WINDOWS = 100
"""That every way must answer as the float network does; timing takes them in turn."""
_EXACT = 1e-4
"""Difference of logits, relative to the largest: a few dozen roundings of single precision."""
SOURCES = (Path(__file__), HERE / "host.py", FFT, *compiled.SOURCES)

Singles = npt.NDArray[np.float32]
Nanoseconds = npt.NDArray[np.int64]


def module_of(network: Network) -> Any:
    """Return the torch module of a network of the zoo, with its tensors.

    Raises
    ------
    ValueError
        If a tensor of the network finds no place in the module.
    """
    import torch

    design = zoo.designed(network.name, {"window": network.input_samples})
    plan = design.recipe("default").student
    module = design.trained(network.channels, len(network.classes), plan).eval()
    # `hwgen.zoo._graph.Wiring` calls a node like its layer.
    left = _tensors(network)
    called = {"mean": "running_mean", "variance": "running_var"}
    with torch.no_grad():
        for path, layer in module.named_modules():
            for key, value in left.pop(path.replace(".", "_"), {}).items():
                _set(layer, called.get(key, key), value, f"{path}.{key} of {network.name}")
    if left:
        raise ValueError(f"the module of {network.name} has no layer {', '.join(left)}")
    return module


def _tensors(network: Network) -> dict[str, dict[str, Floats]]:
    """Return the tensors by layer; of quadratic layers as their module has them, in one."""
    left = {layer.name: layer.tensors() for layer in network.layers if layer.tensors()}
    parts = {"r": "product_1", "g": "product_2", "b": "sums"}
    for name in [each.removesuffix("_product_1") for each in left if each.endswith("_product_1")]:
        left[name] = {
            f"{key}_{part}": value
            for part, end in parts.items()
            for key, value in left.pop(f"{name}_{end}").items()
        }
    return left


def _set(layer: Any, field: str, value: Floats, name: str) -> None:
    """Set a tensor of a torch layer."""
    import torch

    old = getattr(layer, field)
    if old is None:
        if value.any():
            raise ValueError(f"{name} must be 0: the module has none")
        return
    if old.shape != value.shape:
        raise ValueError(f"{name} must be of shape {tuple(old.shape)}, not {value.shape}")
    new = torch.tensor(value, dtype=old.dtype)
    if field in dict(layer.named_parameters(recurse=False)) or field.startswith("running_"):
        old.copy_(new)
    else:  # it is made of others, by a parametrisation
        setattr(layer, field, new)


class Way(ABC):
    """One way of answering a window.

    Parameters
    ----------
    network
        A trained network of the zoo.
    folder
        For what is made on the way.
    """

    versions: ClassVar[tuple[str, ...]] = ()
    """Packages that it is made of."""

    @abstractmethod
    def __init__(self, network: Network, folder: Path) -> None: ...

    @abstractmethod
    def logits(self, windows: Singles) -> Singles:
        """Return the logits of windows, each taken by itself."""

    @abstractmethod
    def times(self, windows: Singles, runs: int) -> Nanoseconds:
        """Return the nanoseconds of each of `runs` calls; the windows take turns."""


class Torch(Way):
    """torch in eager and inference mode."""

    versions = ("torch",)

    def __init__(self, network: Network, folder: Path) -> None:
        import torch

        del folder
        torch.set_num_threads(1)
        self.module = module_of(network)

    def logits(self, windows: Singles) -> Singles:
        """Return the logits, window by window."""
        import torch

        with torch.inference_mode():
            return np.concatenate([self.module(x).numpy() for x in self._split(windows)])

    def times(self, windows: Singles, runs: int) -> Nanoseconds:
        """Return the times to the class."""
        import torch

        with torch.inference_mode():
            return timed(lambda x: self.module(x).argmax(1), self._split(windows), runs)

    @staticmethod
    def _split(windows: Singles) -> list[Any]:
        import torch

        return list(torch.from_numpy(windows).split(1))


class Onnx(Way):
    """onnxruntime, on what torch exports."""

    versions = ("onnxruntime", "onnx", "torch")

    def __init__(self, network: Network, folder: Path) -> None:
        import onnxruntime
        import torch

        path = folder / "network.onnx"
        folder.mkdir(parents=True, exist_ok=True)
        # It warns of packages that nothing here needs.
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        example = torch.zeros(1, *network.input_shape)
        torch.onnx.export(module_of(network), (example,), str(path), dynamo=True,
                          external_data=False, verbose=False)  # fmt: skip
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self.input = self.session.get_inputs()[0].name

    def _one(self, x: Singles) -> Singles:
        found: Singles = self.session.run(None, {self.input: x})[0]
        return found

    def logits(self, windows: Singles) -> Singles:
        """Return the logits, window by window."""
        return np.concatenate([self._one(x[np.newaxis]) for x in windows])

    def times(self, windows: Singles, runs: int) -> Nanoseconds:
        """Return the times to the class."""
        inputs = [x[np.newaxis] for x in windows]
        return timed(lambda x: self._one(x).argmax(), inputs, runs)


class C(Way):
    """C of this network, compiled for this processor."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.library = compiled.Compiled(network, folder)

    def logits(self, windows: Singles) -> Singles:
        """Return the logits, window by window."""
        return self.library.logits(windows)

    def times(self, windows: Singles, runs: int) -> Nanoseconds:
        """Return the times that the library measures itself: those of a call are no part of it."""
        return self.library.times(windows, runs)


WAYS: dict[str, tuple[str, type[Way]]] = {
    "torch": ("torch, eager", Torch),
    "onnxruntime": ("onnxruntime", Onnx),
    "c": ("C", C),
}


def basis() -> str:
    """Return a digest of all but the network that decides the times on one machine."""
    versions = packages("torch", "onnxruntime", "onnx", "numpy")
    return files.digest(str(versions), gcc(), *(files.read_bytes(path) for path in SOURCES))


def measured(network: Network, windows: Floats, folder: Path, runs: int = RUNS) -> Row:
    """Return microseconds a window of every way; `windows` are scaled."""
    return {
        name: _measured(kind, network, windows, folder, runs) for name, (_, kind) in WAYS.items()
    }


def _measured(kind: type[Way], network: Network, windows: Floats, folder: Path, runs: int) -> Row:
    """Return the times of one way; `ValueError` if it does not answer as the float network."""
    way = kind(network, folder)
    singles = windows.astype(np.float32)
    exact = network.run(windows)
    off = float(np.abs(way.logits(singles) - exact).max() / np.abs(exact).max())
    if not off < _EXACT:
        raise ValueError(f"{kind.__name__} must give the logits of {network.name}: {off:.1e} off")
    spent = way.times(singles, runs) / 1000
    return {
        "median_us": float(np.median(spent)),
        "min_us": float(spent.min()),
        "runs": len(spent),
        "windows": len(windows),
        "off": off,
        "load": os.getloadavg()[0],
        "versions": packages(*kind.versions) or {"gcc": gcc()},
    }
