"""Energy of a diagnosis."""

from __future__ import annotations

import pytest

from hwgen.cli.main import run
from hwgen.errors import UsageError
from hwgen.link.energy import PUBLISHED, Energy


def test_of_the_board_and_of_the_network():
    found = Energy(0.5, 0.4, 50_000.0)
    assert found.joules == pytest.approx(10e-6)
    assert found.own_joules == pytest.approx(2e-6)
    assert Energy(0.5, None, 50_000.0).own_joules is None
    assert Energy.from_json(found.to_json()) == found


@pytest.mark.parametrize("idle", [0.5, 0.6])
def test_an_idle_board_takes_less(idle):
    with pytest.raises(UsageError, match=r"--idle-watts must be below --watts \(0.5\), not"):
        Energy(0.5, idle, 1.0)


def test_what_others_state():
    assert all(1e-7 < each.joules < 1e-2 and each.source for each in PUBLISHED)


def test_an_idle_reading_alone(tmp_path, capsys):
    asked = ["bench", str(tmp_path), "--port", "virtual", "--idle-watts", "0.3"]
    assert run(asked) == UsageError.exit_code
    assert "--idle-watts must come with --watts" in capsys.readouterr().err
