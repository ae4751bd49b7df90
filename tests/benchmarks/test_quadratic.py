"""What quadratic neurons cost: fronts, matches, the answer's words, and what is kept and shown."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pytest
import quadratic
import quadratic_nets as nets
import quadratic_page as page
import quadratic_plots as plots
import quadratic_points as points
import quadratic_steps as steps
import quadratic_worth as worth
from quadratic_points import Asked, Point
from zoo_steps import Step

from hwgen import importers
from hwgen.errors import InputError
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.passes import canonical
from hwgen.training.evaluate import Spread

HARDWARE = {"lut4": 2350, "dsp": 5, "ebr": 3, "cycles": 1125, "fmax_mhz": 150.04,
            "device": "LFE5U-25F", "mismatches": 0, "verified": 154}  # fmt: skip


def entry(family, width, f1, parameters, *, task="circles", routed_for="circles", **hardware):
    point = Point(task, family, width)
    spread = Spread((f1 - 0.01, f1, f1 + 0.01))
    row = HARDWARE | hardware if routed_for else {}
    sizes = {"parameters": parameters, "macs": 2 * parameters}
    return worth.Entry(point, sizes, spread, spread, row, routed_for)


SMALL = entry("conventional", 2, 0.6, 12)
WIDE = entry("conventional", 8, 0.99, 42)
WIDER = entry("conventional", 16, 0.985, 82)
QUADRATIC = entry("quadratic", 2, 0.98, 24, lut4=2400, dsp=10, cycles=900)


@pytest.mark.parametrize(
    ("places", "front"),
    [
        ([], []),
        ([(2, 0.5)], [0]),
        ([(2, 0.5), (1, 0.6)], [1]),
        ([(3, 0.9), (1, 0.5), (2, 0.4), (4, 0.9), (5, 0.95)], [1, 0, 4]),
        ([(1, 0.5), (1, 0.7), (2, 0.7)], [1]),
    ],
)
def test_a_front_is_what_nothing_else_beats(places, front):
    assert worth.front(places) == front


def test_a_price_is_along_the_front():
    places = [(10, 0.5), (40, 0.7), (20, 0.4), (50, 0.6)]
    assert worth.price(places, 0.4) == 10
    assert worth.price(places, 0.5) == 10
    assert worth.price(places, 0.6) == pytest.approx(20)
    assert worth.price(places, 0.7) == pytest.approx(40)
    assert worth.price(places, 0.71) is None


def test_families_are_compared_where_both_are_as_good():
    found = worth.worth([SMALL, WIDE, WIDER, QUADRATIC])
    assert found.target == pytest.approx(0.98 - worth.NEAR)
    # Between 12 and 42 parameters, 37 of 39 parts of the way.
    theirs = 12 ** (2 / 39) * 42 ** (37 / 39)
    assert found.shares["parameters"] == pytest.approx((24 / theirs,) * 3)
    assert found.shares["dsp"] == (2, 2, 2)
    assert (found.less, found.more) == (["parameters", "macs", "cycles"], ["lut4", "dsp"])
    assert worth.worth([SMALL, WIDE]) is None
    (*_, line) = worth.fair({"circles": [WIDE, QUADRATIC]})
    assert line.startswith("| Circles | 0.970 | 0.57 (0.57 to 0.57) | 0.57 (0.57 to 0.57) | 1.02 (")


def test_what_not_every_training_says_is_not_said():
    uneven = dataclasses.replace(SMALL, fixed_f1=Spread((0.6, 0.99, 0.6)))
    found = worth.worth([uneven, WIDE, QUADRATIC])
    mean, low, high = found.shares["parameters"]
    assert low < mean < 1 < high
    assert high == pytest.approx(24 / 12)
    assert found.less == ["cycles"]


def test_bits_are_told_by_the_worst_training():
    other = dataclasses.replace(QUADRATIC, float_f1=Spread((0.97, 0.5, 0.99)))
    text = worth.bits({"circles": [WIDE, QUADRATIC], "hyper": [other]})
    assert "at most 0.000 (conventional, 8, on circles) and 0.480 (quadratic, 2, on" in text


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"cycles": 900}, "it is worth its gates on circles"),
        ({"cycles": 900, "dsp": 6}, "it is a trade on circles"),
        ({"dsp": 6, "ebr": 4}, "it is not worth its gates on circles"),
        ({}, "there is nothing in it on circles"),
    ],
)
def test_the_answer_goes_whichever_way_the_figures_do(changed, verdict):
    other = entry("quadratic", 1, 0.99, 13, **changed)
    text = worth.answer({"circles": [WIDE, other]})
    assert f"At an F1 that both families reach, {verdict}:" in text
    assert "Circles: less parameters (0.31), MACs (0.31)" in text
    assert ("more DSP (1.20)" in text) == ("dsp" in changed)
    assert "Parameters are fewer in every training on 1 of 1; LUT4 are not on 1 of those." in text
    larger = worth.answer({"circles": [WIDE, entry("quadratic", 1, 0.99, 43)]})
    assert "On none are parameters fewer in every training." in larger


def test_what_is_not_routed_has_no_answer():
    other = dataclasses.replace(QUADRATIC, hardware={}, routed_for=None)
    assert "No networks" in worth.answer({"circles": [WIDE, other]})
    assert "No networks" in worth.answer({})


def test_a_point_is_a_line():
    lines = page.table([
        WIDE,
        entry("quadratic", 4, 0.5, 1234, task="synthetic", routed_for="recordings"),
        entry("quadratic", 8, 0.5, 9, routed_for=None),
    ])  # fmt: skip
    assert lines[2:] == [
        "| conventional, 8 | 42 | 84 | 0.9900 ± 0.0100 | 0.9900 ± 0.0100 | 2,350 | 5 | 3 | 1,125 "
        "| 150.0 |",
        "| quadratic, 4 | 1,234 | 2,468 | 0.5000 ± 0.0100 | 0.5000 ± 0.0100 | 2,350* | 5* | 3* "
        "| 1,125* | 150.0* |",
        "| quadratic, 8 | 9 | 18 | 0.5000 ± 0.0100 | 0.5000 ± 0.0100 |  |  |  |  |  |",
    ]
    assert {line.count(" | ") for line in lines if "---" not in line} == {9}


def record(row, **asked):
    return {"basis": "x", "machine": {}, "asked": asked, "row": row}


def seed(f1, **asked):
    row = {"parameters": 42, "macs": 32, "float_f1": f1, "fixed_f1": f1, "windows": 2000}
    return record(row, **{"parallel": 4, "clock_mhz": 100.0} | asked)


@pytest.fixture
def kept(tmp_path):
    for family, width in (("conventional", 8), ("quadratic", 2)):
        point = Point("circles", family, width)
        points.keep(point, "seed 0", seed(0.9), tmp_path)
        points.keep(point, "seed 1", seed(0.8), tmp_path)
        points.keep(point, points.ROUTED, record(HARDWARE), tmp_path)
    bearings = {"parallel": 16, "snr": -6.0, "epochs": 8}
    for task in ("synthetic", "recordings"):
        points.keep(Point(task, "quadratic", 4), "seed 0", seed(0.7, **bearings), tmp_path)
    points.keep(Point("recordings", "quadratic", 4), points.ROUTED, record(HARDWARE), tmp_path)
    points.keep(Point("hyper", "quadratic", 1), "seed 0", record({"failed": "no"}), tmp_path)
    return tmp_path


def test_the_section_has_what_is_known(kept):
    found = page.known(kept)
    assert list(found) == ["circles", "synthetic", "recordings"]
    assert [each.fixed_f1.values for each in found["circles"].entries] == [(0.9, 0.8)] * 2
    text = "\n".join(page.section(found))
    assert "2 trainings on 2,000 points in 2 dimensions; 4 multipliers, 100 MHz." in text
    assert "1 trainings on 2,000 windows at -6 dB, 8 epochs; 16 multipliers" in text
    assert "![Circles](quadratic-circles.svg)" in text
    assert "conventional 8, quadratic 2; 0 mismatches in at least 154 windows each" in text
    assert "None of them was routed on these data." in text
    assert text.count("2,350*") == 1


def test_two_routes_of_one_architecture_are_compared(kept):
    other = record(HARDWARE | {"lut4": 2351})
    points.keep(Point("synthetic", "quadratic", 4), points.ROUTED, other, kept)
    (*_, line) = page.section(page.known(kept))
    assert line.startswith("Routed with weights of either data: quadratic 4: 2,351 and 2,350 LUT4")


def test_the_section_goes_between_the_marks_and_the_rest_stays(kept, tmp_path):
    place = tmp_path / "docs" / "page.md"
    place.parent.mkdir()
    place.write_text(f"# A\n\n{page.MARKS[0]}\nold\n{page.MARKS[1]}\n\n# B\n")
    for _ in range(2):
        page.write(page.known(kept), place)
        text = place.read_text()
        assert text.startswith(f"# A\n\n{page.MARKS[0]}\n\nAt an F1")
        assert text.endswith(f"\n\n{page.MARKS[1]}\n\n# B\n")
        assert "old" not in text
    assert (tmp_path / "docs" / "quadratic-circles.svg").is_file()
    page.write({}, place)
    assert page.NOTHING in place.read_text()


@pytest.mark.parametrize(
    "text",
    ["", page.MARKS[0], page.MARKS[0] * 2 + page.MARKS[1], page.MARKS[1] + page.MARKS[0]],
)
def test_a_page_without_marks_is_left_alone(tmp_path, text):
    place = tmp_path / "page.md"
    place.write_text(text)
    with pytest.raises(ValueError, match="must have"):
        page.write({}, place)
    assert place.read_text() == text


def test_the_docs_have_the_marks_and_the_figures_that_they_show():
    text = page.PAGE.read_text(encoding="utf-8")
    assert [text.count(mark) for mark in page.MARKS] == [1, 1]


def test_a_figure_is_small_and_has_its_words():
    entries = [SMALL, WIDE, QUADRATIC, entry("quadratic", 4, 1.0, 9, routed_for=None)]
    text = plots.drawn(entries)
    assert text == plots.drawn(entries)
    assert "LUT4" in plots.drawn(entries[-1:])  # of which no design is known
    assert len(text) < 100_000
    for word in ("parameters", "LUT4", "cycles a window", "conventional", "quadratic"):
        assert f">{word}</text>" in text
    assert text == plots.drawn(
        [SMALL, WIDE, QUADRATIC, entry("quadratic", 4, 1.0, 9, routed_for=None)]
    )


@pytest.mark.parametrize("dimensions", [2, 8])
def test_rings_are_seeded_and_have_both_classes_and_noise(dimensions):
    found = nets.rings(dimensions, 1000, 3)
    again, other = nets.rings(dimensions, 1000, 3), nets.rings(dimensions, 1000, 4)
    assert np.array_equal(found.x, again.x)
    assert not np.array_equal(found.x, other.x)
    assert np.bincount(found.labels).tolist() == [500, 500]
    assert np.abs(found.x.mean(axis=0)).max() < 0.1
    radius = np.linalg.norm(found.x, axis=1)
    for label, expected in enumerate((nets.FACTOR, 1.0)):
        at = radius[found.labels == label]
        assert at.mean() == pytest.approx(expected, abs=0.01)
        assert at.std() == pytest.approx(nets.NOISE, rel=0.15)


def test_families_differ_in_the_neurons_alone():
    plain, quadratic_one = (nets.small(4, quadratic=kind) for kind in (False, True))
    assert plain.blocks == quadratic_one.blocks
    assert (plain.hidden, plain.positions) == (quadratic_one.hidden, quadratic_one.positions)
    recipes = [design.recipe("default") for design in (plain, quadratic_one)]
    assert recipes[0].student != recipes[1].student
    assert dataclasses.replace(recipes[1].student, relinear=1.0) == recipes[0].student


def test_the_smallest_point_for_real(tmp_path):
    point = Point("circles", "quadratic", 2)
    row = steps.trained(point, Asked(), 0, tmp_path)
    # Three weights and three biases an input and neuron; then a dense layer.
    assert (row["parameters"], row["macs"]) == (2 * (3 * 2 + 3) + 2 * 2 + 2, 2 * 3 * 2 + 2 * 2)
    assert row["windows"] == nets.POINTS
    assert all(0.95 < row[key] <= 1 for key in ("float_f1", "fixed_f1"))
    network = importers.load(point.checkpoint(0, tmp_path)).network
    assert network.classes == nets.RINGS
    assert any(isinstance(layer, Bilinear1d) for layer in canonical(network).layers)


def test_a_quadratic_layer_begins_as_a_conventional_one():
    import torch

    from hwgen.zoo._quadratic import QuadraticLinear

    layer = QuadraticLinear(3, 2)
    x = torch.ones(1, 3)
    assert torch.equal(layer(x), x @ layer.weight_r.T + layer.bias_r)


class Steps:
    """Steps of every point that count how often they are done."""

    def __init__(self):
        self.done = []
        self.fails = False

    def __call__(self, point, asked, folder):
        keys = [*(f"seed {k}" for k in range(asked.seeds)), points.ROUTED]
        return {key: Step("1", lambda key=key: self.work(point, key)) for key in keys}

    def work(self, point, key):
        self.done.append(f"{point.task}/{point.architecture}/{key}")
        if self.fails:
            raise InputError("no\nmore")
        return {"found": 1}


@pytest.fixture
def measured(tmp_path, monkeypatch):
    found = Steps()
    monkeypatch.setattr(quadratic, "steps", found)

    def run(*tasks, until=math.inf, seeds=1):
        found.done.clear()
        said = []
        asked = Asked(seeds=seeds)
        well = quadratic.measure(asked, tasks, said.append, until=until, folder=tmp_path)
        return well, list(found.done), said

    run.steps = found
    return run


def test_what_is_known_is_not_done_again(measured):
    well, done, _ = measured("circles")
    names = [point.architecture for point in points.points("circles")]
    assert names[0] == "quadratic-1"
    assert well
    assert done == [f"circles/{name}/{key}" for key in ("seed 0", "routed") for name in names]
    assert measured("circles") == (True, [], [])
    assert measured("circles", seeds=2)[1] == [f"circles/{name}/seed 1" for name in names]


def test_an_architecture_is_routed_once_but_for_pairs(measured):
    measured("recordings")
    routes = {name for name in measured("synthetic")[1] if name.endswith("/routed")}
    assert routes == {f"synthetic/{family}-{width}/routed" for family, width in points.BOTH}


def test_nothing_is_begun_when_the_time_is_over(measured):
    well, done, said = measured("circles", until=time.monotonic() - 1)
    assert (well, done) == (True, [])
    assert "no time left" in said[0]


def test_what_fails_is_kept_and_tried_again(measured, tmp_path):
    measured.steps.fails = True
    well, done, _ = measured("hyper")
    assert not well
    row = points.records(points.points("hyper")[0], tmp_path)["seed 0"]["row"]
    assert row["failed"] == "no"
    measured.steps.fails = False
    assert measured("hyper")[:2] == (True, done)


def test_what_decides_a_step():
    def bases(point=Point("synthetic", "quadratic", 2), **asked):  # noqa: B008 -- frozen
        return {key: step.basis for key, step in steps.steps(point, Asked(**asked)).items()}

    usual = bases()
    assert list(usual) == ["seed 0", "seed 1", "seed 2", "routed"]
    assert len(set(usual.values())) == 4
    assert not set(usual.values()) & set(bases(snr=0.0).values())
    assert not set(usual.values()) & set(bases(Point("synthetic", "quadratic", 4)).values())
    assert bases(seeds=1) == {key: usual[key] for key in ("seed 0", "routed")}


def test_commands_are_hwgens(tmp_path):
    asked = Asked(data="DIR")
    words = asked.building(Point("recordings", "quadratic", 2), tmp_path)
    size = "--board ulx3s-25f --parallel 16 --clock-mhz 100 --seeds 1 --no-netlist"
    assert words == ["build", str(tmp_path), *f"--data DIR --snr -6 {size}".split()]
    assert "--data" not in asked.building(Point("circles", "quadratic", 2), tmp_path)


def test_the_command_line(tmp_path, capsys):
    asked, tasks, minutes = quadratic._given(["--data", str(tmp_path), "--snr", "-3"])
    assert (asked, tasks) == (Asked(str(tmp_path.resolve()), -3.0, 3), list(points.TASKS))
    assert minutes == quadratic.MINUTES
    assert quadratic._given([])[1] == ["circles", "hyper", "synthetic"]
    assert quadratic._given(["--only", "hyper", "--page"])[1] == []
    for words in (["--only", "recordings"], ["--seeds", "0"], ["--only", "squares"]):
        with pytest.raises(SystemExit):
            quadratic._given(words)
    assert "needs --data" in capsys.readouterr().err
