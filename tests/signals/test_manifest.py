"""``classes.csv``: what it may say, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import Reading, read_dataset

FILES = ("97.npy", "a/105.npy", "a/106.npy", "b/c/118.npy")


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        np.save(tmp_path / name, np.random.default_rng(0).standard_normal(60))
    return tmp_path


def read(folder, text, **reading):
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "classes.csv").write_bytes(content)
    return read_dataset(folder, reading=Reading(sample_rate=1000, **reading))


def labels(dataset):
    return {recording.source: recording.label for recording in dataset.recordings}


@pytest.mark.parametrize(
    "text",
    ["file,class\n97.npy,normal\na/105.npy,inner\na/106.npy,inner\nb/c/118.npy,ball\n",
     "\ufefffile;class\r\n97.npy;normal\r\n\r\na;inner\r\nb\\c\\;ball\r\n",
     "Class, note, File\nnormal,x,./97.npy\ninner,,a/*\nball,,*/118.npy"],
)  # fmt: skip
def test_files_folders_and_patterns(folder, text):
    dataset = read(folder, text)
    assert labels(dataset) == {
        "97.npy": "normal", "a/105.npy": "inner", "a/106.npy": "inner", "b/c/118.npy": "ball",
    }  # fmt: skip
    assert dataset.classes == ("normal", "inner", "ball")  # the manifest's own order
    assert dataset.passed_over == ()


def test_a_file_wins_over_its_folder(folder):
    dataset = read(folder, "file,class\na,inner\na/106.npy,worn\n")
    assert labels(dataset) == {"a/105.npy": "inner", "a/106.npy": "worn"}
    assert dataset.passed_over == ("b/", "97.npy")


def test_files_of_other_names_can_be_named(folder):
    np.savetxt(folder / "labels.csv", np.random.default_rng(1).standard_normal(60))
    assert read(folder, "file,class\nlabels.csv,x\na,y\n").classes == ("x", "y")


def test_an_expression_wins_and_says_so(folder):
    dataset = read(folder, "file,class\na,inner\n", class_from=r"\d+")
    assert dataset.classes == ("97", "105", "106", "118")
    assert "classes.csv is not used: --class-from says the classes" in dataset.notices


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must have a title line file,class"),
        ("file,class\n", "must have a title line file,class and a line for each file"),
        ("97.npy,normal\n", "must begin with a line of titles that has file and class once"),
        ("file,file,class\n", "must begin with a line of titles"),
        ("file,class\n97.npy\n", "line 2: must name a file and its class"),
        ("file,class\n97.npy,\n", "line 2: must name a file and its class"),
        ("file,class\n98.npy,normal\n", "there is no recording '98.npy' below"),
        ("file,class\n../x/97.npy,normal\n", "line 2: file must be a path below the folder"),
        ("file,class\n/etc/passwd,normal\n", "line 2: file must be a path below the folder"),
        ("file,class\n97.npy,a\n97.npy,b\n", "97.npy must be of one class, not of 'a' and of 'b'"),
        ("file,class\na,x\na/*,y\n", "a/105.npy must be of one class"),
        ('file,class\n"97.npy,normal\n', "line 2: unexpected end of data"),
        (b"file,class\n97.npy,\xff\n", "must be UTF-8: invalid start byte at byte 18"),
        (b"file,class\n97.npy," + b"x" * 200_000, "field larger than field limit"),
    ],
)
def test_what_is_no_manifest_is_refused(folder, text, words):
    with pytest.raises(InputError, match=r"classes\.csv") as caught:
        read(folder, text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_row_without_an_end_of_patterns_is_refused(folder, monkeypatch):
    monkeypatch.setattr("hwgen.signals.manifest._MOST_PATTERNS", 2)
    with pytest.raises(InputError, match="3 rows name no recording, the first 'x'"):
        read(folder, "file,class\nx,1\ny,2\nz,3\n")


def test_a_large_manifest_is_refused(folder, monkeypatch):
    monkeypatch.setattr("hwgen.signals.manifest._LARGEST", 9)
    with pytest.raises(InputError, match="must have at most 9 bytes, not 11"):
        read(folder, "file,class\n")
