"""What a bare state_dict does not say."""

from __future__ import annotations

from collections.abc import Callable

import click

from hwgen.cli.options.values import F, numbers, together
from hwgen.importers import ANSWERS, BINS, FFT_SCALES, FRONT_ENDS, PARTS, QUANTIZERS
from hwgen.network.ops.normalise import METHODS


def geometry_options(function: F) -> F:
    """Add what a bare state_dict does not say."""
    return together(
        [
            click.option(
                "--window",
                type=int,
                metavar="N",
                help="Samples a window, where a bare state_dict leaves that open.",
            ),
            click.option("--stride", type=int, metavar="N", help="Of conv1. Default: 8."),
            click.option(
                "--padding", type=int, metavar="N", help="Of conv1. Default: (kernel - stride) / 2."
            ),
            click.option("--pool", type=int, metavar="N", help="Size of the max-pool. Default: 2."),
            click.option(
                "--bins",
                type=click.Choice(BINS),
                help="Bins of the spectrum that the network takes: N/2 down to 1 (default of a "
                "state_dict), 1 up to N/2, or 0 up to N/2-1 (default of --front-end).",
            ),
            *_of_graphs(),
            click.option(
                "--outputs",
                metavar="N,...",
                callback=numbers,
                help="The network's output for each class, in the order of the classes. "
                "Default: 0,1,2,...",
            ),
            click.option(
                "--quantizers",
                type=click.Choice(QUANTIZERS),
                help="What is done with the quantisers of a network that was trained with "
                "them: keep (default), or drop: hwgen chooses all integers anew.",
            ),
            click.option(
                "--prepare",
                type=click.Choice(list(METHODS)),
                help="What training did to each window by itself, before the network: done on "
                "chip. Default: nothing.",
            ),
            click.option(
                "--weights-from",
                metavar="KEY",
                help="Which network of a checkpoint that holds several, such as ema.",
            ),
            click.option(
                "--part",
                type=click.Choice(PARTS),
                help="What of a network is built: front: the filters of `hwgen train --front` "
                "alone, samples in, samples out. Default: all of it.",
            ),
        ]
    )(function)


def _of_graphs() -> list[Callable[[F], F]]:
    """Return what a graph of others does not say."""
    return [
        click.option(
            "--front-end",
            type=click.Choice(FRONT_ENDS),
            help="What the input of an ONNX or .pt2 file is: fft: magnitudes of the samples' "
            "bins, as np.abs(np.fft.rfft(x)). Default: the samples.",
        ),
        click.option(
            "--fft-scale",
            type=click.Choice(FFT_SCALES),
            help="What these magnitudes were multiplied by, of windows of N samples: ortho is "
            "one over the root of N. Default: 1.",
        ),
        click.option(
            "--answer",
            type=click.Choice(ANSWERS),
            help="What the one output of an ONNX or .pt2 file is: class: its largest number "
            "says which; values: each counts (regression, embedding, denoiser); anomaly: the "
            "input once more, whose squared error tells anomalies. Default: what it looks like.",
        ),
    ]
