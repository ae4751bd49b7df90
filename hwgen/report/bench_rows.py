"""What the report says of a benchmark on a board: its optional part ``bench``."""

from __future__ import annotations

from typing import Any

from hwgen.report.rules import COUNT, OBJECT, SOME, TEXT, Rule, check_object, is_number
from hwgen.report.text import count, number

_POSITIVE = Rule("a number > 0", lambda value: is_number(value) and value > 0)
_SPREAD = dict.fromkeys(("min", "median", "max"), _POSITIVE)
_BENCH = {
    "port": TEXT,
    "clock_mhz": _POSITIVE,
    "windows": SOME,
    "mismatches": COUNT,
    "latency_cycles": OBJECT,
    "latency_us": OBJECT,
    "round_trip_ms": OBJECT,
    "replay": OBJECT,
    "retries": COUNT,
}
_ENERGY = dict.fromkeys(("watts", "windows_per_second", "joules"), _POSITIVE)
_REPLAY = {"windows": SOME, "cycles": SOME, "windows_per_second": _POSITIVE}


def check_bench(report: dict[str, Any]) -> None:
    """Raise unless ``bench``, where given, is what it must be."""
    bench = report.get("bench")
    if bench is None:
        return
    check_object("bench", bench, _BENCH)
    for name in ("latency_cycles", "latency_us", "round_trip_ms"):
        check_object(f"bench.{name}", bench[name], _SPREAD)
    check_object("bench.replay", bench["replay"], _REPLAY)
    if "energy" in bench:
        check_object("bench.energy", bench["energy"], _ENERGY)


def bench_rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of the table; none for a build that was on no board."""
    bench = report.get("bench")
    if bench is None:
        return []
    cycles = bench["latency_cycles"]
    spread = " / ".join(count(round(cycles[key])) for key in ("min", "median", "max"))
    return [
        (
            f"on the board ({bench['port']})",
            f"{spread} cycles from last sample to class (min / median / max), "
            f"{number(bench['replay']['windows_per_second'])} windows a second; "
            f"{count(bench['mismatches'])} mismatches in {count(bench['windows'])} answers",
        ),
        *_energy(bench),
    ]


def _energy(bench: dict[str, Any]) -> list[tuple[str, str]]:
    energy = bench.get("energy")
    if energy is None:
        return []
    own = energy["own_joules"]
    more = "" if own is None else f", {number(own * 1e6)} uJ more than the idle board"
    watts = f"{number(energy['watts'])} W by a meter"
    return [("energy of an answer", f"{number(energy['joules'] * 1e6)} uJ ({watts}){more}")]
