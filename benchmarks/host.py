"""The same work on the processor of this machine: one window at a time, one thread."""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.fft
from machine import gcc, packages
from place import FOLDER, HERE
from store import Part, Row, basis_of
from subject import Subject

from hwgen.network import Floats, Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum

WINDOWS = 250
"""Windows that every way must classify as the float network does; timing takes them in turn."""
RUNS = 5000
BATCH = 256
FLAGS = ["-O3", "-march=native", "-ffast-math"]
_SOURCE = HERE / "host.c"
FFT = HERE / "fft.h"

Singles = npt.NDArray[np.float32]


class Baseline(ABC):
    """One way of classifying windows.

    Parameters
    ----------
    network
        A spectrum, a convolution of one channel, a max-pool and a dense layer.
    """

    versions: tuple[str, ...] = ("numpy",)
    """Packages that it is made of."""
    whole = True
    """Whether it gives logits."""

    def __init__(self, network: Network) -> None:
        spectrum, conv, pool, dense = network.layers
        if not (
            isinstance(spectrum, Spectrum)
            and isinstance(conv, Conv1d)
            and isinstance(pool, MaxPool1d)
            and isinstance(dense, Dense)
        ):
            raise TypeError(f"the host's baselines know the published layers, not {network.name}'s")
        self.window = network.input_samples
        self.conv, self.pool, self.dense = conv, pool, dense

    @abstractmethod
    def logits(self, windows: Singles) -> Singles:
        """Return the logits ``(n, classes)`` of windows, each taken by itself."""

    @abstractmethod
    def times(self, windows: Singles, runs: int) -> npt.NDArray[np.int64]:
        """Return the nanoseconds of each of `runs` calls, a window (or batch) each."""

    def batch(self) -> int:
        """Return the windows of one call."""
        return 1


def timed(call: Callable[[Any], Any], inputs: list[Any], runs: int) -> npt.NDArray[np.int64]:
    """Return the nanoseconds of each call, on inputs that take turns, after some to warm up."""
    spent = np.zeros(runs, dtype=np.int64)
    for run in range(-min(runs, 50), runs):
        given = inputs[run % len(inputs)]
        begin = time.perf_counter_ns()
        call(given)
        end = time.perf_counter_ns()
        if run >= 0:
            spent[run] = end - begin
    return spent


class NumPy(Baseline):
    """rfft, and the convolution as the product of a strided view with the weights."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.kernel = self.conv.weight[:, 0].T.astype(np.float32)
        self.bias = self.conv.bias.astype(np.float32)
        self.out = self.dense.weight.T.astype(np.float32)
        self.out_bias = self.dense.bias.astype(np.float32)
        self.padded = np.zeros(self.window // 2 + 2 * self.conv.padding, dtype=np.float32)
        self.patches = np.lib.stride_tricks.sliding_window_view(self.padded, len(self.kernel))[
            :: self.conv.stride
        ]

    def one(self, x: Singles) -> Singles:
        """Return the logits of one window."""
        points = self.window // 2
        bins = np.abs(np.fft.rfft(x))[:0:-1]
        np.divide(bins, self.window, out=self.padded[self.conv.padding :][:points])
        y = np.maximum(self.patches @ self.kernel + self.bias, 0)
        count = len(y) // self.pool.size
        y = y[: count * self.pool.size].reshape(count, self.pool.size, -1).max(axis=1)
        return y.T.reshape(-1) @ self.out + self.out_bias

    def classify(self, x: Singles) -> int:
        """Return the class of one window."""
        return int(self.one(x).argmax())

    def logits(self, windows: Singles) -> Singles:
        """Return the logits, window by window."""
        return np.stack([self.one(x) for x in windows])

    def times(self, windows: Singles, runs: int) -> npt.NDArray[np.int64]:
        """Return the times to the class."""
        return timed(self.classify, list(windows), runs)


class SciPyFft(NumPy):
    """The real FFT of SciPy's pocketfft by itself, called from Python."""

    versions = ("scipy",)
    whole = False

    def times(self, windows: Singles, runs: int) -> npt.NDArray[np.int64]:
        """Return the times to the transform."""
        return timed(scipy.fft.rfft, list(windows), runs)


