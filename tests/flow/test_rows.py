"""Rows of a table, from training to a diagnosis of each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.io import savemat

from hwgen import importers
from hwgen.cli.main import group
from hwgen.errors import InputError, UsageError
from hwgen.flow import rows
from hwgen.flow.build import build
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.predict import predict

RNG = np.random.default_rng(3)
NAMES = ("speed", "load", "heat", "oil", "flow", "noise")
TWO = RNG.standard_normal((150, 2))
HEALTHY = np.hstack([TWO, TWO @ [[1, 2], [0.5, -1]], TWO + 0.1 * RNG.standard_normal((150, 2))])
SCALE, OFFSET = [1.0, 1e3, 1e-3, 1.0, 5.0, 1.0], [0, 1e4, 0, 0, 3, 1]
FAULTY = RNG.standard_normal((30, 6)) * 2


def table(path, *parts):
    lines = [",".join((*NAMES, "state"))]
    for name, part in parts:
        lines += [",".join((*map(str, row), name)) for row in part * SCALE + OFFSET]
    path.write_text("\n".join(lines) + "\n")
    return path


def invoke(*arguments):
    return CliRunner().invoke(group, ["train", "--task", "anomaly", *map(str, arguments)])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    root = tmp_path_factory.mktemp("rows")
    data = table(root / "t.csv", ("good", HEALTHY), ("worn", FAULTY))
    result = invoke("--data", data, "--network", "ae", "--epochs", 4, "-o", root / "x.pt")
    assert result.exit_code == 0, result.output
    return root, result.output


def test_training(trained):
    root, output = trained
    assert "t.csv: 180 rows of 6 columns, each column as its standard score in the 100" in output
    assert "healthy: 150 rows of good; faulty: worn" in output
    assert "mean spectra" not in output
    checkpoint = importers.load(root / "x.pt")
    assert checkpoint.network.input_samples == 6
    columns = checkpoint.meta.read_as.columns
    assert columns.names == NAMES
    assert columns.target == "state"
    assert columns.mean[1] == pytest.approx(1e4, rel=0.05)
    assert checkpoint.meta.metrics["auc"] > 0.8


def test_a_build_and_every_row(trained, tmp_path, stages):
    root, _ = trained
    settings = Settings(checkpoint=str(root / "x.pt"), data=DataOptions(data=str(root / "t.csv")))
    said = []
    build(settings, tmp_path / "build", said.append)
    text = "\n".join(said)
    assert "healthy: good; faulty: worn" in text
    assert "split by file" not in text
    unlabelled = tmp_path / "more.npy"
    np.save(unlabelled, np.vstack([HEALTHY[:20], FAULTY[:5]]) * SCALE + OFFSET)
    found, _ = predict(tmp_path / "build", unlabelled)
    assert len(found) == 25
    assert [row.start for row in found[:3]] == [0, 6, 12]
    assert sum(row.name == "anomaly" for row in found[20:]) >= 3
    assert sum(row.name == "anomaly" for row in found[:20]) <= 2
    assert not any(row.remark for row in found)


def test_a_table_of_faults_apart(trained, tmp_path):
    root, _ = trained
    good, worn = table(tmp_path / "g.csv", ("x", HEALTHY)), table(tmp_path / "w.csv", ("w", FAULTY))
    more = "--network", "ae", "--epochs", 1, "-o", tmp_path / "x.pt"
    result = invoke("--data", good, "--faulty", worn, *more)
    assert result.exit_code == 0, result.output
    assert "faulty: w" in result.output
    result = invoke("--data", good, "--faulty", root / "t.csv", *more)
    assert isinstance(result.exception, InputError)
    assert "must have faults alone, not good" in str(result.exception)


def test_zeros_and_ones(tmp_path):
    savemat(
        tmp_path / "o.mat", {"X": np.vstack([HEALTHY, FAULTY]), "y": [[0.0]] * 150 + [[1.0]] * 30}
    )
    said = []
    data, columns = rows.read_training(tmp_path / "o.mat", None, (), said.append)
    assert data.classes == ("anomaly", "normal")
    assert "rows whose y is 0 are taken for normal, 1 for an anomaly" in said[0]
    assert columns.names == ("x1", "x2", "x3", "x4", "x5", "x6")
    labels = [each.label for each in data.recordings]
    assert labels != sorted(labels)  # shuffled
    data, _ = rows.read_training(tmp_path / "o.mat", None, ("1",), said.append)
    assert data.classes == ("0", "1")


def test_no_column_of_classes(tmp_path):
    np.save(tmp_path / "a.npy", HEALTHY)
    said = []
    data, columns = rows.read_training(tmp_path / "a.npy", None, (), said.append)
    assert "no column of a.npy is taken for classes" in said[0]
    assert len(columns.names) == 6
    assert columns.target is None
    assert data.classes == ("normal",)


def test_too_few_rows(tmp_path):
    path = table(tmp_path / "t.csv", ("good", HEALTHY[:20]))
    with pytest.raises(InputError, match="must have 30 to 100,000 rows, not 20; add rows"):
        rows.read_training(path, None, (), lambda _: None)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--snr", 3), "--snr must come with recordings"),
        (("--snr", 0), "--snr must come with recordings"),
        (("--noise", "pink"), "--noise must come with recordings"),
        (("--channel", "DE"), "--channel must come with recordings"),
        (("--network", "conv-ae"), "--network of a table must be one of ae, hae-i"),
        (("--window", 64), "--window must be left out, or 6"),
        (("--features", "spectrum"), "--features must be values"),
        (("--target", "state2"), "--target must name one column"),
    ],
)
def test_options_of_signals(trained, tmp_path, more, message):
    result = invoke("--data", trained[0] / "t.csv", "-o", tmp_path / "x.pt", *more)
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_rows_and_classes_of_two_lengths(tmp_path):
    np.savez(tmp_path / "t.npz", X=HEALTHY, y=["good"] * 149)
    with pytest.raises(InputError, match="X and y must have the same number of rows, not 150 and"):
        rows.read_training(tmp_path / "t.npz", None, (), lambda _: None)


def test_a_row_without_a_class(tmp_path):
    np.savez(tmp_path / "t.npz", X=HEALTHY, y=["good"] * 149 + ["nan"])
    with pytest.raises(InputError, match="must have a class in every row, not nothing in row 150"):
        rows.read_training(tmp_path / "t.npz", None, (), lambda _: None)


def test_a_target_needs_a_table(tmp_path):
    result = invoke("--data", "synthetic", "--target", "state", "-o", tmp_path / "x.pt")
    assert isinstance(result.exception, UsageError)
    assert "--target must come with a table as --data" in str(result.exception)


@pytest.mark.parametrize(
    ("names", "told"), [("a,a,c,d,e,f,s", "not 'a' 2 times"), ("a,,c,d,e,f,s", "not '' 1 times")]
)
def test_columns_that_cannot_be_told_apart(tmp_path, names, told):
    path = table(tmp_path / "t.csv", ("good", HEALTHY))
    path.write_text(path.read_text().replace(",".join((*NAMES, "state")), names))
    with pytest.raises(InputError, match=rf"t.csv: columns must have names, .*{told}"):
        rows.read_training(path, None, (), lambda _: None)


def test_rows_are_no_signal(trained, tmp_path, stages):
    """Neither synthetic signals nor a sensor stand for them, also where a build is there."""
    checkpoint = str(trained[0] / "x.pt")
    synthetic = Settings(checkpoint=checkpoint, data=DataOptions(data="synthetic"))
    with pytest.raises(InputError, match="synthetic signals are none: name a table with --data"):
        build(synthetic, tmp_path / "a", lambda _: None)
    settings = Settings(checkpoint=checkpoint)
    sensed = replace(settings, hardware=settings.hardware.but(source="ads8320", sensor_rate=1000.0))
    for _ in range(2):
        with pytest.raises(InputError, match="--source needs a network of a signal; this one"):
            build(sensed, tmp_path / "b", lambda _: None)
        build(settings, tmp_path / "b", lambda _: None)
