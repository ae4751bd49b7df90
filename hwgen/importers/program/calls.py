"""What a program may call: functions of tensors and of sizes, by their names in a file."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

_TARGET = re.compile(r"torch\.ops\.aten\.(\w+)\.(\w+)")

_ATEN = frozenset(re.findall(r"\w+", """
    conv1d conv2d convolution conv_transpose1d conv_transpose2d linear addmm addmv baddbmm
    matmul mm bmm mv dot einsum t batch_norm native_batch_norm cudnn_batch_norm layer_norm
    native_layer_norm instance_norm group_norm native_group_norm rms_norm lstm gru rnn_tanh
    rnn_relu scaled_dot_product_attention max_pool1d max_pool2d max_pool1d_with_indices
    max_pool2d_with_indices avg_pool1d avg_pool2d adaptive_avg_pool1d adaptive_avg_pool2d
    adaptive_max_pool1d adaptive_max_pool2d mean sum amax amin max min prod var std argmax
    argmin norm linalg_vector_norm cumsum relu relu6 leaky_relu prelu elu selu celu gelu silu
    mish softplus softsign hardtanh hardsigmoid hardswish sigmoid log_sigmoid tanh abs exp expm1
    log log1p log2 sqrt rsqrt neg reciprocal pow square sign erf sin cos threshold clamp
    clamp_min clamp_max maximum minimum where floor ceil round softmax log_softmax add sub rsub
    mul div true_divide multiply divide subtract addcmul addcdiv lerp eq ne gt ge lt le cat
    concat concatenate stack split split_with_sizes chunk unbind narrow slice select
    index_select gather index tensor_split view reshape view_as reshape_as flatten unflatten
    squeeze unsqueeze transpose permute movedim expand expand_as repeat swapaxes swapdims
    numpy_T mT adjoint flip roll broadcast_to pad constant_pad_nd reflection_pad1d
    replication_pad1d clone contiguous detach alias lift lift_fresh lift_fresh_copy to type_as
    float double _to_copy copy dropout feature_dropout alpha_dropout native_dropout zeros ones
    full zeros_like ones_like full_like empty_like new_zeros new_ones new_full scalar_tensor
    arange sym_size sym_numel sym_stride upsample_nearest1d upsample_linear1d fft_rfft fft_fft
    _fft_r2c real imag conj _conj resolve_conj view_as_real stft hann_window _weight_norm
"""))  # fmt: skip
"""Functions of numbers alone. Of these what has no form in hardware is named later, as of ONNX."""

_NOTHING = ("_assert_scalar", "_assert_async", "_assert_tensor_metadata",
            "sym_constrain_range", "sym_constrain_range_for_size")  # fmt: skip
"""Checks of what a run would give: no part of the network."""

_SIZES: dict[str, Callable[..., Any]] = {
    f"_operator.{name}": getattr(operator, name)
    for name in ("add", "sub", "mul", "floordiv", "mod", "neg", "eq", "ne", "ge", "gt", "le", "lt")
}
"""What is done with numbers of windows and of positions."""


def does_nothing(target: str) -> bool:
    """Whether a call is no part of the network."""
    found = re.fullmatch(r"torch\.ops\.aten\.(\w+)\.\w+", target)
    return found is not None and found[1] in _NOTHING


def function(target: str) -> Any | None:
    """Return what a file calls by a name, None for what is not taken from a file."""
    import torch

    if target in _SIZES:
        return _SIZES[target]
    found = _TARGET.fullmatch(target)
    if found is None or found[1].removesuffix("_") not in _ATEN or "out" in found[2]:
        return None
    packet = getattr(torch.ops.aten, found[1], None)
    if packet is None or found[2] not in packet.overloads():
        return None
    return getattr(packet, found[2])
