"""The virtual board: a board top compiled by Verilator, behind a pseudo-terminal.

To the host it is a serial port. Faults of the line are ordered through a channel of its own.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from hwgen import files, share, tools
from hwgen.errors import LinkError, ToolError

if TYPE_CHECKING:
    from hwgen.gateware.flash.plan import FlashPlan
    from hwgen.gateware.flash.reader import ReaderPlan
    from hwgen.hardware.contract import Core

MODULE = "board"
PROGRAM = "verilator/Vboard"
"""Of a virtual board's folder."""
DIVISOR = 8
"""Clock cycles of a bit where the core keeps up: the shortest that a UART works with."""
_SAMPLE_BITS = 20
_BUILD = [
    "--cc",
    "--exe",
    "--build",
    "-O3",
    "--x-assign",
    "unique",
    "--x-initial",
    "unique",
    "--no-timing",
    "--top-module",
    MODULE,
    "--prefix",
    "Vboard",
    "--Mdir",
    "verilator",
]
_MAKE = "CFG_CXXFLAGS_PCH_I=-include OPT_SLOW=-O0 OPT_GLOBAL=-O0"
_PATIENCE_S = 30.0
FLASH_BYTES = 8192
"""Of a virtual flash: as much as its board uses of one."""
_TIMEOUT_BYTES = 64
_QUIET_BYTES = 40
"""Byte times beyond the frame time-out after which the board is quiet."""


