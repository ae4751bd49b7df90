"""The compiler in front of the compiler: what it keeps, and what it passes on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CACHE = Path(__file__).with_name("objcache.sh")
COMPILER = """\
#!/bin/sh
echo "$@" >> "$CALLS"
[ "$1" = -bad ] && exit 3
while [ "$1" != -o ]; do shift; done
echo "of $(wc -l < "$CALLS")" > "$2"
"""
LIBRARY, DESIGN = "/root/include/verilated.cpp", "/root/include/Vtop.cpp"


@pytest.fixture
def compiles(tmp_path):
    """Return a function that compiles in a folder: the exit code, and the object's text."""
    (tmp_path / "c++").write_text(COMPILER)
    (tmp_path / "c++").chmod(0o755)
    (tmp_path / "kept").mkdir()
    environment = os.environ | {
        "CALLS": str(tmp_path / "calls"),
        "OBJCACHE_FOLDER": str(tmp_path / "kept"),
    }

    def run(folder: str, *options: str, source: str = LIBRARY) -> tuple[int, str | None]:
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        command = [CACHE, tmp_path / "c++", *options, "-c", "-o", "made.o", source]
        done = subprocess.run(command, cwd=place, env=environment, check=False)
        made = place / "made.o"
        return done.returncode, made.read_text() if made.exists() else None

    return run


def test_the_library_is_compiled_once_for_all_folders(compiles):
    assert compiles("one", "-O0") == (0, "of 1\n")
    assert compiles("two", "-O0") == (0, "of 1\n")


def test_with_other_options_it_is_another(compiles):
    assert compiles("one", "-O0") == (0, "of 1\n")
    assert compiles("two", "-O1") == (0, "of 2\n")


def test_a_design_is_compiled_each_time(compiles):
    assert compiles("one", source=DESIGN) == (0, "of 1\n")
    assert compiles("two", source=DESIGN) == (0, "of 2\n")


@pytest.mark.parametrize("source", [LIBRARY, DESIGN])
def test_what_fails_fails_and_is_not_kept(compiles, source):
    for _ in range(2):
        assert compiles("one", "-bad", source=source) == (3, None)
