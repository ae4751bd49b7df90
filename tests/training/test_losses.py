"""Each loss against its formula in probabilities, written independently in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from hwgen.training import losses
from hwgen.training.losses import decoupled_distillation, distillation, student_objective
from hwgen.training.recipe import Distillation

RNG = np.random.default_rng(4)
LABELS = np.array([0, 3, 2, 1, 3, 0, 2])
STUDENT = RNG.normal(0, 2, (7, 4))
TEACHER = RNG.normal(0, 3, (7, 4))


def probabilities(logits, temperature=1.0):
    powers = np.exp(logits / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def divergences(p, q):
    return np.sum(p * np.log(p / q), axis=1)


def parts(temperature):
    """Return TCKD, NCKD and the teacher's target probability of each row."""
    rows = []
    pairs = zip(probabilities(TEACHER, temperature), probabilities(STUDENT, temperature),
                LABELS, strict=True)  # fmt: skip
    for p, q, label in pairs:
        tckd = p[label] * np.log(p[label] / q[label])
        tckd += (1 - p[label]) * np.log((1 - p[label]) / (1 - q[label]))
        p_others, q_others = np.delete(p, label), np.delete(q, label)
        p_others, q_others = p_others / p_others.sum(), q_others / q_others.sum()
        rows.append((tckd, np.sum(p_others * np.log(p_others / q_others)), p[label]))
    return np.array(rows).T


def tensors(*arrays):
    return tuple(torch.from_numpy(a) for a in arrays)


def test_cross_entropy():
    expected = -np.mean(np.log(probabilities(STUDENT)[np.arange(7), LABELS]))
    assert losses.cross_entropy(*tensors(STUDENT, LABELS)).item() == pytest.approx(expected)


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_distillation_is_the_scaled_divergence(temperature):
    p, q = (probabilities(a, temperature) for a in (TEACHER, STUDENT))
    expected = temperature**2 * np.mean(divergences(p, q))
    value = distillation(*tensors(STUDENT, TEACHER), temperature)
    assert value.item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("alpha", "beta", "temperature"), [(5.0, 1.0, 2.5), (1.0, 0.0, 1.0), (0.0, 2.0, 4.0)]
)
def test_decoupled_distillation_is_the_weighted_sum_of_its_two_terms(alpha, beta, temperature):
    tckd, nckd, _ = parts(temperature)
    expected = temperature**2 * np.mean(alpha * tckd + beta * nckd)
    value = decoupled_distillation(
        *tensors(STUDENT, TEACHER, LABELS), alpha=alpha, beta=beta, temperature=temperature
    )
    assert value.item() == pytest.approx(expected, rel=1e-9)


def test_the_two_terms_make_up_the_classical_loss():
    """KD = TCKD + (1 - p_target) NCKD, row by row: equation 5 of the paper."""
    tckd, nckd, target = parts(2.5)
    whole = divergences(probabilities(TEACHER, 2.5), probabilities(STUDENT, 2.5))
    np.testing.assert_allclose(tckd + (1 - target) * nckd, whole, rtol=1e-9)


def test_a_confident_teacher_gives_finite_values_and_gradients():
    student = torch.tensor([[90.0, -90.0, 0.0]], requires_grad=True)
    teacher = torch.tensor([[300.0, -300.0, 0.0]])
    value = decoupled_distillation(
        student, teacher, torch.tensor([0]), alpha=5.0, beta=1.0, temperature=1.0
    )
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(student.grad).all()


def test_two_classes_have_one_other_class_and_nothing_to_compare_in_it():
    value = decoupled_distillation(
        *tensors(STUDENT[:, :2], TEACHER[:, :2], LABELS % 2), alpha=0.0, beta=1.0, temperature=2.0
    )
    assert value.item() == pytest.approx(0.0, abs=1e-12)


class Fixed(nn.Module):
    """Answer the same whatever the input."""

    def __init__(self, logits):
        super().__init__()
        self.logits = torch.from_numpy(logits)

    def forward(self, x):
        return self.logits


@pytest.mark.parametrize(("epoch", "share"), [(1, 0.25), (3, 0.75), (4, 1.0), (50, 1.0)])
@pytest.mark.parametrize("method", ["kd", "dkd"])
def test_the_distillation_term_warms_up(method, epoch, share):
    weights = Distillation(0.6, 0.3, temperature=2.0, alpha=3.0, beta=0.5, warm_up=4)
    tckd, nckd, target = parts(2.0)
    terms = {"kd": tckd + (1 - target) * nckd, "dkd": 3.0 * tckd + 0.5 * nckd}
    hard = -np.mean(np.log(probabilities(STUDENT)[np.arange(7), LABELS]))
    expected = 0.6 * hard + 0.3 * share * 4.0 * np.mean(terms[method])
    objective = student_objective(method, weights, Fixed(TEACHER))
    value = objective(Fixed(STUDENT), torch.zeros(7, 8), torch.from_numpy(LABELS), epoch)
    assert value.item() == pytest.approx(expected, rel=1e-9)


def test_cross_entropy_alone_needs_no_teacher_and_the_others_do():
    objective = student_objective("ce", Distillation(), None)
    labels = torch.from_numpy(LABELS)
    value = objective(Fixed(STUDENT), torch.zeros(7, 8), labels, 9)
    assert value == losses.cross_entropy(torch.from_numpy(STUDENT), labels)
    with pytest.raises(ValueError, match="teacher must be given for method dkd"):
        student_objective("dkd", Distillation(), None)
