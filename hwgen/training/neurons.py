"""Layers of task-driven neurons as torch modules; their tensors have the published names.

Of H. Pei et al., NeuronSeek (arXiv:2506.15715): all neurons have one formula, and weights of their
own for each term of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from hwgen.network.neuron import Neuron

_SMALL = 0.02
"""Deviation of the weights with which all factors of a product begin but the first."""


class NeuronLayer(nn.Module):
    """Sums of a value's powers, and products of sums of it, as a `Neuron` has them.

    Products begin near 0, so that a layer with the power 1 begins as a conventional one. Of a
    product's factors the first is of the usual size, lest the others have no gradient.

    Parameters
    ----------
    neuron
        Its terms.
    outputs
        Neurons, or filters.
    sums
        Makes a layer of weighted sums without biases, given how many.
    mixes
        The same of what a product of the CP form gives.
    """

    def __init__(
        self,
        neuron: Neuron,
        outputs: int,
        sums: Callable[[int], nn.Module],
        mixes: Callable[[int, int], nn.Module],
    ) -> None:
        super().__init__()
        self.neuron = neuron
        each = neuron.rank or outputs
        self.pure_layers = nn.ModuleDict({f"ord_{k}": sums(outputs) for k in neuron.powers})
        self.int_layers = nn.ModuleDict(
            {f"ord_{k}": nn.ModuleList(sums(each) for _ in range(k)) for k in neuron.products}
        )
        self.mix_layers = nn.ModuleDict(
            {f"ord_{k}": mixes(each, outputs) for k in neuron.products if neuron.rank}
        )
        self.global_bias = nn.Parameter(torch.zeros(outputs))
        for name, weight in self.int_layers.named_parameters():
            if ".0." not in name:
                nn.init.normal_(weight, std=_SMALL)

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
            neuron, outputs, lambda count: nn.Linear(inputs, count, bias=False),
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
            lambda count: nn.Conv1d(
                channels, count, kernel, stride, padding, dilation, bias=False
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
