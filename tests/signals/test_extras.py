"""Formats whose package comes with an extra: what is said where it is not installed."""

import sys

import pytest

from hwgen.errors import ToolError
from hwgen.signals import read_recording


@pytest.mark.parametrize(
    ("name", "module", "package", "extra"),
    [
        ("a.parquet", "pyarrow.parquet", "pyarrow", "parquet"),
        ("a.tdms", "nptdms", "nptdms", "tdms"),
        ("a.uff", "pyuff", "pyuff", "uff"),
        ("a.unv", "pyuff", "pyuff", "uff"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    tmp_path, monkeypatch, name, module, package, extra
):
    (tmp_path / name).write_bytes(b"whatever")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ToolError, match=rf"{package} is needed: pip install 'hwgen\[{extra}\]'"):
        read_recording(tmp_path / name)
