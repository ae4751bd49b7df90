"""A wheel installed elsewhere works outside the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Build the wheel and unpack it where only its dependencies are shared with the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("hwgen-*.whl")
    target = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


@pytest.fixture
def outside(installed, tmp_path):
    """Run a program in an empty folder, the checkout not being importable."""
    prelude = (
        "import sys; root, site = sys.argv[1:3]; sys.argv[1:3] = []; "
        "sys.path[:] = [site, *(path for path in sys.path if path != root)]; "
        "import hwgen; assert hwgen.__file__.startswith(site), hwgen.__file__; "
    )

    def run(program: str, *arguments: object) -> str:
        command = [sys.executable, "-P", "-c", prelude + program, ROOT, installed, *arguments]
        done = subprocess.run(
            list(map(str, command)), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


COMMAND = "from hwgen.cli.main import run; sys.exit(run(sys.argv[1:]))"


def test_the_wheel_has_what_is_read_by_path(installed):
    def files(folder: Path) -> set[str]:
        paths = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
        return {str(path.relative_to(folder)) for path in paths if path.is_file()}

    for folder in ("boards", "sim", "rtl_templates"):
        packed = files(installed / "hwgen" / "_share" / folder)
        assert packed == files(ROOT / folder)
        assert packed


def test_commands_outside_the_checkout(outside, built, tmp_path):
    assert "ulx3s-85f" in outside(COMMAND, "boards")
    said = outside(COMMAND, "quantize", built.parent / "tiny.pt", "-o", "model.json")
    assert "synthetic" in said.splitlines()[0]
    assert (tmp_path / "model.json").is_file()


def test_a_build_outside_the_checkout(outside, write_state, warm, tmp_path):
    path = write_state(tmp_path / "ckpt.pt", filters=1, kernel=8, window=64, classes=2)
    warm(tmp_path / "new" / "sim")
    program = (
        "from pathlib import Path; from hwgen.flow.build import build; "
        "from hwgen.flow.options import Settings; "
        "build(Settings(sys.argv[1]), Path('new'), print, upto='verify')"
    )
    outside(program, path)
    report = json.loads((tmp_path / "new" / "report.json").read_text())
    assert report["verification"]["mismatches"] == 0
    assert report["verification"]["windows"] > 100
    assert (tmp_path / "new" / "report" / "index.html").is_file()
    outside(COMMAND, "export", "new")
    assert any((tmp_path / "new" / "export" / "verilog").glob("*.v"))
