"""What a recording tells of itself; the limits from both sides, and what must not be found."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.signals import Recording, read_recording, synthetic_dataset
from hwgen.signals.quality import Mark, judge_recording
from hwgen.signals.quality.runs import Runs

LENGTH = 256
RUN = 16
CWRU_RUN = 64


def noise(size: int = 20_000, rms: float = 0.5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, rms, size)


def judged(samples: np.ndarray, unit: str = "g", **options):
    recording = Recording("x", np.asarray(samples, dtype=np.float64), None, "x.npy", unit=unit)
    return judge_recording(recording, length=options.pop("length", LENGTH), **options)


def test_noise_is_a_good_recording():
    found = judged(noise())
    assert found.notices() == ()
    assert found.dropouts == ()
    assert (found.bottom, found.top) == (-np.inf, np.inf)
    assert found.mean == pytest.approx(noise().mean())
    assert found.rms == pytest.approx(noise().std())
    assert (found.size, found.windows) == (20_000, 20_000 // LENGTH)


def test_mean_and_rms_are_exact_beside_a_large_offset():
    found = judged(noise(rms=1e-3) + 1e6)
    assert found.rms == pytest.approx(1e-3, rel=0.02)
    assert found.mean == pytest.approx(1e6)


@pytest.mark.parametrize(
    "spans", [[(0, 16)], [(5000, 9000)], [(0, 40), (700, 720)], [(19_984, 20_000)]]
)
def test_dropouts_are_found_where_they_are(spans):
    x = noise()
    for start, stop in spans:
        x[start:stop] = x[start]
    found = judged(x)
    assert [(each.start, each.stop) for each in found.dropouts] == spans
    assert [each.value for each in found.dropouts] == [x[start] for start, _ in spans]


def test_a_shorter_run_is_no_dropout():
    x = noise()
    x[100 : 100 + RUN - 1] = 0.2
    assert judged(x).dropouts == ()


@pytest.mark.parametrize("chunk", [1, 7, 16, 1000, 4096])
def test_runs_go_on_over_the_borders_of_chunks(monkeypatch, chunk):
    x = noise(4096)
    for start, stop in ((0, 30), (990, 1010), (2000, 2100), (4080, 4096)):
        x[start:stop] = x[start]
    whole = judged(x)
    monkeypatch.setattr(
        "hwgen.signals.quality.recording.chunks",
        lambda samples: np.split(samples, range(chunk, len(samples), chunk)),
    )
    found = judged(x)
    assert found.dropouts == whole.dropouts
    assert len(whole.dropouts) == 4
    assert (found.bottom, found.top, found.marked) == (whole.bottom, whole.top, whole.marked)
    assert found.run == whole.run


def test_every_run_is_found_whatever_the_chunks():
    rng = np.random.default_rng(0)
    for _ in range(500):
        size, shortest = int(rng.integers(1, 80)), int(rng.integers(2, 5))
        x = rng.integers(0, 2, size) * (rng.random(size) < 0.9) + 0.0
        runs, place = Runs(shortest), 0
        while place < size:
            step = int(rng.integers(1, 20))
            runs.add(x[place : place + step])
            place += step
        edges = [0, *(np.flatnonzero(np.diff(x)) + 1).tolist(), size]
        long = [(a, b, x[a]) for a, b in itertools.pairwise(edges) if b - a >= shortest]
        least = runs.least
        assert [(run.start, run.stop, run.value) for run in runs.stretches()] == [
            run for run in long if run[1] - run[0] >= least
        ]
        runs = Runs(shortest)
        runs.add(x)
        assert runs.least == least


def test_the_notice_says_how_many_windows_a_dropout_spoils():
    x = noise(10 * LENGTH)
    x[2 * LENGTH : 5 * LENGTH] = 0.0
    found = judged(x)
    assert found.marked[Mark.DROPOUT] == 3
    assert found.notices() == (
        "dropout: 3 of 10 windows of x.npy (30 %) have 16 or more equal samples in a row",
    )


def test_a_coarse_converter_repeats_itself_by_chance():
    coarse = np.rint(noise(400_000, 0.25)) / 100  # nine in ten neighbours are equal
    found = judged(coarse)
    assert found.dropouts == ()
    assert RUN < found.run < 400
    coarse[5000:6000] = 0.0
    gone = judged(coarse).dropouts
    assert len(gone) == 1
    # Neighbours of the same value belong to the run.
    assert 4500 < gone[0].start <= 5000
    assert 6000 <= gone[0].stop < 6500


@pytest.mark.parametrize("low", [True, False])
@pytest.mark.parametrize("high", [True, False])
def test_clipping_is_found_at_the_end_that_is_reached(low, high):
    x = np.clip(noise(), -0.8 if low else None, 0.9 if high else None)
    found = judged(x)
    width = (x.max() - x.min()) / 512
    assert found.bottom == (pytest.approx(-0.8 + width) if low else -np.inf)
    assert found.top == (pytest.approx(0.9 - width) if high else np.inf)
    assert (found.marked[Mark.CLIPPED] > 0) is (low or high)
    assert any(text.startswith("clipped: ") for text in found.notices()) is (low or high)


TURN = 2 * np.pi * np.arange(20_000)


@pytest.mark.parametrize(
    "x",
    [
        noise(),
        noise(50_000, seed=4) ** 3,
        np.random.default_rng(1).uniform(-1, 1, 20_000),
        np.random.default_rng(2).laplace(0, 0.3, 20_000),
        np.sin(TURN * 0.0137),
        np.rint(100 * np.sin(TURN * 0.0137)) / 100,
        np.rint(30 * np.sin(TURN * 0.0137)) / 30,
        np.rint(12 * np.sin(TURN * 0.0137)) / 12,
        np.rint(noise(20_000, 3.0)) / 8,
        np.sin(TURN * 0.0137) + noise(20_000, 0.05),
        np.where(np.arange(20_000) % 500 < 3, 5.0, 0.1) * noise(),
    ],
    ids=["normal", "cubed", "uniform", "laplace", "sine", "sine 8 bits", "sine 6 bits",
         "sine 5 bits", "coarse noise", "sine in noise", "impacts"],
)  # fmt: skip
def test_what_only_reaches_its_own_ends_does_not_clip(x):
    found = judged(x)
    assert (found.bottom, found.top) == (-np.inf, np.inf)
    assert found.notices() == ()


def test_a_clipped_sine_is_found():
    x = np.clip(np.sin(TURN * 0.0137), -0.95, 0.95) + 0.0
    assert judged(x).marked[Mark.CLIPPED] == judged(x).windows
    coarse = np.rint(100 * x) / 100
    assert judged(coarse).marked[Mark.CLIPPED] == judged(coarse).windows


def test_a_converters_range_is_an_end_too():
    x = noise(rms=0.2)
    x[:LENGTH:50] = 3.0
    assert judged(x, full_scale=16).notices() == ()
    assert judged(x, full_scale=3.01).marked[Mark.CLIPPED] == 1
    assert judged(x, full_scale=3.02).marked[Mark.CLIPPED] == 0
    assert judged(x / 3, unit="of full scale").marked[Mark.CLIPPED] == 1
    assert judged(x / 3.1, unit="of full scale").marked[Mark.CLIPPED] == 0


def test_a_dropout_to_the_end_of_the_range_is_no_clipping():
    x = noise()
    x[3000:5000] = x.max() + 0.1
    found = judged(x)
    assert found.marked[Mark.CLIPPED] == 0
    assert len(found.dropouts) == 1


def test_whole_numbers_are_counts():
    counts = np.rint(noise(rms=5))
    found = judged(counts)
    assert found.not_g
    (notice,) = found.notices()
    assert notice == (
        "samples of x.npy cannot be g (all are whole numbers); say what they are with --unit counts"
    )
    counts[77] += 0.5
    assert not judged(counts).not_g
    assert not judged(counts, unit="counts").not_g
    assert judged(counts / 1000, unit="counts").notices() == ()


def test_few_whole_numbers_may_be_g():
    steps = np.clip(np.rint(noise(rms=5)), -7, 8)
    assert judged(steps).whole is False
    assert judged(np.clip(np.rint(noise(rms=5)), -8, 8)).whole is True


def test_no_machine_shakes_with_more_than_a_hundred_g():
    assert not judged(noise(rms=98)).not_g
    found = judged(noise(rms=102))
    assert found.not_g
    assert "RMS is 10" in found.notices()[0]
    assert found.notices()[0].endswith("say what they are with --unit m/s2 or --unit counts")
    assert found.notices(unit="g") == ()


@pytest.mark.parametrize(
    ("offset", "rms", "told"),
    [
        (1.0, 0.01, False),  # gravity, on a machine that stands
        (1.95, 0.01, False),
        (2.05, 0.01, True),
        (-2.05, 0.01, True),
        (3.9, 1.0, False),
        (4.1, 1.0, True),
    ],
)
def test_an_offset_that_no_vibration_has(offset, rms, told):
    found = judged(noise(200_000, rms=rms) + offset)
    assert found.offset is told
    assert any("give --offset" in text for text in found.notices()) is told


def test_an_offset_of_counts_is_named_with_its_remedy():
    (notice,) = judged(np.rint(noise(rms=220) + 2048)).notices()
    assert "all are whole numbers, their RMS is 2" in notice
    assert notice.endswith("--unit counts and --offset 2048") or "--offset 204" in notice


def test_shares_of_full_scale_are_said_to_be_such():
    (notice,) = judged(noise(rms=0.1), unit="of full scale").notices()
    assert "shares of full scale, not g" in notice
    assert judged(noise(rms=0.1) + 3, unit="of full scale").offset


@given(
    st.floats(-1e99, 1e99), st.floats(1e-99, 1e99), st.integers(2, 3000), st.integers(2, 600),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_finite_samples_are_judged(offset, scale, size, length, seed):
    x = np.random.default_rng(seed).normal(size=size) * scale + offset
    found = judged(x, length=length, full_scale=16.0)
    assert found.windows == size // length
    assert all("\n" not in text and "nan" not in text for text in found.notices())
    for mark, count in found.marked.items():
        assert 0 <= count <= found.windows, mark


@given(st.floats(8.0, 1e6), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_scaling_and_offsets_are_noticed(factor, seed):
    x = noise(4000, 0.7, seed)
    assert judged(x).notices() == ()
    assert judged(x + factor).offset
    assert judged(x * 20 * factor).not_g
    assert judged(np.rint(x * 20 * factor)).not_g


@pytest.mark.parametrize("seed", range(3))
def test_made_up_signals_raise_no_notice(seed):
    for recording in synthetic_dataset(seed=seed, classes=10).recordings:
        assert judge_recording(recording, length=2048, full_scale=16.0).notices() == ()


def test_published_records_raise_no_notice(cwru_folder):
    paths = sorted(cwru_folder.parent.glob("*/*.mat"))
    assert len(paths) >= 10
    for path in paths:
        found = judge_recording(read_recording(path), length=2048, full_scale=16.0)
        assert found.notices() == (), path
        assert found.run == CWRU_RUN
