"""Checkpoint and windows to the integer network, with what it costs in accuracy."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from hwgen import files, golden, importers, report
from hwgen.boards import find_board
from hwgen.calibration import layer_statistics
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers
from hwgen.flow import alarm, assumed, doubt, idle, kept, layer_rows, others, robustness, rows
from hwgen.flow.accuracy import Accuracy
from hwgen.flow.decides import Stage, decisive
from hwgen.flow.designs import settled
from hwgen.flow.margins import MARGINS, Margins
from hwgen.flow.options import Settings
from hwgen.flow.prepared import prepared
from hwgen.flow.quantized import NetworkFacts, Quantized
from hwgen.flow.stage import Say
from hwgen.flow.tune import Tuned, tune
from hwgen.flow.windows import Windows, for_verification, gather
from hwgen.importers import Checkpoint, Geometry
from hwgen.network import Floats, Network
from hwgen.passes import canonical
from hwgen.quantized import Precision, QuantizedModel
from hwgen.quantized.rescaling import Rescaled, reachable
from hwgen.quantized.samples import digitise, stream_order
from hwgen.signals.listing import MANIFEST, listing
from hwgen.signals.units import COUNTS, SHARES

FOLDER = "ir"
OUTPUTS = ("network.json", "model.json", "windows.npz", MARGINS)


@dataclass(frozen=True, eq=False)
class Quantization:
    """The integer network and all that was measured on the way.

    Parameters
    ----------
    network, model
        Float and integer network.
    windows
        ADC steps, for verification.
    margins
        Of windows, from which "unknown" is decided.
    said
        What the stage has to say.
    """

    network: Network
    model: QuantizedModel
    windows: Integers
    margins: Margins
    said: Quantized


def inputs(settings: Settings) -> dict[str, Any]:
    """Return all that decides the outcome: options, and the content of every file read."""
    # The design point has a say in the transform, and in what is cheapest.
    sought = settings.max_drop is not None or settings.hardware.design.seeking
    asked = decisive(settings, Stage.QUANTIZE, sought=sought) | {
        "checkpoint": _checkpoint_content(Path(settings.checkpoint)),
        "recordings": _recordings(settings.data.data),
    }
    if settings.data.test_data:  # else keys stay those of earlier versions
        asked["others"] = [_recordings(folder) for folder in settings.data.test_data]
    return asked


def source(asked: dict[str, Any]) -> str:
    """Return a digest of what checkpoint and recordings hold, of what `inputs` returned."""
    return files.digest(json.dumps([asked["checkpoint"], asked["recordings"]]))


def basis(settings: Settings) -> dict[str, Any]:
    """Return the options that a result of this stage holds for, but for places and the hardware.

    Files may be moved; and the network stays as it is when another board is asked for later.
    """
    named = decisive(settings, Stage.QUANTIZE, sought=False)
    data = named["data"]
    data["data"] = data["data"] if data["data"] in {None, "synthetic"} else "recordings"
    if "test_data" in data:
        data["test_data"] = [Path(folder).name for folder in data["test_data"]]
    return named


def made_for(said: Quantized, settings: Settings) -> bool:
    """Return whether what this stage said is of those settings; an older hwgen did not say.

    Two checkpoints may be built with the same options, and a name may come to hold another one.
    """
    same = None in (settings.source, said.source) or said.source == settings.source
    return same and (said.basis is None or said.basis == basis(settings))


def _recordings(data: str | None) -> list[tuple[str, str]]:
    """Return name and content of the files that decide a data set, however deep they are."""
    if data is None or data == "synthetic":
        return []
    folder = Path(data)
    if rows.is_table(folder):
        return [(folder.name, _content(folder))]
    found = listing(folder)
    paths = [*found.recordings]
    if (folder / MANIFEST).is_file():
        # It may name any file as a recording.
        paths += [PurePosixPath(MANIFEST), *found.others]
    return [(str(path), _content(folder / path)) for path in paths]


def _checkpoint_content(path: Path) -> str:
    """Return a digest of a network's file, and of those beside it that it is in."""
    every = [_content(path), *(_content(each) for each in importers.beside(path))]
    return every[0] if len(every) == 1 else files.digest(json.dumps(every))


