"""Small data sets in the forms in which their owners publish them."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

import h5py
import nptdms
import numpy as np
import pandas as pd
import pyuff
import soundfile
from scipy.io import savemat

from tests.signals import forms

SAMPLES = 7000
"""A recording: three windows of 2,048 and a little more."""


def signal(seed: int, columns: int = 0, samples: int = SAMPLES) -> np.ndarray:
    """Return noise, exact in three decimals, (samples,) or (samples, columns)."""
    shape = (samples, columns) if columns else (samples,)
    return np.random.default_rng(seed).normal(0, 1, shape).round(3)


def cwru_record(path: Path, number: int, seed: int, *also: int) -> None:
    """A MATLAB file with drive and fan end of record `number`, and of other records before it."""
    variables = {}
    for offset, each in enumerate((*also, number)):
        mine = each == number
        drive = signal(seed) if mine else signal(1000 + offset)
        variables[f"X{each:03}_DE_time"] = drive[:, None]
        variables[f"X{each:03}_FE_time"] = signal(2000 + seed)[:, None]
    variables[f"X{number:03}RPM"] = 1797
    _mat(path, variables)


def cwru(folder: Path) -> None:
    """All arrangements of the page: by load, nested, by record number."""
    for load in (0, 1):
        base = folder / "CWRU" / f"{load}HP"
        cwru_record(base / f"12k_Drive_End_B007_{load}_{118 + load}.mat", 118 + load, 1 + load)
        cwru_record(base / f"12k_Drive_End_OR007@6_{load}_{130 + load}.mat", 130 + load, 3 + load)
        cwru_record(base / f"normal_{load}_{97 + load}.mat", 97 + load, 5 + load)
    base = folder / "CWRU-dataset"
    cwru_record(base / "12k_Drive_End_Bearing_Fault_Data/B/007/118_0.mat", 118, 1)
    cwru_record(base / "12k_Drive_End_Bearing_Fault_Data/OR/007/@6/130@6_0.mat", 130, 2)
    cwru_record(base / "12k_Fan_End_Bearing_Fault_Data/B/007/282_0.mat", 282, 3)
    cwru_record(base / "48k_Drive_End_Bearing_Fault_Data/B/007/122_0.mat", 122, 4)
    cwru_record(base / "Normal/97_Normal_0.mat", 97, 5)
    cwru_record(base / "Normal/99_Normal_2.mat", 99, 6, 98)
    (base / "README.md").write_text("# CWRU\n")
    numbers = [97, 98, 99, 100, *range(105, 109), *range(169, 173), *range(209, 213)]
    numbers += [*range(118, 122), *range(185, 189), *range(222, 226)]
    numbers += [*range(130, 134), *range(197, 201), *range(234, 238)]
    for number in numbers:
        also = (98,) if number == 99 else ()
        cwru_record(folder / "CWRU-records" / f"{number}.mat", number, number, *also)


def mfpt(folder: Path) -> None:
    base = folder / "MFPT"
    for place, names, rate in (
        ("1 - Three Baseline Conditions", ("baseline_1", "baseline_2"), 97_656),
        ("2 - Three Outer Race Fault Conditions", ("OuterRaceFault_1",), 97_656),
        ("3 - Seven More Outer Race Fault Conditions", ("OuterRaceFault_vload_1",), 48_828),
        ("4 - Seven Inner Race Fault Conditions", ("InnerRaceFault_vload_1",), 48_828),
    ):
        for index, name in enumerate(names):
            part = {"sr": rate, "gs": signal(len(name) + index)[:, None], "load": 270, "rate": 25}
            _mat(base / place / f"{name}.mat", {"bearing": part})
    (base / "MFPT Fault Data Sets.pdf").write_bytes(b"%PDF-")


def paderborn(folder: Path) -> None:
    dtype = [("Name", "O"), ("Type", "O"), ("Raster", "O"), ("Data", "O")]
    for seed, bearing in enumerate(("K001", "KA01", "KI01")):
        channels = np.zeros((1, 3), dtype=dtype)
        channels[0, 0] = ("force", "double", "Mech_4kHz", signal(50, samples=400)[None])
        channels[0, 1] = ("phase_current_1", "double", "HostService", signal(51)[None])
        channels[0, 2] = ("vibration_1", "double", "HostService", signal(seed)[None])
        times = np.zeros((1, 1), dtype=[("Name", "O"), ("Raster", "O"), ("Data", "O")])
        times[0, 0] = ("HostService", "HostService", (np.arange(SAMPLES) / 64_000)[None])
        for run in (1, 2):
            name = f"N15_M07_F10_{bearing}_{run}"
            content = {"Info": {"Date": "2015"}, "X": times, "Y": channels, "Description": "x"}
            _mat(folder / "Paderborn" / bearing / f"{name}.mat", {name: content})


def xjtu(folder: Path) -> None:
    runs = {"35Hz12kN/Bearing1_1": (1, 2, 60, 120, 121), "35Hz12kN/Bearing1_4": (121, 122),
            "37.5Hz11kN/Bearing2_1": (480, 481)}  # fmt: skip
    for bearing, minutes in runs.items():
        for minute in minutes:
            path = folder / "XJTU-SY" / bearing / f"{minute}.csv"
            forms.write_xjtu(path, signal(minute, 2))


def femto(folder: Path) -> None:
    for index, number in enumerate((1, 2, 3, 1500, 2797, 2798, 2799)):
        mark = ";" if index == 1 else ","
        base = folder / "Learning_set" / "Bearing1_1"
        forms.write_femto(base / f"acc_{number:05}.csv", signal(number, 2, 2560), mark=mark)
        (base / f"temp_{number:05}.csv").write_text(
            "".join(f"9,39,{second},0,66.{second}\n" for second in range(60))
        )


def ims(folder: Path) -> None:
    for index, name in enumerate(
        ("2004.02.12.10.32.39", "2004.02.12.10.42.39", "2004.02.15.02.52.39", "2004.02.18.23.52.39")
    ):
        forms.write_ims(folder / "2nd_test" / name, signal(index, 4))


def jnu(folder: Path) -> None:
    for seed, name in enumerate(("ib600_2", "ib1000_2", "n600_3_2", "ob600_2", "tb600_2")):
        forms.write_jnu(folder / "JNU" / f"{name}.csv", signal(seed))


def seu(folder: Path) -> None:
    for seed, name in enumerate(("ball_20_0", "ball_30_2", "comb_20_0", "health_20_0",
                                 "inner_20_0", "outer_20_0")):  # fmt: skip
        mark = "," if name == "ball_20_0" else "\t"
        forms.write_seu(folder / "bearingset" / f"{name}.csv", signal(seed, 8), mark=mark)


def hust(folder: Path) -> None:
    for seed, name in enumerate(("B500", "B504", "I500", "IO602", "N500")):
        content = {"data": signal(seed)[:, None], "fs": np.uint16(51_200)}
        _mat(folder / "HUST" / f"{name}.mat", content)


def dirg(folder: Path) -> None:
    for seed, name in enumerate(("C0A_100_000_1", "C1A_100_502_1", "C1A_200_502_1",
                                 "C4A_100_502_1")):  # fmt: skip
        _mat(folder / "VariableSpeedAndLoad" / f"{name}.mat", {name: signal(seed, 6)})


def _mat(path: Path, variables: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, variables)


NAMES = ("ball", "sound")
"""Classes of the forms below: one file each, seeds 0 and 1."""


def other_files(folder: Path) -> None:
    """One small set in each form of file."""
    for place in ("matlab73", "hdf5", "arrays", "text", "sound", "parquet", "tdms", "universal"):
        (folder / place).mkdir()
    for seed, name in enumerate(NAMES):
        x, other = signal(seed), signal(seed + 50)
        _hdf5(folder / "matlab73" / f"{name}.mat", "bench/vibration", x, userblock_size=512)
        _hdf5(folder / "hdf5" / f"{name}.h5", "run1/accelerometer", x)
        np.save(folder / "arrays" / f"{name}.npy", np.stack([other, x], axis=1))
        decimal_commas = (f"{i * 1000 / 12_000:.6f};{a:.3f};{b:.3f}".replace(".", ",")
                          for i, (a, b) in enumerate(zip(other, x, strict=True)))  # fmt: skip
        text = "\r\n".join(["Zeit [ms];other [g];vibration [g]", *decimal_commas, ""])
        (folder / "text" / f"{name}.csv").write_bytes(text.encode("utf-16"))
        both = np.stack([other, x], axis=1) / 8
        soundfile.write(folder / "sound" / f"{name}.wav", both, 12_000, subtype="PCM_24")
        pd.DataFrame({"other": other, "vibration": x}).to_parquet(
            folder / "parquet" / f"{name}.parquet"
        )
        _tdms(folder / "tdms" / f"{name}.tdms", x, other)
        _uff(folder / "universal" / f"{name}.uff", x)


def _hdf5(path: Path, place: str, samples: np.ndarray, **options) -> None:
    with h5py.File(path, "w", **options) as file:
        file[place] = samples
        file[place.rpartition("/")[0] + "/fs"] = 12_000.0
        file["other"] = signal(99)
    if options:
        with path.open("r+b") as stream:
            stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(128))


def _tdms(path: Path, samples: np.ndarray, other: np.ndarray) -> None:
    facts = {"wf_increment": 1 / 12_000, "wf_xunit_string": "s", "unit_string": "g"}
    objects = [nptdms.ChannelObject("run", "vibration", samples, facts),
               nptdms.ChannelObject("run", "other", other, facts)]  # fmt: skip
    with nptdms.TdmsWriter(path) as writer:
        writer.write_segment(objects)


def _uff(path: Path, samples: np.ndarray) -> None:
    record = pyuff.prepare_58(
        func_type=1, rsp_node=3, rsp_dir=2, ref_node=0, ref_dir=0, id1="vibration",
        abscissa_spacing=1, abscissa_min=0.0, abscissa_inc=1 / 12_000, binary=0,
        abscissa_spec_data_type=17, ordinate_spec_data_type=12, orddenom_spec_data_type=0,
        abscissa_axis_units_lab="s", ordinate_axis_units_lab="g", rsp_ent_name="NONE",
        ref_ent_name="NONE", x=np.arange(len(samples)) / 12_000, data=samples,
    )  # fmt: skip
    with warnings.catch_warnings():  # pyuff leaves the file open, to be closed by the collector
        warnings.simplefilter("ignore", ResourceWarning)
        pyuff.UFF(str(path)).write_sets(record, "add")
        gc.collect()
