"""What is particular to each format."""

import struct

import numpy as np
import pytest
from scipy.io import loadmat, savemat, wavfile

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording

# .mat


def mat(path, **variables):
    savemat(path, variables)
    return path


def test_mat_channel_is_chosen_by_name(tmp_path, wave):
    path = mat(tmp_path / "a.mat", X118_DE_time=wave, X118_FE_time=-wave, X118RPM=1797)
    np.testing.assert_array_equal(read_recording(path).samples, wave)
    np.testing.assert_array_equal(
        read_recording(path, reading=Reading(channel="FE")).samples, -wave
    )


@pytest.mark.parametrize("name", ["99.mat", "normal_2_99.mat", "x_099.mat"])
def test_mat_of_two_records_gives_the_one_of_the_file_name(tmp_path, wave, name):
    path = mat(tmp_path / name, X098_DE_time=-wave, X099_DE_time=wave, X098_FE_time=wave)
    np.testing.assert_array_equal(read_recording(path).samples, wave)


def test_mat_that_stays_ambiguous_lists_the_variables(tmp_path, wave):
    path = mat(tmp_path / "normal_2.mat", X098_DE_time=-wave, X099_DE_time=wave)
    with pytest.raises(InputError, match=r"X098_DE_time, X099_DE_time; name one of them"):
        read_recording(path)
    np.testing.assert_array_equal(
        read_recording(path, reading=Reading(channel="X099_DE")).samples, wave
    )


def test_mat_with_one_long_variable_needs_no_channel(tmp_path, wave):
    path = mat(tmp_path / "a.mat", vibration=wave, fs=12_000, axis=[1, 2, 3], note="pump 3")
    np.testing.assert_array_equal(read_recording(path).samples, wave)


def test_mat_with_no_fitting_variable_lists_all(tmp_path, wave):
    path = mat(tmp_path / "a.mat", left=wave, right=wave, table=np.eye(9))
    with pytest.raises(InputError, match=r"'DE' in its name among: left, right, table; name"):
        read_recording(path)


@pytest.mark.parametrize("value", ["text", np.array([{}, 1], dtype=object), {"x": 1.0}])
def test_mat_channel_of_another_kind_is_refused(tmp_path, value):
    with pytest.raises(InputError, match="no 1-D numeric variable"):
        read_recording(mat(tmp_path / "a.mat", X1_DE_time=value))


def test_mat_complex_samples_are_refused(tmp_path, wave):
    with pytest.raises(InputError, match="real numbers, not complex"):
        read_recording(mat(tmp_path / "a.mat", X1_DE_time=wave + 1j))


def test_mat_integer_samples_are_read(tmp_path):
    path = mat(tmp_path / "a.mat", X1_DE_time=np.arange(100, dtype=np.int16))
    np.testing.assert_array_equal(read_recording(path).samples, np.arange(100))


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
@pytest.mark.parametrize("length", [2, 3, 4, 100])
def test_mat_types_and_padding(tmp_path, dtype, length, compressed):
    samples = np.arange(length, dtype=dtype)
    savemat(tmp_path / "a.mat", {"X1_DE_time": samples, "z": 1.0}, do_compression=compressed)
    np.testing.assert_array_equal(read_recording(tmp_path / "a.mat").samples, samples)


def test_mat_of_the_other_byte_order(tmp_path):
    def element(kind, content):
        padding = bytes(-len(content) % 8)
        return struct.pack(">II", kind, len(content)) + content + padding

    matrix = (
        element(6, struct.pack(">II", 6, 0))
        + element(5, struct.pack(">ii", 3, 1))
        + element(1, b"X1_DE_time")
        + element(9, struct.pack(">3d", 1, 2.5, -3))
    )
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(">H", 0x0100) + b"MI"
    (tmp_path / "a.mat").write_bytes(header + element(14, matrix))
    assert read_recording(tmp_path / "a.mat").samples.tolist() == [1, 2.5, -3]


