"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hwgen import files, share
from hwgen.report import accuracy_figures, data_rows, explain_rows, text
from hwgen.report import figures as draw
from hwgen.report.bench_rows import bench_rows
from hwgen.report.layer_figures import LayerHistogram, histograms
from hwgen.report.other_rows import other_rows
from hwgen.report.pareto import pareto
from hwgen.report.power_rows import power_rows
from hwgen.report.problems import KINDS, available, missing, problems
from hwgen.report.quick_rows import notes
from hwgen.report.sensor_rows import sensor_rows
from hwgen.report.weights_rows import weights_rows

_TEMPLATE, _STYLE = "report.html.j2", "page.css"
_WORDS = {"True": "yes", "False": "no"}


def write_html(
    report: dict[str, Any], path: Path | str, drawn: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Draw the report's figures and write the page, whole or not at all.

    Parameters
    ----------
    drawn
        Further figures that are there already, SVG text by name: ``explain``.

    Raises
    ------
    FileAccessError
        If it cannot be written.
    """
    files.write_text(path, render(report, draw_figures(report) | dict(drawn)))


def draw_figures(report: dict[str, Any]) -> dict[str, str]:
    """Return the figures that the report has data for, as SVG text by name."""
    return dict(_figures(report))


def _figures(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    design, accuracy = report["design"], report["accuracy"]
    confusion = accuracy and accuracy.get("confusion")
    if confusion and design is not None:
        yield (
            "confusion",
            draw.confusion(confusion["float"], confusion["fixed"], design["classes"]),
        )
    if robustness := report.get("robustness"):
        snr, gain = robustness["snr"], robustness["gain"]
        if snr or gain:
            data_db = accuracy and accuracy.get("snr_db")
            yield "robustness", accuracy_figures.sweeps(snr, gain, data_db)
        yield "margins", accuracy_figures.margins(robustness["disagreements"])
    if search := report.get("search"):
        yield "pareto", pareto(search)
    layers = [_layer(layer) for layer in _layers(report) if layer.get("histogram") is not None]
    if layers:
        yield "histograms", histograms(layers)
    if report["resources"] is not None:
        part = report["resources"]
        used = {name: part[kind] for kind, name in KINDS.items()}
        have = {name: available(part, kind) for kind, name in KINDS.items()}
        yield "resources", draw.resources(used, have)
    if report["latency"] is not None and report["latency"].get("breakdown"):
        part = report["latency"]
        yield "latency", draw.latency(part["breakdown"], part["clock_mhz"])


def _layers(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [] if report["calibration"] is None else list(report["calibration"]["layers"])


def _layer(layer: dict[str, Any]) -> LayerHistogram:
    width, signed = layer["width"], not layer["fmt"].startswith("u")
    return LayerHistogram(
        name=layer["name"],
        fmt=layer["fmt"],
        edges=layer["histogram"]["edges"],
        counts=layer["histogram"]["counts"],
        low=-(1 << (width - 1)) if signed else 0,
        high=(1 << (width - signed)) - 1,
        sqnr_db=layer["sqnr_db"],
        saturated=layer["saturated"],
        values=layer["values"],
    )


def render(report: dict[str, Any], figures: Mapping[str, str]) -> str:
    """Return the page.

    Parameters
    ----------
    report
        As `hwgen.report.schema.check` passes it.
    figures
        SVG text by name: ``confusion``, ``robustness``, ``margins``, ``histograms``,
        ``resources``, ``latency``, ``explain``; what is not there is left out.

    Raises
    ------
    FileAccessError
        If hwgen's own template is missing.
    """
    return page(
        _TEMPLATE,
        report=report,
        figures={name: embedded(svg) for name, svg in figures.items()},
        problems=problems(report),
        missing=missing(report),
        notes=notes(report),
        kinds=KINDS,
        available=available,
        percent=text.percent,
        further=_further,
        bench=bench_rows(report),
        power=power_rows(report),
        weights=weights_rows(report),
        others=other_rows,
        sensor=sensor_rows(report),
        data_header=data_rows.HEADER,
        data_right=data_rows.RIGHT,
        data_rows=data_rows.data_rows,
        passed_over=data_rows.passed_over,
        explain_title=explain_rows.explain_title,
        explain_header=explain_rows.explain_header,
        explain_rows=explain_rows.explain_rows,
        explain_note=explain_rows.explain_note,
    )


def page(template: str, **values: Any) -> str:
    """Return a page of hwgen's look: a template of ``rtl_templates`` filled with values.

    Raises
    ------
    FileAccessError
        If hwgen's own template is missing.
    """
    import jinja2
    from markupsafe import Markup

    folder = share.folder("rtl_templates")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "printable": text.printable,
        "thousands": text.count,
        "digits": text.number,
        "score": text.score,
    }
    style = Markup(files.read_text(folder / _STYLE))  # hwgen's own, no user's text in it
    source = files.read_text(folder / template)
    return environment.from_string(source).render(style=style, **values)


def embedded(svg: str) -> str:
    """Return the figure as a link that holds it: no script in it runs, no id meets another's."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _further(part: Mapping[str, Any], *known: str) -> list[tuple[str, str]]:
    """Return name and value of a section's plain keys that the page does not show by itself."""
    return [
        (key.replace("_", " "), _WORDS.get(str(value), str(value)))
        for key, value in part.items()
        if key not in known and isinstance(value, (str, int, float))
    ]
