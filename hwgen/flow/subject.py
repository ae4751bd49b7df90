"""The float network that is looked into: a build's, or a checkpoint's of any kind."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from hwgen import files, signals
from hwgen.errors import InputError
from hwgen.flow import assumed, quantize
from hwgen.flow.left import check_asked, left_by_quantize
from hwgen.flow.margins import read_as
from hwgen.flow.one_recording import asked_for
from hwgen.flow.options import GeometryOptions, Settings, read_settings
from hwgen.network import Network, front
from hwgen.passes import canonical

BUILD, CHECKPOINT = "build", "checkpoint"


@dataclass(frozen=True, eq=False)
class Subject:
    """A float network, and what is known of its samples.

    Parameters
    ----------
    network
        As it is built, or as it would be.
    scale
        Its input is ``x * scale``; None where nobody says it.
    read_as
        As what the recordings of its training or build were read.
    kind
        `BUILD` or `CHECKPOINT`.
    notes
        What was assumed of it.
    settings, digest
        Of a build: its settings, and which integer network it made.
    """

    network: Network
    scale: float | None
    read_as: signals.ReadAs
    kind: str
    notes: tuple[str, ...] = ()
    settings: Settings | None = None
    digest: str | None = None


def subject_of(path: Path, settings: Settings) -> Subject:
    """Return what is in a build's folder, or in a checkpoint read by `settings`.

    Raises
    ------
    InputError
        If it is neither, or is damaged.
    """
    return _of_build(path, settings) if path.is_dir() else _of_checkpoint(settings)


def _of_build(folder: Path, asked: Settings) -> Subject:
    settings = read_settings(folder)
    check_asked(settings, folder)
    model = left_by_quantize(folder)
    place = folder / quantize.FOLDER
    path = place / "network.json"
    try:
        network = Network.from_json(files.read_json(path))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    network = dataclasses.replace(
        network, classes=model.classes, sample_rate=network.sample_rate or model.sample_rate
    )
    given = asked.geometry != GeometryOptions() or asked.data.input_scale is not None
    told = f"{folder} says all of its network, so options on the network do nothing"
    return Subject(
        network,
        model.input_scale,
        read_as(place) or asked_for(settings.data),
        BUILD,
        (told,) if given else (),
        settings,
        model.digest,
    )


def _of_checkpoint(settings: Settings) -> Subject:
    checkpoint = quantize.checkpoint_of(settings)
    notes = assumed.of_network(checkpoint)
    try:
        network = canonical(checkpoint.network)
    except InputError as error:
        network = checkpoint.network
        notes = [*notes, f"looked at as it is in the file, for it cannot be built: {error}"]
    meta = checkpoint.meta
    return Subject(
        network,
        settings.data.input_scale or network.input_scale,
        (meta.read_as if meta else None) or signals.ReadAs(),
        CHECKPOINT,
        tuple(notes),
    )


def own_scale(subject: Subject) -> bool:
    """Return whether each window is divided by what is its own, so that no scale matters."""
    return front.normalised(subject.network.graph) not in (None, "mean")
