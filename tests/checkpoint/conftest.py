from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

State = dict[str, torch.Tensor]
Save = Callable[[Any], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write an object with torch.save and return its path."""

    def write(value: Any, **options: Any) -> Path:
        path = tmp_path / "ckpt.pt"
        torch.save(value, path, **options)
        return path

    return write


@pytest.fixture
def make_state() -> Callable[..., State]:
    """Return random tensors of the published format, for any sizes."""

    def make(
        *,
        filters: int = 4,
        kernel: int = 64,
        positions: int = 64,
        hidden: int | None = None,
        classes: int = 10,
        seed: int = 0,
    ) -> State:
        generator = torch.Generator().manual_seed(seed)

        def tensor(*shape: int) -> torch.Tensor:
            return torch.randn(shape, generator=generator)

        state = {"conv1.weight": tensor(filters, 1, kernel), "conv1.bias": tensor(filters)}
        sizes = [filters * positions, *([hidden] if hidden else []), classes]
        for k in range(1, len(sizes)):
            state[f"fc{k}.weight"] = tensor(sizes[k], sizes[k - 1])
            state[f"fc{k}.bias"] = tensor(sizes[k])
        return state

    return make
