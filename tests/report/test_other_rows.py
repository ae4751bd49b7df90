"""Rows of other recordings stand in the table and on the page."""

from __future__ import annotations

import io

from rich.console import Console

from hwgen.report import assemble
from hwgen.report.html import render
from hwgen.report.other_rows import other_rows
from hwgen.report.table import print_table

OTHER = [
    {"data": "1HP", "snr_db": None, "windows": 2000, "float_f1": 0.75, "fixed_f1": 0.5,
     "classes": ["ball", "inner"], "lacking": ["normal"]},
    {"data": "<2HP>", "snr_db": -6.0, "windows": 20, "float_f1": 1.0, "fixed_f1": 0.25,
     "classes": ["ball", "inner", "normal"], "lacking": []},
]  # fmt: skip


def test_rows():
    assert other_rows({"other": OTHER}) == [
        ("F1 on 1HP, clean", "0.7500 / 0.5000 of 2,000 windows, float / fixed, without normal"),
        ("F1 on <2HP>, -6 dB", "1.0000 / 0.2500 of 20 windows, float / fixed"),
    ]
    assert other_rows({}) == []


def test_table_and_page_have_them(parts):
    report = assemble(parts | {"accuracy": parts["accuracy"] | {"other": OTHER}})
    told = io.StringIO()
    print_table(report, Console(file=told, width=200))
    assert "F1 on 1HP, clean" in told.getvalue()
    page = render(report, {})
    assert "F1 on 1HP, clean" in page
    assert "F1 on &lt;2HP&gt;, -6 dB" in page
    assert "lacking" not in page
