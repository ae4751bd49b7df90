"""Single faults: where they are planted, which tests are asked, and what is kept."""

from __future__ import annotations

import ast
import subprocess
import sys

import mutants
import mutation
import pytest
import trial
from mutants import Equivalent, Kept
from mutation import Mutant, candidates, plausible
from trial import Verdict

SOURCE = '''"""A module with 1 + 1 in its docstring."""

from amaranth.hdl import Module, Mux, Signal, signed


class Part:
    """Do 2 * 2."""

    def elaborate(self, platform: list[int] | None) -> Module:
        """Return 3 - 3."""
        m = Module()
        count = Signal(range(self.n + 1), reset_less=True)
        m.d.sync += [count.eq(count + 1), self.o.eq(Mux(self.a, count, 0))]
        with m.If((count == 3) & ~self.b):
            m.d.comb += self.p.eq(count[: self.n])
            m.next = "THERE"
        if self.n < 4 or self.k:
            raise ValueError(f"n must be at least {4 + 4}, not {self.n}")
        self.helper(m)
        return m

    @property
    def latency(self) -> int:
        return max(self.n, 2) if self.k else signed(5)
'''


def planted(kind=None):
    found = [one for one in candidates("hwgen/gateware/sensors/part.py", SOURCE) if plausible(one)]
    changes = [one.change for one in found if kind is None or one.kind == kind]
    assert len({one.name for one in found}) == len(found)
    return changes


@pytest.mark.parametrize(
    ("kind", "was", "becomes"),
    [
        ("operator", "with m.If((count == 3) & ~self.b):", "with m.If((count == 3) | ~self.b):"),
        ("compare", "with m.If((count == 3) & ~self.b):", "with m.If((count != 3) & ~self.b):"),
        ("unary", "with m.If((count == 3) & ~self.b):", "with m.If((count == 3) & self.b):"),
        ("constant", "with m.If((count == 3) & ~self.b):", "with m.If((count == 2) & ~self.b):"),
        ("condition", "with m.If((count == 3) & ~self.b):",
         "with m.If(~((count == 3) & ~self.b)):"),
        ("mux", "m.d.sync += [count.eq(count + 1), self.o.eq(Mux(self.a, count, 0))]",
         "m.d.sync += [count.eq(count + 1), self.o.eq(Mux(self.a, 0, count))]"),
        ("drop", "m.d.sync += [count.eq(count + 1), self.o.eq(Mux(self.a, count, 0))]",
         "m.d.sync += [ self.o.eq(Mux(self.a, count, 0))]"),
        ("drop", "m.d.comb += self.p.eq(count[: self.n])", "pass"),
        ("drop", 'm.next = "THERE"', "pass"),
        ("drop", "self.helper(m)", "pass"),
        ("name", "m.d.comb += self.p.eq(count[: self.n])",
         "m.d.sync += self.p.eq(count[: self.n])"),
        ("slice", "m.d.comb += self.p.eq(count[: self.n])",
         "m.d.comb += self.p.eq(count[: self.n + 1])"),
        ("and-or", "if self.n < 4 or self.k:", "if self.n < 4 and self.k:"),
        ("compare", "if self.n < 4 or self.k:", "if self.n <= 4 or self.k:"),
        ("range", "count = Signal(range(self.n + 1), reset_less=True)",
         "count = Signal(range(self.n + 1 - 1), reset_less=True)"),
        ("return", "return max(self.n, 2) if self.k else signed(5)",
         "return (max(self.n, 2) if self.k else signed(5)) + 1"),
        ("name", "return max(self.n, 2) if self.k else signed(5)",
         "return max(self.n, 2) if self.k else unsigned(5)"),
    ],
)  # fmt: skip
def test_faults(kind, was, becomes):
    assert (was, becomes) in planted(kind)


def test_what_is_left_alone():
    lines = [was for was, _ in planted()]
    for text in ("docstring", "Do 2", "Return 3", "must be", "platform", "import"):
        assert not any(text in line for line in lines)
    becomes = [text for _, text in planted()]
    assert "count = Signal(range(self.n + 2), reset_less=True)" not in becomes, "a wider signal"
    assert not any("reset_less=False" in text for text in becomes)


