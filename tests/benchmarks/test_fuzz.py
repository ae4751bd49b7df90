"""The targets of `make fuzz`: each begins from sound inputs, and is fed them without a find."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def fuzz():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import fuzz

        yield fuzz
    finally:
        sys.path.remove(str(BENCHMARKS))


NAMES = ("frames", "npy", "mat", "hdf5", "wav", "csv", "parquet", "tdms", "uff", "pt",
         "safetensors", "onnx", "pt2", "build")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # pyuff leaves files open
def test_sound_and_cut_inputs_are_read_or_refused(fuzz, name):
    target = fuzz.TARGETS[name]()
    seeds = list(target.seeds())
    assert seeds
    for seed in seeds:
        for size in (len(seed), len(seed) // 2, len(seed) - 1, 0):
            target.run(seed[:size])


def test_all_targets_are_tried(fuzz):
    assert set(NAMES) == set(fuzz.TARGETS)


def test_what_is_no_refusal_is_a_find(fuzz, tmp_path):
    def broken(path):
        raise KeyError(path.name)

    with pytest.raises(KeyError):
        fuzz.of_file("a.npy", broken)(b"1")


def test_a_refusal_is_one_line(fuzz):
    from hwgen.errors import InputError

    def refuse(text):
        def work():
            raise InputError(text)

        return work

    fuzz.refused(refuse("a must be b, not c"))
    with pytest.raises(RuntimeError, match="one line"):
        fuzz.refused(refuse("a must be b\nnot c"))
