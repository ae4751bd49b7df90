"""The zoo's table has what is measured and nothing else; a run goes on where it was."""

from __future__ import annotations

import pytest
import zoo
import zoo_steps
from zoo_steps import Asked, Step

from hwgen.errors import InputError

MACHINE = {"cpu": "a processor", "vectors": "avx2", "cores": 2, "system": "Linux"}
HOST = {
    way: {"median_us": us, "load": us / 100, "versions": {way: "1"}}
    for way, us in (("torch", 300.04), ("onnxruntime", 70.0), ("c", 18.3))
}
ROWS = {
    "trained": {"parameters": 54_310, "macs": 718_848, "classes": ["a", "b"]},
    "built": {
        "accuracy": {"float_f1": 0.99, "fixed_f1": 0.98765, "windows": 2970},
        "latency": {"cycles_last_sample_to_class": 22_537, "last_sample_to_class_us": 225.4,
                    "cycles_per_window": 22_513, "windows_per_second": 4441.9},
        "design": {"utilisation": 0.9941},
        "resources": {"lut4": 3805, "dsp": 28, "ebr": 38},
        "timing": {"fmax_mhz": 137.21},
        "board": {"device": "LFE5U-25F"},
    },
    "verified": {"windows": 2970, "mismatches": 0},
    "host": HOST,
}  # fmt: skip
LINE = (
    "| `wdcnn` | 54,310 | 0.719 M | 0.9900 / 0.9877 | 22,537 cycles, 225 us | 22,513 cycles "
    "| 4,442 | 0.994 | 3,805 | 28 | 38 | 137.2 | LFE5U-25F | 0 of 2,970 | 300.0 | 70.0 | 18.3 |"
)


def known(**changed):
    rows = ROWS | changed
    return {
        key: {"basis": "x", "machine": MACHINE, "asked": vars(Asked()), "row": row}
        for key, row in rows.items()
        if row is not None
    }


def test_a_network_is_a_line():
    lines = zoo.table({"wdcnn": known(), "tcn": {}})
    assert lines[2] == LINE
    assert len(lines[0].split("|")) == len(lines[1].split("|")) == len(LINE.split("|"))
    assert not any("tcn" in line for line in lines)
    assert "All: 2 classes of synthetic vibration, the recipe's epochs; F1 of 2,970 windows;" in (
        "\n".join(lines)
    )
    assert "Load average of the host while it was timed: 0.2 to 3.0." in lines
    assert any("a processor (avx2), Linux; torch 1, onnxruntime 1, c 1." in line for line in lines)


@pytest.mark.parametrize("step", ["trained", "built", "verified", "host"])
def test_what_is_not_all_known_is_not_in_the_table(step):
    found = {"wdcnn": known(**{step: None}), "ticnn": known()}
    assert [line for line in zoo.table(found) if "wdcnn" in line] == []
    assert zoo.table({"wdcnn": known(**{step: None})}) == [
        "Nothing has been measured yet (`python benchmarks/zoo.py`)."
    ]


def test_what_went_wrong_is_told():
    found = {"wdcnn": known(built={"failed": "exit code 4, no room"}), "ticnn": known()}
    (line,) = [line for line in zoo.table(found) if "wdcnn" in line]
    assert line == "Not in the table: `wdcnn`: exit code 4, no room."


def test_rows_of_other_data_are_told_apart():
    other = known()
    other["built"]["asked"] = vars(Asked(data="DIR", snr=-6.0, epochs=3))
    lines = zoo.table({"wdcnn": known(), "ticnn": other})
    assert any(line.startswith("`wdcnn`: 2 classes of synthetic vibration,") for line in lines)
    assert any(line.startswith("`ticnn`: 2 classes of recordings at -6 dB, 3") for line in lines)