def _content(path: Path) -> str:
    """Return a digest of a file; what is no file is refused by whoever reads it."""
    with files.access(path, "read"):
        path.stat()
        if not path.is_file():
            return ""
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def quantize(settings: Settings, say: Say) -> Quantization:
    """Load, calibrate, and compare float and fixed on the test part.

    Raises
    ------
    UsageError
        If there is no such board.
    InputError
        If checkpoint or recordings cannot be used.
    """
    board = find_board(settings.hardware.board)  # an unknown one is told before the work
    checkpoint = checkpoint_of(settings)
    alarm.check(settings, checkpoint.network)
    canon = canonical(checkpoint.network)
    windows = gather(checkpoint, settings.data, say)
    elsewhere = others.of_checkpoint(checkpoint, windows, settings.data, say)
    settings, ranged = _with_scale(settings, windows.read_as.samples)
    network = (built := _built(canon, settings, windows)).network
    network = alarm.with_threshold(network, windows, settings.alarm)
    floats = network.judged(windows.test * windows.input_scale)
    # A network that is taken for another is told before all else, and before the work.
    notices = (
        *doubt.of_float(checkpoint, windows, floats),
        *windows.notices,
        *ranged,
        *_sensor_notices(windows, settings.bits),
        *idle.of_network(settings, network),
        *assumed.lines(checkpoint, windows, settings.data),
        *kept.lines(checkpoint.network, built),
        *alarm.notices(network, windows, floats, canon),
    )
    _say_all(notices, say)
    bits = settled(network, settings, board, windows.sample_rate, windows.input_scale)
    settings = replace(settings, bits=bits)
    say(f"quantize: {len(windows.calibration)} windows calibrate, {len(windows.test)} test")
    chosen = alarm.resettled(
        tune(network, windows, settings, say, checkpoint.meta), network, windows
    )
    fixed = golden.judged(chosen.model, samples := digitise(windows.test, chosen.model.bits))
    answers, accuracy = _answers(chosen.model, windows, floats, fixed)
    accuracy = others.told(accuracy, elsewhere, network, chosen.model, windows, settings.data)
    if (fall := doubt.of_fixed(accuracy)) is not None:
        notices = (fall, *notices)
        say(fall)
    kinds = windows.labels if windows.labelled else answers
    verified = for_verification(kinds, settings.verify_windows)
    _say_all(silent := _silent(windows, answers[verified]) + _blind(fixed[verified]), say)
    said = Quantized(
        design=NetworkFacts.of(chosen.model),
        accuracy=accuracy,
        calibration=_calibration(network, chosen, windows),
        network=layer_rows.section(network, chosen.model),
        robustness=_robustness(network, chosen.model, windows, floats, fixed, settings),
        search=None if chosen.search is None else chosen.search.to_json(),
        qat=None if chosen.qat is None else chosen.qat.to_json(),
        data=windows.data,
        notices=(*notices, *silent),
    )
    margins = Margins.of(chosen.model, windows, fixed)
    return Quantization(network, chosen.model, samples[verified], margins, said)


def _say_all(notices: tuple[str, ...], say: Say) -> None:
    for notice in notices:
        say(notice)


def _robustness(
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    floats: Floats,
    fixed: Integers,
    settings: Settings,
) -> dict[str, Any] | None:
    """Return the report's ``robustness``; None where there is no class."""
    if not windows.classes:
        return None
    seed = settings.data.seed
    return robustness.measure(network, model, windows, floats, fixed, seed=seed).to_json()


def _answers(
    model: QuantizedModel, windows: Windows, floats: Floats, fixed: Integers
) -> tuple[Integers, Accuracy]:
    """Return the class of each test window, and how well it is answered.

    Without a class all windows are of one kind.
    """
    if not windows.classes:
        none = np.zeros(len(fixed), dtype=np.int64)
        return none, Accuracy.of_values(windows, floats, fixed * model.steps)
    found = golden.classify(fixed)
    if model.score is not None:
        return found, Accuracy.of_scores(windows, floats, fixed * model.steps)
    return found, Accuracy.of(windows, floats.argmax(axis=1), found)


def _silent(windows: Windows, answers: Integers) -> tuple[str, ...]:
    """Return what to say of classes that no window for verification is answered with."""
    missing = set(range(len(windows.classes))) - set(answers.tolist())
    if not missing:
        return ()
    names = ", ".join(windows.classes[number] for number in sorted(missing))
    return (f"no window for verification is answered with: {names}",)


def _blind(logits: Integers) -> tuple[str, ...]:
    """Return what to say of windows for verification none of which differs from another."""
    if len(logits) < 2 or (logits != logits[0]).any():
        return ()
    return (
        "every window for verification has the same answer: that they are equal in simulation says "
        "little of the layers; do the weights suit the recordings?",
    )


def _built(network: Network, settings: Settings, windows: Windows) -> Rescaled:
    """Return the network as it is built: with its own integers, if it was trained with such."""
    tuned = "--max-drop" if settings.max_drop is not None else "--qat" if settings.qat else None
    kept.check(network, tuned)
    return reachable(network, settings.bits, windows.input_scale)


