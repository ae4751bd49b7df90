"""What a build leaves behind for people and programs: report.json, table, HTML page."""

from hwgen.report.data_rows import data_lines
from hwgen.report.histogram import histogram
from hwgen.report.html import render, write_html
from hwgen.report.problems import problems
from hwgen.report.schema import REPORT, assemble, check, latency_part, read, write
from hwgen.report.table import print_table

__all__ = [
    "REPORT",
    "assemble",
    "check",
    "data_lines",
    "histogram",
    "latency_part",
    "print_table",
    "problems",
    "read",
    "render",
    "write",
    "write_html",
]
