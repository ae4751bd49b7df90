"""Recipes of training, as data: everything that decides a run besides data, sizes and seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from hwgen.errors import UsageError
from hwgen.signals.noise_kinds import WHITE
from hwgen.training.augment import CLEAN_SNR_DB, Augment
from hwgen.training.speed import STEADY, Speeds

Method = Literal["ce", "kd", "dkd"]
METHODS: tuple[Method, ...] = ("ce", "kd", "dkd")
"""Cross-entropy alone; with Hinton's distillation; with decoupled distillation."""


@dataclass(frozen=True)
class Averaging:
    """The trained weights are an average over the last part of the run's steps.

    Parameters
    ----------
    start
        Share of the run, 0..1, after which weights count.
    decay
        Of an exponential moving average, per step; None: all weigh the same (stochastic weight
        averaging, P. Izmailov et al., UAI 2018).
    """

    start: float
    decay: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < 1:
            raise ValueError(f"start must be in 0..1, not {self.start}")
        if self.decay is not None and not 0 < self.decay < 1:
            raise ValueError(f"decay must be between 0 and 1, not {self.decay}")


@dataclass(frozen=True)
class Optimisation:
    """How one network, teacher or student, is fitted.

    Parameters
    ----------
    epochs, batch
        Passes, and windows a step.
    steps
        Steps an epoch of fresh windows; drawn windows are all seen once an epoch.
    optimizer
        ``"adamw"``, ``"adam"`` (whose decay is a part of the gradient) or ``"sgd"``.
    learning_rate, final_rate
        At the peak and at the end; between them a cosine.
    warm_up
        Share of the steps over which the learning rate rises to its peak.
    momentum
        Of SGD.
    weight_decay
        Of Adam, decoupled or not.
    renewed
        Optimiser and schedule are made anew at every step: no momentum, no decay of the rate.
    unit_inputs
        The first layer starts as for inputs of about 1, which the bins of a spectrum are not.
    averaging
        None: the weights of the last step.
    relinear
        Share of the learning rate that the quadratic terms of quadratic neurons have, whose
        tensors' names end with ``_g`` and ``_b`` (ReLinear: F. Fan et al., IEEE TNNLS 2023), and
        the terms of task-driven neurons but for the power 1.
    dropout
        Share of an autoencoder's hidden numbers that are dropped in training.
    denoise
        Standard deviations of noise that is added to what an autoencoder reads and not to what it
        is to make (P. Vincent et al., ICML 2008); of samples, in their RMS. None: as
        `hwgen.training.predictable` finds it.
    limit
        Standard deviations from the mean at which features of an autoencoder end; None: nowhere.
    published_form
        Autoencoders of features have batch normalisations and end in a sigmoid, as published.
    keep_best
        Keep the epoch with the best F1 on held-out windows; drawn windows only.
    """

    epochs: int
    batch: int = 128
    steps: int = 100
    optimizer: Literal["adamw", "adam", "sgd"] = "adamw"
    learning_rate: float = 3e-3
    final_rate: float = 0.0
    warm_up: float = 0.05
    momentum: float = 0.0
    weight_decay: float = 1e-2
    renewed: bool = False
    unit_inputs: bool = True
    averaging: Averaging | None = None
    relinear: float = 1.0
    dropout: float = 0.0
    denoise: float | None = 0.0
    limit: float | None = None
    published_form: bool = False
    keep_best: bool = False

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


@dataclass(frozen=True)
class Distillation:
    """Weights of ``hard * cross-entropy + soft * min(epoch / warm_up, 1) * distillation``.

    Parameters
    ----------
    temperature
        Divides the logits of teacher and student in the distillation term.
    alpha, beta
        Weights of the target-class and the non-target-class term of DKD.
    warm_up
        Epochs, the first being number 1.
    """

    hard: float = 0.8
    soft: float = 0.2
    temperature: float = 2.5
    alpha: float = 5.0
    beta: float = 1.0
    warm_up: int = 5


