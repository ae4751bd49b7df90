"""What is particular to each format."""

import struct
import tracemalloc
import zipfile
import zlib

import h5py
import numpy as np
import pytest
import soundfile
from scipy.io import loadmat, savemat, wavfile
from scipy.sparse import csr_array

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
    with pytest.raises(InputError, match=r"X098_DE_time, X099_DE_time; name one with --channel"):
        read_recording(path)
    np.testing.assert_array_equal(
        read_recording(path, reading=Reading(channel="X099_DE")).samples, wave
    )


def test_mat_with_one_long_variable_needs_no_channel(tmp_path, wave):
    path = mat(tmp_path / "a.mat", vibration=wave, axis=[1, 2, 4], note="pump 3")
    recording = read_recording(path)
    np.testing.assert_array_equal(recording.samples, wave)
    assert (recording.channel, recording.channels_of) == ("vibration", 2)


def test_mat_with_no_fitting_variable_lists_all(tmp_path, wave):
    path = mat(tmp_path / "a.mat", left=wave, right=wave, cube=np.ones((3, 3, 3)))
    with pytest.raises(InputError, match=r"2 signals: left, right \(no signals: cube \(3 x 3 x 3"):
        read_recording(path)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("text", "X1_DE_time"),
        (np.array([], dtype=object), "nothing"),
        (np.array([True, False] * 99), r"X1_DE_time \(logical\)"),
        (np.array([1j, 2]), r"X1_DE_time \(complex\)"),
        (csr_array(np.eye(9)), r"X1_DE_time \(sparse"),
        (np.ones((70, 80)), r"X1_DE_time \(70 x 80\)"),
        (np.zeros((0, 0)), r"X1_DE_time \(0 x 0\)"),
        (5.0, "X1_DE_time"),
    ],
)
def test_mat_without_a_vector_of_real_numbers_is_refused(tmp_path, value, what):
    with pytest.raises(InputError, match=f"has no signal: .* it has {what}"):
        read_recording(mat(tmp_path / "a.mat", X1_DE_time=value))


def taken(path, channel=None):
    """Return name, samples and rate of what is read."""
    recording = read_recording(path, reading=Reading(channel=channel))
    return recording.channel, recording.samples, recording.sample_rate


def same(path, channel, name, samples, rate=None):
    found = taken(path, channel)
    assert (found[0], found[2]) == (name, rate)
    np.testing.assert_array_equal(found[1], samples)


@pytest.mark.parametrize("compressed", [False, True])
def test_mat_nested_structs_and_cells(tmp_path, wave, compressed):
    tree = {
        "test": {"acc": {"de": wave, "fe": -wave}, "fs": 25_600},
        "runs": np.array([wave * 2, wave * 3, "text"], dtype=object),
        "list": np.array([(wave * 4, 1.0), (wave * 5, 2.0)], dtype=[("v", "O"), ("load", "O")]),
    }
    savemat(tmp_path / "a.mat", tree, do_compression=compressed)
    for channel, name, factor in (
        ("test.acc.de", "test.acc.de", 1), ("acc.fe", "test.acc.fe", -1),
        ("runs[2]", "runs[2]", 3), ("list[1].v", "list[1].v", 4), ("LIST[2].V", "list[2].v", 5),
    ):  # fmt: skip
        same(tmp_path / "a.mat", channel, name, factor * wave, 25_600)


def test_mat_of_mfpt(tmp_path, wave):
    bearing = {"sr": 97_656, "gs": wave[:, None], "load": 270, "rate": 25}
    same(mat(tmp_path / "a.mat", bearing=bearing), None, "bearing.gs", wave, 97_656)
    same(mat(tmp_path / "b.mat", bearing=bearing), "bearing.gs", "bearing.gs", wave, 97_656)


