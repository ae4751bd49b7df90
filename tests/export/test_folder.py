"""Whole or absent, and never over somebody's files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwgen.errors import FileAccessError, InputError, UsageError
from hwgen.export.folder import package

REFUSED = r"^output must be a new or empty folder or an earlier export, not .*; name another$"


def write(folder: Path, **contents: str) -> None:
    with package(folder, {"kind": "test"}) as new:
        for name, text in contents.items():
            (new / name).write_text(text)


def content(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text() if path.is_file() else "folder"
        for path in folder.iterdir()
        if path.name != "MANIFEST.json"
    }


def test_a_new_folder_with_its_parents(tmp_path):
    write(tmp_path / "a" / "b", one="1")
    assert content(tmp_path / "a" / "b") == {"one": "1"}
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", one="1")
    assert content(tmp_path / "out") == {"one": "1"}


def test_an_earlier_package_is_replaced_and_others_files_stay(tmp_path):
    out = tmp_path / "out"
    write(out, one="1", two="2")
    (out / "obj_dir").mkdir()
    (out / "notes").write_text("mine")
    write(out, two="22", three="3")
    assert content(out) == {"two": "22", "three": "3", "obj_dir": "folder", "notes": "mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_to_a_package_stays_a_link(tmp_path):
    write(tmp_path / "real", one="1")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", two="2")
    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path / "real") == {"two": "2"}


@pytest.mark.parametrize(
    "manifest",
    [None, "", "{", "[1]", '{"format": "other", "files": {}}', "\udcff", '{"a":' * 100_000],
)
def test_any_other_folder_is_refused_and_left_alone(tmp_path, manifest):
    out = tmp_path / "out"
    out.mkdir()
    (out / "precious").write_text("data")
    if manifest is not None:
        (out / "MANIFEST.json").write_text(manifest, errors="surrogateescape")
    with pytest.raises(UsageError, match=REFUSED):
        write(out, one="1")
    assert content(out) == {"precious": "data"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("data")
    with pytest.raises(UsageError, match=REFUSED):
        write(tmp_path / "out", one="1")
    assert (tmp_path / "out").read_text() == "data"


def half_written(folder: Path, error: BaseException) -> None:
    with package(folder, {}) as new:
        (new / "half").write_text("x")
        raise error


@pytest.mark.parametrize("error", [InputError("no"), KeyboardInterrupt(), OSError(28, "full")])
def test_a_failure_leaves_the_earlier_package(tmp_path, error):
    out = tmp_path / "out"
    write(out, one="1")
    expected = FileAccessError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        half_written(out, error)
    assert content(out) == {"one": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failure_in_the_exchange_leaves_the_earlier_package(tmp_path, monkeypatch):
    out = tmp_path / "out"
    write(out, one="1")
    (out / "a").write_text("mine")
    (out / "b").write_text("mine")
    rename = Path.rename

    def failing(self, target):
        if self.name == "b":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(FileAccessError, match=r"^cannot write .*out: Input/output error$"):
        write(out, one="11")
    assert content(out) == {"one": "1", "a": "mine", "b": "mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_anothers_file_is_not_overwritten(tmp_path):
    out = tmp_path / "out"
    write(out, one="1")
    (out / "two").write_text("mine")
    with pytest.raises(UsageError, match=r"two is not hwgen's and would be overwritten"):
        write(out, two="2")
    assert content(out) == {"one": "1", "two": "mine"}


def test_an_unusable_place_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileAccessError, match=r"^cannot write .*file/out: "):
        write(tmp_path / "file" / "out", one="1")


def test_the_manifest_is_json_with_what_is_known(tmp_path):
    write(tmp_path / "out", one="1")
    manifest = json.loads((tmp_path / "out" / "MANIFEST.json").read_text())
    assert (manifest["format"], manifest["version"]) == ("hwgen-export", 1)
    assert manifest["kind"] == "test"
    assert list(manifest["files"]) == ["one"]