@dataclass(frozen=True)
class Recipe:
    """A recipe.

    Parameters
    ----------
    name, method
        The method is the one used unless another is asked for.
    student, teacher
        How each is fitted; without distillation there is no teacher.
    distillation
        Weights of its terms.
    windows
        ``"fresh"``: any window, its noise and gain new each time. ``"drawn"``: the published
        draw, once, out of recordings with noise; a third of it is held out for validation.
    snr_jitter
        dB either side of the stated ratio, for fresh windows.
    snr_range
        Lowest and highest ratio in dB whatever is stated; None: around the stated one.
    snr_exponent
        Above 1 the lower ratios are more frequent.
    gain_jitter
        Octaves either way, for fresh windows.
    colour, dropout, path
        Of the frequency response of fresh windows, as in `hwgen.training.augment.Augment`.
    speeds
        Changes of the shaft's speed, for fresh windows.
    test_snrs
        Ratios in dB to test at when none is stated; None is clean.
    noise
        Its kind, one of `hwgen.signals.noise_kinds.KINDS`, in training and test.
    """

    name: str
    student: Optimisation
    teacher: Optimisation
    method: Method = "ce"
    distillation: Distillation = Distillation()
    windows: Literal["fresh", "drawn"] = "fresh"
    snr_jitter: float = 3.0
    snr_range: tuple[float, float] | None = None
    snr_exponent: float = 1.0
    gain_jitter: float = 0.3
    colour: float = 3.0
    dropout: float = 0.2
    path: float = 0.0
    speeds: Speeds = STEADY
    test_snrs: tuple[float | None, ...] = (None,)
    noise: str = WHITE

    def __post_init__(self) -> None:
        if self.windows == "fresh" and (self.student.keep_best or self.teacher.keep_best):
            raise ValueError("keep_best must be False for fresh windows: none are held out")

    def noise_range(self, snr_db: float | None) -> tuple[float, float] | None:
        """Return the lowest and highest ratio in dB of a training; None for no added noise."""
        if self.windows == "drawn":
            return None if snr_db is None else (snr_db, snr_db)
        if self.snr_range:
            return self.snr_range
        if snr_db is None:
            return CLEAN_SNR_DB
        return snr_db - self.snr_jitter, snr_db + self.snr_jitter

    def scale_snr(self, snr_db: float | None) -> float | None:
        """Return the ratio in dB whose input scale the network gets."""
        return SCALE_SNR_DB if self.snr_range else snr_db

    def tested_snrs(self, snr_db: float | None) -> tuple[float | None, ...]:
        """Return the ratios in dB at which a training for `snr_db` is tested; None is clean."""
        return self.test_snrs if snr_db is None else (snr_db,)

    def augment(self, snr_db: float | None) -> Augment:
        """Return how fresh windows vary in a training for `snr_db`."""
        low, high = self.noise_range(snr_db) or CLEAN_SNR_DB
        response = self.colour, self.dropout, self.noise, self.path
        return Augment(low, high, self.snr_exponent, self.gain_jitter, *response)

    def adapted(self, method: str | None = None, epochs: int | None = None) -> Recipe:
        """Return the recipe with another method or number of epochs; None: as it is.

        The teacher gets at most as many epochs as the student.

        Raises
        ------
        UsageError
            If there is no such method.
        ValueError
            If `epochs` is below 1.
        """
        recipe = self
        if method is not None:
            known = next((m for m in METHODS if m == method), None)
            if known is None:
                raise UsageError(f"--method must be one of {', '.join(METHODS)}, not {method}")
            recipe = replace(recipe, method=known)
        if epochs is not None:
            student = replace(recipe.student, epochs=epochs)
            teacher = replace(recipe.teacher, epochs=min(epochs, recipe.teacher.epochs))
            recipe = replace(recipe, student=student, teacher=teacher)
        return recipe


SCALE_SNR_DB = 0.0
"""A network for clean to -9 dB: levels are then within a factor of two of the scale."""

_LATE = Averaging(start=0.5)
"""Of the second half of a run."""

_PUBLISHED = Optimisation(
    epochs=75,
    batch=64,
    optimizer="sgd",
    learning_rate=0.1,
    final_rate=1e-8,
    warm_up=0.0,
    momentum=0.9,
    renewed=True,
    unit_inputs=False,
    keep_best=True,
)

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "default",
            student=Optimisation(epochs=80, averaging=_LATE),
            teacher=Optimisation(epochs=25, averaging=_LATE),
        ),
        Recipe(
            "published",
            student=_PUBLISHED,
            teacher=_PUBLISHED,
            method="dkd",
            windows="drawn",
        ),
        Recipe(
            "mixed",
            student=Optimisation(epochs=120, averaging=_LATE),
            teacher=Optimisation(epochs=40, averaging=_LATE),
            snr_range=(-9.0, CLEAN_SNR_DB[1]),
            snr_exponent=2.0,
            test_snrs=(-6.0, 0.0, None),
        ),
        Recipe(
            "general",
            student=Optimisation(epochs=50, averaging=_LATE),
            teacher=Optimisation(epochs=30, averaging=_LATE),
            snr_range=(-9.0, CLEAN_SNR_DB[1]),
            snr_exponent=2.0,
            colour=0.0,
            dropout=0.1,
            path=5.0,
            speeds=Speeds(-0.045, 0.015, steady=0.6),
            test_snrs=(-6.0, 0.0, None),
        ),
    )
}


def recipe_named(name: str) -> Recipe:
    """Return a recipe; `UsageError` if there is none of this name."""
    if name not in RECIPES:
        raise UsageError(f"--recipe must be one of {', '.join(RECIPES)}, not {name}")
    return RECIPES[name]
