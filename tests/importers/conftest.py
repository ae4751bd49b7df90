from tests.checkpoint.conftest import make_state, save

__all__ = ["make_state", "save"]
