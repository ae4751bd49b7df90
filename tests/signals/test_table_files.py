"""Cells of tables as files have them; `tests/neurons/test_table_files.py` has the kinds."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals.table_files import class_name, read_cells

X = np.arange(12.0).reshape(4, 3)


def test_arrays_without_classes(tmp_path):
    np.savez(tmp_path / "a.npz", X=X)
    found = read_cells(tmp_path / "a.npz")
    assert found.y is None
    assert not found.named
    assert found.inputs == ("x1", "x2", "x3")
    with pytest.raises(InputError, match="must have an array fault, not only X"):
        read_cells(tmp_path / "a.npz", "fault")


def test_numbers_may_be_missing(tmp_path):
    (tmp_path / "a.csv").write_text("a,b,c\n1,,3\n4,5,6\n")
    found = read_cells(tmp_path / "a.csv")
    assert found.named
    assert np.isnan(found.x[0, 1])


@pytest.mark.parametrize(("value", "name"), [(1.0, "1"), ("2.50", "2.50"), (" bad ", "bad")])
def test_names_of_classes(value, name):
    assert class_name(value) == name
