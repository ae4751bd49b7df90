"""Tables out of files, sound and broken."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.io

from hwgen.errors import FileAccessError, InputError, UsageError
from hwgen.neurons.table_files import read_table

X = np.round(np.random.default_rng(0).standard_normal((40, 2)), 3)
Y = np.round(X[:, 0] * 2, 3)


def text(separator: str = ",", head: str = "", y=Y) -> str:
    lines = [separator.join(map(str, (*x, one))) for x, one in zip(X, y, strict=True)]
    return "\n".join([head, *lines] if head else lines) + "\n"


@pytest.mark.parametrize(
    ("name", "content", "names"),
    [
        ("a.csv", text(), ("x1", "x2")),
        ("a.csv", "\ufeff" + text(head="speed,load,wear"), ("speed", "load")),
        ("a.tsv", text("\t", "speed\tload\twear"), ("speed", "load")),
        ("a.txt", text("  "), ("x1", "x2")),
        ("a.csv", text(";"), ("x1", "x2")),
    ],
)
def test_text(tmp_path, name, content, names):
    (tmp_path / name).write_text(content, encoding="utf-8")
    found, _ = read_table(tmp_path / name)
    assert found.inputs == names
    assert np.array_equal(found.x, X)
    assert np.array_equal(found.y, Y)


def test_a_first_row_with_a_class_is_no_line_of_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text(y=["good", "bad"] * 20))
    found, _ = read_table(path)
    assert len(found.x) == 40
    assert found.classes == ("bad", "good")


def test_another_target(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text(head="speed,load,wear"))
    found, _ = read_table(path, target="load")
    assert found.inputs == ("speed", "wear")
    assert np.array_equal(found.y, X[:, 1])
    with pytest.raises(UsageError, match=r"--target must name one column of .* not 'power'; they "
                       r"are speed, load, wear"):  # fmt: skip
        read_table(path, target="power")


def test_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", X=X, y=Y)
    scipy.io.savemat(tmp_path / "a.mat", {"X": X, "y": Y[:, None]})
    np.save(tmp_path / "a.npy", np.column_stack([X, Y]))
    for name in ("a.npz", "a.mat", "a.npy"):
        found, _ = read_table(tmp_path / name)
        assert np.array_equal(found.x, X), name
        assert np.array_equal(found.y, Y), name
        assert found.inputs == ("x1", "x2")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "must have rows, but is empty"),
        ("a.csv", b"\xff\xfe\x00", "not UTF-8"),
        ("a.csv", text().encode() + b"1,2\n", "must have 3 columns, not 2 in row 41"),
        ("a.csv", text().replace("0.126", "fast").encode(), "must have numbers, not 'fast' in row"),
        ("a.csv", text().replace("0.126", "").encode(), "must have a finite number"),
        ("a.mat", b"nonsense" * 40, "damaged"),
        ("a.npz", b"PK\x03\x04" + b"0" * 100, "damaged"),
        ("a.npy", b"\x93NUMPY\x01\x00", "damaged"),
        ("a.mat", b"MATLAB 7.3 MAT-file" + b"\0" * 200, "save it with -v7"),
        ("a.xlsx", b"", "must end with one of .csv"),
    ],
)
def test_broken_files(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as told:
        read_table(tmp_path / name)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"A": X, "y": Y}, "must have an array X, not only A, y"),
        ({"X": X}, "must have an array y"),
        ({"X": X, "y": Y[:-1]}, "not 40 and 39"),
        ({"X": X[:, 0], "y": Y}, "X must be rows x columns of numbers, not of shape (40,)"),
        ({"X": X * 1j, "y": Y}, "rows x columns of numbers"),
        ({"X": X, "y": np.column_stack([Y, Y])}, "y must be one column"),
    ],
)
def test_arrays_that_are_no_table(tmp_path, arrays, said):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError) as told:
        read_table(tmp_path / "a.npz")
    assert said in str(told.value)


def test_a_pickle_is_never_loaded(tmp_path):
    np.save(tmp_path / "a.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(InputError, match="Python objects"):
        read_table(tmp_path / "a.npy")


def test_a_file_that_is_not_there(tmp_path):
    for name in ("a.csv", "a.npz"):
        with pytest.raises(FileAccessError):
            read_table(tmp_path / name)