class Torch(Baseline):
    """torch in eager mode, in inference mode."""

    versions = ("torch",)
    together = 1

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        import torch

        torch.set_num_threads(1)
        self.call = self.made(self._module())

    def _module(self) -> Any:
        import torch

        from hwgen.zoo.bearingpga import BearingPGA, BearingPGANet

        conv, dense = self.conv, self.dense
        filters, _, kernel = conv.weight.shape
        module = BearingPGANet(
            BearingPGA(window=self.window, filters=filters, kernel=kernel, stride=conv.stride,
                       padding=conv.padding, pool=self.pool.size),
            len(dense.bias),
        )  # fmt: skip
        values = {"conv1.weight": conv.weight, "conv1.bias": conv.bias,
                  "fc1.weight": dense.weight, "fc1.bias": dense.bias}  # fmt: skip
        module.load_state_dict({key: torch.tensor(value) for key, value in values.items()})
        return module.eval()

    def made(self, module: Any) -> Any:
        """Return what is called."""
        return module

    def batch(self) -> int:
        """Return the windows of one call."""
        return self.together

    def logits(self, windows: Singles) -> Singles:
        """Return the logits, batch by batch."""
        import torch

        with torch.inference_mode():
            parts = torch.from_numpy(windows).split(self.together)
            return torch.cat([self.call(part) for part in parts]).numpy()

    def times(self, windows: Singles, runs: int) -> npt.NDArray[np.int64]:
        """Return the times to the classes of whole batches."""
        import torch

        enough = np.resize(windows, (max(len(windows), self.together), self.window))
        batches = torch.from_numpy(enough).split(self.together)
        whole = [part for part in batches if len(part) == self.together]
        with torch.inference_mode():
            return timed(lambda x: self.call(x).argmax(1), whole, runs // self.together + 50)


class TorchCompiled(Torch):
    """torch.compile of the same module."""

    def made(self, module: Any) -> Any:
        """Return it compiled, which happens at the first call."""
        import torch

        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(FOLDER / "inductor"))
        return torch.compile(module)


class TorchBatch(Torch):
    """torch in eager mode, many windows a call: throughput, not latency."""

    together = BATCH


