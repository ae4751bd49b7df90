"""Where windows come from, and what the integer network's accuracy is measured on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from hwgen import importers, signals
from hwgen.errors import InputError
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.quantize import inputs, quantize
from hwgen.flow.windows import for_verification
from hwgen.importers import CheckpointMeta, Windows, save_checkpoint
from hwgen.quantized import Precision


@pytest.fixture(scope="session")
def bare(tmp_path_factory, write_state) -> Path:
    return write_state(tmp_path_factory.mktemp("bare") / "ckpt.pt")


@pytest.fixture
def own(bare, tmp_path):
    """Write the same network as our own checkpoint, with what it may carry."""

    def write(**fields) -> Path:
        windows = fields.pop("windows", None)
        read_as = fields.pop("read_as", signals.ReadAs())
        network = importers.load(bare).network
        network = replace(network, classes=("inner", "outer", "sound"), **fields)
        path = tmp_path / "own.pt"
        save_checkpoint(
            path,
            network,
            meta=CheckpointMeta("made up", None, read_as=read_as),
            calibration=windows,
            test=windows,
        )
        return path

    return write


def carried(seed: int = 0) -> Windows:
    rng = np.random.default_rng(seed)
    return Windows(rng.normal(0, 0.3, (30, 256)), np.arange(30) % 3, "made up")


def run(checkpoint: Path, *, bits: Precision | None = None, **data):
    said: list[str] = []
    settings = Settings(str(checkpoint), data=DataOptions(**data), bits=bits or Precision())
    return quantize(settings, said.append), said


def test_recordings_give_f1_of_float_and_fixed(bare, recordings):
    result, said = run(bare, data=str(recordings), sample_rate=12_000)
    accuracy = result.said.accuracy
    assert accuracy.data == str(recordings)
    assert accuracy.windows == 3 * len(range(0, 1000 - 256 + 1, 16))
    assert 0 < accuracy.float_f1 <= 1
    assert abs(accuracy.float_f1 - accuracy.fixed_f1) < 0.05
    assert sum(map(sum, accuracy.confusion["fixed"])) == accuracy.windows
    assert "synthetic" not in " ".join(said)
    assert result.model.sample_rate == 12_000


def test_classes_are_in_the_order_of_sorted_file_names(bare, recordings):
    assert run(bare, data=str(recordings))[0].model.classes == ("inner", "outer", "sound")


def test_every_format_gives_the_same_network(bare, recordings, tmp_path):
    whole = {path.stem: np.load(path) for path in recordings.glob("*.npy")}
    steps = {name: np.round(x * 2**12).astype(np.int16) for name, x in whole.items()}
    digests = set()
    for ending in ("npy", "csv", "wav"):
        folder = tmp_path / ending
        for name, x in steps.items():
            place = folder / name if ending == "csv" else folder  # a folder a class
            place.mkdir(parents=True, exist_ok=True)
            match ending:
                case "npy":
                    np.save(place / f"{name}.npy", x / 2**15)
                case "csv":
                    np.savetxt(place / f"{name}.csv", x / 2**15)
                case "wav":
                    wavfile.write(place / f"{name}.wav", 12_000, x)
        digests.add(run(bare, data=str(folder), sample_rate=12_000)[0].model.digest)
    assert len(digests) == 1


def test_the_default_scale_is_one_over_the_rms_of_signal_and_noise(bare, recordings):
    def scale(**data) -> float:
        return run(bare, data=str(recordings), **data)[0].said.accuracy.input_scale

    train = signals.split_dataset(signals.read_dataset(recordings))[0]
    power = np.mean([np.mean(np.square(one.samples)) for one in train.recordings])
    assert scale() == pytest.approx(1 / np.sqrt(power))
    assert scale(snr_db=0.0) == pytest.approx(1 / np.sqrt(2 * power))
    assert scale(input_scale=0.7) == 0.7


def test_noise_is_told_and_repeatable(bare, recordings):
    def windows(seed: int):
        result, said = run(bare, data=str(recordings), snr_db=-6.0, seed=seed)
        assert any("-6 dB" in line for line in said)
        return result.windows

    assert np.array_equal(windows(1), windows(1))
    assert not np.array_equal(windows(1), windows(2))


def test_own_checkpoint_carries_its_windows(own):
    path = own(input_scale=1.5, sample_rate=20_000.0, windows=carried())
    result, said = run(path)
    assert result.said.accuracy.data == "made up"
    assert result.said.accuracy.float_f1 is not None
    assert result.said.accuracy.input_scale == 1.5
    assert result.model.classes == ("inner", "outer", "sound")
    assert result.model.sample_rate == 20_000
    assert "synthetic" not in " ".join(said)
    assert len(result.windows) == 30


def test_own_checkpoint_without_a_scale_or_windows(own):
    with pytest.raises(InputError, match="--input-scale"):
        run(own(windows=carried()))
    result, said = run(own(input_scale=1.0))
    assert result.said.accuracy.data == "synthetic"
    assert "synthetic" in said[0]
    assert result.said.accuracy.float_f1 is None
    assert result.model.classes == ("inner", "outer", "sound")


def test_synthetic_signals_count_for_a_network_of_their_classes(own):
    path = own(input_scale=1.0)
    names = signals.synthetic_dataset(classes=3).classes
    network = replace(importers.load(path).network, classes=names)
    save_checkpoint(path, network, meta=CheckpointMeta("synthetic", None))
    result, said = run(path, data="synthetic")
    assert 0 <= result.said.accuracy.float_f1 <= 1
    assert "near chance" in said[0]  # its weights are random
    rest = [line for line in said if not line.startswith("WARNING: ")]
    assert rest[0].startswith("quantize:")


def test_recordings_of_other_classes_are_refused(own, recordings):
    path = own(input_scale=1.0)
    other = replace(importers.load(path).network, classes=("outer", "inner", "sound"))
    save_checkpoint(path, other, meta=CheckpointMeta("made up", None))
    with pytest.raises(InputError, match=r"in its order \(outer, inner, sound\)"):
        run(path, data=str(recordings))


def test_a_wrong_number_of_classes_is_refused(bare, recordings, tmp_path):
    folder = Path(shutil.copytree(recordings, tmp_path / "more"))
    shutil.copy(folder / "inner.npy", folder / "more.npy")
    with pytest.raises(InputError, match=r"one class per logit \(3\), not 4 \(inner, .*more"):
        run(bare, data=str(folder))


def test_another_sample_rate_is_refused(own, recordings):
    path = own(input_scale=1.0, sample_rate=20_000.0)
    with pytest.raises(InputError, match=r"20000 Hz, not 12000 Hz; resample"):
        run(path, data=str(recordings), sample_rate=12_000)
    assert run(path, data=str(recordings))[0].model.sample_rate == 20_000


def test_a_slow_sensor_has_no_synthetic_signals(own):
    with pytest.raises(InputError, match="--data"):
        run(own(input_scale=1.0, sample_rate=5_000.0))


@pytest.mark.parametrize("classes", [2, 24])
def test_any_number_of_classes_can_be_calibrated_on_synthetic_signals(
    tmp_path, write_state, classes
):
    result, _ = run(write_state(tmp_path / "ckpt.pt", classes=classes))
    assert len(result.model.classes) == classes


def test_adc_width_and_full_scale(bare, recordings):
    result, said = run(bare, data=str(recordings), bits=Precision(adc=10, full_scale=0.25))
    assert result.model.bits.adc == 10
    assert result.windows.min() == -512
    assert result.windows.max() == 511
    assert any("clipped" in line for line in said)
    assert any("clipped" in line for line in result.said.notices)
    quiet, said = run(bare, data=str(recordings), bits=Precision(full_scale=1e6))
    assert any("below one ADC step" in line for line in said)
    assert not any("clipped" in line for line in quiet.said.notices)
    fitting = run(bare, data=str(recordings), bits=Precision(full_scale=1.0))[1]
    assert not any("clipped" in line or "ADC" in line for line in fitting)


def test_windows_for_verification_are_of_every_class(bare, recordings):
    result, _ = run(bare, data=str(recordings))
    assert len(result.windows) == 120
    windows = signals.dataset_windows(
        signals.split_dataset(signals.read_dataset(recordings))[1], 256, 16
    )
    whole = np.round(windows[0] / Precision().lsb)
    found = [windows[1][np.abs(whole - window).max(axis=1) <= 1][0] for window in result.windows]
    assert np.bincount(found).tolist() == [40, 40, 40]


def test_a_class_that_is_never_answered_is_told(recordings, tmp_path, write_state):
    def never(state: dict) -> None:
        state["fc1.bias"][1] = -1e6

    checkpoint = write_state(tmp_path / "ckpt.pt", change=never)
    result, said = run(checkpoint, data=str(recordings))
    assert "no window for verification is answered with: outer" in said
    assert said[-1] in result.said.notices


def test_windows_that_tell_nothing_are_told(recordings, tmp_path, write_state):
    def dead(state: dict) -> None:
        state["conv1.bias"][:] = -1e6

    checkpoint = write_state(tmp_path / "ckpt.pt", change=dead)
    result, _ = run(checkpoint, data=str(recordings))
    assert any(
        "every window for verification has the same answer" in n for n in result.said.notices
    )


@pytest.mark.parametrize("counts", [(50, 50), (500, 3), (0, 4), (7, 90, 200), (1000, 0, 1000)])
def test_windows_are_chosen_of_every_class_and_in_number(counts):
    classes = np.repeat(np.arange(len(counts)), counts)
    chosen = for_verification(classes, 100)
    assert len(set(chosen)) == len(chosen) >= min(100, len(classes))
    assert len(chosen) <= 100 + len(counts)
    each = -(-100 // np.count_nonzero(counts))
    found = np.bincount(classes[chosen], minlength=len(counts))
    assert (found >= np.minimum(counts, each)).all()


def test_only_recordings_are_looked_at(bare, recordings, tmp_path):
    folder = Path(shutil.copytree(recordings, tmp_path / "copy"))
    settings = Settings(str(bare), data=DataOptions(data=str(folder)))
    before = inputs(settings)
    (folder / "notes.txt").write_text("not a recording")
    (folder / "build" / "ir").mkdir(parents=True)
    (folder / "build" / "ir" / "stage.json").write_text("{}")
    (folder / "build" / "ir" / "x.npy").write_bytes(b"")
    assert inputs(settings) == before
    (folder / "inner.npy").rename(folder / "other.npy")
    assert inputs(settings) != before


def test_recordings_at_any_depth_and_a_manifest_are_looked_at(bare, recordings, tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(recordings, folder / "a" / "b" / "c")
    settings = Settings(str(bare), data=DataOptions(data=str(folder)))
    before = inputs(settings)
    (folder / "a" / "b" / "c" / "inner.npy").write_bytes(b"other")
    after = inputs(settings)
    assert after != before
    (folder / "classes.csv").write_text("file,class\na,x\n")
    assert inputs(settings) != after


def test_the_full_scale_is_that_of_the_samples_unless_one_is_given(bare, tmp_path):
    rng = np.random.default_rng(8)
    for name in ("inner", "outer", "sound"):
        wavfile.write(tmp_path / f"{name}.wav", 12_000, rng.integers(-9999, 9999, 3000, np.int16))
    data = DataOptions(data=str(tmp_path))
    settings = Settings(str(bare), data=data, own_scale=True)
    result = quantize(settings, lambda _: None)
    assert result.model.bits.full_scale == 1
    assert any("full scale is 1 (of full scale)" in line for line in result.said.notices)
    for path in tmp_path.glob("*.wav"):
        np.save(path.with_suffix(".npy"), wavfile.read(path)[1] // 8)
        path.unlink()
    counted = replace(data, unit="counts", sample_rate=12_000.0)
    result = quantize(replace(settings, data=counted, bits=Precision(adc=12)), lambda _: None)
    assert (result.model.bits.full_scale, result.model.bits.lsb) == (2048, 1)
    given = replace(settings, data=counted, bits=Precision(full_scale=4.0), own_scale=False)
    assert quantize(given, lambda _: None).model.bits.full_scale == 4


def test_an_own_checkpoint_says_how_recordings_are_read(own, tmp_path):
    rng = np.random.default_rng(9)
    for name in ("inner", "outer", "sound"):
        np.save(tmp_path / f"{name}.npy", rng.normal(0, 3, (3000, 2)))
    data = DataOptions(data=str(tmp_path), sample_rate=12_000.0)
    read_as = signals.ReadAs("2", "m/s2", None, "g")
    checkpoint = own(read_as=read_as, input_scale=1.0)
    result = quantize(Settings(str(checkpoint), data=data), lambda _: None)
    assert any(
        "read as in training: --channel 2 --unit m/s2" in line for line in result.said.notices
    )
    assert result.margins.read_as == read_as
    counts = own(read_as=replace(read_as, unit=None, samples="counts"), input_scale=1.0)
    with pytest.raises(InputError, match="must be in counts like the checkpoint's"):
        quantize(Settings(str(counts), data=data), lambda _: None)
