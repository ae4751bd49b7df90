"""The threshold of a real core, changed and learnt over a virtual board, whatever the line does."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import random

import numpy as np
import pytest

from hwgen import golden, protocol
from hwgen.cli.main import run
from hwgen.errors import LinkError
from hwgen.flow import link, sensing, threshold
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import Settings
from hwgen.gateware.decision import Decision, Vote
from hwgen.gateware.sensors.sensor import Sensor, plan_sensor
from hwgen.golden.learning import learnt
from hwgen.hardware.accelerator.generator import generate
from hwgen.link import Expected, SerialPort
from hwgen.link.client import Board
from hwgen.link.faults import KINDS, Saboteur
from hwgen.link.learning import learn
from hwgen.link.soak import Soaked, soak
from hwgen.link.virtual import virtual_board
from hwgen.link.virtual_sensor import hurried, write_recording
from hwgen.link.watched import Heard
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.protocol import Learn, Origin, Threshold
from hwgen.quantized.ops.score import with_threshold
from tests.integer_graphs import autoencoder
from tests.records import generated

pytestmark = pytest.mark.slow

MHZ = 100.0
PART, BITS = "mcp3201", 12
WINDOW, WINDOWS = 256, 12
SEED = 11
ROUNDS = 60
FAULTS = 60


def with_value(model, value):
    return model.with_ops([with_threshold(model.score, value)])


class Setting:
    """A board with a sensor, and windows whose scores are far from each other."""

    def __init__(self, folder):
        self.model, self.folder = autoencoder(SEED, WINDOW), folder
        core = generate(plan(self.model, Design(Array(2, 3), 1)))

        def at(mhz):
            return plan_sensor(
                PART, model_rate=12e3, sensor_rate=12e3, clock_mhz=mhz,
                full_scale=self.model.bits.full_scale,
            )  # fmt: skip

        self.plan = hurried(at, core.plan, None, MHZ)
        self.compiled = virtual_board(
            core, MHZ, self.model.digest, folder, bus=self.plan.part.bus,
            source=Sensor(core.plan, self.plan),
            decision=Decision(core.plan, faulty=(1,), vote=Vote(1, 1)),
        )  # fmt: skip
        rng = np.random.default_rng(SEED)
        most = (1 << (self.model.bits.adc - 1)) * 0.9
        loud = np.linspace(0.05, 1.0, WINDOWS)[rng.permutation(WINDOWS), None]
        self.windows = (rng.uniform(-most, most, (WINDOWS, WINDOW)) * loud).astype(np.int64)
        self.scores = golden.run(self.model, self.windows)[:, 1]

    @contextlib.contextmanager
    def board(self, windows=None, rng=None):
        """Yield a board that has just been switched on, and the saboteur in front of it."""
        given = self.windows if windows is None else windows
        words = write_recording(given, self.model.bits.adc, self.plan, self.folder)
        with (
            self.compiled.start(words) as virtual,
            SerialPort(virtual.port, protocol.DEFAULT_BAUD) as port,
        ):
            saboteur = Saboteur(port, virtual, rng or random.Random(SEED))
            saboteur.adc_bits = self.model.bits.adc
            yield Board(saboteur if rng else port, timeout_s=60.0, tries=12), saboteur


@pytest.fixture(scope="module")
def setting(tmp_path_factory):
    return Setting(tmp_path_factory.mktemp("scored"))


def test_the_host_s_threshold_counts_from_the_next_window_on(setting):
    values = [0, *np.sort(setting.scores)[[2, 7]].tolist(), protocol.MAX_THRESHOLD]
    values[-1] = setting.model.score.output.fmt.max
    with setting.board() as (board, _):
        assert board.hello().features & protocol.Feature.SCORE
        assert board.threshold() == Threshold(setting.model.threshold)
        board.live(on=False)
        for value in values:
            assert board.threshold(value) == Threshold(value, Origin.HOST)
            wanted = Expected.of(with_value(setting.model, value), setting.windows)
            answers = list(board.classify(setting.windows.tolist()))
            assert not any(
                each.differs(answer.result) for each, answer in zip(wanted, answers, strict=True)
            )
            above = sum(answer.result.class_ for answer in answers)
            assert above == int(np.sum(setting.scores > value))
        board.live(on=True)
        _, diagnosis = next(board.diagnoses())
        assert diagnosis.result.logits[0] == values[-1]


def test_a_value_that_no_score_has_the_bits_of_is_refused(setting):
    if setting.model.score.output.fmt.max == protocol.MAX_THRESHOLD:
        pytest.skip("its scores have all bits")
    with setting.board() as (board, _):
        board.live(on=False)
        board.tries = 1
        with pytest.raises(LinkError, match="a threshold its scores"):
            board.threshold(setting.model.score.output.fmt.max + 1)
        assert board.threshold() == Threshold(setting.model.threshold)


@pytest.mark.parametrize("order", [Learn(2 * WINDOWS), Learn(2 * WINDOWS, 4, 300)])
def test_the_board_learns_of_its_sensor_what_the_golden_model_learns(setting, order):
    bits = setting.model.logit_width - 1
    with setting.board() as (board, _):
        board.threshold(5)
        found = learn(board, order)
        assert found.before == Threshold(5, Origin.HOST)
        value = learnt(np.tile(setting.scores, 2), order, bits)
        assert found.after == Threshold(value, Origin.LEARNT, False, order.windows, order.windows)
        assert set(found.scores) <= set(setting.scores.tolist())
        # Vote and alarm go by the new threshold.
        heard = list(itertools.islice(board.diagnoses(), WINDOWS + 2))[2:]
        for _, diagnosis in heard:
            threshold, score = diagnosis.result.logits
            assert threshold == value
            assert diagnosis.result.class_ == diagnosis.confirmed == int(score > value)
            assert bool(diagnosis.flags & protocol.DiagnosisFlag.ALARM) == (score > value)


@pytest.fixture
def build(setting, tmp_path, monkeypatch):
    """Return the folder of what stands in for a build whose board the virtual one is."""
    model = dataclasses.replace(setting.model, sample_rate=12e3)
    settings = Settings("x.pt", hardware=HardwareOptions.of(board="ulx3s-25f", source=PART))

    @contextlib.contextmanager
    def board(*arguments):
        with setting.board() as (found, _):
            yield found

    for name, value in {
        "read_settings": lambda _: settings,
        "check_asked": lambda *_: None,
        "left_by_quantize": lambda _: model,
        "_generated": lambda *_: generated(interval=99, hop=WINDOW),
        "_board": board,
    }.items():
        monkeypatch.setattr(link, name, value)
    monkeypatch.setattr(threshold, "left_by_quantize", lambda _: model)
    monkeypatch.setattr(link.quantize, "read_windows", lambda *_: setting.windows)
    return tmp_path


def test_the_commands_on_a_virtual_board(setting, build, capsys):
    """Learn, switch it off, and on again: what was learnt is set again. Then by hand."""
    sensor = plan_sensor(
        PART, model_rate=12e3, sensor_rate=None, full_scale=setting.model.bits.full_scale,
        clock_mhz=100.0,
    )  # fmt: skip
    minutes = 2 * WINDOWS / sensing.windows_per_second(sensor, WINDOW) / 60
    there = ["--port", "virtual"]
    assert run(["monitor", str(build), *there, "--learn", str(minutes), "--count", "1"]) == 0
    told = capsys.readouterr().out
    value = learnt(np.tile(setting.scores, 2), Learn(2 * WINDOWS), setting.model.logit_width - 1)
    assert f"learn: threshold: {value:,} (" in told
    assert "24 windows are too few to tell a share of 0.01; the largest score is taken" in told
    assert run(["monitor", str(build), *there, "--count", str(WINDOWS)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"threshold: {value:,}, learnt, as kept in ")
    assert f" / {value}" in told[-1]
    assert run(["threshold", str(build), *there, str(int(np.median(setting.scores)))]) == 0
    assert "set by a host; the model's is" in capsys.readouterr().out


def test_a_change_of_hands_gives_the_phase_up(setting):
    with setting.board() as (board, _):
        assert board.learn(Learn(1000)).learning
        board.live(on=False)
        assert board.threshold() == Threshold(setting.model.threshold)


def test_a_constant_signal_teaches_nothing(setting):
    """The sensor's watch finds it stuck: its windows do not count, and the threshold stays."""
    with setting.board(np.full((2, WINDOW), 77)) as (board, _):
        with pytest.raises(LinkError, match=r"do not count, .* \(stuck\)"):
            learn(board, Learn(4))
        assert board.threshold() == Threshold(setting.model.threshold)


