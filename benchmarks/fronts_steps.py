"""Measurements of `benchmarks/fronts.py`: a network with filters in front, trained and judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen import signals, zoo
from hwgen.explain.envelope import LINES, envelope_spectrum, fault_lines, strengths
from hwgen.importers import save_checkpoint
from hwgen.network import Graph, Layer
from hwgen.signals.noise_kinds import KINDS
from hwgen.training import Design, TrainResult, train
from hwgen.training.design import State
from hwgen.training.evaluate import dense_sweep, module_classifier
from hwgen.training.informed import Filters, kurtosis
from hwgen.training.recipe import Recipe
from hwgen.zoo._fronts import TimeFilter
from hwgen.zoo._gains import GainFilter
from hwgen.zoo.wdcnn import Wdcnn

Row = dict[str, Any]
SNRS = -10.0, -8.0, -6.0, -4.0
SWEEPS = 1, 2
"""Seeds of the noise of test windows."""
AT = -6.0
"""dB at which signals are looked at."""
BATCH, STEPS = 64, 100
"""Of a training: windows a step, steps an epoch."""
RPM = 1797.0
"""Of the records without load."""
OF = {"B": "BSF", "IR": "BPFI", "OR": "BPFO"}
"""Line of a fault, by how its class begins."""


MEASURED = "dense", "signed", "gain-real", "gain-smooth"
"""Fronts that the zoo has not: the published filter over frequency, a filter over time that keeps
both halves of a wave, gains without phase, gains that are alike in neighbouring bins."""
KNOTS = 8
"""Bins from one learned gain to the next, of those that are alike: 47 Hz."""


class Dense(nn.Module):
    """The published filter over frequency, folded: a matrix on magnitudes.

    What it gives is the magnitude of their inverse transform, a palindrome.

    Parameters
    ----------
    window
        Samples.
    """

    def __init__(self, window: int) -> None:
        super().__init__()
        self.sums = nn.Linear(window // 2 + 1, window // 2 + 1)
        with torch.no_grad():  # begins as none
            self.sums.weight.copy_(torch.eye(window // 2 + 1))
            self.sums.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, 1, samples)`` of the same."""
        magnitudes = (torch.fft.rfft(x - x.mean(-1, keepdim=True)) + 1e-9).abs()
        return torch.fft.irfft(self.sums(magnitudes) + 0j, x.shape[-1]).abs()


class Signed(TimeFilter):
    """The filter over time without its last ReLU: both halves of a wave."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, 1, samples)`` of the same, from -1 to 1."""
        return torch.tanh(self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x))))))


class RealGain(GainFilter):
    """A real gain of each bin: no wave is turned."""

    def __init__(self, window: int) -> None:
        super().__init__(window)
        del self.imag

    def gain(self) -> Tensor:
        """Return the gain of bins 0 to window / 2."""
        return self.real + 0j


class SmoothGain(GainFilter):
    """Complex gains, straight lines between bins `KNOTS` apart."""

    def __init__(self, window: int) -> None:
        super().__init__(window)
        self._bins, knots = window // 2 + 1, window // 2 // KNOTS + 1
        self.real = nn.Parameter(torch.ones(knots))
        self.imag = nn.Parameter(torch.zeros(knots))

    def gain(self) -> Tensor:
        """Return the gain of bins 0 to window / 2; what both ends turn is lost."""
        knots = torch.stack([self.real, self.imag])[None]
        real, imag = functional.interpolate(knots, self._bins, mode="linear", align_corners=True)[0]
        return torch.complex(real, imag)


@dataclass(frozen=True)
class Published(Wdcnn):
    """With other filters than the zoo's, as published and not; trained and measured only."""

    name: ClassVar[str] = "wdcnn"
    kind: str = "dense"

    def new_front(self) -> Filters:
        """Return new filters of a kind of `MEASURED`."""
        if self.kind == "gain-real":
            return Filters(None, RealGain(self.window))
        if self.kind == "gain-smooth":
            return Filters(None, SmoothGain(self.window))
        if self.kind == "signed":
            return Filters(Signed(), None)
        return Filters(TimeFilter(), Dense(self.window))

    def whole_graph(self, state: State) -> Graph[Layer]:
        """Return the graph of the network alone: of its filters there is none."""
        return self.graph({k.removeprefix("net."): v for k, v in state.items() if k[:4] == "net."})


def design_of(network: str, front: str) -> Design:
    """Return what is trained; `front` is ``"none"``, one of the zoo's, or one that is not."""
    if front in MEASURED:
        return Published(front="filter" if "gain" in front else "classbd", kind=front)
    return zoo.designed(network, {} if front == "none" else {"front": front})


