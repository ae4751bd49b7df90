"""What a simulation feeds: runs of samples, how each of them ends, and how many it can afford."""

from __future__ import annotations

from typing import Any

from hwgen.plans.timing import Timing

LEAST = 9
"""Windows from which the interval shows: the pipeline is full, and a whole round of them."""
CYCLES = 24_000_000
"""Of a simulation, about; a design with a long pause has few windows in them."""
RESULTS = 30_000
"""Of windows that overlap, about: each is compared."""
_ASIDE = 2_000_000
"""Cycles of a scenario other than back to back, about."""
_JUNK = 3
"""Samples in front of a first one, where they are to be ignored."""
_OVERTIME = 64
"""Cycles beyond the latency in which no result may come that is not due."""

Scenario = dict[str, Any]
Section = dict[str, Any]


def affordable(
    timing: Timing, window: int, hop: int, budget: int = CYCLES, *, quick: bool = False
) -> int:
    """Return how many windows can run back to back within a number of cycles, about.

    Parameters
    ----------
    timing
        Of the design.
    window, hop
        Samples a window, and from one window to the next.
    budget
        Cycles for all scenarios together.
    quick
        Whether it is to be back to back only.
    """
    cost = _cost(timing, window)
    if hop < window:
        return max(3, min(budget // cost - (1 if quick else 12), RESULTS * hop // window))
    if quick:
        return max(1, budget // cost - 1)
    least = cycles(in_blocks(LEAST, window, timing), timing, window)
    return LEAST + max(0, budget - least) // cost


def in_blocks(windows: int, window: int, timing: Timing, *, quick: bool = False) -> list[Scenario]:
    """Return the scenarios for windows one behind the other, as they lie in memory.

    Parameters
    ----------
    windows, window
        How many there are, and samples of each.
    timing
        Of the design.
    quick
        Only what shows the answers, latency and pace.
    """

    def section(first: int, whole: int, end: str = "results", part: int = 0, **more) -> Section:
        count = whole * window + part
        return _section(first * window, count, first, whole, end, timing, **more)

    def few(most: int) -> int:
        return max(1, min(most, windows, _ASIDE // _cost(timing, window)))

    alone, all_ = [section(0, 1)], [section(0, windows)]
    plain = [_scenario("alone", alone), _scenario("back to back", all_)]
    if quick:
        return plain
    # In the middle of a window, while the ones before are in every part of the pipeline; and when
    # there is none but a whole one in it.
    part = (timing.latency * window) // timing.interval + window * 5 // 3
    broken = [section(0, part // window, "reset", part % window)]
    if timing.latency < timing.interval:
        broken = [section(1, 1, "reset", idle=timing.latency // 2)]
        broken.append(section(0, 0, "reset", window * 2 // 3, junk=_JUNK))
    after = few(5)
    before = few(2) - 1
    soon = min(20, timing.latency // 4)
    return [
        *plain,
        _scenario("gaps and stalls", [section(0, max(2, few(12)))], gaps=1, stalls=_stalls(timing)),
        _scenario("slow samples", [section(0, few(2))], spacing=timing.pause + 2),
        _scenario("reset in mid-window", [*broken, section(windows - after, after, junk=_JUNK)]),
        _scenario(
            "abandoned",
            [
                section(1, before, "abandon", window * 2 // 3, answered=(before, before)),
                section(2, before + 1, "abandon", idle=soon, junk=_JUNK, answered=(before, before)),
                section(4, before, "next", window // 3, junk=_JUNK),
                section(windows - before - 1, before + 1),
            ],
        ),
    ]


def in_streams(
    first: int, second: int, window: int, hop: int, timing: Timing, *, quick: bool = False
) -> list[Scenario]:
    """Return the scenarios for two streams of windows that overlap, one behind the other in memory.

    Parameters
    ----------
    first, second
        Samples of each, two windows at least; the second is for what follows an interruption.
    window, hop
        Samples a window, and from one window to the next.
    timing
        Of the design.
    quick
        Only what shows the answers, latency and pace.
    """

    def section(stream: int, count: int, end: str = "results", **more) -> Section:
        start, answers = (first, windows_of(first, window, hop)) if stream else (0, 0)
        return _section(start, count, answers, windows_of(count, window, hop), end, timing, **more)

    plain = [
        _scenario("alone", [section(0, window)]),
        _scenario("back to back", [section(0, first)]),
    ]
    if quick:
        return plain
    held_up = min(first, window + max(11 * hop, window), max(window + hop, _ASIDE // timing.pause))
    flying = min(4, 1 + window // hop)
    # Windows whose results are out for certain when the last of them has only just been taken.
    out = max(0, flying - 2 - timing.latency // (hop * timing.pause))
    return [
        *plain,
        _scenario("gaps and stalls", [section(0, held_up)], gaps=1, stalls=_stalls(timing)),
        _scenario("slow samples", [section(0, window + hop)], spacing=timing.pause + 2),
        _scenario(
            "reset in mid-window",
            [
                section(0, window + hop, "reset", idle=timing.latency // 2),
                section(0, window * 2 // 3, "reset", junk=_JUNK),
                section(1, second, junk=_JUNK),
            ],
        ),
        _scenario(
            "abandoned",
            [
                section(0, window * 2 // 3, "abandon", answered=(0, 0)),
                section(
                    1,
                    window + (flying - 1) * hop,
                    "abandon",
                    idle=min(20, timing.latency // 4),
                    junk=_JUNK,
                    answered=(out, flying - 1),
                ),
                section(0, window + hop // 2, "next", junk=_JUNK),
                section(1, second),
            ],
        ),
    ]


def at_rest(samples: int, idle: int, timing: Timing) -> list[Scenario]:
    """Return the scenario of a few samples, of no whole window, and of cycles without any behind.

    Parameters
    ----------
    samples
        So many.
    idle
        Cycles without one, at the end.
    timing
        Of the design.
    """
    return [_scenario("at rest", [_section(0, samples, 0, 0, "next", timing, idle=idle)])]


def cycles(scenarios: list[Scenario], timing: Timing, window: int) -> int:
    """Return about how many cycles the scenarios take."""
    samples = sum(section["count"] for each in scenarios for section in each["sections"])
    return samples * _cost(timing, window) // window


def windows_of(samples: int, window: int, hop: int) -> int:
    """Return how many windows are whole after so many samples of a stream."""
    return max(0, (samples - window) // hop + 1)


def _cost(timing: Timing, window: int) -> int:
    """Return the cycles that a window's samples take."""
    return max(timing.interval, window * timing.pause)


def _stalls(timing: Timing) -> int:
    """Return how results are held up.

    At random if samples come fast; where they are slow that would never make one wait, so results
    then wait for that.
    """
    return 1 if timing.pause == 1 else 2


def _scenario(
    name: str, sections: list[Section], *, spacing: int = 0, gaps: int = 0, stalls: int = 0
) -> Scenario:
    mode = {"spacing": spacing, "gaps": gaps, "stalls": stalls}
    return {"name": name, "sections": sections} | mode


def _section(
    start: int,
    count: int,
    answers: int,
    windows: int,
    end: str,
    timing: Timing,
    *,
    idle: int = 0,
    junk: int = 0,
    answered: tuple[int, int] = (0, 0),
) -> Section:
    """Return a run of samples: where they and their answers are, and how it ends."""
    if end == "results":  # and no other ones may come
        idle = timing.latency + _OVERTIME
    return {
        "start": start,
        "count": count,
        "answers": answers,
        "windows": windows,
        "end": end,
        "idle": idle,
        "junk": junk,
        "answered": list(answered),
    }
