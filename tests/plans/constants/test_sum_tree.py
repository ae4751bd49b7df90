"""The order in which summands are added up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hwgen.plans.constants.adder_graph import Span, row_span
from hwgen.plans.constants.sum_tree import Summand, Tree, best_tree

SOURCE = Span(0, 15)


def drawn(rng: np.random.Generator, count: int, deepest: int) -> list[Summand]:
    summands = []
    for _ in range(count):
        shift = int(rng.integers(0, 6))
        odd = rng.integers(-2, 3, 3)
        odd[rng.integers(3)] = rng.choice([-1, 1])
        row = tuple(int(factor) << shift for factor in odd)
        summands.append(Summand(row, shift, int(rng.integers(0, deepest + 1))))
    return summands


def leaves(tree: Tree) -> list[int]:
    return [tree] if isinstance(tree, int) else [*leaves(tree[0]), *leaves(tree[1])]


def height(tree: Tree, summands: list[Summand]) -> int:
    if isinstance(tree, int):
        return summands[tree].depth
    return 1 + max(height(part, summands) for part in tree)


def size(tree: Tree, summands: list[Summand]) -> int:
    """Return what the tree's adders take, counted from the definition."""
    if isinstance(tree, int):
        return 0
    shifts = [min(summands[each].shift for each in leaves(part)) for part in tree]
    row = np.sum([summands[each].row for each in leaves(tree)], axis=0)
    bits = row_span(row, SOURCE).width - max(shifts)
    return bits + bits % 2 + sum(size(part, summands) for part in tree)


def every_tree(members: tuple[int, ...]) -> list[Tree]:
    if len(members) == 1:
        return [members[0]]
    trees: list[Tree] = []
    for size in range(len(members) - 1):
        for others in itertools.combinations(members[1:], size):
            first = (members[0], *others)
            second = tuple(each for each in members if each not in first)
            trees += itertools.product(every_tree(first), every_tree(second))
    return trees


@pytest.mark.parametrize("seed", range(20))
def test_few_summands_are_added_as_cheaply_as_can_be(seed):
    rng = np.random.default_rng(seed)
    count, deepest = int(rng.integers(1, 6)), int(rng.integers(0, 2))
    summands = drawn(rng, count, deepest)
    slots = sum(1 << summand.depth for summand in summands)
    depth = max(1, (slots - 1).bit_length())
    tree = best_tree(summands, depth, SOURCE, 300)
    assert sorted(leaves(tree)) == list(range(count))
    assert height(tree, summands) <= depth
    legal = [each for each in every_tree(tuple(range(count))) if height(each, summands) <= depth]
    assert size(tree, summands) == min(size(each, summands) for each in legal)


@pytest.mark.parametrize("seed", range(10))
def test_what_there_is_room_for_is_added(seed):
    rng = np.random.default_rng(seed)
    summands = drawn(rng, int(rng.integers(6, 14)), 3)
    depth = (sum(1 << summand.depth for summand in summands) - 1).bit_length()
    tree = best_tree(summands, depth, SOURCE, 0)
    assert sorted(leaves(tree)) == list(range(len(summands)))
    assert height(tree, summands) <= depth
    assert size(best_tree(summands, depth, SOURCE, 40), summands) <= size(tree, summands)
