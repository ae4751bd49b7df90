"""What a user must know of a set of recordings: what was passed over, assumed or looks wrong."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

import numpy as np

from hwgen.signals import cwru
from hwgen.signals.classes import Labelled, few
from hwgen.signals.listing import MANIFEST, Listing, natural
from hwgen.signals.recording import Recording
from hwgen.signals.store import chunks

_GROUPED = "--class-from REGEX or a manifest classes.csv groups them"

_FAULT = re.compile(r"(B|IR|OR)(007|014|021|028)", re.IGNORECASE)
"""Sizes of CWRU's faults: classes of their own in most papers."""

_WORD = re.compile(r"[A-Za-z][A-Za-z _-]*[A-Za-z]")
"""Names that say what a file is; letters and numbers alone only count files."""

_FAULTS = r"(B\d{3}|IR\d{3}|OR\d{3}|[Nn]ormal)"
"""Finds CWRU's faults in a path."""

_HEAD = 4096
"""Samples that tell most recordings apart."""

_COUNTED = re.compile(r"(class|label|fault|type|state|condition|c|f|s)?[ _-]*#", re.IGNORECASE)
"""Names that only number the classes."""


def passed_over(found: Listing, labelled: Labelled) -> tuple[str, ...]:
    """Return the files that are not read, and folders without a recording instead of theirs."""
    used = {path for path, _ in labelled.files}
    idle = set(found.folders) - _above(used)
    outermost = [folder for folder in found.folders if folder in idle and folder.parent not in idle]
    alone = [
        path
        for path in (*found.others, *labelled.left_out)
        if path not in used and idle.isdisjoint(path.parents)
    ]
    return (*(f"{folder}/" for folder in outermost), *map(str, alone))


def _above(paths: Iterable[PurePosixPath]) -> set[PurePosixPath]:
    """Return every folder that one of `paths` lies in, at any depth."""
    return {folder for path in paths for folder in path.parents}


def questions(found: Listing, labelled: Labelled) -> tuple[str, ...]:
    """Return doubts about the classes themselves."""
    counts = Counter(name for _, name in labelled.files)
    single = [name for name in labelled.classes if counts[name] == 1]
    return (
        *_idle(found, labelled), *_alike(single), *_odd_one(labelled, single),
        *_unnatural(labelled.classes), *_named_inside(labelled), *_twins(labelled.classes),
    )  # fmt: skip


def _twins(classes: Sequence[str]) -> list[str]:
    """Return a question for classes whose names differ in capitals, blanks or accents' form."""
    groups: dict[str, list[str]] = {}
    for name in classes:
        plain = "".join(unicodedata.normalize("NFKC", name).casefold().split())
        groups.setdefault(plain, []).append(name)
    return [
        f"classes {', '.join(map(repr, group))} have nearly one name; if they are one class: "
        f"{_GROUPED}"
        for group in groups.values()
        if len(group) > 1
    ]


def _idle(found: Listing, labelled: Labelled) -> Iterable[str]:
    """Yield a warning for each folder that stands where a class would and has no recording."""
    parents = {
        PurePosixPath(*path.parts[: path.parts.index(name)])
        for path, name in labelled.files
        if name in path.parts[:-1]
    }
    used = _above(found.recordings)
    for folder in found.folders:
        if folder.parent in parents and folder not in used:
            held = [path.name for path in found.others if path.is_relative_to(folder)]
            yield (
                f"folder {folder} is no class: it holds no file that can be a recording "
                f"({few(held) if held else 'it is empty'})"
            )


def _alike(names: Sequence[str]) -> list[str]:
    """Return a question for classes of one file each that look like one fault at many loads."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_fault(name), []).append(name)
    return [
        f"classes {few(group)} are of one file each and look like one fault under several "
        f"conditions ({fault}): {_GROUPED}"
        for fault, group in groups.items()
        if len(group) > 1 and not _COUNTED.fullmatch(fault)
    ]


def _fault(name: str) -> str:
    """Return a class's name without what tells loads, speeds and runs apart."""
    if cwru.follows(name):
        return cwru.fault(name)
    sized = _FAULT.search(name)
    rest = name if sized is None else name[: sized.start()] + name[sized.end() :]
    plain = re.sub(r"[0-9]+", "#", rest)
    return plain if sized is None else f"{sized[0]} {plain}".rstrip()


def _odd_one(labelled: Labelled, single: Sequence[str]) -> list[str]:
    """Return a question for a lone file of another format: a list of labels, a log."""
    kinds = Counter(path.suffix.lower() for path, _ in labelled.files)
    common, _ = kinds.most_common(1)[0]
    odd = [
        path
        for path, name in labelled.files
        if len(path.parts) == 1 and kinds[path.suffix.lower()] == 1 and name in single
    ]
    if len(odd) != 1 or kinds[common] < 2:
        return []
    return [
        f"{odd[0]} is the only {odd[0].suffix} file among {common} files and is taken for a class "
        "of its own; remove it if it is no recording"
    ]