def checkpoint_of(settings: Settings) -> Checkpoint:
    """Return the network of a build, with what else its file carries."""
    asked = asdict(settings.geometry)
    prepare = asked.pop("prepare")
    geometry = Geometry(**{each.name: asked.pop(each.name) for each in fields(Geometry)})
    found = importers.load(Path(settings.checkpoint), geometry=geometry, **asked)
    return prepared(found, prepare)


def _with_scale(settings: Settings, unit: str | None) -> tuple[Settings, list[str]]:
    """Return the settings with the full scale of the samples' unit, where the user says none."""
    scales = {COUNTS: float(1 << (settings.bits.adc - 1)), SHARES: 1.0}
    if not settings.own_scale or unit not in scales:
        return settings, []
    bits = replace(settings.bits, full_scale=scales[unit])
    what = "a step of the converter is one count" if unit == COUNTS else "that of the recordings"
    return replace(settings, bits=bits), [
        f"the sensor's full scale is {bits.full_scale:,g} ({unit}): {what} (--full-scale)"
    ]


def _calibration(network: Network, chosen: Tuned, windows: Windows) -> dict[str, Any]:
    """Return the report's ``calibration``; each layer's part is on the calibration windows."""
    method = chosen.calibration.method
    return {
        "method": method.range,
        "rounding": method.rounding,
        "windows": chosen.calibration.windows,
        "choices": [choice.to_json() for choice in chosen.choices],
        "layers": [
            layer.to_json() | {"histogram": report.histogram(layer.outputs)}
            for layer in layer_statistics(network, chosen.model, windows.calibration)
        ],
    }


def _sensor_notices(windows: Windows, bits: Precision) -> list[str]:
    """Return what is wrong with the sensor's range for these windows."""
    beyond = float(np.mean(np.abs(windows.test) > bits.full_scale))
    unit = windows.read_as.samples or "g"
    rms = float(np.sqrt(np.mean(np.square(windows.test))))
    notices = []
    if beyond:
        notices.append(
            f"{100 * beyond:.3g} % of the samples are beyond --full-scale {bits.full_scale:g} "
            f"({unit}) and are clipped"
        )
    if rms < bits.lsb:
        notices.append(
            f"the signal (RMS {rms:.3g} {unit}) is below one ADC step ({bits.lsb:.3g}); "
            f"check --full-scale and --adc-bits"
        )
    return notices


def store(result: Quantization, settings: Settings, folder: Path) -> Quantized:
    """Write the stage's files and return what it has to say."""
    files.write_json(folder / "network.json", result.network.to_json())
    files.write_json(folder / "model.json", result.model.to_json())
    files.write_json(folder / MARGINS, result.margins.to_json())
    buffer = io.BytesIO()
    np.savez_compressed(buffer, samples=stream_order(result.windows).astype(np.int16))
    files.write_bytes(folder / "windows.npz", buffer.getvalue())
    return replace(result.said, basis=basis(settings))


def write_report(result: Quantization, folder: Path) -> Path:
    """Write a report without hardware; return its page."""
    said = result.said
    made = report.assemble(said.sections() | {"notes": list(said.notices)})
    report.write_html(made, folder / "index.html")
    report.write(made, folder)
    return folder / "index.html"


def read_model(path: Path) -> QuantizedModel:
    """Return the integer network in a file; `InputError` if it is damaged."""
    value = files.read_json(path)
    try:
        return QuantizedModel.from_json(value)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def read_windows(path: Path, model: QuantizedModel) -> Integers:
    """Return the windows kept for verification as they come on chip, ``(n >= 1, elements)``.

    Raises
    ------
    InputError
        If the file is damaged, or its windows are not the network's.
    """
    data = io.BytesIO(files.read_bytes(path))
    try:
        with np.load(data, allow_pickle=False) as arrays:
            samples = arrays["samples"]
    # A damaged archive fails in whatever layer meets the damage.
    except Exception as error:
        raise InputError(f"{path} is damaged ({error}); build again") from error
    limit = 1 << (model.bits.adc - 1)
    if samples.dtype.kind != "i" or samples.ndim != 2 or samples.shape[1] != model.elements:
        raise InputError(f"{path} must hold windows of {model.elements} steps; build again")
    if not len(samples) or samples.min() < -limit or samples.max() >= limit:
        raise InputError(f"{path} must hold windows of {model.bits.adc}-bit steps; build again")
    return samples.astype(np.int64)
