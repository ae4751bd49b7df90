"""Units and offsets: samples come to be g, or say what they are."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat, wavfile

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


def test_the_counts_of_shares_are_not_known(tmp_path):
    wavfile.write(tmp_path / "a.wav", 12_000, (X * 999).astype(np.int16))
    with pytest.raises(InputError, match="leave --unit counts out"):
        read_recording(tmp_path / "a.wav", reading=Reading(unit="counts"))
    wavfile.write(tmp_path / "b.wav", 12_000, np.rint(X * 999).astype(np.float32))
    assert read_recording(tmp_path / "b.wav", reading=Reading(unit="counts")).unit == "counts"


def _beside(tmp_path, name, unit, key):
    """Write a file that states the unit of its only signal once, beside it or over it."""
    path = tmp_path / name
    facts = {key: unit}
    if path.suffix == ".mat":
        savemat(path, {"acc": X} | facts)
    elif path.suffix == ".npz":
        np.savez(path, acc=X, **facts)
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            file["acc"] = X
            file.attrs[key] = unit
    else:
        lines = [f"# {key}: {unit}", "acc", *map(repr, X.tolist())]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.mat", "a.npz", "a.h5", "a.csv"])
@pytest.mark.parametrize("key", ["unit", "Units", "unit_string", "engineering_units", "EU"])
def test_a_unit_beside_the_signal_counts(tmp_path, name, key):
    recording = read_recording(_beside(tmp_path, name, "m/s^2", key))
    np.testing.assert_allclose(recording.samples, X / 9.80665, rtol=1e-15)
    assert recording.notices == ("'acc' is in m/s^2; it is read as g",)
    with pytest.raises(InputError, match="velocity"):
        read_recording(_beside(tmp_path, name, "mm/s", key))


@pytest.mark.parametrize("name", ["a.mat", "a.npz", "a.h5", "a.csv"])
def test_other_texts_beside_the_signal_are_no_unit(tmp_path, name):
    for key, text in (("unit", "s"), ("machine", "m/s^2"), ("unity", "mm/s")):
        recording = read_recording(_beside(tmp_path, name, text, key))
        assert (recording.unit, recording.notices) == ("g", ())
        np.testing.assert_array_equal(recording.samples, X)


def test_a_unit_in_a_struct_is_of_what_is_in_it(tmp_path):
    savemat(tmp_path / "a.mat", {"one": {"acc": X, "units": "m/s2"}, "two": {"acc": X}})
    one = read_recording(tmp_path / "a.mat", reading=Reading("one.acc"))
    two = read_recording(tmp_path / "a.mat", reading=Reading("two.acc"))
    np.testing.assert_allclose(one.samples * 9.80665, two.samples, rtol=1e-15)