def test_mat_of_paderborn_is_called_by_the_names_of_its_signals(tmp_path, wave):
    fields = [("Name", "O"), ("Type", "O"), ("Data", "O"), ("Raster", "O")]
    y = np.array(
        [("force", "v", wave[:75], "Mech_4kHz"), ("vibration_1", "v", wave, "HostService")], fields
    )
    x = np.array([("", "v", np.arange(75) / 4e3, ""), ("", "v", np.arange(300) / 64e3, "")], fields)
    record = {"Info": {"Note": "x"}, "X": x, "Y": y}
    path = mat(tmp_path / "N09_M07_F10_K001_1.mat", N09_M07_F10_K001_1=record)
    name = "N09_M07_F10_K001_1.vibration_1"
    same(path, "vibration_1", name, wave, 64_000)
    with pytest.raises(InputError, match=r"2 signals: .*force, .*vibration_1 "):
        read_recording(path)


def test_mat_matrix_columns_are_channels_by_number(tmp_path, wave):
    columns = np.stack([wave * factor for factor in range(1, 7)], axis=1)
    path = mat(tmp_path / "C1A_100_502_1.mat", C1A_100_502_1=columns)
    for number in range(1, 7):
        same(path, str(number), f"C1A_100_502_1[{number}]", number * wave)
    with pytest.raises(InputError, match="6 signals"):
        read_recording(path)
    for number in ("0", "7"):
        with pytest.raises(InputError, match=f"no signal '{number}'"):
            read_recording(path, reading=Reading(channel=number))


def test_mat_rows_as_channels_are_said(tmp_path, wave):
    path = mat(tmp_path / "a.mat", x=np.stack([wave, -wave]))
    recording = read_recording(path, reading=Reading(channel="2"))
    np.testing.assert_array_equal(recording.samples, -wave)
    assert recording.notices == ("x of 2 x 300 is read as 2 channels, one a row",)


def test_mat_structs_of_two_rates_keep_them_apart(tmp_path, wave):
    slow, fast = {"x": wave, "fs": 12_000}, {"x": -wave, "fs": 48_000}
    path = mat(tmp_path / "a.mat", slow=slow, fast=fast)
    same(path, "slow.x", "slow.x", wave, 12_000)
    same(path, "fast.x", "fast.x", -wave, 48_000)


def test_mat_integer_samples_are_read(tmp_path):
    path = mat(tmp_path / "a.mat", X1_DE_time=(np.arange(100) % 7).astype(np.int16))
    np.testing.assert_array_equal(read_recording(path).samples, np.arange(100) % 7)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
@pytest.mark.parametrize("length", [2, 3, 4, 100])
def test_mat_types_and_padding(tmp_path, dtype, length, compressed):
    samples = np.array([5, 1, 9, 2] * 25)[:length].astype(dtype)
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


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "i2", "u2", "u1"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_mat_of_level_4(tmp_path, dtype, order):
    samples = np.array([5, 1, 9, 2, 7] * 20).astype(order + dtype)
    code = {"f8": 0, "f4": 1, "i4": 2, "i2": 3, "u2": 4, "u1": 5}[dtype]
    kind = 10 * code + 1000 * (order == ">")
    head = struct.pack(order + "5i", kind, 100, 1, 0, 5) + b"x_DE\0"
    rate = struct.pack(order + "5i", 1000 * (order == ">"), 1, 1, 0, 3) + b"fs\0"
    data = rate + struct.pack(order + "d", 12_000) + head + samples.tobytes()
    (tmp_path / "a.mat").write_bytes(data)
    same(tmp_path / "a.mat", None, "x_DE", samples, 12_000)
    (tmp_path / "a.mat").write_bytes(data[:-1])
    with pytest.raises(InputError, match=r"bytes announced, \d+ present"):
        read_recording(tmp_path / "a.mat")


def test_mat_of_level_4_as_scipy_writes_it(tmp_path, wave):
    savemat(tmp_path / "a.mat", {"X1_DE_time": wave, "fs": 12e3, "note": "x"}, format="4")
    same(tmp_path / "a.mat", None, "X1_DE_time", wave, 12_000)


def test_mat_bomb_of_structs_is_refused(tmp_path, wave):
    tree = {"x": wave}
    for _ in range(40):
        tree = {"s": tree}
    with pytest.raises(InputError, match="32 structs in each other"):
        read_recording(mat(tmp_path / "a.mat", **tree))


