"""All stages of a build, and the report that they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwgen import files, report
from hwgen.boards import find_board
from hwgen.errors import CannotMeetError, MismatchError
from hwgen.flow import check, generate, implement, quantize, stage
from hwgen.flow.options import SETTINGS, Settings
from hwgen.flow.stage import Say
from hwgen.quantized import QuantizedModel

PAGE = "report/index.html"
STAGES = ("quantize", "generate", "verify", "synth")
_FOLDERS = {
    "quantize": quantize.FOLDER,
    "generate": generate.FOLDER,
    "verify": check.FOLDER,
    "synth": implement.FOLDER,
}


def build(
    settings: Settings, folder: Path, say: Say, *, upto: str = "synth", force: bool = False
) -> dict[str, Any]:
    """Run the stages that have to be run, write the report, and return it.

    Raises
    ------
    HwgenError
        Whatever a stage refuses. A mismatch or a missed clock is raised after the report is
        written, which tells of it first.
    """
    board = find_board(settings.hardware.board)
    run_quantize(settings, folder, say)
    files.write_json(folder / SETTINGS, settings.to_json())
    model = quantize.read_model(folder / quantize.FOLDER / "model.json")
    wanted = STAGES[: STAGES.index(upto) + 1]
    known = run_generate(settings, folder, model, board, say)
    if "verify" in wanted:
        run_verify(folder, model, known, say, force=force and upto == "verify")
        judge_verification(write_report(settings, folder))
    if "synth" in wanted:
        run_synth(settings, folder, model, board, known, say, force=force and upto == "synth")
    result = write_report(settings, folder)
    judge(result)
    return result


def run_quantize(settings: Settings, folder: Path, say: Say) -> dict[str, Any]:
    """Checkpoint to integer network."""

    def work() -> dict[str, Any]:
        return quantize.store(quantize.quantize(settings, say), folder / quantize.FOLDER)

    return stage.run(
        "quantize",
        folder / quantize.FOLDER,
        quantize.inputs(settings),
        quantize.OUTPUTS,
        work,
        say=say,
    )


def run_generate(
    settings: Settings, folder: Path, model: QuantizedModel, board: Any, say: Say
) -> dict[str, Any]:
    """Integer network to Verilog."""

    def work() -> dict[str, Any]:
        say("generate: writing Verilog")
        return generate.generate(model, settings.hardware, board, folder / generate.FOLDER)

    return stage.run(
        "generate",
        folder / generate.FOLDER,
        generate.inputs(model, settings.hardware, board),
        generate.OUTPUTS,
        work,
        say=say,
    )


def run_verify(
    folder: Path, model: QuantizedModel, known: dict[str, Any], say: Say, *, force: bool = False
) -> dict[str, Any]:
    """Verilog against the golden model."""
    windows = quantize.read_windows(folder / quantize.FOLDER / "windows.npz", model)

    def work() -> dict[str, Any]:
        say(f"verify: {len(windows)} windows and corner windows in Verilator")
        return check.check(folder, model, windows, known)

    return stage.run(
        "verify",
        folder / check.FOLDER,
        check.inputs(folder, model, windows),
        (),
        work,
        say=say,
        force=force,
    )


def run_synth(
    settings: Settings,
    folder: Path,
    model: QuantizedModel,
    board: Any,
    known: dict[str, Any],
    say: Say,
    *,
    force: bool = False,
) -> dict[str, Any]:
    """Board top to bitstream."""

    def work() -> dict[str, Any]:
        target = folder / implement.FOLDER
        return implement.implement(
            model, settings.hardware, board, known, target, lambda text: say(f"synth: {text}")
        )

    return stage.run(
        "synth",
        folder / implement.FOLDER,
        implement.inputs(model, settings.hardware, board) | {"point": known["rows"]},
        (),
        work,
        say=say,
        force=force,
    )


def write_report(settings: Settings, folder: Path) -> dict[str, Any]:
    """Write ``report.json`` and the HTML page from what the stages left; return the report."""
    said = {name: stage.result_of(folder / place) for name, place in _FOLDERS.items()}
    parts = _parts(settings, {name: value for name, value in said.items() if value is not None})
    result = report.assemble(parts)
    report.write(result, folder)
    report.write_html(result, folder / PAGE)
    return result


def _parts(settings: Settings, said: dict[str, dict[str, Any]]) -> dict[str, Any]:
    board = find_board(settings.hardware.board)
    parts: dict[str, Any] = {
        "board": board.to_json(),
        "seconds": {name: value["seconds"] for name, value in said.items()},
        "tools": {},
    }
    if quantized := said.get("quantize"):
        parts |= {key: quantized[key] for key in ("design", "accuracy", "calibration")}
        parts["notes"] = quantized["notices"]
    generated, verified, routed = (said.get(name) for name in STAGES[1:])
    if generated:
        parts["design"] |= {
            "parallel": generated["rows"] * generated["lanes"],
            "mac_rows": generated["rows"],
            "mac_lanes": generated["lanes"],
        }
    if verified:
        parts["verification"] = {
            key: verified[key] for key in ("simulator", "windows", "mismatches", "corner_windows")
        }
        parts["tools"]["verilator"] = verified["simulator"]
    if routed:
        parts |= {key: routed[key] for key in ("resources", "timing")}
        parts["tools"] |= routed["tools"]
    if generated and verified:
        clock = routed["clock_mhz"] if routed else settings.hardware.clock_mhz
        parts["latency"] = _latency(generated, verified, clock)
    return parts


def _latency(
    generated: dict[str, Any], verified: dict[str, Any], clock_mhz: float
) -> dict[str, Any]:
    """Return what simulation measured; the generator's own steps when they add up to it."""
    measured = verified["latency"]
    steps = generated["breakdown"]
    return report.latency_part(
        measured,
        verified["interval"],
        verified["pause"],
        clock_mhz,
        breakdown=steps if sum(steps.values()) == measured else None,
    )


def judge_verification(result: dict[str, Any]) -> None:
    """Raise `MismatchError` if hardware and golden model disagree."""
    found = result["verification"]
    if found and found["mismatches"]:
        raise MismatchError(
            f"{found['mismatches']} of {found['windows']} windows differ from the golden model; "
            f"see sim/simulation.log in the build's folder"
        )


def judge(result: dict[str, Any]) -> None:
    """Raise what the report says is wrong."""
    judge_verification(result)
    timing = result["timing"]
    if timing and not timing["met"]:
        raise CannotMeetError(
            f"the clock must be at most {timing['fmax_mhz']:.1f} MHz for this design, "
            f"not {timing['target_mhz']:g}; give a lower --clock-mhz or other --seeds"
        )
