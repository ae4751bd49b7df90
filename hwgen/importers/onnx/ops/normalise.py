"""Batch normalisation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call, by_place
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network.ops.batchnorm1d import BatchNorm1d


def batch_normalization(call: Call, build: Builder) -> View:
    """Return values normalised by the statistics of the training."""
    if call.attributes.get("training_mode", 0) or len(call.views) > 1:
        raise Unsupported(
            "takes mean and variance of the window itself; call model.eval() before the export, "
            "and leave track_running_stats on"
        )
    view = build.ready(call.view())
    names = ("weight", "bias", "mean", "variance")
    constants = {name: call.constant(n) for n, name in enumerate(names, start=1)}
    channels = len(constants["weight"])
    if view.shape == (1, channels):
        view = build.by_channel(view, constants["weight"])
    if view.logical[0] != channels or view.shape[1:2] != (channels,):
        raise Unsupported(f"must read {channels} channels, not a tensor of {view.shape}")
    weight, bias, mean, variance = (by_place(np.asarray(each), view) for each in constants.values())
    eps = call.attributes.get("epsilon", 1e-5)
    layer = BatchNorm1d(build.name(call), weight, bias, mean, variance, eps)
    made = build.put(layer, view)
    return replace(made, shape=view.shape, order=view.order, places=view.places)


OPS = {"BatchNormalization": batch_normalization}
