"""The threshold of a build: asked for, set, learnt, kept, and set again."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import numpy as np
import pytest

from hwgen import files, golden
from hwgen.cli.main import run
from hwgen.errors import InputError, LinkError, MismatchError, UsageError
from hwgen.flow import link, quantize, threshold
from hwgen.flow.options import SETTINGS
from hwgen.flow.threshold import Asked, Kept, Wanted
from hwgen.golden.learning import learnt
from hwgen.link import Board
from hwgen.protocol import Keeping, Learn, Origin, Threshold
from tests.integer_graphs import autoencoder
from tests.link.stand_in import LearningBoard
from tests.records import generated

WINDOW, RATE = 256, 12_000.0
PER_SECOND = 11_962.6 / WINDOW  # about: a clock's whole divisor
SCORES = np.random.default_rng(9).lognormal(7, 1, 8000).clip(0, 130_000).astype(int).tolist()
MODEL = replace(autoencoder(3, WINDOW), sample_rate=RATE)
MOST = MODEL.score.output.fmt.max


@pytest.fixture
def boards(finished, monkeypatch):
    """Return a build of an anomaly network, and a function that puts a board at its port."""
    settings, folder = finished
    hardware = settings.hardware.but(source="ics43434", board="ulx3s-25f", sensor_rate=24_000.0)
    files.write_json(folder / SETTINGS, replace(settings, hardware=hardware).to_json())
    windows = np.random.default_rng(4).integers(-100, 100, (12, WINDOW))
    for module in (link, threshold):
        monkeypatch.setattr(module, "left_by_quantize", lambda build: MODEL)
    monkeypatch.setattr(quantize, "read_windows", lambda path, model: windows)
    monkeypatch.setattr(link, "_generated", lambda *_: generated(interval=99, hop=WINDOW))

    def put(scores=SCORES, **named):
        fake = LearningBoard(scores, threshold=MODEL.threshold, **named)
        fake.hello = replace(
            fake.hello, digest=bytes.fromhex(MODEL.digest)[:8], input_samples=WINDOW
        )  # fmt: skip

        @contextlib.contextmanager
        def board(*arguments):
            yield Board(fake, timeout_s=0.05)

        monkeypatch.setattr(link, "_board", board)
        return fake

    put.folder, put.windows = folder, windows
    return put


def command(boards, *arguments):
    return run([arguments[0], str(boards.folder), "--port", "x", *map(str, arguments[1:])])


def kept(boards):
    return json.loads((boards.folder / threshold.FILE).read_text())


def test_the_threshold_is_shown(boards, capsys):
    boards()
    assert command(boards, "threshold") == 0
    real = MODEL.threshold * threshold.step_of(MODEL)
    assert capsys.readouterr().out == (
        f"threshold: {MODEL.threshold:,} ({real:.4g} in real units), the model's; "
        f"the model's is {MODEL.threshold:,}\n"
    )
    assert not (boards.folder / threshold.FILE).exists()


@pytest.mark.parametrize("how", ["integer", "real"])
def test_it_is_set_kept_and_told_in_json(boards, how, capsys):
    fake = boards()
    middle = int(np.median(golden.run(MODEL, boards.windows)[:, 1]))
    step = threshold.step_of(MODEL)
    given = [middle] if how == "integer" else ["--real", (middle + 0.5) * step]
    assert command(boards, "threshold", *given, "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "threshold": middle, "real": middle * step, "origin": "host", "learning": False,
        "collected": 0, "wanted": 0, "kept": "nowhere", "model": MODEL.threshold,
    }  # fmt: skip
    assert err == ""
    assert fake.stands == Threshold(middle, Origin.HOST)
    assert kept(boards) == {"digest": MODEL.digest, "value": middle, "origin": "host"}


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        (Keeping.FLASH, "learnt; there again after a power cycle; the model's is"),
        (Keeping.FAILED, "learnt; NOT kept over a power cycle: the board's flash does not"),
    ],
)
def test_whether_a_flash_keeps_it_is_told(boards, capsys, kept, text):
    """Asked until the flash has been written."""
    fake = boards()
    fake.stands = Threshold(99, Origin.LEARNT, kept=Keeping.WRITING)
    fake.writes = [Keeping.WRITING, Keeping.WRITING, kept]
    assert command(boards, "threshold") == 0
    assert text in capsys.readouterr().out
    assert fake.writes == []


def test_what_is_kept_is_set_again_after_a_power_cycle_only(boards, capsys):
    boards()
    assert command(boards, "threshold", 4321) == 0
    fake = boards()  # another one, or the same without power
    capsys.readouterr()
    assert command(boards, "monitor", "--count", 1) == 0
    told = capsys.readouterr().out
    assert told.startswith("threshold: 4,321, set by a host, as kept in ")
    assert f"score: {SCORES[0]} / 4321" in told.splitlines()[-1] or "/ 4321" in told
    assert fake.stands == Threshold(4321, Origin.HOST)
    fake = boards()
    fake.stands = Threshold(99, Origin.LEARNT)
    assert command(boards, "monitor", "--count", 1) == 0
    assert fake.stands == Threshold(99, Origin.LEARNT)


def test_the_model_s_threshold_again(boards):
    boards()
    assert command(boards, "threshold", 4321) == 0
    fake = boards()
    assert command(boards, "threshold", "--reset") == 0
    assert fake.stands.value == MODEL.threshold
    assert not (boards.folder / threshold.FILE).exists()


@pytest.mark.parametrize("value", [0, MOST])
def test_a_threshold_that_every_window_or_none_exceeds_is_warned_of(boards, value, capsys):
    boards()
    assert command(boards, "threshold", value) == 0
    share = "every one" if value == 0 else "none"
    warning = capsys.readouterr().out.splitlines()[0]
    assert warning.startswith(f"threshold: warning: {share} of the 12 windows of the build is")
    scores = golden.run(MODEL, boards.windows)[:, 1]
    assert f"50 %: {np.median(scores):,.0f} (" in warning
    assert f"100 %: {max(scores):,} (" in warning


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([MOST + 1], f"VALUE must be 0 to {MOST:,}, not {MOST + 1:,}"),
        (["--real", "1e30"], "--real must be 0 to "),
        (["5", "--reset"], "one of VALUE, --real and --reset must be given, not several"),
    ],
)
def test_what_cannot_be_set(boards, given, text, capsys):
    fake = boards()
    assert command(boards, "threshold", *given) == UsageError.exit_code
    assert text in capsys.readouterr().err
    assert fake.frames == []


def test_a_build_without_a_score(boards, monkeypatch, original):
    boards()
    monkeypatch.undo()
    with pytest.raises(InputError, match="has no threshold: its network tells classes"):
        link.set_threshold(original[1], "x", print, Wanted(5), timeout_s=1.0)


def test_a_file_that_is_damaged_or_another_model_s(boards):
    path = boards.folder / threshold.FILE
    for text in ("[]", "{}", '{"digest": "x", "value": 3, "origin": "y"}', '{"digest": 1'):
        path.write_text(text)
        with pytest.raises(InputError, match="threshold"):
            threshold.read(boards.folder, MODEL)
    path.write_text(json.dumps(Kept("other", 3, Origin.HOST).to_json()))
    assert threshold.read(boards.folder, MODEL) is None
    path.write_text(json.dumps(Kept(MODEL.digest, MOST + 1, Origin.HOST).to_json()))
    with pytest.raises(InputError, match="value must be 0 to"):
        threshold.read(boards.folder, MODEL)
    path.write_text(json.dumps(Kept(MODEL.digest, MOST, Origin.LEARNT).to_json()))
    assert threshold.read(boards.folder, MODEL) == Kept(MODEL.digest, MOST, Origin.LEARNT)


def test_learning(boards, capsys):
    fake = boards()
    windows = round(60 * 0.5 * PER_SECOND)
    assert command(boards, "monitor", "--learn", 0.5, "--margin", 1.02, "--count", 2) == 0
    (order,) = fake.learned
    assert order.windows == pytest.approx(windows, rel=1e-2)
    assert (order.allowed, order.margin) == (order.windows // 100, 261)
    scores = np.array(SCORES[1 : 1 + order.windows])  # the first was read with the answer before
    assert fake.stands.value in {
        learnt(np.array(SCORES[at : at + order.windows]), order, 31) for at in range(4)
    }
    assert len(scores) == order.windows
    assert kept(boards) == {
        "digest": MODEL.digest, "value": fake.stands.value, "origin": "learnt"
    }  # fmt: skip
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"learn: {order.windows:,} windows, of which {order.allowed:,} may")
    assert sum("windows heard" in line for line in told) == 1
    assert not any("warning" in line for line in told)
    assert "score: " in told[-1]


def test_learning_in_json_keeps_the_lines_apart(boards, capsys):
    boards()
    assert command(boards, "monitor", "--learn", 0.1, "--count", 2, "--json") == 0
    out, err = capsys.readouterr()
    assert len([json.loads(line) for line in out.splitlines()]) == 2
    assert "learn: threshold: " in err


@pytest.mark.parametrize("score", [0, 12_345])
def test_learning_of_constant_scores_is_warned_of(boards, score, capsys):
    boards([score] * 900)
    assert command(boards, "monitor", "--learn", 0.1, "--count", 1, "--json") == 0
    warnings = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert any(f"windows have the score {score:,}; is the machine running" in w for w in warnings)
    assert any("none of the" in warning and "50 %:" in warning for warning in warnings)


def test_a_learn_phase_that_leaves_every_window_above_is_warned_of(boards, capsys):
    boards()
    assert command(boards, "monitor", "--learn", 0.1, "--margin", 1 / 256, "--count", 1) == 0
    told = capsys.readouterr().out
    assert "learn: warning: every one of the" in told


def test_a_sensor_at_fault_leaves_the_threshold(boards, capsys):
    fake = boards([None] * 9000)
    assert command(boards, "monitor", "--learn", 0.1) == LinkError.exit_code
    assert "do not count, for something is wrong with the sensor (stuck)" in capsys.readouterr().err
    assert fake.stands == Threshold(MODEL.threshold)
    assert not (boards.folder / threshold.FILE).exists()


def test_a_phase_that_is_too_short_is_refused_and_says_what_would_do():
    with pytest.raises(UsageError, match=r"--learn must be 0\.34 to .* \(20 to .* not 0\.3 \(18 "):
        Asked(0.3, 0.01).planned(1.0, print)
    assert Asked(0.34, 0.0).planned(1.0, print) == Learn(20, 0, 256)
    with pytest.raises(UsageError, match="not 1e"):
        Asked(1e9, 0.01).planned(100.0, print)


def test_a_phase_too_short_for_its_rate_takes_the_largest_score():
    told = []
    assert Asked(1.0, 0.01).planned(1.0, told.append) == Learn(60, 0, 256)
    (warning,) = told
    assert "60 windows are too few to tell a share of 0.01; the largest score is taken" in warning
    assert "(1.67 minutes would do)" in warning
    told.clear()
    assert Asked(1.67, 0.01, 1.5).planned(1.0, told.append) == Learn(100, 1, 384)
    assert told == []


def test_options_of_a_phase_without_one(boards, capsys):
    boards()
    for option in ("--false-alarms", "--margin"):
        assert command(boards, "monitor", option, 0.5) == UsageError.exit_code
        assert "must come with --learn MINUTES" in capsys.readouterr().err


def test_a_bench_compares_with_the_model_s_threshold_and_leaves_the_board_s(boards):
    fake = boards()
    fake.stands = Threshold(77, Origin.LEARNT)
    with link._model_threshold(Board(fake), boards.folder, MODEL, print):
        assert fake.stands.value == MODEL.threshold
    assert fake.stands.value == 77
    with (
        pytest.raises(MismatchError),
        link._model_threshold(Board(fake), boards.folder, MODEL, print),
    ):
        raise MismatchError("differs")
    assert fake.stands.value == 77


def test_a_bench_after_a_power_cycle_leaves_what_was_kept(boards):
    boards()
    assert command(boards, "threshold", 4321) == 0
    fake = boards()
    with link._model_threshold(Board(fake), boards.folder, MODEL, lambda _: None):
        assert fake.stands.value == MODEL.threshold
    assert fake.stands.value == 4321


def test_a_board_that_is_lost_is_not_asked_for_more(boards):
    fake = boards()
    meanwhile = link._model_threshold(Board(fake), boards.folder, MODEL, print)
    meanwhile.__enter__()
    asked = len(fake.frames)
    error = LinkError("gone")
    assert not meanwhile.__exit__(LinkError, error, None)
    assert len(fake.frames) == asked
