"""Which class a recording is of, in what order, and what is told of doubts."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.signals import Reading, read_dataset


@pytest.fixture
def make(tmp_path):
    """Write small recordings by their paths and return the folder."""

    def make(*names, samples=60):
        rng = np.random.default_rng(len(names))
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".npy":
                np.save(path, rng.standard_normal(samples))
            else:
                path.write_text("text")
        return tmp_path

    return make


def read(folder, class_from=None):
    return read_dataset(folder, reading=Reading(sample_rate=12_000, class_from=class_from))


def told(dataset, *words):
    """Return the one notice that has all the words."""
    (notice,) = [each for each in dataset.notices if all(word in each for word in words)]
    return notice


def labels(dataset):
    return [(recording.source, recording.label) for recording in dataset.recordings]


def test_files_at_any_depth_are_of_the_first_folder_that_differs(make):
    folder = make("set/ball/007/1/a.npy", "set/ball/b.npy", "set/inner/x/c.npy")
    dataset = read(folder)
    assert labels(dataset) == [
        ("set/ball/007/1/a.npy", "ball"),
        ("set/ball/b.npy", "ball"),
        ("set/inner/x/c.npy", "inner"),
    ]
    assert told(dataset, "classes are the folders in").endswith("/set")
    assert "those in them (007, x) are not told apart" in told(dataset, "--class-from")


def test_a_lone_folder_of_recordings_is_one_class_and_questioned(make):
    dataset = read(make("data/ball.npy", "data/inner.npy"))
    assert dataset.classes == ("data",)
    assert "name that folder" in told(dataset, "all recordings are of one class, 'data'")


def test_parts_of_a_set_as_classes_are_questioned(make):
    dataset = read(make("train/ball/1.npy", "test/ball/1.npy"))
    assert told(dataset, "test, train look like parts of a data set")


def test_numbers_are_ordered_by_value_and_other_names_by_character(make, tmp_path):
    assert read(make(*(f"{number}/1.npy" for number in range(11)))).classes == tuple(
        str(number) for number in range(11)
    )
    for path in tmp_path.iterdir():
        path.joinpath("1.npy").rename(tmp_path / f"f{path.name}.npy")
    dataset = read(tmp_path)
    assert dataset.classes[:3] == ("f0", "f1", "f10")
    assert told(dataset, "in the order of characters: f10 stands before f2")


def test_files_that_are_numbers_are_ordered_by_value(make):
    assert read(make("10.npy", "9.npy", "100.npy")).classes == ("9", "10", "100")


def test_files_of_a_class_are_in_the_order_of_their_numbers(make):
    dataset = read(make("a/acc_10.npy", "a/acc_2.npy", "b/acc_1.npy"))
    assert [each.source for each in dataset.recordings] == [
        "a/acc_2.npy", "a/acc_10.npy", "b/acc_1.npy",
    ]  # fmt: skip


def test_order_of_files_stays_that_of_their_whole_names(make):
    """As in earlier checkpoints: an ending takes part in it."""
    assert read(make("a.npy", "a-b.npy")).classes == ("a-b", "a")


def test_what_is_passed_over_is_named(make):
    dataset = read(
        make("ball/1.npy", "inner/1.npy", "inner/plot.png", "outer/1.xyz", "README.txt",
             "figures/a/b.pdf", ".git/config", "ball/labels.csv")
    )  # fmt: skip
    assert dataset.classes == ("ball", "inner")
    assert set(dataset.passed_over) == {
        "figures/", "outer/", "README.txt", "inner/plot.png", "ball/labels.csv",
    }  # fmt: skip
    assert told(dataset, "folder outer is no class", "1.xyz")
    assert told(dataset, "folder figures is no class", "b.pdf")


def test_an_empty_folder_among_classes_is_told(make):
    folder = make("ball/1.npy", "inner/1.npy")
    (folder / "outer").mkdir()
    assert told(read(folder), "folder outer is no class", "it is empty")


def test_lists_of_labels_are_no_class(make):
    dataset = read(make("ball.npy", "outer.npy", "labels.csv", "Meta_Data.txt"))
    assert dataset.classes == ("ball", "outer")
    assert dataset.passed_over == ("Meta_Data.txt", "labels.csv")


def test_a_lone_file_of_another_format_is_questioned(make, tmp_path):
    folder = make("ball.npy", "outer.npy")
    (folder / "speed.csv").write_text("".join(f"{value}\n" for value in (1797, 1798, 1799) * 20))
    dataset = read(folder)
    assert dataset.classes == ("ball", "outer", "speed")
    assert told(dataset, "speed.csv is the only .csv file among .npy files")


@pytest.mark.parametrize(
    "names",
    [("ib600_2", "ib800_2", "n600_3_2", "ob600_2"), ("B500", "B600", "I500"),
     ("12k_Drive_End_B007_0_118", "12k_Drive_End_B007_1_119", "normal_0_97"),
     ("12k_Drive_End_IR007_0", "12k_Drive_End_IR007_1", "12k_Drive_End_IR014_0")],
)  # fmt: skip
def test_loads_of_one_fault_are_questioned(make, names):
    dataset = read(make(*(f"{name}.npy" for name in names)))
    assert dataset.classes == names
    notice = told(dataset, "look like one fault under several conditions")
    assert f"classes {names[0]}, {names[1]} are" in notice
    assert "--class-from REGEX or a manifest classes.csv" in notice


@pytest.mark.parametrize(
    "names", [("IR007", "IR014", "IR021"), ("class_0", "class_1"), ("1", "2"), ("ball", "inner")]
)
def test_other_names_are_not_questioned(make, names):
    assert read(make(*(f"{name}.npy" for name in names))).notices == ()


def test_many_files_of_a_folder_are_no_loads(make):
    folders = [f"Bearing{number}/{run}.npy" for number in (1, 2) for run in (1, 2)]
    assert read(make(*folders)).notices == ()


def test_folders_of_loads_are_questioned(make):
    names = ("12k_Drive_End_B007_{}_118", "12k_Drive_End_IR007_{}_105", "normal_{}_97")
    folder = make(*(f"{load}HP/{name.format(load)}.npy" for load in (0, 1) for name in names))
    dataset = read(folder)
    assert dataset.classes == ("0HP", "1HP")
    notice = told(dataset, "folders 0HP, 1HP are taken for classes")
    expression = notice.partition("--class-from '")[2].rstrip("'")
    assert read(folder, expression).classes == ("B007", "IR007", "normal")


def test_the_suggested_expression_groups(make):
    folder = make("load1/ball.npy", "load1/inner.npy", "load2/ball.npy", "load2/inner.npy")
    notice = told(read(folder), "each has files ball, inner")
    expression = notice.partition("--class-from '")[2].rstrip("'")
    dataset = read(folder, expression)
    assert dataset.classes == ("ball", "inner")
    assert [label for _, label in labels(dataset)] == ["ball", "ball", "inner", "inner"]
    assert dataset.notices == ()


def test_an_expression_takes_its_groups_or_all_that_it_matches(make):
    folder = make("48k/B/007/1.npy", "48k/IR/014/2.npy", "48k/odd/3.npy", "Normal/97.npy")
    dataset = read(folder, r"/(B|IR)/(\d+)/|(Normal)")
    assert dataset.classes == ("B_007", "IR_014", "Normal")
    assert dataset.passed_over == ("48k/odd/",)
    assert read(folder, r"B|IR|Normal").classes == ("B", "IR", "Normal")


def test_an_expression_orders_numbers_by_value(make):
    assert read(make("a10.npy", "a9.npy"), r"\d+").classes == ("9", "10")


def test_an_expression_that_matches_nothing_is_refused(make):
    with pytest.raises(InputError, match=r"--class-from must match .*\(a\.npy\), but '\(x\)' does"):
        read(make("a.npy"), "(x)")


def test_files_beside_folders_can_be_told_apart_by_an_expression(make):
    folder = make("a.npy", "worn/b.npy")
    with pytest.raises(InputError, match="or say the classes with --class-from"):
        read(folder)
    assert read(folder, "[ab](?=.npy)").classes == ("a", "b")


def test_names_that_steer_a_terminal_are_escaped(make):
    dataset = read(make("a\nb.npy", "\x1b[31m.npy", "\udce4.npy", "IR [mild] :x: $y$.npy"))
    assert set(dataset.classes) == {
        r"a\nb", r"\x1b[31m", r"\udce4", "IR [mild] :x: $y$",
    }  # fmt: skip
    assert all(name.isprintable() for name in dataset.classes)


def test_names_that_print_alike_are_refused(make):
    with pytest.raises(InputError, match="cannot be told apart in print"):
        read(make("a\nb.npy", r"a\nb.npy"))


def test_a_link_to_itself_ends(make, tmp_path):
    folder = make("ball/1.npy")
    (folder / "ball" / "again").symlink_to(folder)
    with pytest.raises(InputError, match=r"folders deep; .* remove the link that leads back up"):
        read(folder)


def test_a_folder_of_too_much_is_refused(make, monkeypatch):
    monkeypatch.setattr("hwgen.signals.listing._MOST", 3)
    with pytest.raises(InputError, match="must hold at most 3 files and folders"):
        read(make("a.npy", "b.npy", "c.npy", "d.npy"))