def test_mat_agrees_with_scipy_on_published_records(cwru_folder):
    for path in cwru_folder.glob("*.mat"):
        variables = loadmat(path)
        (name,) = (name for name in variables if "DE" in name)
        np.testing.assert_array_equal(read_recording(path).samples, variables[name][:, 0])


def test_mat_values_of_an_unknown_type_are_refused(tmp_path, wave):
    """SciPy's reader looks such a type up beyond the end of a table and crashes."""
    path = mat(tmp_path / "a.mat", X1_DE_time=wave)
    data = path.read_bytes()
    tag = struct.pack("<II", 9, 8 * wave.size)
    assert data.count(tag) == 1
    path.write_bytes(data.replace(tag, struct.pack("<II", 200, 8 * wave.size)))
    with pytest.raises(InputError, match="unknown type 200"):
        read_recording(path)


def test_mat_that_inflates_to_other_than_announced_is_refused(tmp_path, wave):
    path = mat(tmp_path / "a.mat", X1_DE_time=wave)
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<ii", 1, 300), struct.pack("<ii", 1, 2**30)))
    with pytest.raises(InputError, match=r"2400 bytes for shape \(1, 1073741824\)"):
        read_recording(path)


def test_mat_of_level_4_is_refused(tmp_path, wave):
    savemat(tmp_path / "a.mat", {"X1_DE_time": wave}, format="4")
    with pytest.raises(InputError, match="no MATLAB 5 header; save it with -v7"):
        read_recording(tmp_path / "a.mat")


def test_mat_cut_in_a_variable_that_is_not_read_is_refused(tmp_path, wave):
    path = mat(tmp_path / "a.mat", X1_DE_time=wave, X1_FE_time=wave)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="is truncated"):
        read_recording(path)


def test_mat_of_version_7_3_is_named(tmp_path):
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n" + bytes(64))
    with pytest.raises(InputError, match="save it with -v7"):
        read_recording(path)


# .npy


@pytest.mark.parametrize("shape", [(300,), (300, 1), (1, 300)])
@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<i2", "u1"])
def test_npy_shapes_and_types(tmp_path, shape, dtype):
    samples = (np.arange(300) % 100).astype(dtype)
    np.save(tmp_path / "a.npy", np.asfortranarray(samples.reshape(shape)))
    recording = read_recording(tmp_path / "a.npy")
    np.testing.assert_array_equal(recording.samples, np.arange(300) % 100)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((20, 2)), r"one channel.*\(20, 2\)"),
        (np.array([None, 1.0], dtype=object), "Python objects"),
        (np.array(["1", "2"]), "real numbers"),
        (np.array([1j, 2.0]), "real numbers"),
        (np.array([True, False]), "real numbers"),
        (np.zeros(3, dtype=[("a", "f8")]), "real numbers"),
    ],
)
def test_npy_other_arrays_are_refused(tmp_path, array, said):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=said):
        read_recording(tmp_path / "a.npy")


def test_npy_that_announces_terabytes_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(8))
    data = (tmp_path / "a.npy").read_bytes().replace(b"(8,),            ", b"(8000000000000,),")
    (tmp_path / "a.npy").write_bytes(data.replace(b"(8,), }             ", b"(8000000000000,), } "))
    with pytest.raises(InputError, match="64000000000000 bytes of samples announced, 64 present"):
        read_recording(tmp_path / "a.npy")


# .csv


def csv(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "1\n2.5\n-3e0\n",
        "DE\n1\n2.5\n-3\n",
        "\ufeffDE\r\n1\r\n2.5\r\n-3\r\n\r\n",
        "# bench 4\nDE\n\n1\n2.5\n-3",
        "FE,DE\n9,1\n8,2.5\n9,-3\n",
        '"x FE";"x DE"\n9;1\n8;2.5\n9;-3\n',
        "FE\tDE\tBA\n9\t1\t0\n8\t2.5\t0\n9\t-3\t0\n",
        "# FE DE\n 9  1\n 8  2.5\n 9 -3\n",
        ",DE\n0,1\n1,2.5\n2,-3\n",
    ],
)
def test_csv_layouts_without_time(tmp_path, text):
    recording = read_recording(csv(tmp_path / "a.csv", text))
    assert recording.samples.tolist() == [1, 2.5, -3]
    assert recording.sample_rate is None


