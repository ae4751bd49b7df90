"""Faults on the line to a board with a sensor, and what follows its diagnoses."""

from __future__ import annotations

import random
from types import SimpleNamespace

import numpy as np
import pytest

from hwgen import golden, protocol
from hwgen.gateware.decision import Decision, Vote
from hwgen.gateware.sensors.sensor import Sensor, plan_sensor
from hwgen.gateware.sensors.sources import find_part
from hwgen.link import Expected
from hwgen.link.faults import KINDS, Saboteur
from hwgen.link.soak import Soak, Soaked, soak
from hwgen.link.virtual import Count, virtual_board
from hwgen.link.virtual_sensor import hurried, write_recording
from hwgen.link.watched import Heard, Watch
from hwgen.protocol import Diagnosis, DiagnosisFlag, Result
from tests.gateware.stand_in import SumCore, expected

MHZ = 100.0
PART = "mcp3201"
WINDOW = 256
FAULTS = 60


def plan_at(clock_mhz):
    return plan_sensor(
        PART, model_rate=12e3, sensor_rate=12e3, clock_mhz=clock_mhz, full_scale=16.0
    )


@pytest.fixture(scope="module")
def sensed(tmp_path_factory):
    """A board that sums what its sensor plays."""
    folder = tmp_path_factory.mktemp("sensed")
    core = SumCore(WINDOW, adc_bits=find_part(PART).bits)
    plan = hurried(plan_at, core.plan, None, MHZ)
    compiled = virtual_board(
        core, MHZ, "ab" * 32, folder, bus=plan.part.bus,
        source=Sensor(core.plan, plan), decision=Decision(core.plan, faulty=(0,), vote=Vote(1, 1)),
    )  # fmt: skip
    windows = np.random.default_rng(5).integers(-2000, 2000, (5, WINDOW))
    samples = windows.reshape(-1)
    places = {}
    for place in range(len(samples)):
        class_, logits = expected(np.roll(samples, -place)[:WINDOW].tolist())
        places.setdefault((class_, *logits), set()).add(place)
    answers = [Expected(*expected(window)) for window in windows.tolist()]
    words = write_recording(windows, core.plan.adc_bits, plan, folder)
    heard = Heard({key: frozenset(value) for key, value in places.items()}, len(samples), WINDOW)
    return compiled, windows.tolist(), answers, words, heard


@pytest.mark.slow
def test_faults_on_the_line_of_a_board_with_a_sensor(sensed):
    """A share of what `make soak` does."""
    found = soak(Soaked(*sensed), FAULTS, seed=3)
    assert found.faults.total() >= FAULTS
    assert len(found.faults) > 0.8 * len(KINDS)  # what is due is dropped when a window fails
    assert (found.wrong, found.unanswered) == (0, 0)
    assert found.windows >= FAULTS // 5
    assert found.diagnoses >= FAULTS // 4
    assert found.passed


@pytest.mark.slow
def test_soak_sees_a_wrong_diagnosis(sensed):
    *board, heard = sensed
    wrong = {(*key[:-1], key[-1] + 1): places for key, places in heard.places.items()}
    found = soak(Soaked(*board, Heard(wrong, heard.samples, heard.hop)), 2)
    assert found.wrong == found.diagnoses > 0
    assert not found.passed


def diagnosis(*key, faults=0, overruns=0):
    return Diagnosis(Result(key[0], 7, key[1:]), 0, DiagnosisFlag(0), faults, overruns)


def places(*key):
    return {(0, place): frozenset({place}) for place in key}


def test_watch_follows_the_recording():
    watch = Watch(Heard(places(0, 3, 6, 9), 12, 3))
    for number, place in ((65534, 6), (65535, 9), (0, 0), (2, 6)):  # one is left out
        watch.see(number, diagnosis(0, place))
    assert (watch.wrong, watch.restarts) == (0, 0)
    watch.see(3, diagnosis(0, 0))
    assert (watch.wrong, watch.restarts) == (0, 1)
    watch.see(4, diagnosis(0, 3))
    assert watch.restarts == 1


def test_watch_narrows_down_windows_that_look_alike():
    heard = Heard({(0, 1): frozenset({0, 4}), (0, 2): frozenset({2}), (0, 3): frozenset({6})}, 8, 2)
    watch = Watch(heard)
    for number, logit in ((0, 1), (1, 2), (2, 1), (3, 2)):
        watch.see(number, diagnosis(0, logit))
    assert watch.restarts == 1  # behind the second of the like ones comes another


@pytest.mark.parametrize(
    ("said", "what"), [({}, (0, 5)), ({"faults": 1}, (0, 3)), ({"overruns": 1}, (0, 3))]
)
def test_watch_counts_what_is_wrong(said, what):
    watch = Watch(Heard(places(0, 3), 6, 3))
    watch.see(0, diagnosis(*what, **said))
    assert watch.wrong == 1


def test_heard_is_the_golden_model_of_every_window(built):
    from hwgen.flow.left import left_by_quantize

    model = left_by_quantize(built)
    window = model.input_samples
    samples = np.random.default_rng(1).integers(-99, 99, window + 7)
    heard = Heard.of(model, samples, 5)
    assert (heard.samples, heard.hop) == (len(samples), 5)
    assert sorted(place for found in heard.places.values() for place in found) == list(
        range(len(samples))
    )
    last = np.concatenate([samples[-1:], samples[: window - 1]])[None]
    logits = golden.run(model, last)
    key = (int(golden.classify(logits)[0]), *logits[0].tolist())
    assert len(samples) - 1 in heard.places[key]


def test_only_a_reset_may_lead_to_a_restart():
    found = Soak(windows=1, restarts=1)
    assert not found.passed
    found.faults["board reset"] = 1
    assert found.passed


@pytest.mark.parametrize("seed", range(4))
def test_every_frame_can_be_damaged_in_every_way_and_again(seed):
    """The shortest frames too, until nothing is left of them that could be."""
    sent = []
    port = SimpleNamespace(write=sent.append)
    board = SimpleNamespace(count=lambda: Count(0, 0, 0, 0, 0), order=lambda *_: None)
    saboteur = Saboteur(port, board, random.Random(seed))
    frames = [protocol.encode_status(1), protocol.encode_live(2, on=True),
              protocol.encode_window(3, [1, 2, 3, 4])]  # fmt: skip
    for number in range(600):
        if not number % 6:
            saboteur.plan(random.Random(number + seed).choices(KINDS, k=6))
        saboteur.write(frames[number % 3])
    assert len(sent) == 600
    assert set(saboteur.done) == set(KINDS)
