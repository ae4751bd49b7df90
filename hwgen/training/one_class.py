"""Training on healthy recordings alone: an autoencoder, and the threshold of its score."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import hwgen
from hwgen import files
from hwgen.errors import CannotMeetError, InputError
from hwgen.importers import CheckpointMeta, Windows
from hwgen.network import Floats, Network, anomaly
from hwgen.network.threshold import Rule
from hwgen.signals import Dataset, Recording, noisy, split_dataset
from hwgen.signals.noise_kinds import WHITE
from hwgen.training.attempts import ATTEMPTS, Say, run_seed
from hwgen.training.autoencoder import Autoencoder, Reconstructing
from hwgen.training.average import State, copied
from hwgen.training.batches import Fresh
from hwgen.training.fit import Diverged, Progress, fit
from hwgen.training.journal import Journal
from hwgen.training.losses import Objective
from hwgen.training.pieces import Pieces
from hwgen.training.predictable import noise
from hwgen.training.prepare import KEPT_PER_CLASS, digest_of, usable_scale
from hwgen.training.recipe import Optimisation, Recipe
from hwgen.training.scores import Judged, Scorer, module_scorer, recording_scores
from hwgen.training.train import TrainResult, check_asked

METHOD = "mse"
"""As a checkpoint names what was minimised."""

_MEASURED = 2048
"""Windows that standard scores are taken from."""
_FITTED = 0.8
"""Of the training part; the rest is held out for the threshold."""
_KEPT_HEALTHY = 2 * KEPT_PER_CLASS
"""Calibration windows that travel with the network."""


@dataclass(frozen=True, eq=False)
class OneClassResult:
    """What a training on healthy recordings gives.

    Parameters
    ----------
    trained
        Network, with its threshold, and what travels with it; calibration windows are healthy.
    judged
        Scores of the test part.
    score
        Of any windows in g.
    """

    trained: TrainResult
    judged: Judged
    score: Scorer

    @property
    def network(self) -> Network:
        """The network."""
        return self.trained.network


@dataclass(frozen=True, eq=False)
class Parts:
    """Healthy recordings in three parts, and faulty ones, all with noise where some is asked for.

    Parameters
    ----------
    fitted, held, test
        Trained on; for the threshold; for the figures. One class each.
    clean
        `fitted` without noise: training draws its own.
    faulty
        None where no fault is known.
    """

    clean: Dataset
    fitted: Dataset
    held: Dataset
    test: Dataset
    faulty: Dataset | None


def train_one_class(
    healthy: Dataset,
    faulty: Dataset | None,
    design: Autoencoder,
    *,
    snr_db: float | None,
    rule: Rule = Rule(),  # noqa: B008 -- frozen
    seed: int = 0,
    epochs: int | None = None,
    recipe: Recipe | None = None,
    progress: Progress | None = None,
    say: Say | None = None,
    resume: Path | None = None,
) -> OneClassResult:
    """Train on the first two thirds of each healthy recording; test on the rest and the faults.

    Of the two thirds the last fifth is held out for the threshold.

    Parameters
    ----------
    healthy
        Of one class, in g.
    faulty
        Classes of faults; None where there are none. They decide figures alone.
    design
        Kind and sizes of the network.
    snr_db, seed, epochs, recipe, progress, say, resume
        As of `hwgen.training.train`.
    rule
        Of the threshold.

    Raises
    ------
    InputError
        If a recording is too short, or they are not usable.
    UsageError
        If `snr_db` is out of range, or the network does not take so many channels.
    CannotMeetError
        If every run diverges.
    """
    check_asked(healthy, design, snr_db, seed)
    recipe = (recipe or design.recipe("default")).adapted(None, epochs)
    parts = parts_of(healthy, faulty, design.window, snr_db, seed, recipe.noise)
    scale = usable_scale(parts.clean, recipe.scale_snr(snr_db))
    journal = Journal(resume, _key(parts, design, recipe, snr_db, seed))
    if journal.notice and say:
        say(journal.notice)
    training = _Training(parts, design, recipe, snr_db, seed, scale, journal, progress, say)
    with torch.random.fork_rng(devices=[]):  # torch's own generator is kept
        module = training.run()
    return _result(parts, design, recipe, module, scale, snr_db, rule)


def parts_of(
    healthy: Dataset,
    faulty: Dataset | None,
    window: int,
    snr_db: float | None,
    seed: int,
    noise: str = WHITE,
) -> Parts:
    """Return the parts; `InputError` if one has less than a window of a recording."""
    first, test = _split(healthy, window, 2 / 3, ("training", "test"))
    fitted, held = _split(first, window, _FITTED, ("training", "threshold's"))
    if faulty is not None:
        for recording in faulty.recordings:
            _check_length(recording, window, "recording", window)
    return Parts(
        clean=fitted,
        fitted=noisy(fitted, snr_db, seed, noise),
        held=noisy(held, snr_db, seed, noise),
        test=noisy(test, snr_db, seed, noise),
        faulty=None if faulty is None else noisy(faulty, snr_db, seed, noise),
    )


def _split(
    dataset: Dataset, window: int, share: float, names: tuple[str, str]
) -> tuple[Dataset, Dataset]:
    parts = split_dataset(dataset, share, window=window)
    for name, part in zip(names, parts, strict=True):
        for recording in part.recordings:
            _check_length(recording, window, f"{name} part", 8 * window)
    return parts


def _check_length(recording: Recording, window: int, what: str, wanted: int) -> None:
    if len(recording.samples) < window:
        raise InputError(
            f"{recording.source} is too short: its {what} has {len(recording.samples)} samples "
            f"where a window needs {window}; record at least {wanted}, or give a smaller --window"
        )


def _key(parts: Parts, design: Autoencoder, recipe: Recipe, snr_db: float | None, seed: int) -> str:
    """Return a digest of all that decides the weights."""
    sizes = {"network": design.name, **dataclasses.asdict(design)}
    settings = METHOD, dataclasses.asdict(recipe), sizes, snr_db, seed
    versions = hwgen.__version__, torch.__version__
    return files.digest(json.dumps(settings), *versions, digest_of(parts.clean))


def reconstruction(denoise: float) -> Objective:
    """Return the mean squared error of what a `Reconstructing` makes of its input with noise.

    `denoise` is in standard deviations. The error is relative to one.
    """

    def objective(model: nn.Module, x: Tensor, labels: Tensor, epoch: int) -> Tensor:
        del labels, epoch
        assert isinstance(model, Reconstructing)
        given, made = model(x, denoise)
        return functional.mse_loss(made, given) / model.unit**2

    return objective


@torch.no_grad()
def noise_of(module: Reconstructing, x: Tensor) -> float:
    """Return the noise that suits healthy scaled windows, in standard deviations."""
    given, _ = module.eval()(x)
    return noise(given.flatten(1).double().numpy() / module.unit)


@dataclass(frozen=True, eq=False)
class _Training:
    """Runs until one has not diverged."""

    parts: Parts
    design: Autoencoder
    recipe: Recipe
    snr_db: float | None
    seed: int
    scale: float
    journal: Journal
    progress: Progress | None
    say: Say | None

    def run(self) -> Reconstructing:
        """Return the module of the first run that ends with numbers."""
        for attempt in range(ATTEMPTS):
            run = f"autoencoder {attempt + 1}"
            _, state = self.journal.finished(run) or self._one(run, attempt)
            if state:
                module = self._new(run_seed(self.seed, "autoencoder", attempt))
                module.load_state_dict(state)
                return module.eval()
            if self.say:
                self.say("training of the autoencoder diverged; trying another seed")
        raise CannotMeetError(
            f"training of the autoencoder must end with finite weights, but diverged {ATTEMPTS} "
            "times; check the recordings' unit, or use --recipe default"
        )

    def _new(self, seed: int) -> Reconstructing:
        torch.manual_seed(seed)
        made = self.design.trained(self.parts.clean.channels, 2, self._plan)
        assert isinstance(made, Reconstructing)
        return made

    @property
    def _plan(self) -> Optimisation:
        return self.recipe.student

    def _one(self, run: str, attempt: int) -> tuple[float, State]:
        seed = run_seed(self.seed, "autoencoder", attempt)
        module, plan = self._new(seed), self._plan
        pieces = Pieces(self.parts.clean, self.design.window, self.scale)
        augment = self.recipe.augment(self.snr_db)
        batches = Fresh(pieces, augment, plan.batch, plan.steps, seed)
        measured = dataclasses.replace(batches, batch=_MEASURED, steps=1, seed=seed + 1)
        some = next(iter(measured.epoch(0)))[0]
        module.measure(some)
        denoise = plan.denoise
        if denoise is None:
            denoise = noise_of(module, some)
        try:
            fit(
                module,
                batches,
                reconstruction(denoise),
                plan,
                seed=seed,
                resume=self.journal.snapshot(run),
                keep=lambda snapshot: self.journal.keep(run, snapshot),
                progress=self.progress,
            )
            result = 0.0, copied(module.state_dict())
        except Diverged:
            result = -1.0, {}
        self.journal.finish(run, *result)
        return result


def _result(
    parts: Parts,
    design: Autoencoder,
    recipe: Recipe,
    module: Reconstructing,
    scale: float,
    snr_db: float | None,
    rule: Rule,
) -> OneClassResult:
    """Choose the threshold, test, and put together what travels."""
    score, window = module_scorer(module, scale), design.window
    of = {
        name: recording_scores(score, getattr(parts, name).recordings, window)
        for name in ("fitted", "held", "test")
    }
    threshold = rule.threshold(of["fitted"], of["held"])
    judged = Judged(threshold, of["test"], _faulty_scores(parts.faulty, score, window))
    metrics = judged.metrics() | {
        "threshold": threshold,
        "held_windows": float(len(of["held"])),
        "explained": _explained(module, parts.held, window, scale),
    }
    network = design.network(
        module, parts.clean.channels, anomaly.CLASSES, scale, parts.clean.sample_rate
    )
    unset = anomaly.score_of(network)
    assert unset is not None
    network = anomaly.with_score(
        network, dataclasses.replace(unset, threshold=threshold, false_alarms=rule.stated)
    )
    meta = CheckpointMeta(
        parts.clean.name, snr_db, metrics, recipe.noise_range(snr_db), recipe.name, METHOD,
        noise=recipe.noise,
    )  # fmt: skip
    calibration = Windows(*Pieces(parts.fitted, window).spread(_KEPT_HEALTHY), parts.clean.name)
    held = _test_windows(parts, window)
    return OneClassResult(
        TrainResult(network, module, meta, calibration, held, metrics), judged, score
    )


def _faulty_scores(faulty: Dataset | None, score: Scorer, window: int) -> dict[str, Floats]:
    if faulty is None:
        return {}
    by_class: dict[str, list[Recording]] = {name: [] for name in faulty.classes}
    for recording in faulty.recordings:
        by_class[recording.label].append(recording)
    return {name: recording_scores(score, each, window) for name, each in by_class.items()}


def _explained(module: Reconstructing, held: Dataset, window: int, scale: float) -> float:
    """Return which share of the variance of held-out healthy windows is made again.

    0 of what makes their mean; below 0 where it makes worse. 0 too where there is no variance.
    """
    x, _ = Pieces(held, window, scale).spread(256)
    with torch.no_grad():
        given, made = module(torch.from_numpy(x))
    spread = float((given - given.mean(0)).double().square().sum())
    return 1 - float((given - made).double().square().sum()) / spread if spread else 0.0


def _test_windows(parts: Parts, window: int) -> Windows:
    """Return healthy windows of the test part, and as many of all faults together."""
    x, _ = Pieces(parts.test, window).spread(KEPT_PER_CLASS)
    labels = np.zeros(len(x), np.int64)
    if parts.faulty is not None:
        each = -(-KEPT_PER_CLASS // len(parts.faulty.classes))
        more, _ = Pieces(parts.faulty, window).spread(each)
        x, labels = np.concatenate([x, more]), np.append(labels, np.ones(len(more), np.int64))
    return Windows(x, labels, parts.test.name)
