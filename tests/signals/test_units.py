"""Units and offsets: samples come to be g, or say what they are."""

import h5py
import numpy as np
import pytest
from scipy.io import wavfile

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording

X = np.random.default_rng(5).uniform(-1, 1, 300)


def stated(tmp_path, unit):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["acc"] = X
        if unit is not None:
            file["acc"].attrs["unit"] = unit
    return tmp_path / "a.h5"


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        (None, 1), ("g", 1), ("G", 1), ("gn", 1), ("mg", 1e-3), ("m/s2", 1 / 9.80665),
        ("m/s^2", 1 / 9.80665), ("m/s²", 1 / 9.80665), ("m/s**2", 1 / 9.80665),
        ("mm/s^2", 1e-3 / 9.80665), (" m/s² ", 1 / 9.80665),
    ],
)  # fmt: skip
def test_stated_accelerations_become_g(tmp_path, unit, factor):
    recording = read_recording(stated(tmp_path, unit))
    np.testing.assert_allclose(recording.samples, X * factor, rtol=1e-15)
    assert recording.unit == "g"
    assert len(recording.notices) == (factor != 1)


@pytest.mark.parametrize(
    ("unit", "what"),
    [("mm/s", "velocity"), ("in/s", "velocity"), ("V", "voltage"), ("mV", "voltage"),
     ("um", "displacement"), ("N", "force"), ("°C", "temperature"), ("rpm", "another")],
)  # fmt: skip
def test_what_is_no_acceleration_is_refused_unless_the_user_insists(tmp_path, unit, what):
    path = stated(tmp_path, unit)
    with pytest.raises(InputError, match=f"'acc' is in '{unit}', .*{what}.* with --unit g"):
        read_recording(path)
    recording = read_recording(path, reading=Reading(unit="g"))
    np.testing.assert_array_equal(recording.samples, X)
    assert recording.notices == (f"--unit g overrules the file's {unit!r} of 'acc'",)


def test_an_unknown_unit_is_said(tmp_path):
    recording = read_recording(stated(tmp_path, "furlongs"))
    assert recording.notices == (
        "the unit 'furlongs' of 'acc' is not known; its samples are taken as g",
    )


def test_counts_stay_counts(tmp_path):
    recording = read_recording(stated(tmp_path, "counts"))
    assert (recording.unit, len(recording.notices)) == ("counts", 1)
    np.save(tmp_path / "b.npy", np.array([2048, 2100, 1900] * 40, "u2"))
    recording = read_recording(tmp_path / "b.npy", reading=Reading(unit="counts", offset=2048))
    assert recording.samples[:3].tolist() == [0, 52, -148]
    assert (recording.unit, recording.notices) == ("counts", ())


def test_offset_is_taken_off_before_the_unit(tmp_path, write):
    path = write(tmp_path / "a.npy", X * 9.80665 + 2)
    recording = read_recording(path, reading=Reading(unit="m/s2", offset=2))
    np.testing.assert_allclose(recording.samples, X, atol=1e-12)


def test_the_user_overrules_the_file(tmp_path):
    recording = read_recording(stated(tmp_path, "m/s2"), reading=Reading(unit="g"))
    np.testing.assert_array_equal(recording.samples, X)
    assert recording.notices == ("--unit g overrules the file's 'm/s2' of 'acc'",)
    assert read_recording(stated(tmp_path, "m/s^2"), reading=Reading(unit="m/s2")).notices == ()


def test_wav_has_shares_of_full_scale(tmp_path):
    wavfile.write(tmp_path / "a.wav", 12_000, (X * 2**14).astype("i2"))
    wavfile.write(tmp_path / "b.wav", 12_000, X)
    assert read_recording(tmp_path / "a.wav").unit == "of full scale"
    assert read_recording(tmp_path / "b.wav").unit == "g"
    assert read_recording(tmp_path / "a.wav", reading=Reading(unit="g")).unit == "g"