def test_mat_that_announces_a_gigabyte_of_cells_is_refused(tmp_path):
    cells = np.array([np.ones(3), np.ones(3)], dtype=object)
    path = mat(tmp_path / "a.mat", c=cells)
    data = path.read_bytes()
    assert data.count(struct.pack("<ii", 2, 3)) == 1
    path.write_bytes(data.replace(struct.pack("<ii", 2, 3), struct.pack("<ii", 2**28, 3)))
    with pytest.raises(InputError, match="a variable lacks flags"):
        read_recording(path)


def test_mat_bomb_inflates_no_more_than_it_announces(tmp_path):
    packed = zlib.compress(struct.pack("<II", 14, 1 << 20) + bytes(1 << 26), 9)
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
    (tmp_path / "a.mat").write_bytes(header + struct.pack("<II", 15, len(packed)) + packed)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"a\.mat"):
        read_recording(tmp_path / "a.mat")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 25


def test_mat_cut_in_a_variable_that_is_not_read_is_refused(tmp_path, wave):
    path = mat(tmp_path / "a.mat", X1_DE_time=wave, X1_FE_time=wave)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="is truncated"):
        read_recording(path)


def test_damaged_mat_of_version_7_3_is_named(tmp_path):
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n" + bytes(64))
    with pytest.raises(InputError, match=r"no.* sound MATLAB 7\.3 file.*save it with -v7"):
        read_recording(path)


# HDF5, and MATLAB 7.3, which is made of it


def v73(path, fill):
    """Write what `fill` puts into an HDF5 file under MATLAB's header."""
    with h5py.File(path, "w", userblock_size=512) as file:
        fill(file)
    data = path.read_bytes()
    header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + struct.pack("<H", 0x0200)
    path.write_bytes(header + b"IM" + data[126 + 2 :])
    return path


def classed(group, name, data, kind="double", **options):
    made = group.create_dataset(name, data=data, **options)
    made.attrs["MATLAB_class"] = np.bytes_(kind)
    return made


def test_mat_of_version_7_3(tmp_path, wave):
    def fill(file):
        s = file.create_group("s")
        s.attrs["MATLAB_class"] = np.bytes_("struct")
        classed(s, "acc", np.stack([wave, -wave]))  # (n, 2) in MATLAB
        classed(s, "fs", np.array([[48e3]]))
        classed(file, "flag", np.ones((300, 1), "u1"), "logical")
        classed(file, "word", np.array([[ord("a")]], "u2"), "char")

    path = v73(tmp_path / "a.mat", fill)
    same(path, "s.acc[2]", "s.acc[2]", -wave, 48_000)
    assert read_recording(path, reading=Reading(channel="2")).notices == ()
    with pytest.raises(InputError, match=r"no signals: flag \(logical\), s\.fs, word"):
        read_recording(path)


def test_mat_of_version_7_3_with_cells_and_arrays_of_structs(tmp_path, wave):
    def fill(file):
        refs = file.create_group("#refs#")
        reference = h5py.special_dtype(ref=h5py.Reference)

        def cell(group, name, values):
            made = [classed(refs, f"{name}{i}", *each) for i, each in enumerate(values)]
            classed(group, name, [[one.ref for one in made]], "cell", dtype=reference)

        cell(file, "c", [(wave[None],), (2 * wave[None],)])
        y = file.create_group("Y")
        names = [np.array([[ord(letter)] for letter in name], "u2") for name in ("force", "vib_1")]
        cell(y, "Name", [(name, "char") for name in names])
        cell(y, "Data", [(3 * wave[None],), (4 * wave[None],)])

    path = v73(tmp_path / "a.mat", fill)
    same(path, "c[2]", "c[2]", 2 * wave)
    same(path, "vib_1", "vib_1", 4 * wave)


def hdf5(path, **sets):
    with h5py.File(path, "w") as file:
        for name, data in sets.items():
            file[name.replace("__", "/")] = data
    return path


