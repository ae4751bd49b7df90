import numpy as np
import pytest

from hwgen.errors import FileAccessError, InputError
from hwgen.signals import Dataset, Reading, Recording, read_dataset

TEN = ("B007", "B014", "B021", "IR007", "IR014", "IR021", "OR007", "OR014", "OR021", "normal")


def test_cwru_records_as_published(cwru_folder):
    dataset = read_dataset(cwru_folder)
    assert (dataset.name, dataset.classes, dataset.sample_rate) == ("cwru", TEN, 12_000)
    assert tuple(recording.label for recording in dataset.recordings) == TEN
    assert {recording.sample_rate for recording in dataset.recordings} == {12_000}
    sizes = [recording.samples.size for recording in dataset.recordings]
    assert sizes[0] == 122_571
    assert sizes[-1] == 243_938


def test_cwru_channel_that_is_missing_is_refused(cwru_folder):
    with pytest.raises(InputError, match=r"normal_0_97\.mat .* X097_DE_time, X097_FE_time"):
        read_dataset(cwru_folder, reading=Reading(channel="BA"))


def test_one_class_a_file_in_file_name_order(tmp_path, wave, write):
    for name in ("worn.npy", "Loose.csv", "good.mat", "notes.txt", ".hidden.npy"):
        if name.endswith("txt"):
            (tmp_path / name).write_text("not a recording")
        else:
            write(tmp_path / name, wave)
    (tmp_path / "figures").mkdir()
    dataset = read_dataset(tmp_path, reading=Reading(sample_rate=8e3))
    assert dataset.classes == ("Loose", "good", "worn")
    assert (dataset.name, dataset.sample_rate) == (str(tmp_path), 8e3)


def test_one_class_a_folder(tmp_path, wave, write):
    for name in ("worn/a.npy", "good/a.npy", "good/b.csv", ".git/a.npy", "empty/notes.txt"):
        if name.endswith("txt"):
            (tmp_path / "empty").mkdir()
            (tmp_path / name).touch()
        else:
            write(tmp_path / name, wave)
    dataset = read_dataset(tmp_path)
    assert dataset.classes == ("good", "worn")
    assert [(r.label, r.source) for r in dataset.recordings] == [
        ("good", "good/a.npy"),
        ("good", "good/b.csv"),
        ("worn", "worn/a.npy"),
    ]
    assert dataset.passed_over == ("empty/",)


def test_cwru_names_in_folders_are_cwru(tmp_path, wave, write):
    for name in ("ball/12k_Drive_End_B007_0_118.npy", "sound/normal_0_97.npy"):
        write(tmp_path / name, wave)
    dataset = read_dataset(tmp_path)
    assert (dataset.name, dataset.classes) == ("cwru", ("ball", "sound"))


def test_names_that_collide_are_kept_whole(tmp_path, wave, write):
    stems = ("12k_Drive_End_OR007@3_0_144", "12k_Drive_End_OR007@6_0_130", "normal_0_97")
    for stem in stems:
        write(tmp_path / f"{stem}.npy", wave)
    assert read_dataset(tmp_path).classes == stems


def test_rate_of_the_others_is_taken(tmp_path, wave, write):
    write(tmp_path / "48k_Drive_End_B007_0_122.npy", wave)
    write(tmp_path / "normal_0_97.npy", wave)
    assert [r.sample_rate for r in read_dataset(tmp_path).recordings] == [48_000, 48_000]


def test_mixed_rates_are_refused(tmp_path, wave, write):
    write(tmp_path / "48k_Drive_End_B007_0_122.npy", wave)
    write(tmp_path / "12k_Drive_End_IR007_0_105.npy", wave)
    with pytest.raises(InputError, match=r"12000 Hz in 12k_.*, 48000 Hz in 48k_"):
        read_dataset(tmp_path)


def test_two_files_of_one_name_are_refused(tmp_path, wave, write):
    write(tmp_path / "worn.npy", wave)
    write(tmp_path / "worn.csv", wave)
    with pytest.raises(InputError, match="two recordings called 'worn'"):
        read_dataset(tmp_path)


def test_files_beside_folders_are_refused(tmp_path, wave, write):
    write(tmp_path / "a.npy", wave)
    write(tmp_path / "worn" / "b.npy", wave)
    with pytest.raises(
        InputError, match=r"a\.npy, \.\.\.\) beside a folder of recordings \(worn\)"
    ):
        read_dataset(tmp_path)


def test_folder_without_recordings_is_refused(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match=r"no recordings; .*\.csv, .*\.mat, .*no ending"):
        read_dataset(tmp_path)


def test_file_in_place_of_a_folder_is_refused(tmp_path, wave, write):
    with pytest.raises(InputError, match="is a file; name the folder"):
        read_dataset(write(tmp_path / "a.npy", wave))


def test_missing_folder_and_dangling_link_are_access_errors(tmp_path):
    with pytest.raises(FileAccessError, match="No such file"):
        read_dataset(tmp_path / "missing")
    (tmp_path / "a.npy").symlink_to(tmp_path / "gone.npy")
    with pytest.raises(FileAccessError, match=r"a\.npy: No such file"):
        read_dataset(tmp_path)


def test_bad_recording_is_named(tmp_path, wave, write):
    write(tmp_path / "a.npy", wave)
    (tmp_path / "b.npy").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"b\.npy is not a usable"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("classes", "labels"), [((), ()), (("a",), ()), (("a", "a"), ("a",)), (("a",), ("a", "b"))]
)
def test_dataset_checks_its_classes(classes, labels):
    recordings = tuple(Recording(label, np.ones(3), None, "made") for label in labels)
    with pytest.raises(ValueError, match="must be"):
        Dataset("made", classes, recordings)


def test_dataset_without_rates_has_none():
    assert Dataset("made", ("a",), (Recording("a", np.ones(3), None, "made"),)).sample_rate is None


def test_a_copy_in_another_class_is_told(tmp_path, wave):
    for name, samples in (("a/1", wave), ("a/2", -wave), ("b/1", wave), ("b/2", wave[:-1])):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        np.save(tmp_path / f"{name}.npy", samples)
    (told,) = read_dataset(tmp_path, reading=Reading(sample_rate=8e3)).notices
    assert told.startswith("recordings hold the same samples: a/1.npy (a) and b/1.npy (b); ")


def test_classes_of_nearly_one_name_are_questioned(tmp_path):
    names = ["Ball", "ball", "BALL ", "outer"]
    for number, name in enumerate(names):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "a.npy", np.random.default_rng(number).normal(size=999))
    found = read_dataset(tmp_path)
    assert set(found.classes) == set(names)
    (told,) = [notice for notice in found.notices if "nearly one name" in notice]
    assert told.startswith("classes 'BALL ', 'Ball', 'ball' have nearly one name")
