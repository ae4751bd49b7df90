"""Where tools work: a plain path, whatever the user's folder is called; results where he wants."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen import tools
from hwgen.errors import FileAccessError, ToolError

HOSTILE = "a b#c:d&e;f'g\"h$i%j\\k*[x](é){}|<>?=,@`^!~"


@pytest.fixture
def other(tmp_path_factory, monkeypatch) -> Path:
    """Return the temporary folder that is used where a folder's own path will not do."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def places(tmp_path: Path) -> list[Path]:
    return [tmp_path / "plain", tmp_path / HOSTILE, tmp_path / "/".join(["long" * 10] * 8)]


def broken_off(folder: Path, error: Callable[[Path], BaseException]) -> None:
    with tools.workshop(folder) as place:
        (place / "log").write_text("why")
        raise error(place)


@pytest.mark.parametrize("number", [0, 1, 2], ids=["plain", "hostile", "long"])
def test_files_come_where_they_are_wanted(tmp_path, other, number):
    folder = places(tmp_path)[number]
    with tools.workshop(folder) as place:
        assert re.fullmatch(r"[\w/.+-]{1,250}", str(place), re.ASCII)
        assert place.is_relative_to(folder) == (number == 0)
        assert list(place.iterdir()) == []
        (place / "result").write_text("1")
        (place / "program").write_text("1")
        (place / "program").chmod(0o755)
        (place / "folder").mkdir()
    assert sorted(path.name for path in folder.iterdir()) == ["program", "result"]
    assert os.access(folder / "program", os.X_OK)
    assert list(other.iterdir()) == []


@pytest.mark.parametrize("number", [0, 1])
def test_an_error_names_files_where_they_are(tmp_path, other, number):
    folder = places(tmp_path)[number]
    with pytest.raises(ToolError) as caught:
        broken_off(folder, lambda place: ToolError(f"it failed; see {place / 'log'}"))
    assert str(caught.value) == f"it failed; see {folder / 'log'}"
    assert (folder / "log").read_text() == "why"


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_comes_of_an_interrupted_one(tmp_path, other, number):
    folder = places(tmp_path)[number]
    with pytest.raises(KeyboardInterrupt):
        broken_off(folder, lambda _: KeyboardInterrupt())
    assert list(folder.iterdir()) == list(other.iterdir()) == []


@pytest.mark.parametrize("number", [0, 1])
def test_what_a_killed_one_left_goes_with_the_next(tmp_path, other, number):
    folder = places(tmp_path)[number]
    code = (
        "import os, sys, tempfile; from pathlib import Path; from hwgen import tools;"
        " tempfile.tempdir = sys.argv[2];"
        " kept = tools.workshop(Path(sys.argv[1]));"
        " kept.__enter__().joinpath('big').touch(); os._exit(9)"
    )
    command = [sys.executable, "-c", code, str(folder), str(other)]
    assert subprocess.run(command, check=False).returncode == 9
    left = [*other.iterdir(), *folder.iterdir()]
    assert len(left) == 1
    others = other / ".hwgen-0123456789abcdef.aaaaaaaa.hwgen"  # of another folder's
    others.mkdir()
    with tools.workshop(folder) as place:
        assert not left[0].exists()
        assert place.exists()
    assert list(folder.iterdir()) == []
    assert list(other.iterdir()) == [others]


def test_without_any_plain_folder_it_is_told_what_to_set(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / HOSTILE))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileAccessError, match="set TMPDIR to a folder"):
        with tools.workshop(tmp_path / HOSTILE):
            pytest.fail("there is none")
