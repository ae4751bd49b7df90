"""Builds of whole networks up to verification."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwgen.flow.build import build
from hwgen.flow.options import Settings


@pytest.fixture
def verified(tmp_path, warm) -> Callable[..., dict[str, Any]]:
    """Build a checkpoint up to verification and return the report."""

    def run(checkpoint: Path, **options: Any) -> dict[str, Any]:
        folder = tmp_path / "build"
        warm(folder / "sim")
        settings = Settings(checkpoint=str(checkpoint), **options)
        return build(settings, folder, lambda _: None, upto="verify")

    return run