@pytest.mark.parametrize("ending", [".h5", ".hdf5"])
def test_hdf5_groups_attributes_and_units(tmp_path, wave, ending):
    path = hdf5(tmp_path / f"a{ending}", run1__acc=wave, run1__temperature=20.5, note="text")
    with h5py.File(path, "a") as file:
        file["run1"].attrs["sampling_rate"] = 25_600
        file["run1/acc"].attrs["units"] = "m/s^2"
    recording = read_recording(path)
    assert (recording.channel, recording.sample_rate, recording.unit) == ("run1.acc", 25_600, "g")
    np.testing.assert_allclose(recording.samples, wave / 9.80665, rtol=1e-15)


def test_hdf5_rate_in_the_attributes_of_the_data_itself(tmp_path, wave):
    path = hdf5(tmp_path / "a.h5", acc=wave)
    with h5py.File(path, "a") as file:
        file["acc"].attrs["fs"] = 25_600.0
    same(path, None, "acc", wave, 25_600)


def test_hdf5_links_out_of_the_file_are_not_followed(tmp_path, wave):
    other = hdf5(tmp_path / "other.h5", x=wave)
    path = hdf5(tmp_path / "a.h5", y=-wave)
    with h5py.File(path, "a") as file:
        file["there"] = h5py.ExternalLink(other.name, "x")
        file["gone"] = h5py.SoftLink("/nowhere")
        file["again"] = file["/"]  # a circle
    same(path, None, "y", -wave)


def test_hdf5_data_in_another_file_is_refused(tmp_path, wave):
    (tmp_path / "raw").write_bytes(wave.tobytes())
    with h5py.File(tmp_path / "a.h5", "w") as file:
        place = [(str(tmp_path / "raw"), 0, wave.nbytes)]
        file.create_dataset("x", wave.shape, "f8", external=place)
    with pytest.raises(InputError, match="x lies in another file"):
        read_recording(tmp_path / "a.h5")


def test_hdf5_bombs_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (1 << 40,), "f8", chunks=(1 << 16,), fillvalue=1.0)
    assert (tmp_path / "a.h5").stat().st_size < 1 << 16
    with pytest.raises(InputError, match="x unpacks to 8796093022208 bytes"):
        read_recording(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("x", (1 << 20,), "f8", chunks=(1 << 16,), fillvalue=1.0)
    with pytest.raises(InputError, match="x was never written"):
        read_recording(tmp_path / "b.h5")


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
        (np.zeros((20, 30, 2)), r"the array \(shape \(20, 30, 2\)\)"),
        (np.zeros((100, 1024)), r"the array \(shape \(100, 1024\)\)"),
        (np.array([None, 1.0], dtype=object), "Python objects"),
        (np.array(["1", "2"]), "no vector of two or more real numbers.*<U1"),
        (np.array([1j, 2.0]), "no vector of two or more real numbers.*complex128"),
        (np.array([True, False]), "no vector of two or more real numbers.*bool"),
        (np.array(5.0), r"the array \(shape \(\)\)"),
    ],
)
def test_npy_other_arrays_are_refused(tmp_path, array, said):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=said):
        read_recording(tmp_path / "a.npy")


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("along", [False, True])
def test_npy_of_several_channels(tmp_path, wave, order, along):
    table = np.stack([wave, -wave, 2 * wave], axis=0 if along else 1)
    np.save(tmp_path / "a.npy", np.asarray(table, order=order))
    with pytest.raises(InputError, match="3 signals: 1, 2, 3"):
        read_recording(tmp_path / "a.npy")
    recording = read_recording(tmp_path / "a.npy", reading=Reading(channel="2"))
    np.testing.assert_array_equal(recording.samples, -wave)
    assert (recording.channel, recording.channels_of) == ("2", 3)
    said = ("the 3 x 300 array is read as 3 channels, one a row",)
    assert recording.notices == (said if along else ())