def test_the_table_goes_between_the_marks_and_the_rest_stays(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# A\n\n{zoo.MARKS[0]}\nold\n{zoo.MARKS[1]}\n\n# B\n")
    for _ in range(2):
        zoo.write({"wdcnn": known()}, page)
        text = page.read_text()
        assert text.startswith(f"# A\n\n{zoo.MARKS[0]}\n\n| network |")
        assert text.endswith(f"\n\n{zoo.MARKS[1]}\n\n# B\n")
        assert LINE in text
        assert "old" not in text


@pytest.mark.parametrize(
    "text",
    ["", zoo.MARKS[0], zoo.MARKS[0] * 2 + zoo.MARKS[1], zoo.MARKS[1] + zoo.MARKS[0]],
)
def test_a_page_without_marks_is_left_alone(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(ValueError, match="must have"):
        zoo.write({"wdcnn": known()}, page)
    assert page.read_text() == text


def test_the_docs_have_the_marks():
    text = zoo.PAGE.read_text(encoding="utf-8")
    assert [text.count(mark) for mark in zoo.MARKS] == [1, 1]


class Steps:
    """Steps that count how often they are done."""

    def __init__(self, **basis):
        self.basis = {"trained": "1", "built": "2"} | basis
        self.done = []
        self.fails = set()

    def __call__(self, *_):
        return {key: Step(basis, self._work(key)) for key, basis in self.basis.items()}

    def _work(self, key):
        def work():
            self.done.append(key)
            if key in self.fails:
                raise InputError(f"no {key}\nmore")
            return {"found": len(self.done)}

        return work


@pytest.fixture
def measured(tmp_path, monkeypatch):
    def run(steps):
        monkeypatch.setattr(zoo_steps, "steps", steps)
        steps.done.clear()
        return zoo_steps.measure("wdcnn", Asked(), lambda _: None, tmp_path), steps.done

    return run


def test_what_is_known_is_not_done_again(measured, tmp_path):
    assert measured(Steps()) == (True, ["trained", "built"])
    assert measured(Steps()) == (True, [])
    assert measured(Steps(built="3")) == (True, ["built"])
    assert zoo_steps.records("wdcnn", tmp_path)["built"]["basis"] == "3"
    (tmp_path / "wdcnn.json").write_text("{")
    assert measured(Steps()) == (True, ["trained", "built"])


def test_what_fails_is_kept_and_tried_again(measured, tmp_path):
    steps = Steps()
    steps.fails = {"trained"}
    assert measured(steps) == (False, ["trained"])
    row = zoo_steps.records("wdcnn", tmp_path)["trained"]["row"]
    assert row["failed"] == "no trained"
    steps.fails = set()
    assert measured(steps) == (True, ["trained", "built"])


def test_what_decides_a_step():
    def bases(name="wdcnn", **asked):
        return {key: step.basis for key, step in zoo_steps.steps(name, Asked(**asked)).items()}

    usual = bases()
    assert set(usual) == set(ROWS)
    changed = {
        "snr": {"trained", "built", "verified", "host"},
        "parallel": {"built", "verified"},
        "windows": {"verified"},
    }
    for field, steps in changed.items():
        other = bases(**{field: 5})
        assert {key for key in usual if usual[key] != other[key]} == steps
    assert not set(bases("ticnn").values()) & set(usual.values())


def test_commands_are_hwgens():
    asked = Asked(data="DIR", snr=-6.0, epochs=3)
    train = "train --data DIR --snr -6 --network tcn --epochs 3"
    assert asked.training("tcn") == train.split()
    build = "build X --data DIR --snr -6 --board ulx3s-25f --parallel 32 --clock-mhz 100 --seeds 1"
    assert asked.building("X") == build.split()


def test_the_command_line(tmp_path, capsys):
    asked, names, page = zoo._asked(["tcn", "--data", str(tmp_path), "--windows", "9"])
    assert (asked.data, asked.windows, names, page) == (str(tmp_path), 9, ["tcn"], False)
    _, names, page = zoo._asked(["--page"])
    assert ("bearingpga" in names, page) == (True, True)
    with pytest.raises(SystemExit):
        zoo._asked(["lenet"])
    assert "NAME must be one of bearingpga" in capsys.readouterr().err
