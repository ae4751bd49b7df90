"""Serial ports: those that cannot be opened, and those that go away."""

from __future__ import annotations

import os
import tty

import pytest

from hwgen.errors import LinkError
from hwgen.link import SerialPort


@pytest.fixture
def terminal():
    """Return a pseudo-terminal: the near end's descriptor and the far end's path."""
    near, far = os.openpty()
    tty.setraw(far)
    yield near, os.ttyname(far)
    os.close(far)
    os.close(near)


def all_from(read, count):
    """Return at least so many bytes: a read gives what has come, which may be the first of them."""
    data = b""
    while len(data) < count:
        more = read()
        assert more, f"only {data!r} came"
        data += more
    return data


def test_bytes_go_both_ways(terminal):
    near, path = terminal
    with SerialPort(path, 1_000_000) as port:
        port.write(b"to the board")
        assert all_from(lambda: os.read(near, 100), 12) == b"to the board"
        os.write(near, b"and back")
        assert all_from(lambda: port.read(10.0), 8) == b"and back"
        assert port.read(0.01) == b""


def test_what_lies_there_from_before_is_forgotten(terminal):
    near, path = terminal
    os.write(near, b"old")
    with SerialPort(path, 115_200) as port:
        assert port.read(0.01) == b""


def test_what_has_not_been_sent_can_be_taken_back(terminal):
    _, path = terminal
    with SerialPort(path, 10_000) as port:
        port.write(bytes(100))
        # ten bits a byte; an adapter may have them already
        assert port.discard() == pytest.approx(0.1)
        assert port.discard() == 0


def test_no_such_port():
    with pytest.raises(LinkError, match="there is no port /dev/no-such-port; ports that are there"):
        SerialPort("/dev/no-such-port", 1_000_000)


def test_port_in_use(terminal):
    _, path = terminal
    with SerialPort(path, 1_000_000):
        with pytest.raises(LinkError, match="in use by another program"):
            SerialPort(path, 1_000_000)
    SerialPort(path, 1_000_000).close()


def test_file_that_is_no_port(tmp_path):
    path = tmp_path / "file"
    path.write_text("no port")
    with pytest.raises(LinkError, match="port"):
        SerialPort(str(path), 1_000_000)


def test_port_that_goes_away():
    near, far = os.openpty()
    with SerialPort(os.ttyname(far), 1_000_000) as port:
        os.close(far)
        os.close(near)
        with pytest.raises(LinkError, match="is gone"):
            port.read(1.0)
