"""One at a time in a folder: by any path, and never blocked by what a killed run left."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwgen import files, lock
from hwgen.errors import FileAccessError

HOLDER = """
import sys, time
from pathlib import Path
from hwgen import lock
kind, path = sys.argv[1:3]
with lock.folder(Path(path), make=True) if kind == "folder" else lock.output(Path(path)):
    print("held", flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that holds a lock."""

    def __init__(self, kind: str, path: Path | str, cwd: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, kind, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=cwd,
            text=True,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "held\n"

    def end(self, number: int | None = None) -> None:
        if number is not None:
            self.process.send_signal(number)
        self.process.communicate(timeout=20)


@pytest.fixture
def holding(tmp_path) -> Iterator:
    holders = []

    def begin(kind: str, path: Path | str) -> Holder:
        holders.append(Holder(kind, path, tmp_path))
        return holders[-1]

    yield begin
    for holder in holders:
        with holder.process as process:
            process.kill()


def test_a_second_process_is_refused_and_told_who_is_at_work(holding, tmp_path):
    other = holding("folder", tmp_path / "build")
    with pytest.raises(FileAccessError) as caught:
        with lock.folder(tmp_path / "build"):
            pytest.fail("two at a time")
    text = str(caught.value)
    assert caught.value.exit_code == 7
    assert f"cannot write {tmp_path / 'build'}" in text
    assert f"process {other.process.pid} since {time.strftime('%Y-')}" in text
    assert "hwgen folder" in text
    assert "\n" not in text
    other.end()
    with lock.folder(tmp_path / "build", make=True):
        pass


@pytest.mark.parametrize("way", ["relative", "link", "dots", "link above"])
def test_a_folder_is_one_by_whatever_path(holding, tmp_path, monkeypatch, way):
    folder = tmp_path / "deep" / "build"
    folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "above").symlink_to("deep")
    paths = {
        "relative": Path("deep/build"),
        "link": tmp_path / "link",
        "dots": tmp_path / "deep" / ".." / "deep" / "build",
        "link above": tmp_path / "above" / "build",
    }
    monkeypatch.chdir(tmp_path)
    holding("folder", folder)
    with pytest.raises(FileAccessError, match="another hwgen is at work"):
        with lock.folder(paths[way]):
            pytest.fail("two at a time")


def test_outputs_beside_each_other_do_not_meet(holding, tmp_path):
    holding("output", tmp_path / "a.pt")
    with lock.output(tmp_path / "b.pt"):
        pass
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(FileAccessError, match="another hwgen is at work"):
        with lock.output(tmp_path / "link" / "a.pt"):
            pytest.fail("two at a time")


@pytest.mark.parametrize("number", [errno.EEXIST, errno.ENOENT])
@pytest.mark.parametrize("kind", ["folder", "output"])
def test_a_folder_that_others_make_and_remove_meanwhile(monkeypatch, tmp_path, kind, number):
    """What `mkdir` says when the folder is removed before it looks whether it is one."""
    made, failed = os.mkdir, []

    def mkdir(path, *rest, **named):
        if len(failed) < 2:
            failed.append(path)
            raise OSError(number, os.strerror(number), path)
        made(path, *rest, **named)

    path = tmp_path / "deep"
    monkeypatch.setattr(os, "mkdir", mkdir)
    with lock.folder(path, make=True) if kind == "folder" else lock.output(path / "x"):
        assert path.is_dir()
    assert len(failed) == 2


def test_a_file_in_the_folders_place_is_told(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(FileAccessError, match="File exists"):
        with lock.folder(tmp_path / "x", make=True):
            pytest.fail("a file is no folder")


@pytest.mark.parametrize("kind", ["folder", "output"])
def test_a_killed_process_locks_nobody_out(holding, tmp_path, kind):
    path = tmp_path / "x"
    holding(kind, path).end(signal.SIGKILL)
    left = path / lock.FOLDER_LOCK if kind == "folder" else tmp_path / ".x.lock"
    assert left.exists()
    with lock.folder(path) if kind == "folder" else lock.output(path):
        pass
    assert not left.exists()


def test_a_process_may_hold_it_several_times(tmp_path):
    with lock.folder(tmp_path):
        with lock.folder(tmp_path):
            pass
        assert (tmp_path / lock.FOLDER_LOCK).exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_stays_empty_is_not_left_behind(tmp_path):
    with pytest.raises(ValueError, match="refused"):
        with lock.folder(tmp_path / "a" / "b", make=True):
            raise ValueError("refused")
    assert list(tmp_path.iterdir()) == []
    with lock.folder(tmp_path / "a" / "b", make=True):
        (tmp_path / "a" / "b" / "file").touch()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["file"]


def test_a_folder_that_is_missing_is_not_made(tmp_path):
    with lock.folder(tmp_path / "none"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_unfinished_is_removed_and_nothing_else(tmp_path):
    kept = [
        ".hidden",
        "x.hwgen",
        ".x.12345678.part",
        ".x.1234567.hwgen",
        "plain",
        "sub/deep/.a.aaaaaaaa.hwgen",
    ]
    gone = [
        ".model.json.ab_45678.hwgen",
        "sub/.top.bit.abcdefgh.hwgen",
        "sub/.work.12345678.hwgen/a/b",
    ]
    for name in kept + gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with lock.folder(tmp_path):
        pass
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(kept)


def test_an_output_takes_away_its_own_unfinished_versions_only(tmp_path):
    for name in (".a.pt.abcdefgh.hwgen", ".b.pt.abcdefgh.hwgen"):
        (tmp_path / name).touch()
    with lock.output(tmp_path / "a.pt"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".b.pt.abcdefgh.hwgen"]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_drive_without_locks_is_told(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(FileAccessError, match="its drive has no file locks"):
        with lock.folder(tmp_path):
            pytest.fail("not locked")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"pid": 1}',
        json.dumps({"pid": 1, "host": "h", "since": "now", "command": "a\x1b[2Jb" * 100}),
    ],
)
def test_a_lock_file_with_anything_in_it(holding, tmp_path, text):
    holding("folder", tmp_path / "x")
    (tmp_path / "x" / lock.FOLDER_LOCK).write_text(text)
    with pytest.raises(FileAccessError, match="another hwgen is at work there") as caught:
        with lock.folder(tmp_path / "x"):
            pytest.fail("two at a time")
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_many_at_once_are_never_two(tmp_path):
    code = """
import sys
from pathlib import Path
from hwgen import lock
from hwgen.errors import FileAccessError
folder, inside, refused = Path(sys.argv[1]), Path(sys.argv[2]), 0
for _ in range(150):
    try:
        with lock.folder(folder, make=True):
            inside.mkdir()
            inside.rmdir()
    except FileAccessError as error:
        assert "another hwgen" in str(error), error
        refused += 1
print(refused)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "a" / "b"), str(tmp_path / "inside")]
    several = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in several:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert int(out) < 150
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


def test_a_name_as_long_as_names_may_be(tmp_path):
    path = tmp_path / ("ä" * 120 + ".json")
    with lock.output(path):
        files.write_json(path, {})
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    with pytest.raises(FileAccessError, match="name too long"):
        files.check_writable(tmp_path / ("x" * 256))