def test_every_mutant_is_another_program():
    for one in candidates("hwgen/gateware/sensors/part.py", SOURCE):
        if plausible(one):
            assert ast.dump(ast.parse(one.mutated)) != ast.dump(ast.parse(SOURCE))
    comment = Mutant("x.py", "a = 1  # b\n", 9, 10, "c", "constant")
    assert not plausible(comment)
    assert not plausible(Mutant("x.py", "a = 1\n", 2, 3, "", "drop"))


def test_the_same_seed_draws_the_same_from_every_room():
    first, again, other = (mutants.chosen(seed, 40) for seed in (1, 1, 2))
    assert [one.name for one in first] == [one.name for one in again]
    assert [one.name for one in first] != [one.name for one in other]
    rooms = [mutants.room_of(one.file) for one in first]
    least = 40 // (2 * len(mutants.ROOMS))
    assert all(rooms.count(room) >= least for room in mutants.ROOMS)
    assert 36 <= len(first) <= 44
    some = mutants.chosen(1, 7, ["hwgen/gateware/link/turns.py"])
    assert [one.file for one in some] == ["hwgen/gateware/link/turns.py"] * 7
    assert some[0].diff().splitlines()[2].startswith("@@")


def test_tests_of_a_module_s_own():
    root = trial.ROOT
    assert trial.own_tests(root, "hwgen/gateware/link/turns.py") == [
        "tests/gateware/link/test_turns.py"
    ]
    assert trial.own_tests(root, "hwgen/gateware/sensors/sources/mcp3201.py") == [
        "tests/gateware/sensors/test_sources.py"
    ]
    others = trial.folder_tests(root, "hwgen/gateware/link/turns.py")
    assert "tests/gateware/link/test_turns.py" not in others
    assert "tests/gateware/test_link.py" in others


def test_every_module_with_faults_to_plant_has_tests_of_its_own():
    for room in mutants.ROOMS:
        for path in sorted((trial.ROOT / "hwgen" / room).rglob("*.py")):
            file = str(path.relative_to(trial.ROOT))
            if candidates(file, path.read_text()):
                assert trial.own_tests(trial.ROOT, file), file


def test_a_module_without_a_test_file_has_those_that_import_it(tmp_path):
    folder = tmp_path / "tests" / "boards"
    folder.mkdir(parents=True)
    (folder / "test_a.py").write_text("from hwgen.boards.lamp import Lamp\n")
    (folder / "test_b.py").write_text("from hwgen.boards import door, lamp\n")
    (folder / "test_c.py").write_text("from hwgen.boards.lamps import Lamp\n")
    found = trial.own_tests(tmp_path, "hwgen/boards/lamp.py")
    assert found == ["tests/boards/test_a.py", "tests/boards/test_b.py"]


def a_tree(monkeypatch, tmp_path, module, test):
    """Return a copy of a source tree of one module and its test."""
    root = tmp_path / "root"
    for part in trial.PARTS:
        (root / part).mkdir(parents=True)
    (root / "hwgen" / "boards").mkdir()
    (root / "hwgen" / "boards" / "lamp.py").write_text(module)
    (root / "tests" / "test_lamp.py").write_text(test)
    for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile"):
        (root / name).write_text("")
    monkeypatch.setattr(trial, "ROOT", root)
    return trial.Tree(tmp_path / "copy")


MODULE = "def twice(n):\n    while n > 9:\n        n -= 1\n    return n * 2\n"
TEST = """
import sys
sys.path.insert(0, "hwgen/boards")
from lamp import twice

def test_twice():
    assert twice(3) == 6
"""


def test_a_fault_dies_hangs_or_survives_and_is_gone_again(monkeypatch, tmp_path):
    tree = a_tree(monkeypatch, tmp_path, MODULE, TEST)
    monkeypatch.setattr(trial, "SLACK_S", 2.0)
    tests = ["tests/test_lamp.py"]
    place = MODULE.index("* 2")

    def tried(start, end, text):
        run = tree.try_out(Mutant("hwgen/boards/lamp.py", MODULE, start, end, text, "x"), tests)
        assert (tree.root / "hwgen/boards/lamp.py").read_text() == MODULE
        return run.passed, run.hung

    assert tried(place, place + 1, "+") == (False, False)
    assert tried(place + 2, place + 3, "3") == (False, False), "of the same size, in a second"
    assert tried(MODULE.index("9"), MODULE.index("9") + 1, "8") == (True, False)
    hangs = MODULE.index("n > 9")
    assert tried(hangs, hangs + 5, "n or 1") == (False, True)
    assert tree.sound_seconds(tests) > 0


