"""AUC of autoencoders between a healthy bearing and each fault, at several noise levels."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import files, zoo
from hwgen.flow.healthy import Sorted, sort
from hwgen.metrics import auc
from hwgen.network import Floats
from hwgen.signals import Recording, noisy, read_dataset
from hwgen.training.autoencoder import Autoencoder
from hwgen.training.one_class import OneClassResult, train_one_class
from hwgen.training.scores import recording_scores

LEVELLED = "conv-ae --prepare z-score"
NETWORKS = ("hae-i", "conv-ae", LEVELLED)
"""The last one does not see how loud a window is."""
SNRS: tuple[float | None, ...] = (None, 0.0, -6.0)
"""In dB, relative to each record's own power; None: no added noise."""
RMS = "RMS alone"
WINDOW = 1024
FOLDER = Path("build/anomaly/bearings")


def trained(told: Sorted, network: str, snr_db: float | None, seed: int = 0) -> OneClassResult:
    """Return a network, its threshold and its figures, of CWRU's healthy recording."""
    name, _, prepare = network.partition(" --prepare ")
    design = zoo.designed(name, {"window": WINDOW} | ({"prepare": prepare} if prepare else {}))
    assert isinstance(design, Autoencoder)
    return train_one_class(told.healthy, told.faulty, design, snr_db=snr_db, seed=seed)


def measure(folder: Path, say: Callable[[str], object], until: float) -> None:
    """Find out what is not known yet, until a time of `time.monotonic`."""
    if not folder.is_dir():
        say(f"{folder} is not there: no bearings are measured")
        return
    told = sort(read_dataset(folder))
    for name in (RMS, *NETWORKS):
        for snr_db in SNRS:
            path = record_path(name, snr_db)
            if path.is_file():
                continue
            begin = time.monotonic()
            if begin > until:
                say("no time left; the same command goes on")
                return
            if name == RMS:
                found = _by_level(told, snr_db)
            else:
                found = trained(told, name, snr_db).trained.metrics
            found["seconds"] = round(time.monotonic() - begin, 1)
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write_text(path, json.dumps(found))
            say(f"{path.stem}: AUC {found['auc']:.4f} ({found['seconds']} s)")


def record_path(name: str, snr_db: float | None) -> Path:
    """Return where a record is."""
    noise = "clean" if snr_db is None else f"{snr_db:g} dB"
    return FOLDER / f"{name} {noise}.json".replace(" ", "-")


def known() -> dict[tuple[str, float | None], dict[str, Any]]:
    """Return the records that there are."""
    paths = {(name, snr): record_path(name, snr) for name in (RMS, *NETWORKS) for snr in SNRS}
    return {key: json.loads(files.read_text(p)) for key, p in paths.items() if p.is_file()}


def _by_level(told: Sorted, snr_db: float | None) -> dict[str, float]:
    """Return the AUC of the RMS of a window, of the last third of the healthy record."""
    assert told.faulty is not None
    healthy = noisy(told.healthy, snr_db, 0).recordings
    tested = [r.samples[-(len(r.samples) // 3) :] for r in healthy]
    sound = np.concatenate([_levels(np.asarray(each)) for each in tested])
    found, all_faulty = {}, []
    for each in noisy(told.faulty, snr_db, 0).recordings:
        levels = _levels(np.asarray(each.samples))
        found[f"auc {each.label}"] = _auc(sound, levels)
        all_faulty.append(levels)
    return found | {"auc": _auc(sound, np.concatenate(all_faulty))}


def _levels(samples: Floats) -> Floats:
    recording = Recording("x", np.asarray(samples, np.float64), None, "x")
    return recording_scores(lambda x: np.sqrt(np.square(x).mean(axis=1)), [recording], WINDOW)


def _auc(sound: Floats, faulty: Floats) -> float:
    labels = np.repeat([0, 1], [len(sound), len(faulty)])
    return auc(labels, np.concatenate([sound, faulty]))
