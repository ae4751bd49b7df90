import errno
import os
from pathlib import Path

import pytest

from hwgen import files
from hwgen.errors import FileAccessError, InputError


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read(tmp_path):
    files.write_text(tmp_path / "new" / "folder" / "a.txt", "grün\n")
    assert files.read_text(tmp_path / "new" / "folder" / "a.txt") == "grün\n"
    files.write_bytes(tmp_path / "b", b"\x00\xff")
    assert files.read_bytes(tmp_path / "b") == b"\x00\xff"
    files.write_json(tmp_path / "c.json", {"a": [1, None, "x"]})
    assert files.read_json(tmp_path / "c.json") == {"a": [1, None, "x"]}
    assert entries(tmp_path) == ["b", "c.json", "new"]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path, failure):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail_half_way() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise failure

    with pytest.raises(failure):
        fail_half_way()
    assert path.read_text() == "old"
    assert entries(tmp_path) == ["a.txt"]


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with files.replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == tmp_path
    assert path.read_text() == "new"


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileAccessError, match=r"^cannot write .*a.bin: No space left on device$"):
        files.write_bytes(tmp_path / "a.bin", b"x")
    assert entries(tmp_path) == []


def test_nan_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "a.json", {"f1": float("nan")})
    assert entries(tmp_path) == []


def test_permissions_are_those_of_an_ordinary_file(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_text(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_path_that_cannot_be_read_or_written(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileAccessError, match=r"^cannot read .*absent: No such file"):
        files.read_bytes(tmp_path / "absent")
    with pytest.raises(FileAccessError, match=r"^cannot read .*: Is a directory"):
        files.read_text(tmp_path)
    with pytest.raises(FileAccessError, match=r"^cannot write .*below: "):
        files.write_text(tmp_path / "file" / "below", "x")
    with pytest.raises(FileAccessError, match=r"^cannot write "):
        files.write_text(tmp_path, "x")
    assert entries(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"", "is not JSON"),
        (b'{"a": 1', "is not JSON"),
        (b"1" * 5000, "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json(tmp_path, content, text):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(InputError, match=text):
        files.read_json(tmp_path / "a")


def test_digest_tells_parts_and_their_borders_apart():
    cases = [(), ("",), ("", ""), ("ab", "c"), ("a", "bc"), ("abc",), ("a", "b", "c"), ("c", "ab")]
    digests = [files.digest(*case) for case in cases]
    assert len(set(digests)) == len(cases)
    assert all(len(digest) == 64 for digest in digests)
    assert files.digest("ä") == files.digest("ä".encode())


def test_a_device_or_a_pipe_is_not_replaced_by_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link"):
        for write in (files.check_writable, lambda path: files.write_text(path, "x")):
            with pytest.raises(
                FileAccessError, match=r"^cannot write .*: it is a device or a pipe"
            ):
                write(tmp_path / name)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()
    assert entries(tmp_path) == ["link", "pipe"]