def test_npy_of_records_has_a_channel_for_each_field(tmp_path, wave):
    table = np.zeros(300, dtype=[("t", "f8"), ("DE", ">f4"), ("on", "?"), ("n", "U3")])
    table["t"], table["DE"] = np.arange(300) / 12_000, wave
    np.save(tmp_path / "a.npy", table)
    same(tmp_path / "a.npy", None, "DE", wave, 12_000)


# .npz


def test_npz_of_several_arrays(tmp_path, wave):
    np.savez(tmp_path / "a.npz", DE=wave, FE=-wave, fs=12_000, label="x")
    same(tmp_path / "a.npz", None, "DE", wave, 12_000)
    same(tmp_path / "a.npz", "fe", "FE", -wave, 12_000)


def test_npz_that_unpacks_to_gigabytes_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        with file.open("x.npy", "w", force_zip64=True) as stream:
            for _ in range((1 << 30) // (1 << 24) + 1):
                stream.write(bytes(1 << 24))
    with pytest.raises(InputError, match=r"x\.npy unpacks to 1090519040 bytes"):
        read_recording(tmp_path / "a.npz")


def test_npz_without_arrays_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("readme.txt", "x")
    with pytest.raises(InputError, match="1 to 4096 arrays, not 0"):
        read_recording(tmp_path / "a.npz")


def test_npy_that_announces_terabytes_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(8))
    data = (tmp_path / "a.npy").read_bytes().replace(b"(8,),            ", b"(8000000000000,),")
    (tmp_path / "a.npy").write_bytes(data.replace(b"(8,), }             ", b"(8000000000000,), } "))
    with pytest.raises(InputError, match="64000000000000 bytes of samples announced, 64 present"):
        read_recording(tmp_path / "a.npy")


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
    same(tmp_path / "a.wav", "1", "1", wave, 12_000)
    same(tmp_path / "a.wav", "2", "2", -wave, 12_000)
    for channel in ("3", "FE", "DE"):
        with pytest.raises(InputError, match=f"no signal '{channel}'; .* one of: 1, 2"):
            read_recording(tmp_path / "a.wav", reading=Reading(channel=channel))
    with pytest.raises(InputError, match=r"2 signals: 1, 2; name one with --channel"):
        read_recording(tmp_path / "a.wav")


def test_wav_of_one_channel_has_no_other(tmp_path, wave):
    wavfile.write(tmp_path / "a.wav", 12_000, wave)
    with pytest.raises(InputError, match=r"no signal 'FE'; .* one of: 1"):
        read_recording(tmp_path / "a.wav", reading=Reading(channel="FE"))


def test_wav_without_a_rate_is_refused(tmp_path, wave):
    wavfile.write(tmp_path / "a.wav", 0, wave)
    with pytest.raises(InputError, match=r"rate of 0 Hz \(the header\) must be"):
        read_recording(tmp_path / "a.wav")
    recording = read_recording(tmp_path / "a.wav", reading=Reading(sample_rate=12_000))
    np.testing.assert_array_equal(recording.samples, wave)


STEPS = np.array([0, 1 << 14, -(1 << 15), 5, -5] * 20, "<i2")
FORMAT = struct.pack("<HHIIHH", 1, 1, 12_000, 24_000, 2, 16)


def chunk(name, data, size=None):
    return name + struct.pack("<I", len(data) if size is None else size) + data


def riff(*chunks, tag=b"RIFF", size=None):
    body = b"WAVE" + b"".join(chunks)
    return tag + struct.pack("<I", len(body) if size is None else size) + body


@pytest.mark.parametrize("sizes", [(0, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFF024, 0x7FFFF000)])
def test_wav_that_was_written_into_a_pipe_is_read_to_its_end(tmp_path, sizes):
    whole, data = sizes
    content = riff(chunk(b"fmt ", FORMAT), chunk(b"data", STEPS.tobytes(), data), size=whole)
    (tmp_path / "a.wav").write_bytes(content)
    recording = read_recording(tmp_path / "a.wav")
    np.testing.assert_array_equal(recording.samples, STEPS / 32768)
    assert recording.notices == ("the header leaves the size open; the file is read to its end",)


