"""What training minimises: cross-entropy and two kinds of knowledge distillation."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen.training.recipe import Distillation, Method

Objective = Callable[[nn.Module, Tensor, Tensor, int], Tensor]
"""Takes network, windows ``(n, window)``, labels ``(n,)`` and epoch from 1; returns a scalar."""


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits ``(n, classes)`` and labels ``(n,)``."""
    return functional.cross_entropy(logits, labels)


def distillation(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return the classical distillation loss, T^2 KL(teacher || student) at temperature T.

    G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural network", 2015.

    Parameters
    ----------
    logits, teacher
        ``(n, classes)`` of student and teacher.
    """
    student = functional.log_softmax(logits / temperature, dim=1)
    guide = functional.log_softmax(teacher / temperature, dim=1)
    return temperature**2 * _divergence(guide, student)


def decoupled_distillation(
    logits: Tensor,
    teacher: Tensor,
    labels: Tensor,
    *,
    alpha: float,
    beta: float,
    temperature: float,
) -> Tensor:
    """Return the decoupled distillation loss, T^2 (alpha TCKD + beta NCKD).

    TCKD compares the probability of the target class against all others together; NCKD compares
    the distributions over the other classes alone. B. Zhao et al., "Decoupled knowledge
    distillation", CVPR 2022, equation 7.

    Parameters
    ----------
    logits, teacher
        ``(n, classes)`` of student and teacher.
    labels
        ``(n,)``.
    """
    target, others = _decoupled(logits / temperature, labels)
    guide_target, guide_others = _decoupled(teacher / temperature, labels)
    tckd = _divergence(guide_target, target)
    nckd = _divergence(guide_others, others)
    return temperature**2 * (alpha * tckd + beta * nckd)


def student_objective(
    method: Method, weights: Distillation, teacher: nn.Module | None
) -> Objective:
    """Return what the student minimises; all methods but ``"ce"`` need a `teacher`."""
    if method == "ce":
        return plain_objective
    if teacher is None:
        raise ValueError(f"teacher must be given for method {method}, not None")
    guide = teacher.eval()

    def objective(model: nn.Module, x: Tensor, labels: Tensor, epoch: int) -> Tensor:
        with torch.no_grad():
            known = guide(x)
        logits = model(x)
        if method == "kd":
            term = distillation(logits, known, weights.temperature)
        else:
            term = decoupled_distillation(
                logits,
                known,
                labels,
                alpha=weights.alpha,
                beta=weights.beta,
                temperature=weights.temperature,
            )
        soft = weights.soft * min(epoch / weights.warm_up, 1.0)
        return weights.hard * cross_entropy(logits, labels) + soft * term

    return objective


def plain_objective(model: nn.Module, x: Tensor, labels: Tensor, epoch: int) -> Tensor:
    """Return the cross-entropy, in every epoch alike."""
    return cross_entropy(model(x), labels)


def _divergence(log_p: Tensor, log_q: Tensor) -> Tensor:
    """Return KL(p || q), the mean over rows."""
    return functional.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


def _decoupled(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return log-probabilities ``(n, 2)``, target and rest, and ``(n, classes - 1)`` of the rest.

    By sums of exponentials, not by 1 - p: a confident network's rest is not lost to rounding.
    """
    n, classes = logits.shape
    is_target = functional.one_hot(labels, classes).bool()
    target = logits[is_target][:, None]
    others = logits[~is_target].view(n, classes - 1)
    rest = torch.logsumexp(others, dim=1, keepdim=True)
    pair = functional.log_softmax(torch.cat([target, rest], dim=1), dim=1)
    return pair, others - rest
