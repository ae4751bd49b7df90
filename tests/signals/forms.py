"""The forms in which published data sets write their records as text, for small files in tests.

Each function writes one file and returns its path. `samples` is (n,) or (n, columns); what the
set has beyond them (times, a header) is made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np


def write_femto(path: Path, samples: np.ndarray, *, rate: float = 25_600, mark: str = ",") -> Path:
    """FEMTO / PRONOSTIA, ``acc_00001.csv``: hour, minute, second, microsecond, two channels.

    Some copies of the set part the columns by semicolons.
    """
    micros = 65_664 + np.arange(len(samples)) * 1e6 / rate
    rows = [
        f"9{mark}39{mark}{39 + int(us // 1e6)}{mark}{us % 1e6:.1f}{mark}{h:.3f}{mark}{v:.3f}"
        for us, (h, v) in zip(micros, samples, strict=True)
    ]
    return _write(path, rows)


def write_xjtu(path: Path, samples: np.ndarray) -> Path:
    """XJTU-SY, ``1.csv``: two titled channels, no times."""
    titles = "Horizontal_vibration_signals,Vertical_vibration_signals"
    return _write(path, [titles, *(f"{h:.6f},{v:.6f}" for h, v in samples)])


def write_ims(path: Path, samples: np.ndarray) -> Path:
    """IMS / NASA, ``2003.10.22.12.06.24``: four or eight columns, tabs, CRLF, no true ending."""
    return _write(path, ["\t".join(f"{v:.3f}" for v in row) for row in samples], end="\r\n")


def write_jnu(path: Path, samples: np.ndarray) -> Path:
    """JNU, ``ib600_2.csv``: one column, nothing else."""
    return _write(path, [f"{value:.5f}" for value in samples])


def write_seu(path: Path, samples: np.ndarray, *, mark: str = "\t") -> Path:
    """SEU gearbox, ``ball_20_0.csv``: sixteen lines of header, eight columns, a mark at the end.

    One of the set's files has commas, the others tabs.
    """
    facts = [
        *("Title\tball_20_0", "Date Created\t2016-10-26", "Operator\t", "Comment\tgear, 20 Hz"),
        *("Setup\t1", "Acquisition Mode\tMultichannel", "Channels\t8", "Frame Length\t1048560"),
        *("Window\tNone", "Averages\t1", "Trigger\tFree Run", "Version\t8", "", "", "Data"),
    ]
    header = [fact.replace("\t", mark) for fact in facts]
    rows = ["".join(f"{v:.6f}{mark}" for v in row) for row in samples]
    return _write(path, [*header, "Time Series", *rows])


def write_titled(path: Path, titles: Sequence[str], samples: np.ndarray) -> Path:
    """A table with titles between commas, as pandas writes it without its index."""
    rows = [",".join(repr(float(v)) for v in row) for row in samples]
    return _write(path, [",".join(titles), *rows])


def _write(path: Path, lines: Sequence[str], end: str = "\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(line + end for line in lines).encode())
    return path
