"""Random small networks, calibrated or built: what several folders of tests need."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from amaranth.hdl import Elaboratable

from hwgen.calibration import Calibration, Method, calibrate
from hwgen.fixedpoint import Integers
from hwgen.network import Floats, Layer, Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from tests.chain import Chain, packed_row

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job ignores Ctrl-C, and so would all that the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    # A component that is refused, or made for its properties alone, is never elaborated.
    config.addinivalue_line("filterwarnings", "ignore::amaranth.hdl.UnusedElaboratable")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have several workers begin with the files that take longest: none is left alone at the end.

    A test that is marked slow counts as a hundred others.
    """
    if not hasattr(config, "workerinput"):
        return
    cost: Counter[Path] = Counter()
    for item in items:
        cost[item.path] += 100 if item.get_closest_marker("slow") else 1
    items.sort(key=lambda item: -cost[item.path])


def pytest_sessionfinish() -> None:
    # Those that are still waiting for the garbage collector: the filter above ends with the tests.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*created but never used")
        gc.collect()


@pytest.fixture
def refusing(monkeypatch):
    """For tests whose component is refused: Amaranth warns of components that nobody used."""
    monkeypatch.setattr(Elaboratable, "_MustUse__silence", True)
    yield
    gc.collect()


Conv = tuple[int, int, int, int, int]
"""Filters, kernel, stride, padding, and the pool behind it (0 for none)."""


@dataclass(frozen=True)
class Example:
    """A network, what calibration made of it, and the windows that it was calibrated on."""

    network: Network
    calibration: Calibration
    windows: Floats

    @property
    def model(self) -> QuantizedModel:
        return self.calibration.model

    @property
    def samples(self) -> Integers:
        return digitise(self.windows, self.model.bits)


def random_network(
    seed: int,
    window: int = 64,
    convs: tuple[Conv, ...] = ((3, 5, 2, 1, 2),),
    hidden: int = 0,
    classes: int = 4,
) -> Network:
    rng = np.random.default_rng(seed)
    layers: list[Layer] = [Spectrum("spectrum", window)]
    channels, length = 1, window // 2
    for number, (filters, kernel, stride, padding, pool) in enumerate(convs, 1):
        weight = rng.normal(0, 0.3, (filters, channels, kernel))
        layers.append(Conv1d(f"conv{number}", weight, rng.normal(0, 0.1, filters), stride, padding))
        channels, length = filters, (length + 2 * padding - kernel) // stride + 1
        if pool:
            layers.append(MaxPool1d(f"pool{number}", pool))
            length //= pool
    inputs = channels * length
    if hidden:
        weight = rng.normal(0, 0.2, (hidden, inputs))
        layers.append(Dense("fc1", weight, rng.normal(0, 0.1, hidden), relu=True))
        inputs = hidden
    # Rows of very different size, so that logits need their alignment.
    weight = rng.normal(0, 0.2, (classes, inputs)) * np.exp(rng.normal(0, 1, (classes, 1)))
    layers.append(Dense("last", weight, rng.normal(0, 0.1, classes)))
    return Network.chain("random", window, tuple(layers))


@pytest.fixture(scope="session")
def make_chain() -> Callable[..., Chain]:
    """Return random integer layers: ``make_chain(seed, length).conv(...).pool(...).dense(...)``."""
    return lambda seed, length: Chain(np.random.default_rng(seed), length)


@pytest.fixture(scope="session")
def pack() -> Callable[..., list[int]]:
    """Return `packed_row`."""
    return packed_row


@pytest.fixture(scope="session")
def make_network() -> Callable[..., Network]:
    """Return a random network: seed, window, convs, hidden, classes."""
    return random_network


@pytest.fixture(scope="session")
def make_example() -> Callable[..., Example]:
    """Return a random network calibrated on noise of very different loudness."""

    def make(
        seed: int,
        *,
        windows: int = 24,
        bits: Precision | None = None,
        method: Method = Method(),  # noqa: B008 - it is frozen
        **shape,
    ) -> Example:
        network = random_network(seed, **shape)
        rng = np.random.default_rng(seed + 1)
        loudness = np.exp(rng.uniform(-2, 2, (windows, 1)))
        values = rng.normal(0, 1, (windows, network.input_samples)) * loudness
        calibration = calibrate(
            network,
            values,
            bits or Precision(),
            method=method,
            task=Task(tuple(f"class {index}" for index in range(network.logits)), 0.75),
        )
        return Example(network, calibration, values)

    return make


