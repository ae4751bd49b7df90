"""Layers of task-driven neurons as torch modules; their tensors have the published names.

Of H. Pei et al., NeuronSeek (arXiv:2506.15715): all neurons have one formula, and weights of their
own for each term of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from hwgen.network.neuron import Neuron


class NeuronLayer(nn.Module):
    """Sums of a value's powers, and products of sums of it, as a `Neuron` has them.

    Each factor of a product has a bias, which published ones do not; a neuron with the power 2 and
    a product of two is then a quadratic one. A layer begins as a conventional one, by its power 1
    or by one factor of its products (after ReLinear: F. Fan et al., IEEE TNNLS 2023): powers of
    values that nobody has normalised would drown all else.

    Parameters
    ----------
    neuron
        Its terms.
    outputs
        Neurons, or filters.
    sums
        Makes a layer of weighted sums, given how many, and whether they have biases.
    mixes
        Makes a layer of sums of what products of the CP form give, given how many of each.
    """

    def __init__(
        self,
        neuron: Neuron,
        outputs: int,
        sums: Callable[[int, bool], nn.Module],
        mixes: Callable[[int, int], nn.Module],
    ) -> None:
        super().__init__()
        self.neuron = neuron
        each = neuron.rank or outputs
        self.pure_layers = nn.ModuleDict({f"ord_{k}": sums(outputs, False) for k in neuron.powers})
        self.int_layers = nn.ModuleDict(
            {f"ord_{k}": nn.ModuleList(sums(each, True) for _ in range(k)) for k in neuron.products}
        )
        self.mix_layers = nn.ModuleDict(
            {f"ord_{k}": mixes(each, outputs) for k in neuron.products if neuron.rank}
        )
        self.global_bias = nn.Parameter(torch.zeros(outputs))
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        """Set what makes the layer a conventional one."""
        linear = 1 in self.neuron.powers
        for order in self.neuron.powers:
            if order > 1 and (linear or self.neuron.products):
                self.pure_layers.get_parameter(f"ord_{order}.weight").zero_()
        for order in self.neuron.products:
            for number in range(1, order):
                self.int_layers.get_parameter(f"ord_{order}.{number}.weight").zero_()
                self.int_layers.get_parameter(f"ord_{order}.{number}.bias").fill_(
                    0.0 if linear and number == order - 1 else 1.0
                )

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, outputs, ...)``."""
        found = [self.pure_layers[f"ord_{k}"](x**k) for k in self.neuron.powers]
        for order in self.neuron.products:
            factors = self.int_layers.get_submodule(f"ord_{order}").children()
            product = _product([factor(x) for factor in factors])
            found.append(self.mix_layers[f"ord_{order}"](product) if self.mix_layers else product)
        bias = self.global_bias.reshape(-1, *[1] * (found[0].ndim - 2))
        return sum(found[1:], found[0]) + bias


def _product(factors: Sequence[Tensor]) -> Tensor:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


class NeuronLinear(NeuronLayer):
    """A dense layer of task-driven neurons, ``(n, inputs)`` -> ``(n, outputs)``."""

    def __init__(self, neuron: Neuron, inputs: int, outputs: int) -> None:
        super().__init__(
            neuron, outputs, lambda count, bias: nn.Linear(inputs, count, bias=bias),
            lambda rank, count: nn.Linear(rank, count, bias=False),
        )  # fmt: skip


class NeuronConv1d(NeuronLayer):
    """A convolution of task-driven neurons, geometry as of `torch.nn.Conv1d`."""

    def __init__(
        self,
        neuron: Neuron,
        channels: int,
        filters: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
    ) -> None:
        super().__init__(
            neuron, filters,
            lambda count, bias: nn.Conv1d(
                channels, count, kernel, stride, padding, dilation, bias=bias
            ),
            lambda rank, count: nn.Conv1d(rank, count, 1, bias=False),
        )  # fmt: skip


def exchange(module: nn.Module, neuron: Neuron) -> int:
    """Give the convolutions inside a module, but for grouped ones, other neurons.

    Returns
    -------
    count
        Of those that have new ones.
    """
    count = 0
    for name, conv in list(module.named_modules()):
        if not isinstance(conv, nn.Conv1d) or conv.groups > 1:
            continue
        assert isinstance(conv.padding, tuple)
        made = NeuronConv1d(
            neuron, conv.in_channels, conv.out_channels, conv.kernel_size[0], conv.stride[0],
            conv.padding[0], conv.dilation[0],
        )  # fmt: skip
        module.set_submodule(name, made)
        count += 1
    return count


def freeze(module: nn.Module) -> int:
    """Let gain and offset of batch normalisations be as they are; return of how many."""
    norms = [each for each in module.modules() if isinstance(each, nn.BatchNorm1d)]
    for norm in norms:
        norm.requires_grad_(False)
    return len(norms)


def slowness(name: str) -> int:
    """Return how often the rate of a tensor is to be multiplied by the share of ReLinear.

    Once for quadratic terms, those of quadratic neurons and products; k - 1 times for the power k,
    whose values are as much further apart: a rate that is the same for all lets rare large ones
    drown the rest.
    """
    if name.endswith(("_g", "_b")) or ".int_layers." in name:
        return 1
    found = _POWER.search(name)
    return int(found[1]) - 1 if found else 0


_POWER = re.compile(r"\.pure_layers\.ord_(\d+)\.")
