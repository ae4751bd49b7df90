"""Both networks' robustness on the windows of a build."""

from __future__ import annotations

from hwgen.analysis.disagreements import disagreements
from hwgen.analysis.robustness import Pair, Robustness, gain_sweep, snr_sweep
from hwgen.fixedpoint import Integers
from hwgen.flow.windows import Windows, for_verification
from hwgen.network import Floats, Network
from hwgen.quantized import QuantizedModel

_WINDOWS = 400
"""Windows at each point: both sweeps take some 5 s with windows of 2,048 samples."""


def measure(
    network: Network,
    model: QuantizedModel,
    windows: Windows,
    float_logits: Floats,
    fixed_logits: Integers,
    *,
    seed: int,
) -> Robustness:
    """Return the report's ``robustness``: both sweeps and the disagreements.

    Parameters
    ----------
    network, model
        Float and integer network.
    windows
        With the test part's windows in g, and the recordings that they are cut from, if any.
    float_logits, fixed_logits
        Both networks' logits for them, ``(n, classes)``; the integers of the golden model.
    seed
        Of the noise.

    Raises
    ------
    ValueError
        If the test windows are not those of the recordings.
    """
    clean, places = windows.clean_test, windows.places
    if places is not None and len(places) != len(windows.test):
        raise ValueError(
            f"places must be those of the {len(windows.test)} test windows, not of {len(places)}"
        )
    pair = Pair(network, model, windows.input_scale)
    snr = gain = None
    if windows.labelled:
        chosen = for_verification(windows.labels, _WINDOWS)
        labels = windows.labels[chosen]
        gain = gain_sweep(pair, windows.test[chosen], labels)
        if clean is not None and places is not None:
            snr = snr_sweep(pair, clean, places[chosen], labels, seed=seed)
    found = disagreements(
        float_logits,
        fixed_logits * model.logits.scale,
        windows.classes,
        windows.labels if windows.labelled else None,
        _sources(windows),
    )
    return Robustness(snr, gain, found)


def _sources(windows: Windows) -> list[tuple[str, int]] | None:
    """Return source and first sample of each test window; None where there are only windows."""
    if windows.clean_test is None or windows.places is None:
        return None
    names = [recording.source for recording in windows.clean_test.recordings]
    places = windows.places
    return [
        (names[number], int(start))
        for number, start in zip(places.recording, places.start, strict=True)
    ]
