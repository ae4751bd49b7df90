"""A serial port: opened for this program alone, read and written with time-outs."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol

import serial
from serial.tools import list_ports

from hwgen.errors import LinkError

_ADAPTER_BYTES = 512
"""What a serial adapter may hold that cannot be taken back."""
_SLICE_S = 0.02
"""How long one read waits for a further byte at most."""


class Port(Protocol):
    """What a client needs of a port."""

    def write(self, data: bytes) -> None:
        """Send bytes; `LinkError` if the port takes none."""

    def read(self, seconds: float) -> bytes:
        """Return what has come, at least a byte unless none comes in so many seconds."""

    def discard(self) -> float:
        """Forget what has not been sent yet; return for how many seconds the line may go on."""


class SerialPort:
    """A serial port, 8N1; as a context manager it is closed with the block.

    Parameters
    ----------
    path
        ``/dev/ttyUSB0``, ``COM3``.
    baud
        Bits a second.
    write_timeout_s
        After which a port that takes no bytes is given up.

    Raises
    ------
    LinkError
        If there is no such port, it is in use, or may not be opened.
    """

    def __init__(self, path: str, baud: int, *, write_timeout_s: float = 10.0) -> None:
        self.path = path
        self._baud = baud
        self._written = 0  # since the last `discard`
        try:
            self._serial = serial.Serial(
                path, baud, timeout=0, write_timeout=write_timeout_s, exclusive=True
            )
            self._serial.reset_input_buffer()
        except (serial.SerialException, OSError, ValueError) as error:
            raise LinkError(_why(path, baud, error)) from error

    def __enter__(self) -> SerialPort:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back."""
        with contextlib.suppress(OSError):
            self._serial.close()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        with self._gone():
            try:
                self._written += len(data)
                self._serial.write(data)
            except serial.SerialTimeoutException as error:
                raise LinkError(f"the port {self.path} takes no bytes; is the cable right?"
                                ) from error  # fmt: skip

    def read(self, seconds: float) -> bytes:
        """Return what has come; empty if nothing does within so many seconds."""
        deadline = time.monotonic() + seconds
        with self._gone():
            while True:
                left = deadline - time.monotonic()
                self._serial.timeout = max(0.0, min(left, _SLICE_S))
                data: bytes = self._serial.read(max(1, self._serial.in_waiting))
                if data or left <= 0:
                    return data

    def discard(self) -> float:
        """Forget what has not been sent yet; return for how many seconds the line may go on."""
        with self._gone():
            self._serial.reset_output_buffer()
        left, self._written = min(self._written, _ADAPTER_BYTES), 0
        return left * 10 / self._baud

    @contextlib.contextmanager
    def _gone(self) -> Iterator[None]:
        try:
            yield
        except (serial.SerialException, OSError) as error:
            raise LinkError(f"the port {self.path} is gone ({error})") from error


def _why(path: str, baud: int, error: Exception) -> str:
    """Return why a port could not be opened, and what to do."""
    number = getattr(error, "errno", None)
    busy = number in (errno.EBUSY, errno.EAGAIN) or "lock" in str(error)
    if busy:
        return f"the port {path} is in use by another program; close that first"
    if number == errno.EACCES:
        return f"no permission to open the port {path}; join its group (often: dialout)"
    if isinstance(error, ValueError):
        return f"the port {path} does not do {baud} baud ({error})"
    there = ", ".join(port.device for port in list_ports.comports()) or "none"
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO) or not number:
        return f"there is no port {path}; ports that are there: {there}"
    return f"cannot open the port {path}: {error}"
