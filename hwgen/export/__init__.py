"""Packages of an accelerator for other people's tools.

A format is a folder in ``rtl_templates`` with a ``format.toml``, which `hwgen.export.form` tells;
its templates are the package's files. Nothing else lists formats.
"""

from hwgen.export.folder import package
from hwgen.export.form import check_format, formats
from hwgen.export.wanted import Wanted
from hwgen.export.windows import bench_windows
from hwgen.export.write import export

__all__ = ["Wanted", "bench_windows", "check_format", "export", "formats", "package"]
