"""The report from what the stages left, and what is wrong with it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from hwgen import files, report
from hwgen.boards import find_board
from hwgen.errors import CannotMeetError, HwgenError, MismatchError
from hwgen.flow import check, generate, layer_rows, netlist, quantize, quick, sensing
from hwgen.flow.current import EXPLAIN, Current, current
from hwgen.flow.generated import Generated
from hwgen.flow.options import Settings
from hwgen.verify import Verification

PAGE = "report/index.html"
FIGURE = "explain.svg"
"""In the folder of an explained window."""

LOG = f"{check.FOLDER}/simulation.log"


def write_report(settings: Settings, folder: Path) -> dict[str, Any]:
    """Write ``report.json``, and the HTML page unless it is there already; return the report.

    Raises
    ------
    FileAccessError
        If they cannot be written.
    """
    result = report.assemble(_parts(settings, folder, current(settings, folder)))
    page = folder / PAGE
    # Figures take seconds; a build in which nothing was run need not draw them again.
    drawn = page.is_file() and _written(folder) == result
    # In this order a page that is there is the report's, wherever a run is broken off.
    if not drawn:
        with files.access(page, "write"):
            page.unlink(missing_ok=True)
    report.write(result, folder)
    if not drawn:
        report.write_html(result, page, _drawn(result, folder))
    return result


def _drawn(result: dict[str, Any], folder: Path) -> dict[str, str]:
    """Return the figures that a command left in the build's folder, as SVG text by name."""
    path = folder / EXPLAIN / FIGURE
    if result.get("explain") is None or not path.is_file():
        return {}
    return {"explain": files.read_text(path)}


def _written(folder: Path) -> dict[str, Any] | None:
    try:
        return report.read(folder)
    except HwgenError:
        return None


def _parts(settings: Settings, folder: Path, known: Current) -> dict[str, Any]:
    """Return the report's sections by name."""
    parts: dict[str, Any] = {
        "board": find_board(settings.hardware.board).to_json(),
        "seconds": {name: done.seconds for name, done in known.stages().items()},
        "tools": {},
    }
    if known.quantize:
        parts |= known.quantize.said.sections()
        parts["notes"] = list(known.quantize.said.notices)
    if known.verify:
        parts["verification"] = known.verify.said.section()
        parts["tools"]["verilator"] = known.verify.said.found.simulator
    if known.synth:
        parts |= known.synth.said.sections()
        parts["notes"] = [*parts.get("notes", ()), *known.synth.said.notices]
        parts["tools"] |= known.synth.said.tools
    if known.generate:
        parts |= _generated_parts(settings, folder, known, known.generate.said)
    if known.netlist:
        parts["netlist"] = known.netlist.said.section()
    if known.bench:
        parts["bench"] = known.bench.said.found.to_json()
    if known.power:
        parts["power"] = known.power.said.section()
    if known.explain:
        parts["explain"] = known.explain.said.section()
    if settings.hardware.quick and (less := quick.left_out(settings, known, folder)):
        parts["quick"] = less
    return parts


def _generated_parts(
    settings: Settings, folder: Path, known: Current, generated: Generated
) -> dict[str, Any]:
    """Return the sections that tell of the generated design."""
    parts: dict[str, Any] = {}
    if estimate := generate.estimated(generated, settings.hardware):
        parts["estimate"] = estimate.to_json()
    if known.quantize:
        design = known.quantize.said.design
        parts["design"] = design.to_json() | _hardware(generated)
        if generated.weights is not None:
            parts["weights"] = dict(generated.weights)
        if known.synth:
            reason = netlist.left_out(settings, generated, design.input_samples, folder)
            parts["netlist"] = {"left_out": reason or "not checked"}
        parts |= _sensor(settings, folder, generated.hop)
        if sizes := known.quantize.said.network:
            cycles = dict(generated.timing.breakdown)
            parts["network"] = layer_rows.timed(sizes, cycles, generated.utilisation)
    if known.verify:
        routed = known.synth
        clock = routed.said.clock_mhz if routed else settings.hardware.clock_mhz
        parts["latency"] = _latency(generated, known.verify.said.found, clock)
    return parts


def _sensor(settings: Settings, folder: Path, hop: int) -> dict[str, Any]:
    """Return the sections on a sensor of the board's own, if it has one."""
    if not settings.hardware.sensor.sensed:
        return {}
    board = find_board(settings.hardware.board)
    place = folder / quantize.FOLDER
    model = quantize.read_model(place / "model.json")
    return sensing.report_parts(model, settings.hardware, board, place, hop)


def _hardware(generated: Generated) -> dict[str, Any]:
    """Return what the report's ``design`` says of the design point."""
    design, array = generated.design, generated.design.array
    kind = {"transform": generated.transform, "hop": generated.hop}
    if array is None:
        return kind | {"layers": "unrolled", "lanes": design.lanes, "values": design.values}
    sizes: dict[str, Any] = {
        "parallel": array.size, "mac_rows": array.rows, "mac_lanes": array.lanes
    }  # fmt: skip
    if array.drain > 1:
        sizes["mac_drain"] = array.drain
    if design.unrolled:
        sizes |= {"unrolled": list(design.unrolled), "lanes": design.lanes}
    if generated.utilisation is not None:
        sizes["utilisation"] = round(generated.utilisation, 4)
    return kind | {"layers": "shared"} | sizes


def _latency(generated: Generated, measured: Verification, clock_mhz: float) -> dict[str, Any]:
    """Return what simulation measured; the generator's own steps when they add up to it."""
    steps = dict(generated.timing.breakdown)
    return report.latency_part(
        measured.latency,
        measured.interval or generated.timing.interval,  # of few windows it does not show
        measured.pause,
        clock_mhz,
        breakdown=steps if sum(steps.values()) == measured.latency else None,
    )


def judge_verification(settings: Settings, folder: Path) -> None:
    """Raise `MismatchError` if hardware and golden model disagree."""
    done = current(settings, folder).verify
    if done and done.said.found.mismatches:
        found = done.said.found
        raise MismatchError(
            f"{found.mismatches} of {found.windows} windows differ from the golden model; "
            f"see {folder / LOG}"
        )


def judge_netlist(settings: Settings, folder: Path) -> None:
    """Raise `MismatchError` if netlist and golden model disagree."""
    done = current(settings, folder).netlist
    if done and done.said.mismatches:
        found = done.said
        raise MismatchError(
            f"{found.mismatches} of {found.windows} windows through the netlist differ from "
            f"the golden model; see {folder / netlist.FOLDER / 'sim' / 'simulation.log'}"
        )


def judge_timing(settings: Settings, folder: Path) -> None:
    """Raise `CannotMeetError` if the clock is missed."""
    routed = current(settings, folder).synth
    if routed and not routed.said.timing.met:
        timing = routed.said.timing
        most = math.floor(10 * timing.fmax_mhz) / 10
        raise CannotMeetError(
            f"the clock must be at most {most:.1f} MHz for this design, "
            f"not {timing.target_mhz:g}; give a lower --clock-mhz or other --seeds"
        )