def divisor_for(pause: int) -> int:
    """Return the clock cycles of a bit for a core that needs `pause` cycles between samples."""
    return max(DIVISOR, -(-pause // _SAMPLE_BITS))


def compile_board(verilog: Path, folder: Path, *, optimise: bool = True) -> Path:
    """Compile the Verilog of a `VirtualTop`, module `MODULE`; return the program.

    Parameters
    ----------
    optimise
        Whether the compiler does: right but for a few windows through something large.

    Raises
    ------
    ToolError
        If Verilator or the compiler is missing or fails; names the log.
    FileAccessError
        If `folder` cannot be written.
    """
    for name in ("g++", "make", "perl"):
        tools.find(name)
    sim = share.folder("sim")
    with tools.workshop(folder) as place:
        with files.access(folder, "write"):
            shutil.copyfile(verilog, place / f"{MODULE}.v")
        tools.run(
            [
                *tools.find("verilator"),
                *_BUILD,
                *("-j", str(os.cpu_count() or 1)),
                *("-MAKEFLAGS", f"{_MAKE} OPT_FAST={'-O3' if optimise else '-O0'}"),
                *(("-CFLAGS", "-O2") if optimise else ()),
                str(sim / "verilator.vlt"),
                f"{MODULE}.v",
                str(sim / "virtual_board.cpp"),
            ],
            place,
            folder / "verilator.log",
            what="the virtual board (Verilator)",
        )
        with files.access(folder, "write"):
            (folder / PROGRAM).parent.mkdir(exist_ok=True)
            files.move(place / PROGRAM, folder / PROGRAM)
    return folder / PROGRAM


@dataclass(frozen=True)
class VirtualFlash:
    """A flash at a virtual board's pins; its contents outlive the board's power.

    Parameters
    ----------
    file
        What is in it: `FLASH_BYTES` or another power of two, of which addresses count modulo the
        size. A board that is ended while it writes leaves what a power cut does.
    erase_cycles, program_cycles
        For which it is busy.
    fault
        ``"none"``; ``"high"`` or ``"low"``: it is not there, and its pin is that; ``"busy"``: for
        ever; ``"flip:N"``: the N-th bit that a fast read gives since power-up is wrong.
    """

    file: Path
    erase_cycles: int = 20_000
    program_cycles: int = 2_000
    fault: str = "none"

    def erased(self) -> VirtualFlash:
        """Write an erased flash's file; return itself."""
        with files.access(self.file, "write"):
            self.file.write_bytes(b"\xff" * FLASH_BYTES)
        return self

    @property
    def words(self) -> list[str]:
        """What the simulator is told."""
        busy = (str(self.erase_cycles), str(self.program_cycles))
        return ["flash", str(self.file.absolute()), *busy, self.fault]


@dataclass(frozen=True)
class Compiled:
    """A virtual board that can be started.

    Parameters
    ----------
    program
        The simulator.
    divisor
        Clock cycles of a bit.
    timeout_cycles
        Of its frames.
    """

    program: Path
    divisor: int
    timeout_cycles: int

    def start(self, part: Sequence[str] = (), flash: VirtualFlash | None = None) -> VirtualBoard:
        """Return it running (`VirtualBoard`)."""
        return VirtualBoard(self.program, self.divisor, self.timeout_cycles, part, flash)


def virtual_board(
    core: Core,
    clock_mhz: float,
    digest: str,
    folder: Path,
    *,
    source: Any = None,
    decision: Any = None,
    bus: str | None = None,
    flash: FlashPlan | None = None,
    weights: ReaderPlan | None = None,
) -> Compiled:
    """Generate and compile the board top of a core, with the fastest line that it can follow.

    Its frame time-out is short: a simulation is slower than the clock on the wall.

    Parameters
    ----------
    core, clock_mhz, digest, source, decision, flash, weights
        As of `hwgen.gateware.top.LinkedCore`.
    folder
        Where to work; made when missing.
    bus
        Of `hwgen.boards.board.BUSES`: the source's.

    Raises
    ------
    ToolError
        If a tool is missing or fails; names the log.
    FileAccessError
        If `folder` cannot be written.
    """
    from hwgen.gateware.top import LinkedCore
    from hwgen.hardware.emit import write_verilog
    from hwgen.link.virtual_top import VirtualTop

    divisor = divisor_for(core.plan.timing.pause)
    timeout_cycles = _TIMEOUT_BYTES * 10 * divisor
    linked = LinkedCore(
        core,
        clock_mhz=clock_mhz,
        baud=round(clock_mhz * 1e6 / divisor),
        digest=digest,
        frame_timeout_s=timeout_cycles / (clock_mhz * 1e6),
        source=source,
        decision=decision,
        flash=flash,
        weights=weights,
    )
    verilog = folder / f"{MODULE}.v"
    with files.access(folder, "write"):
        folder.mkdir(parents=True, exist_ok=True)
    write_verilog(VirtualTop(linked, bus), MODULE, verilog)
    return Compiled(compile_board(verilog, folder), divisor, timeout_cycles)


class Count(NamedTuple):
    """What a virtual board has done since its start, and whether it is quiet.

    It is when nothing has happened on its line for longer than its frame time-out, and nothing is
    under way that would. Without a sensor part its time then stands still.
    """

    from_host: int
    to_host: int
    faults: int
    cycles: int
    quiet: int


class VirtualBoard:
    """A running virtual board; as a context manager it is ended with the block.

    Parameters
    ----------
    program
        What `compile_board` returned.
    divisor
        Clock cycles of a bit, as it was generated.
    timeout_cycles
        Its frame time-out.
    part
        The sensor part at its pins, in words (`hwgen.link.virtual_sensor.write_recording`); with
        one, time goes on though nothing happens on the line.
    flash
        The flash at its pins; None: there is none.

    Attributes
    ----------
    port
        Path of the serial port.

    Raises
    ------
    ToolError
        If it does not start.
    """

    def __init__(
        self,
        program: Path,
        divisor: int,
        timeout_cycles: int,
        part: Sequence[str] = (),
        flash: VirtualFlash | None = None,
    ) -> None:
        quiet = timeout_cycles + _QUIET_BYTES * 10 * divisor
        words = [] if flash is None else flash.words
        command = [str(program.absolute()), str(divisor), str(quiet), *words, *part]
        if not os.access(program, os.X_OK):
            raise ToolError(f"cannot start {program}: no such program")
        self._lifeline: int | None = None
        self._process, self._lifeline = tools.guarded(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._said = b""
        try:
            self.port = self._line().removeprefix("port ")
        except LinkError as error:
            self.close()
            raise ToolError(f"the virtual board {program} did not start") from error

    def __enter__(self) -> VirtualBoard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        if self._lifeline is None:
            return
        with self._process as process:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        os.close(self._lifeline)
        self._lifeline = None

    def order(self, kind: str, at: int, *values: int) -> None:
        """Order a fault (kinds and values: ``sim/virtual_board.cpp``) at a byte's number."""
        if self._ask(f"{kind} {at} {' '.join(map(str, values))}") != "ok":
            raise ValueError(f"the virtual board does not take {kind}")

    def count(self) -> Count:
        """Return how far it is."""
        return Count(*map(int, self._ask("count").split()))

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
        except OSError as error:
            raise LinkError("the virtual board has ended") from error
        return self._line()

    def _line(self) -> str:
        """Return the next line that it says."""
        assert self._process.stdout is not None
        stream = self._process.stdout.fileno()
        while b"\n" not in self._said:
            ready, _, _ = select.select([stream], [], [], _PATIENCE_S)
            data = os.read(stream, 4096) if ready else b""
            if not data:
                raise LinkError("the virtual board has ended or hangs")
            self._said += data
        line, _, self._said = self._said.partition(b"\n")
        return line.decode()
