"""What is in the folder: answers, ports, README; and which cores and models are refused."""

from __future__ import annotations

import dataclasses
import hashlib
import re

import numpy as np
import pytest

from hwgen import files, golden
from hwgen.errors import FileAccessError, InputError, UsageError
from hwgen.export import bench_windows, export, formats
from hwgen.verify import corner_windows

NAMES = [
    "small_core.v",
    "small_core_tb.v",
    "small_core.f",
    "samples.hex",
    "expected.hex",
    "README.md",
    "MANIFEST.json",
]


def signed(value: int, width: int) -> int:
    return value - (1 << width) if value >> (width - 1) else value


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "core"
    written = export("verilog", *small.arguments(path), title="Small core")
    assert sorted(written) == sorted(path / name for name in NAMES)
    return path


def test_the_folder_holds_what_the_manifest_says(small, folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    manifest = files.read_json(folder / "MANIFEST.json")
    assert manifest["digest"] == small.model.digest
    assert manifest["files"] == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in sorted(NAMES)
        if name != "MANIFEST.json"
    }


def test_the_core_is_the_emitted_one(small, folder):
    assert small.verilog.read_text() in (folder / "small_core.v").read_text()


def test_samples_are_the_windows(small, folder):
    words = [int(line, 16) for line in (folder / "samples.hex").read_text().splitlines()]
    assert [signed(word, 16) for word in words] == small.windows.ravel().tolist()


def test_answers_are_the_golden_models(small, folder):
    width, classes = small.model.logit_width, len(small.model.classes)
    logits = golden.run(small.model, small.windows)
    lines = (folder / "expected.hex").read_text().splitlines()
    assert len(lines) == len(logits) > 8
    for line, row in zip(lines, logits.tolist(), strict=True):
        word = int(line, 16)
        assert word & 3 == max(range(classes), key=lambda number: (row[number], -number))
        fields = [word >> (2 + width * number) & ((1 << width) - 1) for number in range(classes)]
        assert [signed(field, width) for field in fields] == row
        assert word >> (2 + width * classes) == 0


def test_the_readme_tells_ports_formats_and_cycles(small, folder):
    text = (folder / "README.md").read_text()
    declared = re.findall(
        r"^  (input|output) (?:\[(\d+):0\] )?(\w+);",
        small.verilog.read_text().split("endmodule")[0],
        re.MULTILINE,
    )
    assert len(declared) == 9
    for direction, high, name in declared:
        assert f"| `{name}` | {direction} | {int(high or 0) + 1} |" in text
    assert small.model.digest in text
    assert f"One step is {16 / 2**15} g" in text
    assert f"Latency: {small.timing.latency} cycles" in text
    assert f"every {small.timing.interval} cycles" in text
    for number, name in enumerate(small.model.classes):
        assert f"| {number} | {name} |" in text
    assert "verilator --binary --timing --top-module small_core_tb" in text
    assert "iverilog -g2005 -s small_core_tb" in text


def test_names_cannot_break_the_readme(small, tmp_path):
    names = ("a|b\n# c", "`d`", "<e>")
    model = dataclasses.replace(small.model, classes=names)
    design = dataclasses.replace(small, model=model)
    export("verilog", *design.arguments(tmp_path / "out"), title="one\ntwo *three*")
    text = (tmp_path / "out" / "README.md").read_text()
    assert text.startswith("# one two \\*three\\*\n")
    assert "| 0 | a\\|b # c |" in text
    assert "| 1 | \\`d\\` |" in text
    assert "| 2 | \\<e\\> |" in text


def test_exports_are_reproducible(small, folder, tmp_path):
    export("verilog", *small.arguments(tmp_path / "again"), title="Small core")
    for name in NAMES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_a_core_of_another_model_is_refused(small, slow_one, tmp_path):
    other = dataclasses.replace(small, model=slow_one.model, windows=slow_one.windows)
    message = r"^port result__payload of .*core\.v must be output of \d+ bits for this model, not "
    with pytest.raises(InputError, match=message):
        export("verilog", *other.arguments(tmp_path / "out"), title="")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("module small_core(", "module other(", r"must hold module small_core; build again$"),
        ("  input abandon;\n", "", r"^port abandon .* input of 1 bits for this model, not absent"),
        (
            "endmodule",
            "  MULT18X18D #(\n    .A(1)\n  ) cell (\n  );\nendmodule",
            r"must hold every module it uses, but not MULT18X18D; export the core that",
        ),
        ("  input rst;\n", "  input rst;\n  input more;\n", r"^port more of .* must be absent"),
    ],
)
def test_a_changed_core_is_refused(small, tmp_path, old, new, message):
    text = small.verilog.read_text()
    assert old in text
    changed = dataclasses.replace(small, verilog=tmp_path / "core.v")
    changed.verilog.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        export("verilog", *changed.arguments(tmp_path / "out"), title="")


def test_a_missing_core_is_named(small, tmp_path):
    absent = dataclasses.replace(small, verilog=tmp_path / "absent.v")
    with pytest.raises(FileAccessError, match=r"absent\.v: No such file"):
        export("verilog", *absent.arguments(tmp_path / "out"), title="")
    assert list(tmp_path.iterdir()) == []


def test_no_windows_are_refused(small, tmp_path):
    empty = dataclasses.replace(small, windows=small.windows[:0])
    with pytest.raises(InputError, match=r"^a test bench needs at least one window, not none$"):
        export("verilog", *empty.arguments(tmp_path / "out"), title="")


@pytest.mark.parametrize("module", ["", "8bit", "a b", "../a", "größe", "a\n"])
def test_a_module_needs_a_plain_name(small, tmp_path, module):
    model, verilog, _, windows, timing, folder = small.arguments(tmp_path / "out")
    with pytest.raises(ValueError, match=r"^module must be a Verilog name, not "):
        export("verilog", model, verilog, module, windows, timing, folder, title="")


def test_formats_are_folders_of_templates(small, tmp_path):
    assert {"verilog", "axi", "link"} <= set(formats())
    written = export("verilog", *small.arguments(tmp_path / "out"), title="Small core")
    assert sorted(path.name for path in written) == sorted(NAMES)


@pytest.mark.parametrize("name", ["vhdl", "", "_folder", "verilog.py"])
def test_an_unknown_format_names_the_known_ones(small, tmp_path, name):
    with pytest.raises(UsageError, match=rf"^format must be one of .*verilog.*, not '{name}'"):
        export(name, *small.arguments(tmp_path / "out"), title="")


def test_bench_windows_are_corners_and_windows_from_all_over(small):
    windows = np.arange(100)[:, np.newaxis] * np.ones((1, 64), np.int64)
    chosen = bench_windows(small.model, windows, 10)
    assert chosen.shape == (10, 64)
    corners = corner_windows(64, 16).tolist()
    assert all(row in corners for row in chosen[:5].tolist())
    assert chosen[5:, 0].tolist() == [0, 20, 40, 60, 80]


@pytest.mark.parametrize(("available", "count", "length"), [(0, 16, 6), (3, 16, 9), (50, 1, 1)])
def test_bench_windows_are_as_many_as_there_are(small, available, count, length):
    windows = np.zeros((available, 64), np.int64)
    assert len(bench_windows(small.model, windows, count)) == length


def test_bench_windows_of_another_length_are_refused(small):
    with pytest.raises(InputError, match=r"^windows must be \(n, 64\), not \(3, 63\)$"):
        bench_windows(small.model, np.zeros((3, 63), np.int64))