def recipe_of(design: Design, epochs: int) -> Recipe:
    """Return a short recipe from -10 dB to clean."""
    recipe = design.recipe("mixed").adapted(None, epochs)
    plan = replace(recipe.student, batch=BATCH, steps=STEPS)
    low, high = SNRS[0], recipe.noise_range(None)
    assert high is not None
    return replace(recipe, student=plan, snr_range=(low, high[1]), test_snrs=(AT,))


def measure(network: str, front: str, epochs: int, data: Path, folder: Path) -> Row:
    """Return how a training goes and what it is worth; its checkpoint is kept in `folder`."""
    dataset = signals.read_dataset(data)
    design = design_of(network, front)
    found = train(dataset, design, snr_db=None, seed=0, recipe=recipe_of(design, epochs))
    if front not in MEASURED:
        save_checkpoint(folder / f"{network}-{front}-{epochs}.pt", found.network, meta=found.meta,
                        calibration=found.calibration, test=found.test)  # fmt: skip
    _, test = signals.split_dataset(dataset, window=design.window)
    with torch.no_grad():
        return {
            "network": network, "front": front, "epochs": epochs,
            "parameters": sum(each.numel() for each in found.module.parameters()),
            "weights": {k: v for k, v in found.metrics.items() if k.startswith("weight_")},
            "f1": _scores(found, test), "signals": _looks(found, test), "gain": _gain(found.module),
        }  # fmt: skip


def _scores(found: TrainResult, test: signals.Dataset) -> Row:
    """Return F1 by kind of noise and ratio: mean and deviation over draws of noise."""
    scale, window = found.network.input_scale, found.network.input_samples
    assert scale is not None
    classify = module_classifier(found.module, scale)
    rows: Row = {}
    for kind in KINDS:
        rows[kind] = {}
        for snr in SNRS:
            spread = dense_sweep(classify, test, window, snr, seeds=SWEEPS, noise=kind)
            rows[kind][f"{snr:g}"] = spread.mean, spread.std
    return rows


def _looks(found: TrainResult, test: signals.Dataset) -> Row:
    """Return kurtosis and fault lines (dB) of faulty windows, before and behind the filters."""
    front = getattr(found.module, "front", nn.Identity())
    rows: Row = {}
    for kind, snr in ((None, None), *((kind, AT) for kind in KINDS)):
        noised = test if kind is None else signals.noisy(test, snr, SWEEPS[0], kind)
        each = [_look(front, found, recording) for recording in noised.recordings
                if _line(recording.label)]  # fmt: skip
        rows[kind or "clean"] = {
            name: [float(np.mean([row[name][end] for row in each])) for end in (0, 1)]
            for name in ("kurtosis", "line_db")
        }
    return rows


def _look(front: nn.Module, found: TrainResult, recording: signals.Recording) -> Row:
    window, rate = found.network.input_samples, found.network.sample_rate
    assert rate is not None
    whole = len(recording.samples) // window
    x = np.asarray(recording.samples[: whole * window]).reshape(whole, 1, window)
    before = torch.from_numpy((x * found.network.input_scale).astype(np.float32))
    row: Row = {"kurtosis": [], "line_db": []}
    for each in (before, front.eval()(before)):
        row["kurtosis"].append(float(kurtosis(each).mean()))
        row["line_db"].append(_strength(each[:, 0].double().numpy(), recording.label, rate))
    return row


def _strength(x: np.ndarray, label: str, rate: float) -> float:
    """Return how far a fault's line stands out of the envelope spectrum, the best harmonic's dB."""
    lines = fault_lines(signals.Bearing(), RPM)
    line = _line(label)
    found = strengths(envelope_spectrum(x), rate / x.shape[-1], {line: lines[line]}, rate / 2)
    return 20 * float(np.log10(max(each or 1.0 for each in found[line])))


def _line(label: str) -> str:
    """Return the line of a class's fault; none of a sound bearing."""
    line = next((OF[part] for part in sorted(OF, key=len, reverse=True)
                 if label.startswith(part) and label[len(part)].isdigit()), "")  # fmt: skip
    assert line in (*LINES, "")
    return line


def _gain(module: nn.Module) -> list[float] | None:
    """Return the gain of each bin of a filter over frequency, from 0 up; None: there is none."""
    front = getattr(module, "front", None)
    filtered = front and front.frequency
    if filtered is None or isinstance(filtered, Dense):
        return None
    impulse = torch.zeros(1, 1, 2048)
    impulse[..., 1024] = 1.0
    gain = torch.fft.rfft(filtered.eval()(impulse)).abs()[0, 0]
    return [float(each) for each in gain]