def test_wav_with_other_chunks_extensible_and_rf64(tmp_path):
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    wide = struct.pack("<HHIIHH", 0xFFFE, 1, 12_000, 24_000, 2, 16) + struct.pack("<HHI", 22, 16, 4)
    data = STEPS.tobytes()
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, len(data), len(STEPS), 0))
    info = chunk(b"LIST", b"INFOISFT\x06\0\0\0Lavf\0\0")
    plain, open_end = chunk(b"data", data), chunk(b"data", data, 0xFFFFFFFF)
    files = [
        riff(info, chunk(b"fmt ", FORMAT), plain),
        riff(chunk(b"fmt ", wide + guid), plain, info),
        riff(ds64, chunk(b"fmt ", FORMAT), open_end, tag=b"RF64", size=0xFFFFFFFF),
    ]
    for content in files:
        (tmp_path / "a.wav").write_bytes(content)
        recording = read_recording(tmp_path / "a.wav")
        np.testing.assert_array_equal(recording.samples, STEPS / 32768)
        assert (recording.notices, recording.unit) == ((), "of full scale")


def test_wav_of_long_blocks_is_whole(tmp_path):
    samples = np.random.default_rng(3).integers(-30_000, 30_000, (200_003, 2)).astype("<i2")
    wavfile.write(tmp_path / "a.wav", 48_000, samples)
    same(tmp_path / "a.wav", "2", "2", samples[:, 1] / 32768, 48_000)


def test_wav_of_adpcm_says_that_it_is_lossy(tmp_path):
    samples = np.sin(np.arange(4000) / 9) / 2
    soundfile.write(tmp_path / "a.wav", samples, 12_000, subtype="IMA_ADPCM")
    recording = read_recording(tmp_path / "a.wav")
    assert recording.notices == ("the samples are coded with loss (IMA ADPCM)",)
    assert np.abs(recording.samples[:4000] - samples)[1000:].max() < 0.05


# Content that is not what the name says


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\n  <html><body>404</body></html>", "a web page"),
        (b"PK\x03\x04" + bytes(40), "a zip archive"),
        (b"\x1f\x8b" + bytes(40), "packed by gzip"),
        (b"%PDF-1.4" + bytes(40), "a PDF"),
        (b"\x80\x04" + bytes(40), "a Python pickle"),
    ],
)
@pytest.mark.parametrize("ending", [".mat", ".npy", ".wav", ".csv", ".h5", ".txt"])
def test_what_a_file_really_is_is_said(tmp_path, content, said, ending):
    (tmp_path / f"a{ending}").write_bytes(content)
    with pytest.raises(InputError, match=rf"a\{ending} is not a recording but {said}"):
        read_recording(tmp_path / f"a{ending}")


def test_a_known_format_under_another_name_is_said(tmp_path, wave, write):
    for ending, other in ((".npy", ".mat"), (".mat", ".csv"), (".wav", ".npy"), (".h5", ".wav")):
        path = write(tmp_path / f"a{ending}", wave).rename(tmp_path / f"b{other}")
        with pytest.raises(InputError, match=rf"is not a recording but .*; name it \{ending}"):
            read_recording(path)


def test_tables_of_records_are_columns(tmp_path):
    rng = np.random.default_rng(3)
    kinds = [("time", "f8"), ("acc", "f4"), ("name", "S4"), ("block", "f8", (2,))]
    records = np.zeros(900, dtype=kinds)
    records["time"] = np.arange(900) / 12e3
    records["acc"], records["block"] = rng.normal(size=900), rng.normal(size=(900, 2))
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["log/table"] = records
    with pytest.raises(InputError, match=r"log.table.acc, log.table.block\[1\], log.table.block"):
        read_recording(path)
    for channel, wanted in (("acc", records["acc"]), ("block[2]", records["block"][:, 1])):
        found = read_recording(path, reading=Reading(channel=channel))
        assert found.sample_rate == pytest.approx(12e3)
        assert np.array_equal(found.samples, wanted)
