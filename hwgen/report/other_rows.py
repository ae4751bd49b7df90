"""Rows of a report on other recordings than those of the training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.report.text import count, score


def other_rows(accuracy: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and value of each entry of ``accuracy.other``; none where there is none."""
    return [
        (f"F1 on {each['data']}, {_noise(each['snr_db'])}", _value(each))
        for each in accuracy.get("other") or ()
    ]


def _noise(snr_db: float | None) -> str:
    return "clean" if snr_db is None else f"{snr_db:g} dB"


def _value(each: Mapping[str, Any]) -> str:
    text = f"{score(each['float_f1'])} / {score(each['fixed_f1'])} of {count(each['windows'])} "
    without = f", without {', '.join(each['lacking'])}" if each["lacking"] else ""
    return f"{text}windows, float / fixed{without}"