def _unnatural(classes: Sequence[str]) -> list[str]:
    """Return a warning where order by character is not that of the numbers in names."""
    if list(classes) != sorted(classes):  # numbers by value, or a manifest's own order
        return []
    groups: dict[str, list[str]] = {}
    for name in classes:
        groups.setdefault(re.sub(r"[0-9]+", "#", name), []).append(name)
    for group in groups.values():
        for found, counted in zip(group, sorted(group, key=natural), strict=True):
            if found != counted:
                return [
                    f"classes are in the order of characters: {found} stands before {counted}; "
                    f"a manifest {MANIFEST} gives them another order"
                ]
    return []


def _named_inside(labelled: Labelled) -> Iterable[str]:
    """Yield a question where folders stand for loads and the files in them for classes."""
    inside: dict[str, list[str]] = {}
    for path, name in labelled.files:
        # A file is in the folder that is its class; elsewhere the user has said what is.
        if name in path.parts[:-1]:
            inside.setdefault(name, []).append(cwru.fault(path.stem))
    shared = set.intersection(*map(set, inside.values())) if len(inside) > 1 else set()
    words = sorted(name for name in shared if _WORD.fullmatch(name) or _FAULT.fullmatch(name))
    if len(words) > 1:
        expression = _FAULTS if all(map(_FAULT.fullmatch, words[:2])) else r"([^/]+)\.[^.]+$"
        yield (
            f"folders {few(list(inside))} are taken for classes, but each has files {few(words)}; "
            f"where those are the classes, say so: --class-from '{expression}'"
        )


def recording_notices(recordings: Sequence[Recording]) -> tuple[str, ...]:
    """Return what reading had to say, each thing once, and doubts about rates and channels.

    Parameters
    ----------
    recordings
        As they were read: the sample rate is None where nobody stated it.
    """
    return (
        *_counted(recordings), *_assumed_rates(recordings), *_channels(recordings),
        *_units(recordings), *_numbered(recordings), *_twice(recordings),
    )  # fmt: skip


def _counted(recordings: Sequence[Recording]) -> Iterable[str]:
    """Yield the recordings' own notices with how many they are of."""
    of: dict[str, list[str]] = {}
    for recording in recordings:
        for notice in dict.fromkeys(recording.notices):
            of.setdefault(notice, []).append(recording.source)
    for notice, sources in of.items():
        if len(sources) == 1:
            yield f"{sources[0]}: {notice}"
        else:
            yield f"{notice} (in {len(sources)} of {len(recordings)} recordings)"


def _assumed_rates(recordings: Sequence[Recording]) -> Iterable[str]:
    known = [each.sample_rate for each in recordings if each.sample_rate is not None]
    silent = [each.source for each in recordings if each.sample_rate is None]
    if silent and known:
        yield (
            f"nobody states the sample rate of {len(silent)} of {len(recordings)} recordings; "
            f"assumed to be the others' {known[0]:g} Hz: {few(silent)}"
        )
    elif silent:
        yield "nobody states the recordings' sample rate; --sample-rate HZ does"


def _channels(recordings: Sequence[Recording]) -> Iterable[str]:
    """Yield a warning where different channels were taken of different files."""
    kinds: dict[str, Recording] = {}
    for recording in recordings:
        name = recording.channel
        # A variable that is called like its file, or differs by a record's number, is the same.
        if name and name != PurePosixPath(recording.source).stem:
            kinds.setdefault(re.sub(r"[0-9]+", "#", name), recording)
    if len(kinds) > 1:
        shown = [f"{each.channel} in {each.source}" for each in kinds.values()]
        yield f"channels of different names were taken: {few(shown)}; --channel says which"


def _units(recordings: Sequence[Recording]) -> Iterable[str]:
    """Yield a warning where samples are not all of one unit."""
    units = {recording.unit: recording.source for recording in reversed(recordings)}
    if len(units) > 1:
        shown = few([f"{unit} in {source}" for unit, source in units.items()])
        yield f"samples are of different units: {shown}; --unit says one for all"


def _numbered(recordings: Sequence[Recording]) -> Iterable[str]:
    """Yield a question where CWRU's record numbers stand as classes."""
    numbers = [each for each in recordings
               if re.fullmatch(r"[0-9]+", each.label)
               and re.fullmatch(r"X[0-9]{3}_(DE|FE|BA)_time", each.channel)]  # fmt: skip
    if len(numbers) > 1:
        yield (
            f"CWRU's record numbers ({few([each.label for each in numbers])}) do not say the "
            f"fault and are taken for classes; a manifest {MANIFEST} says it"
        )


def _twice(recordings: Sequence[Recording]) -> Iterable[str]:
    """Yield a warning where a recording is in two classes, or twice in one."""
    alike: dict[bytes, list[Recording]] = {}
    for recording in recordings:
        head = np.asarray(recording.samples[:_HEAD])
        alike.setdefault(head.tobytes(), []).append(recording)
    pairs = [
        (first, second)
        for group in alike.values()
        for first, second in pairwise(group)
        if first.samples.shape == second.samples.shape and _same(first, second)
    ]
    if pairs:
        shown = few([f"{a.source} ({a.label}) and {b.source} ({b.label})" for a, b in pairs], 2)
        yield f"recordings hold the same samples: {shown}; one of each pair is a copy"


def _same(first: Recording, second: Recording) -> bool:
    parts = zip(chunks(first.samples), chunks(second.samples), strict=True)
    return all(np.array_equal(a, b) for a, b in parts)