def test_tests_that_fail_without_a_fault_are_told(monkeypatch, tmp_path):
    tree = a_tree(monkeypatch, tmp_path, MODULE, TEST.replace("6", "7"))
    with pytest.raises(SystemExit, match=r"tests/test_lamp\.py fail without any fault"):
        tree.sound_seconds(["tests/test_lamp.py"])


def test_a_module_whose_tests_are_all_slow_has_these(monkeypatch, tmp_path):
    slow = TEST.replace("def test", "import pytest\n\n@pytest.mark.slow\ndef test")
    tree = a_tree(monkeypatch, tmp_path, MODULE, slow)
    place = MODULE.index("* 2")
    fault = Mutant("hwgen/boards/lamp.py", MODULE, place, place + 1, "+", "x")
    assert not tree.try_out(fault, ["tests/test_lamp.py"]).passed


def test_kills_are_kept_and_survivals_until_the_tests_change(monkeypatch, tmp_path):
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    (tmp_path / "test_x.py").write_text("one")
    path = tmp_path / "build" / "kept.jsonl"
    killed, alive = (Mutant("x.py", "a = 1\n", 4, 5, text, "constant") for text in "23")
    kept = Kept(path)
    assert kept.find(killed, ["test_x.py"]) is None
    kept.add(killed, ["test_x.py"], verdict=Verdict.OWN, seconds=1.0, hung=False)
    kept.add(alive, ["test_x.py"], verdict=Verdict.SURVIVED, seconds=1.0, hung=False)
    with path.open("a") as file:
        file.write('{"key": "cut off')
    again = Kept(path)
    assert again.find(killed, ["test_x.py"])["verdict"] == "killed"
    assert again.find(alive, ["test_x.py"])["verdict"] == "survived"
    (tmp_path / "test_x.py").write_text("two")
    assert again.find(killed, ["test_x.py"])["verdict"] == "killed"
    assert again.find(alive, ["test_x.py"]) is None


def test_the_list_of_what_nothing_can_see_is_of_this_tree():
    listed = mutants.equivalents()
    for entry in listed:
        source = (trial.ROOT / entry.file).read_text()
        assert any(entry.covers(one) for one in candidates(entry.file, source)), entry.becomes
    assert len({(entry.file, entry.was, entry.becomes) for entry in listed}) == len(listed)


@pytest.mark.parametrize(
    ("reason", "was", "text"),
    [("", "a", "reason of 'a' must be given"), ("so", "zzz = 77", "has no 'zzz = 77' any more")],
)
def test_a_stale_entry_is_told(tmp_path, reason, was, text):
    path = tmp_path / "list.toml"
    path.write_text(
        f'[[equivalent]]\nfile = "hwgen/gateware/link/turns.py"\nwas = "{was}"\nbecomes = "b"\n'
        f'reason = "{reason}"\n'
    )
    with pytest.raises(SystemExit, match=text):
        mutants.equivalents(path)


def test_an_entry_is_for_one_fault():
    entry = Equivalent("x.py", "a = 1", "a = 2", "so")
    assert entry.covers(Mutant("x.py", "  a = 1\n", 6, 7, "2", "constant"))
    assert not entry.covers(Mutant("x.py", "  a = 1\n", 6, 7, "3", "constant"))
    assert not entry.covers(Mutant("y.py", "  a = 1\n", 6, 7, "2", "constant"))


def test_the_table():
    one = Mutant("hwgen/boards/x.py", "a = 1\n", 4, 5, "2", "constant")
    text = mutants.table([(one, "killed"), (one, "survived"), (one, "equivalent")])
    assert "| boards | 3 | 1 | 0 | 1 | 1 |" in text
    assert text.splitlines()[-1] == "| all | 3 | 1 | 0 | 1 | 1 |"


def test_the_command_lists_faults():
    command = [sys.executable, "benchmarks/mutants.py", "--list", "--count", "3",
               "--only", "hwgen/gateware/link/turns.py"]  # fmt: skip
    done = subprocess.run(command, cwd=trial.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("hwgen/gateware/link/turns.py:") == 3
    assert mutation.candidates("x.py", "") == []
