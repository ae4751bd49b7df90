import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.metrics import (
    agreement,
    auc,
    average_precision,
    confusion,
    macro_f1,
    macro_f1_of_present,
    sqnr_db,
)

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


def test_confusion_has_true_classes_in_rows():
    assert confusion([0, 0, 1, 2], [0, 1, 1, 0], 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_confusion_takes_small_integer_types():
    labels = np.full(3, 200, dtype=np.uint8)
    assert confusion(labels, labels, 201)[200, 200] == 3


def test_macro_f1_by_hand():
    # class 0: TP 1, FP 1, FN 1 -> 1/2; class 1: TP 1, FP 1 -> 2/3; class 2: FN 1 -> 0
    assert macro_f1([0, 0, 1, 2], [0, 1, 1, 0], 3) == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)


def test_macro_f1_leaves_absent_classes_out():
    assert macro_f1([0, 3], [0, 3], 10) == 1.0


def test_macro_f1_counts_a_class_that_is_only_predicted():
    assert macro_f1([0, 0], [0, 1], 5) == pytest.approx((2 / 3 + 0) / 2)


def test_macro_f1_of_present_is_over_the_classes_in_the_labels():
    assert macro_f1_of_present([0, 0], [0, 1], 5) == pytest.approx(2 / 3)
    # class 0: TP 1, FP 1, FN 1 -> 1/2; class 2: FN 1 -> 0; class 1 is only predicted
    assert macro_f1_of_present([0, 0, 2], [0, 1, 0], 3) == pytest.approx(1 / 4)


@settings(derandomize=True)
@given(PAIRS)
def test_macro_f1_equals_precision_and_recall(pairs):
    labels, predicted = np.array(pairs).T
    scores = []
    for k in set(labels) | set(predicted):
        hits = np.sum((labels == k) & (predicted == k))
        precision = hits / max(1, np.sum(predicted == k))
        recall = hits / max(1, np.sum(labels == k))
        scores.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    assert macro_f1(labels, predicted, 5) == pytest.approx(np.mean(scores))


@settings(derandomize=True)
@given(PAIRS)
def test_agreement_is_the_trace_of_the_confusion(pairs):
    a, b = np.array(pairs).T
    assert agreement(a, b) == pytest.approx(np.trace(confusion(a, b, 5)) / len(a))


@pytest.mark.parametrize("measure", [confusion, macro_f1, macro_f1_of_present])
@pytest.mark.parametrize(
    ("labels", "predicted", "said"),
    [
        ([], [], "non-empty"),
        ([0, 1], [0], "as long as"),
        ([0, 1], [0, 3], "in 0..2"),
        ([0, -1], [0, 1], "in 0..2"),
        ([0.0, 1.0], [0, 1], "integers"),
        ([[0, 1]], [[0, 1]], "1-D"),
    ],
)
def test_bad_labels_are_refused(measure, labels, predicted, said):
    with pytest.raises(ValueError, match=said):
        measure(labels, predicted, 3)


@pytest.mark.parametrize(("a", "b"), [([], []), ([1], [1, 2])])
def test_agreement_refuses_nothing_and_different_lengths(a, b):
    with pytest.raises(ValueError, match="must be"):
        agreement(a, b)


def test_sqnr_by_hand():
    assert sqnr_db([3.0, 4.0], [3.0, 3.5]) == pytest.approx(20.0)


@settings(derandomize=True)
@given(st.integers(-300, 300))
def test_sqnr_does_not_depend_on_the_unit(exponent):
    unit = 10.0**exponent
    value = sqnr_db(np.array([3.0, 4.0]) * unit, np.array([3.0, 3.5]) * unit)
    assert value == pytest.approx(20.0)


def test_sqnr_at_its_ends():
    assert sqnr_db([1.0, 2.0], [1.0, 2.0]) == math.inf
    assert sqnr_db([0.0, 0.0], [0.0, 0.0]) == math.inf
    assert sqnr_db([0.0, 0.0], [0.0, 1.0]) == -math.inf


@pytest.mark.parametrize(
    ("reference", "value", "said"),
    [([], [], "non-empty"), ([1, 2], [1], "shape"), ([1, math.nan], [1, 1], "finite")],
)
def test_sqnr_refuses(reference, value, said):
    with pytest.raises(ValueError, match=said):
        sqnr_db(reference, value)


LABELLED = st.lists(
    st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=2, max_size=40
).filter(lambda pairs: len({label for label, _ in pairs}) == 2)


def test_auc_by_hand():
    # Pairs: 3 > 1, 3 > 2, 2 > 1, 2 = 2.
    assert auc([0, 0, 1, 1], [1, 2, 2, 3]) == pytest.approx(3.5 / 4)
    assert auc([1, 0], [5, 5]) == 0.5
    assert auc([True, False], [np.inf, 0.0]) == 1.0
    assert auc([0, 1], [2, 1]) == 0.0


@settings(derandomize=True)
@given(LABELLED)
def test_auc_counts_pairs(pairs):
    labels, scores = (np.array(column) for column in zip(*pairs, strict=True))
    ones, zeros = scores[labels == 1][:, None], scores[labels == 0]
    wanted = np.mean((ones > zeros) + 0.5 * (ones == zeros))
    assert auc(labels, scores) == pytest.approx(wanted)
    assert auc(labels, -scores) == pytest.approx(1 - wanted)
    assert auc(labels, 2.0**scores) == pytest.approx(wanted)


def test_average_precision_by_hand():
    # At 4: 1 of 1, a half of all; at 2: 2 of 3.
    assert average_precision([1, 0, 1, 0], [4, 3, 2, 1]) == pytest.approx((1 + 2 / 3) / 2)
    # One threshold for all: precision is the share of ones.
    assert average_precision([1, 0, 0, 0], [7, 7, 7, 7]) == pytest.approx(1 / 4)
    assert average_precision([0, 1], [0.0, np.inf]) == 1.0


@settings(derandomize=True)
@given(LABELLED)
def test_average_precision_is_precision_at_each_gain_of_recall(pairs):
    labels, scores = (np.array(column) for column in zip(*pairs, strict=True))
    total, before = 0.0, 0.0
    for limit in sorted(set(scores.tolist()), reverse=True):
        taken = labels[scores >= limit]
        recall = taken.sum() / labels.sum()
        total += (recall - before) * taken.mean()
        before = recall
    assert average_precision(labels, scores) == pytest.approx(total)


@pytest.mark.parametrize("figure", [auc, average_precision])
@pytest.mark.parametrize(
    ("labels", "scores", "says"),
    [
        ([], [], "labels must be 1-D"),
        ([0, 1], [1.0], "scores must be as long"),
        ([1, 1], [1.0, 2.0], "labels must be 0 and 1, both of them"),
        ([0, 2], [1.0, 2.0], "labels must be 0 and 1"),
        ([0, 1], [1.0, np.nan], "scores must be numbers, not NaN"),
    ],
)
def test_figures_of_scores_refuse_what_is_none(figure, labels, scores, says):
    with pytest.raises(ValueError, match=says):
        figure(labels, scores)
