"""F1 of anything that classifies windows: the published draw, and a dense sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from hwgen.importers import Windows
from hwgen.metrics import macro_f1, macro_f1_of_present
from hwgen.network import Network
from hwgen.signals import Dataset, noisy, windows
from hwgen.signals.noise_kinds import WHITE
from hwgen.signals.windows import StoredWindows
from hwgen.training.draws import draw_by_class

Classify = Callable[[npt.NDArray[np.floating]], npt.NDArray[np.int64]]
"""Takes windows ``(n, [channels,] window)`` in g and returns class numbers ``(n,)``."""

DRAW_SEEDS = tuple(range(37, 47))
"""Of the published ten draws."""
DRAWN_PER_CLASS = 250
SWEEP_SEEDS = (1, 2, 3, 4)
"""Of the dense sweep's noise: the same for every network, so that networks compare."""
STRIDES_A_WINDOW = 16
"""In the dense sweep; a stride of 128 samples at the published window of 2,048."""
_SWEEP_WINDOWS = 1 << 16
"""Of a dense sweep, about: of long recordings, windows are further apart."""
_BATCH = 256


@dataclass(frozen=True)
class Spread:
    """A figure measured several times.

    Parameters
    ----------
    values
        At least one.
    """

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean."""
        return float(np.mean(self.values))

    @property
    def std(self) -> float:
        """The sample's standard deviation; 0 of a single value."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0

    @property
    def low(self) -> float:
        """The lowest value."""
        return min(self.values)


def network_classifier(network: Network) -> Classify:
    """Return the classes that a float network answers; it must have an input scale."""
    scale = network.input_scale
    if scale is None:
        raise ValueError("network.input_scale must be a number, not None, to take windows in g")
    return lambda x: network.run(x * scale).argmax(axis=1).astype(np.int64)


def module_classifier(model: nn.Module, scale: float) -> Classify:
    """Return the classes that a torch module answers, in its evaluation mode."""

    def classify(x: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
        model.eval()
        with torch.no_grad():
            return model(torch.from_numpy((x * scale).astype(np.float32))).argmax(1).numpy()

    return classify


def f1_of_windows(classify: Classify, labelled: Windows, classes: int) -> float:
    """Return the macro-F1 on windows in g."""
    return macro_f1(labelled.labels, _in_batches(classify, labelled.x), classes)


def published_draws(
    classify: Classify,
    test: Dataset,
    window: int,
    snr_db: float | None,
    *,
    seeds: Sequence[int] = DRAW_SEEDS,
    per_class: int = DRAWN_PER_CLASS,
    noise: str = WHITE,
) -> Spread:
    """Return the macro-F1 of each published draw of a test part.

    A seed decides where its windows start, and the noise.

    Parameters
    ----------
    test
        Recordings in g, without added noise.
    window
        Samples.
    snr_db
        Of the noise, relative to each record's own power; None for none.
    noise
        Its kind, one of `hwgen.signals.noise_kinds.KINDS`.
    """

    def once(seed: int) -> float:
        rng = np.random.default_rng(seed)
        answers = [
            _in_batches(classify, x)
            for x, _ in draw_by_class(noisy(test, snr_db, seed, noise), window, per_class, rng)
        ]
        labels = np.repeat(np.arange(len(answers)), per_class)
        return macro_f1(labels, np.concatenate(answers), len(answers))

    return Spread(tuple(once(seed) for seed in seeds))


def dense_sweep(
    classify: Classify,
    test: Dataset,
    window: int,
    snr_db: float | None,
    *,
    seeds: Sequence[int] = SWEEP_SEEDS,
    noise: str = WHITE,
    classes: Sequence[str] | None = None,
) -> Spread:
    """Return the macro-F1 on windows a sixteenth of a window apart, for each noise.

    Where that would be more than 65,536 windows, they are further apart.

    Parameters are those of `published_draws`; without noise there is one value.

    Parameters
    ----------
    classes
        Those that `classify` numbers, where the recordings are not of all of them: the mean is
        over the ones that they are of. None: those of `test`.
    """
    known = tuple(classes or test.classes)
    stride = max(1, window // STRIDES_A_WINDOW)
    stride *= -(-sum(len(each.samples) for each in test.recordings) // (stride * _SWEEP_WINDOWS))

    def once(seed: int) -> float:
        labels, answers = [], []
        for recording in noisy(test, snr_db, seed, noise).recordings:
            # Batch by batch: the overlapping windows of long recordings need not fit into memory.
            answers.append(_in_batches(classify, windows(recording.samples, window, stride)))
            labels.append(np.full(len(answers[-1]), known.index(recording.label)))
        return macro_f1_of_present(np.concatenate(labels), np.concatenate(answers), len(known))

    return Spread(tuple(once(seed) for seed in (seeds[:1] if snr_db is None else seeds)))


def metrics_at(
    classify: Classify, test: Dataset, window: int, snr_db: float | None, noise: str = WHITE
) -> dict[str, float]:
    """Return the figures of merit at one signal-to-noise ratio, with noise of a kind.

    Returns
    -------
    ``f1``, ``f1_std``, ``f1_min`` of the dense sweep; ``f1_draws``, ``f1_draws_std`` of the
    published draws.
    """
    dense = dense_sweep(classify, test, window, snr_db, noise=noise)
    draws = published_draws(classify, test, window, snr_db, noise=noise)
    return {
        "f1": dense.mean,
        "f1_std": dense.std,
        "f1_min": dense.low,
        "f1_draws": draws.mean,
        "f1_draws_std": draws.std,
    }


def metrics_over(
    classify: Classify,
    test: Dataset,
    window: int,
    snrs: Sequence[float | None],
    noise: str = WHITE,
) -> dict[str, float]:
    """Return what `metrics_at` does; for several ratios the means, and each by its ratio's name.

    Names are like ``f1_draws at -6 dB`` and ``f1 clean``.
    """
    each = {snr: metrics_at(classify, test, window, snr, noise) for snr in snrs}
    if len(each) == 1:
        return each[snrs[0]]
    means = {key: float(np.mean([m[key] for m in each.values()])) for key in each[snrs[0]]}
    return means | {
        f"{key} {snr_named(snr)}": value
        for snr, figures in each.items()
        for key, value in figures.items()
    }


def metrics_elsewhere(
    classify: Classify,
    others: Mapping[str, Dataset],
    classes: Sequence[str],
    window: int,
    snrs: Sequence[float | None],
    noise: str = WHITE,
) -> dict[str, float]:
    """Return the macro-F1 of a dense sweep over recordings that no part of trained.

    Parameters
    ----------
    others
        Recordings in g by their names, of some of the classes.
    classes
        Those that `classify` numbers.

    Returns
    -------
    By names like ``f1 on 1HP at -6 dB`` and ``f1 on 1HP clean``.
    """
    return {
        f"f1 on {name} {snr_named(snr)}": dense_sweep(
            classify, other, window, snr, noise=noise, classes=classes
        ).mean
        for name, other in others.items()
        for snr in snrs
    }


def snr_named(snr_db: float | None) -> str:
    """Return the name of a ratio: ``at -6 dB``, or ``clean``."""
    return "clean" if snr_db is None else f"at {snr_db:g} dB"


def _in_batches(
    classify: Classify, x: npt.NDArray[np.floating] | StoredWindows
) -> npt.NDArray[np.int64]:
    parts = [classify(x[start : start + _BATCH]) for start in range(0, len(x), _BATCH)]
    return np.concatenate(parts)