class Compiled(Baseline):
    """C, compiled for this processor."""

    versions = ()
    what = 0
    """Of `timed` in host.c."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        filters, _, kernel = self.conv.weight.shape
        sizes = {"WINDOW": self.window, "FILTERS": filters, "KERNEL": kernel,
                 "STRIDE": self.conv.stride, "PADDING": self.conv.padding,
                 "POOL": self.pool.size, "CLASSES": len(self.dense.bias)}  # fmt: skip
        self.library = ctypes.CDLL(str(built(sizes)))
        self.classes = sizes["CLASSES"]
        weights = (self.conv.weight, self.conv.bias, self.dense.weight, self.dense.bias)
        kept = [np.ascontiguousarray(each, dtype=np.float32) for each in weights]
        self.library.prepare(*map(_pointer, kept))

    def logits(self, windows: Singles) -> Singles:
        """Return the logits, window by window."""
        windows = np.ascontiguousarray(windows)
        found = np.zeros((len(windows), self.classes), dtype=np.float32)
        for x, out in zip(windows, found, strict=True):
            assert self.library.classify(_pointer(x), _pointer(out)) == out.argmax()
        return found

    def times(self, windows: Singles, runs: int) -> npt.NDArray[np.int64]:
        """Return the times that the library measures itself: more runs, for they are short."""
        spent = np.zeros(4 * runs, dtype=np.int64)
        windows = np.ascontiguousarray(windows)
        self.library.timed(self.what, _pointer(windows), len(windows), len(spent), _pointer(spent))
        return spent[runs // 10 :]


class CompiledFft(Compiled):
    """The real FFT and the magnitudes alone."""

    what = 1
    whole = False


class CompiledLayers(Compiled):
    """Convolution, pooling and dense layer alone."""

    what = 2
    whole = False


def built(sizes: dict[str, int]) -> Path:
    """Return the library of host.c for a network of these sizes."""
    name = "-".join(str(value) for value in sizes.values())
    path = FOLDER / "host" / f"{name}.so"
    path.parent.mkdir(parents=True, exist_ok=True)
    compile_library(_SOURCE, path, *(f"-D{key}={value}" for key, value in sizes.items()))
    return path


def compile_library(source: Path, library: Path, *more: str) -> None:
    """Make a shared library of a C file, with further options.

    It is linked by itself: with -ffast-math gcc links code that makes the smallest numbers zero in
    the whole process that loads the library.
    """
    made = library.with_suffix(".o")
    compiled = ["gcc", *FLAGS, "-fPIC", *more, "-c", str(source), "-o", str(made)]
    linked = ["gcc", "-shared", str(made), "-o", str(library), "-lm"]
    for command in (compiled, linked):
        subprocess.run(command, check=True, capture_output=True, text=True)
    made.unlink()


def _pointer(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


BASELINES: dict[str, tuple[str, type[Baseline]]] = {
    "c": (f"C, `gcc {' '.join(FLAGS)}`", Compiled),
    "c-fft": ("of that: real FFT and magnitude", CompiledFft),
    "c-layers": ("of that: convolution, pooling, dense layer", CompiledLayers),
    "numpy": ("NumPy: rfft and strided matmul", NumPy),
    "scipy-fft": ("of such: real FFT alone (SciPy)", SciPyFft),
    "torch": ("torch, eager", Torch),
    "torch-compiled": ("torch, compiled", TorchCompiled),
    "torch-batch": (f"torch, eager, {BATCH} windows a call", TorchBatch),
}


def agreement(baseline: Baseline, network: Network, windows: Floats) -> int:
    """Return how many windows get the class that the float network gives them."""
    found = baseline.logits(windows.astype(np.float32)).argmax(axis=1)
    return int((found == network.run(windows).argmax(axis=1)).sum())


def measured(kind: type[Baseline], network: Network, windows: Floats, runs: int = RUNS) -> Row:
    """Return the times of one way, in microseconds a window.

    Raises
    ------
    ValueError
        If it gives another class than the float network.
    """
    baseline = kind(network)
    agrees = None
    if baseline.whole:
        agrees = agreement(baseline, network, windows)
        if agrees < len(windows):
            raise ValueError(f"{kind.__name__} agrees on {agrees} of {len(windows)} windows only")
    spent = baseline.times(windows.astype(np.float32), runs) / (1000 * baseline.batch())
    return {
        "min_us": float(spent.min()),
        "median_us": float(np.median(spent)),
        "runs": len(spent),
        "agree": agrees,
        "windows": len(windows),
        "load": os.getloadavg()[0],
        "versions": packages(*kind.versions) | ({} if kind.versions else {"gcc": gcc()}),
    }


def part(subject: Subject) -> Part:
    """Return the baselines on this machine's processor."""

    def item(kind: type[Baseline]) -> Callable[[], Row]:
        return lambda: measured(kind, subject.network(), subject.windows(WINDOWS))

    return Part(
        "host",
        {name: item(kind) for name, (_, kind) in BASELINES.items()},
        basis_of(
            subject.digest, str(packages("torch", "numpy", "scipy")), gcc(),
            sources=[Path(__file__), _SOURCE, FFT],
        ),
        show,
    )  # fmt: skip


def show(rows: dict[str, Row]) -> list[str]:
    """Return the table."""
    lines = [
        "| on one core | min us | median us | windows/s | same class as the float network | with |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in rows.items():
        agrees = "" if row["agree"] is None else f"{row['agree']} of {row['windows']}"
        versions = ", ".join(f"{key} {value}" for key, value in row["versions"].items())
        cells = [BASELINES[name][0], f"{row['min_us']:.1f}", f"{row['median_us']:.1f}",
                 f"{1e6 / row['median_us']:,.0f}", agrees, versions]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines
