"""Weights to code, and what holds of every code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwgen import importers

CHECKPOINT = (
    Path(__file__).resolve().parents[2].parent
    / "shared/data/checkpoints/bearingpga_cwru_0hp_-6db.pt"
)


@pytest.fixture(scope="session")
def published() -> dict[str, np.ndarray]:
    """Matrices of the published network, `fc1` (10, 256) and `conv1` (4, 64)."""
    if not CHECKPOINT.is_file():
        pytest.skip("no checkpoint of the published network")
    state = importers.load(CHECKPOINT).state
    assert state is not None
    return {"fc1": state["fc1.weight"], "conv1": state["conv1.weight"].reshape(4, 64)}


@pytest.fixture(scope="session")
def matrix() -> np.ndarray:
    """Weights ``(7, 40)`` with heavy tails; one row is 0."""
    weights = np.random.default_rng(3).laplace(size=(7, 40)) * np.geomspace(1e-3, 1e2, 7)[:, None]
    weights[4] = 0
    return weights