@pytest.mark.parametrize(
    ("title", "unit"),
    [("", 1.0), ("time,value\n", 1.0), ("t (ms),a\n", 1e-3), ("Time [us],DE\n", 1e-6)],
)
def test_csv_time_column_gives_the_rate_in_spite_of_rounding(tmp_path, wave, title, unit):
    stamps = 5 + np.round(np.arange(wave.size) / 12_000, 6)
    rows = "".join(f"{t / unit:.6f},{v!r}\n" for t, v in zip(stamps, wave.tolist(), strict=True))
    recording = read_recording(csv(tmp_path / "a.csv", title + rows))
    np.testing.assert_array_equal(recording.samples, wave)
    assert recording.sample_rate == 12_000


def test_csv_time_and_several_channels(tmp_path):
    text = "time,FE,DE\n0,9,1\n0.5,8,2\n1,9,5\n"
    recording = read_recording(csv(tmp_path / "a.csv", text))
    assert (recording.samples.tolist(), recording.sample_rate) == ([1, 2, 5], 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\ntwo\n3\n", "could not convert string 'two'"),
        ("1,2\n3\n", "number of columns changed"),
        ("DE\n# nothing\n", "no numbers"),
        ("0,1,2\n9,8,7\n0,1,3\n", "3 columns and no titles"),
        ("0,1\n9,8\n0,1\n", "2 columns and no titles"),
        ("FE,BA\n0,1\n9,8\n0,1\n", "titles FE, BA: exactly one"),
        ("DE1,DE2\n0,1\n9,8\n0,1\n", "titles DE1, DE2: exactly one"),
        ("time,DE\n0,1\n1,8\n5,1\n", "'time' must rise in equal steps"),
        ("time,DE\n0,1\n0,8\n0,1\n", "'time' must rise in equal steps"),
    ],
)
def test_csv_unclear_tables_are_refused(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read_recording(csv(tmp_path / "a.csv", text))


# .wav


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("u1", [0, 128, 192], [-1, 0, 0.5]),
        ("<i2", [-32768, 0, 16384], [-1, 0, 0.5]),
        ("<i4", [-(2**31), 0, 2**30], [-1, 0, 0.5]),
        ("<f4", [-3, 0, 0.5], [-3, 0, 0.5]),
    ],
)
def test_wav_integers_are_scaled_to_full_scale(tmp_path, dtype, values, expected):
    wavfile.write(tmp_path / "a.wav", 25_600, np.array(values, dtype=dtype))
    recording = read_recording(tmp_path / "a.wav")
    assert recording.samples.tolist() == expected
    assert recording.sample_rate == 25_600


def test_wav_of_24_bits(tmp_path):
    samples = b"".join(v.to_bytes(3, "little", signed=True) for v in (-(2**23), 0, 2**22, 1))
    fmt = struct.pack("<HHIIHH", 1, 1, 12_000, 36_000, 3, 24)
    body = b"WAVEfmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", 12) + samples
    (tmp_path / "a.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert read_recording(tmp_path / "a.wav").samples.tolist() == [-1, 0, 0.5, 2.0**-23]


def test_wav_channels_are_chosen_by_number(tmp_path, wave):
    both = np.stack([wave, -wave], axis=1)
    wavfile.write(tmp_path / "a.wav", 12_000, both)
    np.testing.assert_array_equal(read_recording(tmp_path / "a.wav").samples, wave)
    np.testing.assert_array_equal(
        read_recording(tmp_path / "a.wav", reading=Reading(channel="2")).samples, -wave
    )
    with pytest.raises(InputError, match=r"channels 1\.\.2, but channel 3"):
        read_recording(tmp_path / "a.wav", reading=Reading(channel="3"))


def test_wav_without_a_rate_is_refused(tmp_path, wave):
    wavfile.write(tmp_path / "a.wav", 0, wave)
    with pytest.raises(InputError, match=r"a\.wav states a sample rate of 0"):
        read_recording(tmp_path / "a.wav")
