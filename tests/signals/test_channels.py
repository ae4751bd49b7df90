"""Recordings of several channels: read, cut, noised and judged as one, each channel for itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.io import savemat

from hwgen.errors import InputError, UsageError
from hwgen.signals import (
    Bearing,
    Dataset,
    ReadAs,
    Reading,
    Recording,
    add_noise,
    dataset_windows,
    draw,
    input_scale,
    judge_dataset,
    judge_windows,
    noisy,
    read_recording,
    split_dataset,
    store,
    summary,
    synthetic_dataset,
    windows,
)
from hwgen.signals.machine import FAULTS, WAYS, Machine
from hwgen.signals.quality import Limits, Mark, levels
from hwgen.signals.store import Store, Stored, columns

RNG = np.random.default_rng(3)
WAVES = RNG.standard_normal((4000, 3)) * (1.0, 0.1, 10.0)
"""Three channels 20 dB apart."""


def reading(*names, **fields):
    return Reading(channels=names, **fields)


def stored(samples):
    return Store(room=0).keep([samples], len(samples), row=samples.shape[1:])


def made(samples, label="a", **fields):
    return Recording(label, samples, 12e3, f"{label}.npy", **fields)


def pair(wrap=np.asarray, cut=slice(None)):
    recordings = tuple(
        made(wrap(WAVES[begin : begin + size, cut] * gain), label)
        for label, gain, begin, size in (("a", 1.0, 0, 1500), ("b", 2.0, 700, 1900))
    )
    return Dataset("made", ("a", "b"), recordings)


# --- reading ------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path):
    np.save(tmp_path / "x.npy", WAVES)
    return tmp_path / "x.npy"


def test_all_channels_are_read_in_the_files_order(path):
    recording = read_recording(path, reading=reading("all"))
    assert np.array_equal(recording.samples, WAVES)
    assert (recording.channels, recording.channels_of) == (3, 3)
    assert recording.channel == "1, 2, 3"


def test_named_channels_come_in_the_order_of_their_names(path):
    recording = read_recording(path, reading=reading("3", " 1"))
    assert np.array_equal(recording.samples, WAVES[:, [2, 0]])
    assert (recording.channels, recording.channels_of) == (2, 3)


def test_one_name_in_the_list_is_one_channel(path):
    one = read_recording(path, reading=reading("2"))
    assert np.array_equal(one.samples, read_recording(path, reading=Reading("2")).samples)
    assert one.samples.shape == (4000,)


def test_words_of_names_and_units_are_as_for_one(tmp_path):
    names = {
        "X118_DE_time": WAVES[:, 0],
        "X118_FE_time": WAVES[:, 1],
        "X118RPM": np.array([[1797]]),
    }
    savemat(tmp_path / "118.mat", names)
    recording = read_recording(
        tmp_path / "118.mat", reading=reading("FE", "de", unit="m/s2", offset=0.5)
    )
    np.testing.assert_allclose(recording.samples, (WAVES[:, [1, 0]] - 0.5) / 9.80665)
    assert recording.channel == "X118_FE_time, X118_DE_time"
    everything = read_recording(tmp_path / "118.mat", reading=reading("all"))
    assert everything.channels == 2  # the speed is no signal


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("1", "4"), "no signal '4'"),
        (("1", "column 1"), "no signal 'column 1'"),
    ],
)
def test_a_name_that_means_none_is_refused(path, names, says):
    with pytest.raises(InputError, match=says):
        read_recording(path, reading=reading(*names))


def test_two_names_of_one_channel_are_refused(tmp_path):
    savemat(tmp_path / "118.mat", {"X118_DE_time": WAVES[:, 0], "X118_FE_time": WAVES[:, 1]})
    with pytest.raises(InputError, match="X118_DE_time is meant twice; leave one out"):
        read_recording(tmp_path / "118.mat", reading=reading("DE", "X118_DE_time"))


def test_lengths_and_units_must_agree(tmp_path):
    np.savez(tmp_path / "x.npz", a=WAVES[:, 0], b=WAVES[:100, 1])
    with pytest.raises(InputError, match=r"equally long, but a has 4000 samples and b 100; choose"):
        read_recording(tmp_path / "x.npz", reading=reading("all"))
    lines = [f"{a},{int(b * 1000)}" for a, b, _ in WAVES[:200]]
    (tmp_path / "x.csv").write_text("\n".join(["x (g),y (counts)", *lines]))
    with pytest.raises(InputError, match=r"in one unit, but 'x \(g\)' is in 'g' and 'y"):
        read_recording(tmp_path / "x.csv", reading=reading("all"))


@pytest.mark.parametrize(
    ("number", "value", "says"), [(1, 0.0, "no vibration in '2'"), (2, np.nan, "finite samples")]
)
def test_each_channel_is_checked(tmp_path, number, value, says):
    samples = WAVES.copy()
    samples[:, number] = value
    np.save(tmp_path / "x.npy", samples)
    with pytest.raises(InputError, match=says):
        read_recording(tmp_path / "x.npy", reading=reading("all"))


def test_what_is_too_long_for_memory_is_the_same(path, monkeypatch):
    monkeypatch.setattr(store.chunks, "__defaults__", (700,))
    recording = read_recording(path, reading=reading("all"), store=Store(room=0))
    assert isinstance(recording.samples, Stored)
    assert (recording.samples.shape, recording.samples.ndim) == (WAVES.shape, 2)
    assert np.array_equal(recording.samples, WAVES)
    for number, column in enumerate(columns(recording.samples)):
        assert column.shape == (4000,)
        assert np.array_equal(column[100:200], WAVES[100:200, number])
        assert column[7] == WAVES[7, number]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"channels": ("a", "b"), "channel": "c"}, "--channels a,b .* give one of"),
        ({"channels": ()}, "--channels must be names"),
        ({"channels": ("a", " ")}, "--channels must be names"),
        ({"channels": ("a", "A")}, "name each channel once, not a,A"),
        ({"channels": ("all", "b")}, "--channels must be all alone"),
    ],
)
def test_lists_that_make_no_sense_are_refused(fields, says):
    with pytest.raises(UsageError, match=says):
        Reading(**fields)


# --- what goes with a network -------------------------------------------------------------------


def test_channels_go_with_the_network_and_only_then():
    recording = made(WAVES, channel="1, 2, 3", channels_of=3)
    kept = ReadAs.of(reading("1", "2", "3", unit="g"), recording)
    back = ReadAs.from_json(json.loads(json.dumps(kept.to_json())))
    assert back == kept
    assert back.complete(Reading()) == (
        reading("1", "2", "3", unit="g"),
        "--channels 1,2,3 --unit g",
    )
    assert back.complete(Reading("2"))[0] == Reading("2", unit="g")
    assert ReadAs(channel="DE").complete(reading("a", "b")) == (reading("a", "b"), "")
    assert "channels" not in ReadAs(channel="DE").to_json()


@pytest.mark.parametrize("value", ["all", [], [""], [3]])
def test_damaged_channels_are_refused(value):
    with pytest.raises((ValueError, TypeError)):
        ReadAs.from_json(ReadAs().to_json() | {"channels": value})


# --- windows, noise, parts ----------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [np.asarray, stored])
def test_a_window_has_its_channels_in_front(wrap):
    found = windows(wrap(WAVES), 256, 100)
    assert found.shape == ((4000 - 256) // 100 + 1, 3, 256)
    assert np.array_equal(found[2:4][1], WAVES[300:556].T)
    assert np.array_equal(found[np.array([7])][0], WAVES[700:956].T)


@pytest.mark.parametrize("wrap", [np.asarray, stored])
def test_each_channel_of_a_set_is_cut_as_it_would_be_alone(wrap):
    whole, alone = pair(wrap), [pair(cut=number) for number in range(3)]
    for cut in (
        lambda one: dataset_windows(one, 64, 50),
        lambda one: draw(one, 64, 9, np.random.default_rng(5)),
        lambda one: dataset_windows(split_dataset(one)[1], 64, 30),
    ):
        x, labels = cut(whole)
        for number, one in enumerate(alone):
            assert np.array_equal(x[:, number], cut(one)[0])
            assert np.array_equal(labels, cut(one)[1])


@pytest.mark.parametrize("wrap", [np.asarray, stored])
def test_each_channel_has_its_own_noise_relative_to_its_own_power(wrap, monkeypatch):
    monkeypatch.setattr(store.chunks, "__defaults__", (700,))
    clean = pair(wrap)
    noise = [
        np.asarray(after.samples) - np.asarray(before.samples)
        for after, before in zip(noisy(clean, 3.0, 7).recordings, clean.recordings, strict=True)
    ]
    for one, before in zip(noise, clean.recordings, strict=True):
        wanted = np.mean(np.square(np.asarray(before.samples)), axis=0) * 10**-0.3
        np.testing.assert_allclose(np.var(one, axis=0), wanted, rtol=0.1)
        assert np.abs(np.corrcoef(one.T) - np.eye(3)).max() < 0.1
    again = noisy(pair(), 3.0, 7).recordings[0].samples
    np.testing.assert_allclose(noisy(clean, 3.0, 7).recordings[0].samples, again, rtol=1e-12)


def test_a_power_for_each_channel_may_be_given():
    noise = add_noise(np.zeros((9000, 2)), 0.0, np.random.default_rng(1), np.array([4.0, 9.0]))
    np.testing.assert_allclose(np.std(noise, axis=0), [2.0, 3.0], rtol=0.05)


def test_one_scale_brings_all_channels_together_to_an_rms_of_one():
    scale = input_scale(pair(), None)
    x = [np.mean(np.square(scale * each.samples)) for each in pair().recordings]
    assert np.mean(x) == pytest.approx(1.0)


def test_recordings_have_equally_many_channels():
    with pytest.raises(InputError, match=r"a\.npy has 3 and b\.npy 1; --channels says which"):
        Dataset("made", ("a", "b"), (made(WAVES), made(WAVES[:, 0], "b")))
    with pytest.raises(ValueError, match="channels >= 2"):
        made(WAVES[:, :1])


def test_the_table_says_how_many_were_taken():
    recording = made(WAVES, channel="x, y, z", channels_of=4)
    (row,) = summary(Dataset("made", ("a",), (recording,)))["classes"]
    assert (row["channels"], row["channels_taken"], row["channels_of"]) == (["x, y, z"], 3, 4)
    assert (row["samples"], row["seconds"]) == (4000, 4000 / 12e3)


# --- synthetic ----------------------------------------------------------------------------------


def test_the_radial_sensor_hears_what_a_single_one_does():
    alone = synthetic_dataset(2, classes=3, seconds=0.3)
    three = synthetic_dataset(2, classes=3, seconds=0.3, channels=("all",))
    for one, all_of_them in zip(alone.recordings, three.recordings, strict=True):
        assert all_of_them.samples.shape == (3600, 3)
        assert np.array_equal(all_of_them.samples[:, 0], one.samples)
        assert all_of_them.channel == "radial, tangential, axial"
    turned = synthetic_dataset(2, classes=3, seconds=0.3, channels=("3", "radial"))
    assert np.array_equal(turned.recordings[0].samples, three.recordings[0].samples[:, [2, 0]])


def test_the_other_sensors_hear_the_same_impacts_later_and_otherwise():
    rate = 96_000.0
    machine = Machine(Bearing(), 29.95, rate, 4800)
    impact = np.array([0.0101]), np.array([1.0])
    heard = [machine.ringing(FAULTS[0], *impact, way) for way in WAYS.values()]
    first = [int(np.flatnonzero(each)[0]) for each in heard]
    assert first == [int(np.ceil((0.0101 + late) * rate)) for late in (0.0, 60e-6, 210e-6)]
    assert np.std(heard[0]) > np.std(heard[1]) > np.std(heard[2])


def test_sensors_have_noise_of_their_own():
    dataset = synthetic_dataset(2, classes=2, seconds=4.0, channels=("all",))
    sound = next(each.samples for each in dataset.recordings if each.label == "normal")
    np.testing.assert_allclose(np.std(sound, axis=0), 0.073 * np.array([1.0, 0.9, 0.6]), rtol=0.02)
    # Between the tones, which they share, there is noise only.
    spectra = np.fft.rfft(sound, axis=0)
    noise = spectra[np.abs(spectra).max(axis=1) < np.median(np.abs(spectra)) * 4]
    alike = np.abs(np.corrcoef(noise.T))
    assert np.abs(alike - np.eye(3)).max() < 0.05


@pytest.mark.parametrize("names", [("x",), ("4",), ("radial", "1"), ()])
def test_sensors_that_there_are_not_are_refused(names):
    with pytest.raises(UsageError, match="must be some of radial, tangential, axial, or all"):
        synthetic_dataset(0, seconds=0.1, channels=names)


# --- quality ------------------------------------------------------------------------------------


def test_a_dropout_of_one_channel_is_cut_out_of_all():
    samples = RNG.standard_normal((6000, 2))
    samples[2000:2100, 1] = 0.25
    whole = made(RNG.standard_normal((6000, 2)), "b")
    dataset = Dataset("made", ("a", "b"), (made(samples), whole))
    kept, notices = judge_dataset(dataset, 64)
    assert [len(each.samples) for each in kept.recordings] == [2000, 3900, 6000]
    assert np.array_equal(kept.recordings[1].samples, samples[2100:])
    assert any("a.npy (2)" in notice and "dropout" in notice for notice in notices)
    assert judge_dataset(Dataset("made", ("b",), (whole,)), 64)[0].recordings[0] is whole


def test_a_mark_of_one_channel_is_one_of_the_window():
    x = RNG.standard_normal((4, 2, 256))
    x[1, 1] = 0.5
    x[2, 0, 100:130] = 0.1
    x[3, 1, :5] = 9.0
    limits = [Limits(run=16, low_db=-3.0, high_db=3.0), Limits(run=16, top=8.0)]
    found = judge_windows(x, limits).tolist()
    assert found == [0, Mark.STUCK, Mark.DROPOUT, Mark.CLIPPED]
    assert judge_windows(x[:, 0] * 10, limits[0]).tolist() == [
        Mark.FAR, Mark.FAR, Mark.FAR | Mark.DROPOUT, Mark.FAR,
    ]  # fmt: skip
    assert judge_windows(x[:1] * 10, limits).tolist() == [Mark.FAR | Mark.CLIPPED]


def test_a_windows_level_is_that_of_all_its_channels():
    x = RNG.standard_normal((3, 2, 4096)) * np.array([3.0, 4.0])[:, None] + 100.0
    np.testing.assert_allclose(levels(x), 10 * np.log10(12.5), atol=0.3)
