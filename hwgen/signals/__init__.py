"""Vibration signals: recordings from files or made up, their noise, parts and windows."""

from hwgen.signals.bearing import Bearing
from hwgen.signals.dataset import Dataset, read_dataset
from hwgen.signals.files import read_recording
from hwgen.signals.noise import add_noise, input_scale, noisy
from hwgen.signals.quality import judge_dataset, judge_recording, judge_windows
from hwgen.signals.read_as import ReadAs
from hwgen.signals.reading import Reading
from hwgen.signals.recording import Recording
from hwgen.signals.split import by_file, by_file_notice, split, split_dataset
from hwgen.signals.summary import summary
from hwgen.signals.synthetic import synthetic_dataset
from hwgen.signals.windows import Places, cut, dataset_windows, draw, places, spread, windows

__all__ = [
    "Bearing",
    "Dataset",
    "Places",
    "ReadAs",
    "Reading",
    "Recording",
    "add_noise",
    "by_file",
    "by_file_notice",
    "cut",
    "dataset_windows",
    "draw",
    "input_scale",
    "judge_dataset",
    "judge_recording",
    "judge_windows",
    "noisy",
    "places",
    "read_dataset",
    "read_recording",
    "split",
    "split_dataset",
    "spread",
    "summary",
    "synthetic_dataset",
    "windows",
]
