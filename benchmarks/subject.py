"""The network that is measured, and its data."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from place import FOLDER, ROOT

from hwgen import files, importers
from hwgen.flow.options import DataOptions
from hwgen.flow.windows import gather
from hwgen.network import Floats, Network

_RECORD = FOLDER / "subject.json"
_SNR = -6.0
"""dB: the published task."""


@dataclass(frozen=True)
class Subject:
    """A checkpoint and where its windows come from.

    Parameters
    ----------
    given
        The checkpoint; None: one that is trained here.
    data
        Folder of recordings; None: what the checkpoint carries, else synthetic signals.
    """

    given: str | None = None
    data: str | None = None

    @property
    def path(self) -> Path:
        """Where the checkpoint is, or will be when it has been trained."""
        if self.given is not None:
            return Path(self.given)
        return FOLDER / ("recordings.pt" if self.data else "synthetic.pt")

    @property
    def training(self) -> list[str]:
        """Arguments of `hwgen` that make the checkpoint, without its path."""
        if self.data is None:
            return ["train", "--data", "synthetic", "--epochs", "8"]
        return ["train", "--data", self.data, "--snr", f"{_SNR:g}"]

    @property
    def data_options(self) -> list[str]:
        """Arguments of `hwgen build` that name the data."""
        return ["--data", self.data, "--snr", f"{_SNR:g}"] if self.data else []

    @property
    def digest(self) -> str:
        """Of the checkpoint and the name of its data; of the name alone before there is one."""
        checkpoint = files.read_bytes(self.path) if self.path.exists() else b""
        return files.digest(checkpoint, *self.data_options)

    def checkpoint(self) -> Path:
        """Return the checkpoint's path; train it first where it is not there."""
        if self.given is None and not self.path.exists():
            hwgen(*self.training, "-o", str(self.path))
        return self.path

    def network(self) -> Network:
        """Return the float network."""
        return importers.load(self.checkpoint()).network

    def windows(self, count: int) -> Floats:
        """Return `count` test windows ``(count, samples)`` as the network takes them: scaled."""
        options = DataOptions(data=self.data, snr_db=_SNR if self.data else None)
        found = gather(importers.load(self.checkpoint()), options)
        chosen = np.linspace(0, len(found.test) - 1, count).astype(int)
        return found.test[chosen] * found.input_scale

    def told(self, words: list[str]) -> str:
        """Return a command for the page: paths are the reader's own."""
        names = {str(self.path): "CKPT", self.data: "DIR"}
        return " ".join(names.get(word, word) for word in words)


def hwgen(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one hwgen command; its lines for the user come as they are."""
    program = str(Path(sys.executable).with_name("hwgen"))
    return subprocess.run(
        [program, *arguments], check=check, cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def chosen(given: str | None, data: str | None) -> Subject:
    """Return the subject that is named; where none is, the one of the run before."""
    if given is None and data is None and _RECORD.exists():
        return Subject(**files.read_json(_RECORD))
    subject = Subject(
        None if given is None else str(Path(given).resolve()),
        None if data is None else str(Path(data).resolve()),
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    files.write_json(_RECORD, vars(subject))
    return subject
