"""The report from what the stages left, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwgen import files, report
from hwgen.boards import find_board
from hwgen.errors import CannotMeetError, HwgenError, MismatchError
from hwgen.flow import check, generate, implement, netlist, quantize, sensing, stage
from hwgen.flow.generated import Generated
from hwgen.flow.options import Settings

PAGE = "report/index.html"
LOG = f"{check.FOLDER}/simulation.log"
BENCH = "bench"
"""Folder of the benchmark (`hwgen.flow.link`)."""


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
        report.write_html(result, page)
    return result


def _written(folder: Path) -> dict[str, Any] | None:
    try:
        return report.read(folder)
    except HwgenError:
        return None


def current(settings: Settings, folder: Path) -> dict[str, dict[str, Any]]:
    """Return what each stage has said of the present design.

    A build that was broken off leaves later stages' results of the design before; those do not
    count.
    """
    said = {
        name: stage.result_of(folder / place, edited=name == "generate")
        for name, place in (
            ("quantize", quantize.FOLDER),
            ("generate", generate.FOLDER),
            ("verify", check.FOLDER),
            ("synth", implement.FOLDER),
            ("netlist", netlist.FOLDER),
            ("bench", BENCH),
        )
    }
    quantized = said["quantize"]
    if quantized is None or not quantize.made_for(quantized, settings):
        return {}
    bases = {
        "quantize": quantized.get("basis"),
        "generate": generate.basis(quantized["design"]["digest"], settings.hardware),
        "verify": check.basis(quantized["design"]["digest"], folder),
        "synth": implement.basis(quantized["design"]["digest"], settings.hardware),
        "netlist": netlist.basis(quantized["design"]["digest"], settings.hardware),
        "bench": generate.basis(quantized["design"]["digest"], settings.hardware),
    }
    return {
        name: result
        for name, result in said.items()
        if result is not None and result.get("basis") == bases[name]
    }


def _parts(settings: Settings, folder: Path, said: dict[str, dict[str, Any]]) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "board": find_board(settings.hardware.board).to_json(),
        "seconds": {name: value["seconds"] for name, value in said.items()},
        "tools": {},
    }
    quantized, verified, routed = (said.get(name) for name in ("quantize", "verify", "synth"))
    generated = Generated.from_json(said["generate"]) if "generate" in said else None
    if quantized:
        parts |= {key: quantized[key] for key in ("design", "accuracy", "calibration")}
        parts |= {
            key: quantized[key]
            for key in ("robustness", "search", "qat", "data")
            if key in quantized
        }
        parts["notes"] = quantized["notices"]
    if quantized and generated:
        parts["design"] = quantized["design"] | _hardware(generated)
    if verified:
        parts["verification"] = {
            key: verified[key] for key in ("simulator", "windows", "mismatches", "corner_windows")
        }
        parts["tools"]["verilator"] = verified["simulator"]
    if routed:
        parts |= {key: routed[key] for key in ("resources", "timing", "core") if key in routed}
        parts["tools"] |= routed["tools"]
    if generated and (estimate := generate.estimated(generated, settings.hardware)):
        parts["estimate"] = estimate
    if netlist_said := said.get("netlist"):
        parts["netlist"] = {key: netlist_said[key] for key in ("windows", "mismatches", "core")}
    elif quantized and generated and routed:
        window = quantized["design"]["input_samples"]
        reason = netlist.left_out(settings.netlist, generated, window, folder)
        parts["netlist"] = {"left_out": reason or "not checked"}
    if measured := said.get("bench"):
        hidden = ("basis", "seconds")
        parts["bench"] = {key: value for key, value in measured.items() if key not in hidden}
    if quantized and generated:
        parts |= _sensor(settings, folder, generated.hop)
    if generated and verified:
        clock = routed["clock_mhz"] if routed else settings.hardware.clock_mhz
        parts["latency"] = _latency(generated, verified, clock)
    return parts


def _sensor(settings: Settings, folder: Path, hop: int) -> dict[str, Any]:
    """Return the sections on a sensor of the board's own, if it has one."""
    if not settings.hardware.sensed:
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


def _latency(generated: Generated, verified: dict[str, Any], clock_mhz: float) -> dict[str, Any]:
    """Return what simulation measured; the generator's own steps when they add up to it."""
    measured = verified["latency"]
    steps = dict(generated.timing.breakdown)
    return report.latency_part(
        measured,
        verified["interval"],
        verified["pause"],
        clock_mhz,
        breakdown=steps if sum(steps.values()) == measured else None,
    )


def judge_verification(settings: Settings, folder: Path) -> None:
    """Raise `MismatchError` if hardware and golden model disagree."""
    found = current(settings, folder).get("verify")
    if found and found["mismatches"]:
        raise MismatchError(
            f"{found['mismatches']} of {found['windows']} windows differ from the golden model; "
            f"see {folder / LOG}"
        )


def judge_netlist(settings: Settings, folder: Path) -> None:
    """Raise `MismatchError` if netlist and golden model disagree."""
    found = current(settings, folder).get("netlist")
    if found and found["mismatches"]:
        raise MismatchError(
            f"{found['mismatches']} of {found['windows']} windows through the netlist differ from "
            f"the golden model; see {folder / netlist.FOLDER / 'sim' / 'simulation.log'}"
        )


def judge_timing(settings: Settings, folder: Path) -> None:
    """Raise `CannotMeetError` if the clock is missed."""
    routed = current(settings, folder).get("synth")
    if routed and not routed["timing"]["met"]:
        raise CannotMeetError(
            "the clock must be at most {fmax_mhz:.1f} MHz for this design, not {target_mhz:g}; "
            "give a lower --clock-mhz or other --seeds".format(**routed["timing"])
        )
