import gc

import pytest
from amaranth.hdl import Elaboratable


@pytest.fixture
def refusing(monkeypatch):
    """For tests whose component is refused: Amaranth warns of components that nobody used."""
    monkeypatch.setattr(Elaboratable, "_MustUse__silence", True)
    yield
    gc.collect()
