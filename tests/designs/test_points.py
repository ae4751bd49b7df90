"""Designs among which a goal chooses, of networks that are no chain to one class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.boards import find_board
from hwgen.designs import points
from hwgen.network.graph import Graph, Output
from tests.integer_graphs import Maker

TARGET = find_board("ulx3s-25f").target


def chain() -> Maker:
    make = Maker(np.random.default_rng(2))
    conv = make.conv(make.begin("dft", 64, 1), 4, 8, stride=4, padding=2, relu=True)
    make.max_pool(conv, 2)
    return make


def plain():
    make = chain()
    make.dense("n2", 3, last=True)
    return make.case.model


def branched():
    make = chain()
    make.dense(make.same("n2", 4, "n2"), 3, last=True)
    return make.case.model


def with_values():
    model = plain()
    graph = model.graph
    more = Graph(graph.inputs, graph.nodes, (*graph.outputs, Output("n2", "values")))
    return replace(model, graph=more)


@pytest.mark.parametrize(
    ("make", "whole"), [(plain, True), (branched, False), (with_values, False)]
)
def test_layers_with_hardware_of_their_own_are_only_one_choice(make, whole):
    """Behind a transform by accumulation: a graph has designs whether or not it can be one row."""
    model = make()
    found = [each.design for each in points.options(model, 28, TARGET)]
    assert any(design.array is not None for design in found)
    assert any(design.array is None for design in found) == whole
    # The first layers may have hardware of their own in any case.
    assert any(design.unrolled for design in found)
