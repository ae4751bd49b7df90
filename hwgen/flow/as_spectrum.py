"""Tries whether a network on so many numbers was trained on magnitudes of twice as many samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hwgen.errors import InputError
from hwgen.flow import preparations, quantize, readings
from hwgen.flow.options import Settings
from hwgen.flow.preparations import Preparation
from hwgen.flow.readings import Reading
from hwgen.flow.windows import gather
from hwgen.importers import BINS, FFT, FFT_SCALES, fft_factor
from hwgen.network import Network
from hwgen.network.ops.direct import Direct
from hwgen.passes import canonical


def tried(settings: Settings, network: Network) -> list[Reading]:
    """Return the best reading of each order of bins; none where the network's length is of no FFT.

    Parameters
    ----------
    settings
        Those by which `network` was loaded, with labelled recordings.
    network
        As it is taken now.
    """
    plain = network.channels == 1 and isinstance(network.layers[0], Direct)
    if settings.geometry.front_end is not None or not plain:
        return []
    found = []
    for bins in BINS:
        geometry = replace(settings.geometry, front_end=FFT, bins=bins)
        try:
            checkpoint = quantize.checkpoint_of(replace(settings, geometry=geometry))
            windows = gather(checkpoint, settings.data, lambda _: None)
        except InputError:  # no such window, a kind that says its front-end, short recordings
            continue
        made = canonical(checkpoint.network)
        ways = list(_ways(bins, made.input_samples, windows.input_scale))
        found += readings.prepared(made, windows, ways)[:1]
    return found


def _ways(bins: str, window: int, scale: float) -> Iterator[Preparation]:
    """Yield what the samples, and their magnitudes, may have been multiplied by."""
    for fft_scale in FFT_SCALES:
        for factor in (1.0, scale):
            how = f"--front-end {FFT} --bins {bins} --fft-scale {fft_scale}"
            made = preparations.scaled(
                factor * fft_factor(fft_scale, window),
                f"as |FFT| of {window} samples times {fft_scale}, bins {bins}",
            )
            yield replace(made, how=f"{how} --input-scale {factor:.6g}")