def test_a_damaged_frame_never_changes_the_threshold(setting):
    """After every fault the threshold is the one that was set last, or the one before."""
    rng = random.Random(SEED)
    kinds = itertools.cycle(rng.sample(KINDS, len(KINDS)))
    most = setting.model.score.output.fmt.max
    with setting.board(rng=rng) as (board, saboteur):
        board.live(on=False)
        stands, told = setting.model.threshold, []
        for _ in range(ROUNDS):
            value = rng.randint(0, most)
            saboteur.plan(list(itertools.islice(kinds, rng.randint(1, 4))))
            try:
                assert board.threshold(value) == Threshold(value, Origin.HOST)
                allowed = {value}
            except LinkError as error:
                told.append(str(error))
                allowed = {value, stands}
            saboteur.plan(())
            stands = board.threshold().value
            assert stands in allowed
        assert saboteur.done.total() >= ROUNDS
        # A header that was damaged to be another's is refused for good.
        assert all("type of frame is unknown" in each or "version" in each for each in told)


def test_learning_on_a_bad_line(setting):
    """Whatever happens to orders and answers: what is learnt is what the golden model learns."""
    rng = random.Random(SEED + 1)
    kinds = itertools.cycle(rng.sample(KINDS, len(KINDS)))
    order = Learn(2 * WINDOWS, 3)
    scores = np.tile(setting.scores, 2)
    value = learnt(scores, order, setting.model.logit_width - 1)
    resets = 0
    with setting.board(rng=rng) as (board, saboteur):
        saboteur.patient = True
        board.timeout_s = 3.0
        for _ in range(4):
            before = saboteur.done["board reset"]
            saboteur.plan(list(itertools.islice(kinds, 3)))
            found = learn(board, order)
            saboteur.plan(())
            resets += saboteur.done["board reset"] - before
            assert found.after.origin == Origin.LEARNT
            # A window that a reset cut in two is none of those; the windows behind it are shifted.
            if not resets:
                assert found.after.value == value
        assert saboteur.done.total() >= 8


def test_windows_and_diagnoses_of_a_board_with_a_score_through_faults(setting):
    """What `make soak` does with other boards."""
    words = write_recording(setting.windows, setting.model.bits.adc, setting.plan, setting.folder)
    heard = Heard.of(setting.model, setting.windows.reshape(-1), WINDOW)
    expected = Expected.of(setting.model, setting.windows)
    board = Soaked(setting.compiled, setting.windows.tolist(), expected, words, heard)
    found = soak(board, FAULTS, seed=SEED)
    assert found.passed, found.to_json()
    assert found.diagnoses > 0
