"""Training: from labelled recordings to a network and the windows that travel with it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import torch
from torch import nn

import hwgen
from hwgen import files
from hwgen.errors import UsageError
from hwgen.importers import CheckpointMeta, Windows
from hwgen.network import Network
from hwgen.signals import Dataset, noisy
from hwgen.training.attempts import Attempt, Say, best_attempt
from hwgen.training.batches import Batches, Drawn, Fresh, published_draw
from hwgen.training.design import Design
from hwgen.training.evaluate import (
    f1_of_windows,
    metrics_elsewhere,
    metrics_over,
    module_classifier,
)
from hwgen.training.fit import HeldOut, Progress, Snapshot, fit
from hwgen.training.journal import Journal
from hwgen.training.losses import Objective, plain_objective, student_objective
from hwgen.training.pieces import Pieces
from hwgen.training.prepare import Prepared, digest_of, prepare
from hwgen.training.recipe import Optimisation, Recipe

_MAX_SNR_DB = 100.0


@dataclass(frozen=True, eq=False)
class TrainResult:
    """A trained network.

    Parameters
    ----------
    network
        With classes, input scale and sample rate.
    module
        Of which it is, in torch.
    meta
        How it was trained, the metrics included.
    calibration, test
        Windows in g, with noise, evenly spread over each class of either part.
    metrics
        Those of `hwgen.training.evaluate.metrics_over` on the test part; ``train_f1``: macro-F1
        on the calibration windows, of the teacher ``teacher_f1``; ``restarts``: runs, of student
        or teacher, that collapsed and were repeated; those of
        `hwgen.training.evaluate.metrics_elsewhere` on other recordings.
    """

    network: Network
    module: nn.Module
    meta: CheckpointMeta
    calibration: Windows
    test: Windows
    metrics: dict[str, float]


def train(
    dataset: Dataset,
    design: Design,
    *,
    snr_db: float | None,
    seed: int = 0,
    epochs: int | None = None,
    recipe: Recipe | None = None,
    method: str | None = None,
    progress: Progress | None = None,
    say: Say | None = None,
    resume: Path | None = None,
    others: Mapping[str, Dataset] = MappingProxyType({}),
) -> TrainResult:
    """Train on the first two thirds of each recording and test on the rest.

    Parameters
    ----------
    dataset
        At least two classes; samples in g.
    design
        Kind and sizes of the network.
    snr_db
        Noise relative to each record's own power, in training and test; None for none, or
        for what the recipe tests at where it trains for a range of its own.
    seed
        0 or more; of initial weights, windows and noise; the same seed gives the same network.
    recipe
        None: the design's ``"default"``.
    epochs, method
        Instead of the recipe's own.
    progress, say
        Called after each epoch, teacher's and student's counted together; and with a line about
        each run that collapsed.
    resume
        File that keeps where the training is. A training that was interrupted goes on from it,
        if it is the same, to the same end. It is left for the caller to remove.
    others
        Further recordings to test on by name, in g, of some of the classes.

    Raises
    ------
    InputError
        If there are fewer than two classes, or a recording is too short or not usable.
    UsageError
        If `snr_db` is out of range, there is no such method, or the network does not take so
        many channels.
    CannotMeetError
        If every run diverges.
    """
    check_asked(dataset, design, snr_db, seed)
    recipe = (recipe or design.recipe("default")).adapted(method, epochs)
    data = prepare(dataset, design.window, recipe, snr_db=snr_db, seed=seed)
    journal = Journal(resume, _key(dataset, recipe, design, snr_db, seed))
    if journal.notice and say:
        say(journal.notice)
    training = _Training(data, recipe, design, snr_db, seed, journal, progress, say)
    with torch.random.fork_rng(devices=[]):  # torch's own generator is kept
        student, figures = training.run()
    return training.result(dataset, student, figures, others)


def check_asked(dataset: Dataset, design: Design, snr_db: float | None, seed: int) -> None:
    """Refuse what no training can be of."""
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, not {seed}")
    if snr_db is not None and not -_MAX_SNR_DB <= snr_db <= _MAX_SNR_DB:
        raise UsageError(f"--snr must be from -{_MAX_SNR_DB:g} to {_MAX_SNR_DB:g} dB, not {snr_db}")
    design.check_channels(dataset.channels)


def _key(dataset: Dataset, recipe: Recipe, design: Design, snr_db: float | None, seed: int) -> str:
    """Return a digest of all that decides the outcome."""
    sizes = {"network": design.name, **dataclasses.asdict(design)}
    settings = dataclasses.asdict(recipe), sizes, snr_db, seed
    versions = hwgen.__version__, torch.__version__
    return files.digest(json.dumps(settings), *versions, digest_of(dataset))


@dataclass(frozen=True, eq=False)
class _Training:
    """Teacher, if there is one, and student."""

    data: Prepared
    recipe: Recipe
    design: Design
    snr_db: float | None
    seed: int
    journal: Journal
    progress: Progress | None
    say: Say | None

    def run(self) -> tuple[nn.Module, dict[str, float]]:
        """Return the student and the figures of the training itself."""
        shape = self.data.train.channels, len(self.data.train.classes)
        teacher, figures, restarts, before = None, {}, 0, 0
        if self.recipe.method != "ce":
            teacher, plan = self.design.guide(*shape), self.recipe.teacher
            guide = self._best("teacher", lambda: self.design.guide(*shape), plan,
                               plain_objective, 0)  # fmt: skip
            teacher.load_state_dict(guide.model)
            figures, restarts = {"teacher_f1": guide.f1}, guide.restarts
            before = plan.epochs
        objective = self.design.objective(
            student_objective(self.recipe.method, self.recipe.distillation, teacher)
        )

        def make() -> nn.Module:
            return self.design.trained(*shape, self.recipe.student)

        best = self._best("student", make, self.recipe.student, objective, before)
        student = make()
        student.load_state_dict(best.model)
        restarts += best.restarts
        figures |= self.design.learned(student)
        return student, figures | {"train_f1": best.f1, "restarts": float(restarts)}

    def result(
        self,
        dataset: Dataset,
        student: nn.Module,
        figures: dict[str, float],
        others: Mapping[str, Dataset],
    ) -> TrainResult:
        """Test a student that was trained on part of `dataset`; return it and all its figures."""
        data, recipe, snr_db = self.data, self.recipe, self.snr_db
        classify = module_classifier(student, data.scale)
        window, snrs = self.design.window, recipe.tested_snrs(snr_db)
        metrics = metrics_over(classify, data.test, window, snrs, recipe.noise) | figures
        metrics |= metrics_elsewhere(classify, others, dataset.classes, window, snrs, recipe.noise)
        meta = CheckpointMeta(
            dataset.name, snr_db, metrics, recipe.noise_range(snr_db), recipe.name, recipe.method,
            noise=recipe.noise, front=self.design.front,
        )  # fmt: skip
        network = self.design.network(
            student, dataset.channels, dataset.classes, data.scale, dataset.sample_rate
        )
        return TrainResult(network, student, meta, data.calibration, data.held, metrics)

    def _best(
        self,
        kind: str,
        make: Callable[[], nn.Module],
        plan: Optimisation,
        objective: Objective,
        before: int,
    ) -> Attempt:
        def made(seed: int) -> nn.Module:
            torch.manual_seed(seed)
            return make()

        def run(
            model: nn.Module,
            seed: int,
            start: Snapshot | None,
            keep: Callable[[Snapshot], None],
        ) -> None:
            batches, held = self._batches(plan, seed)
            fit(
                model,
                batches,
                objective,
                plan,
                seed=seed,
                held=held,
                resume=start,
                keep=keep,
                progress=self._counted(before),
            )

        def score(model: nn.Module) -> float:
            classify = module_classifier(model, self.data.scale)
            return f1_of_windows(classify, self.data.calibration, len(self.data.train.classes))

        return best_attempt(
            kind, made, run, score, seed=self.seed, journal=self.journal, say=self.say
        )

    def _batches(self, plan: Optimisation, seed: int) -> tuple[Batches, HeldOut | None]:
        window = self.design.window
        if self.recipe.windows == "fresh":
            pieces = Pieces(self.data.train, window, self.data.scale)
            augment = self.recipe.augment(self.snr_db)
            speeds = self.recipe.speeds
            return Fresh(pieces, augment, plan.batch, plan.steps, seed, speeds), None
        noised = noisy(self.data.train, self.snr_db, self.seed, self.recipe.noise)
        # Teacher and student see the same draw.
        drawn = published_draw(noised, window, self.data.scale, self.seed)
        held = drawn.held_x, drawn.held_labels
        return Drawn(drawn.x, drawn.labels, plan.batch, seed), held

    def _counted(self, before: int) -> Progress | None:
        """Return a progress of both networks' epochs, `before` of them being over."""
        progress = self.progress
        if progress is None:
            return None
        total = self.recipe.student.epochs
        if self.recipe.method != "ce":
            total += self.recipe.teacher.epochs
        return lambda done, _, loss: progress(before + done, total, loss)