@pytest.fixture(scope="session")
def write_state() -> Callable[..., Path]:
    """Write random tensors of the published format with torch.save and return the path.

    `change` may alter the state_dict before it is written.
    """

    def write(
        path: Path,
        *,
        filters: int = 2,
        kernel: int = 16,
        window: int = 256,
        hidden: int | None = None,
        classes: int = 3,
        seed: int = 3,
        change: Callable[[dict], None] | None = None,
    ) -> Path:
        import torch

        generator = torch.Generator().manual_seed(seed)
        padding = (kernel - 8) // 2
        positions = ((window // 2 + 2 * padding - kernel) // 8 + 1) // 2
        sizes = [filters * positions, *([hidden] if hidden else []), classes]
        state = {
            "conv1.weight": torch.randn(filters, 1, kernel, generator=generator),
            "conv1.bias": 0.1 * torch.randn(filters, generator=generator),
        }
        for k in range(1, len(sizes)):
            weight = torch.randn(sizes[k], sizes[k - 1], generator=generator)
            # No row that favours its class whatever comes: every class is answered somewhere.
            state[f"fc{k}.weight"] = weight - weight.mean(dim=1, keepdim=True)
            state[f"fc{k}.bias"] = 0.1 * torch.randn(sizes[k], generator=generator)
        if change:
            change(state)
        torch.save(state, path)
        return path

    return write


@pytest.fixture(scope="session")
def write_classifier(write_state) -> Callable[..., Path]:
    """Write a network of the published format that tells recordings apart, and return the path.

    The layers up to the last are random; the last one is fitted to the training parts by ridge
    regression.
    """

    def write(path: Path, recordings: Path, *, snr_db: float | None = None, **shape) -> Path:
        import torch

        from hwgen import importers, signals

        network = importers.load(write_state(path, **shape)).network
        train = signals.split_dataset(signals.read_dataset(recordings))[0]
        x, labels = signals.dataset_windows(
            signals.noisy(train, snr_db, 0), network.input_samples, 16
        )
        value = x * signals.input_scale(train, snr_db)
        for layer in network.layers[:-1]:
            value = layer.apply(value)
        inputs = np.column_stack([value.reshape(len(value), -1), np.ones(len(value))])
        gram = inputs.T @ inputs + 0.1 * np.eye(inputs.shape[1])
        rows = np.linalg.solve(gram, inputs.T @ np.eye(network.logits)[labels]).T

        def fit(state: dict) -> None:
            state["fc1.weight"] = torch.from_numpy(rows[:, :-1]).float()
            state["fc1.bias"] = torch.from_numpy(rows[:, -1]).float()

        return write_state(path, change=fit, **shape)

    return write


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of all workers of this run."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if root.name.startswith("popen-") else root


@pytest.fixture(scope="session", autouse=True)
def library_compiled_once(run_folder: Path) -> None:
    """Have Verilator's own library compiled once, whoever simulates (``objcache.sh``)."""
    folder = run_folder / "objects"
    folder.mkdir(exist_ok=True)
    os.environ["OBJCACHE"] = str(Path(__file__).with_name("objcache.sh"))
    os.environ["OBJCACHE_FOLDER"] = str(folder)


_LIBRARY = [
    *(f"verilated{part}.o" for part in ("", "_dpi", "_vpi", "_threads", "_timing")),
    "verilator.o",
]


@pytest.fixture(scope="session")
def built(run_folder: Path, write_state) -> Path:
    """Folder of a small network's build up to verification, from ``tiny.pt`` beside it.

    One for all workers: copy it before changing anything in it.
    """
    from hwgen.flow.build import build
    from hwgen.flow.options import Settings

    place = run_folder / "built"
    folder, done = place / "tiny", place / "done"
    try:
        place.mkdir()
    except FileExistsError:  # another worker is at it
        deadline = time.monotonic() + 300
        while not done.exists():
            assert time.monotonic() < deadline, "the other worker's build does not end"
            time.sleep(0.2)
        return folder
    path = write_state(place / "tiny.pt")
    said: list[str] = []
    build(Settings(checkpoint=str(path)), folder, said.append, upto="verify")
    (place / "said.txt").write_text("\n".join(said))
    done.touch()
    return folder


@pytest.fixture(scope="session")
def warm(built: Path) -> Callable[[Path], Path]:
    """Put Verilator's own library, compiled, where a simulation will look for it.

    Compiling it takes most of a small simulation's time, and gives the same each time.
    """

    def put(simulation: Path) -> Path:
        (simulation / "verilator").mkdir(parents=True)
        # Newer than the make file that is about to be written, which they formally depend on.
        later = time.time() + 600
        for name in _LIBRARY:
            copy = shutil.copy(built / "sim" / "verilator" / name, simulation / "verilator")
            os.utime(copy, (later, later))
        return simulation

    return put
