"""Quadratic neurons as torch modules, with the names that published networks' tensors have."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class QuadraticLinear(nn.Module):
    """``(w_r x + b_r) (w_g x + b_g) + w_b x^2 + b_b``, weights ``(outputs, inputs)``.

    It begins as the dense layer of `weight_r`, as `QuadraticConv1d` does.

    Parameters
    ----------
    inputs, outputs
        As of `torch.nn.Linear`.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        shape = outputs, inputs
        bound = 1 / math.sqrt(inputs)
        self.weight_r = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.bias_r = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))
        self.weight_g = nn.Parameter(torch.zeros(shape))
        self.bias_g = nn.Parameter(torch.ones(outputs))
        self.weight_b = nn.Parameter(torch.zeros(shape))
        self.bias_b = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, outputs)`` of ``(n, inputs)``."""
        one = functional.linear(x, self.weight_r, self.bias_r)
        other = functional.linear(x, self.weight_g, self.bias_g)
        return one * other + functional.linear(x.square(), self.weight_b, self.bias_b)


class QuadraticConv1d(nn.Module):
    """``(x * w_r + b_r) (x * w_g + b_g) + x^2 * w_b + b_b``, the stars being convolutions.

    It begins as the convolution of `weight_r` (ReLinear: F. Fan et al., On Expressivity and
    Trainability of Quadratic Networks, IEEE TNNLS 2023).

    Parameters
    ----------
    channels, filters, kernel, stride, padding
        As of `torch.nn.Conv1d`.
    """

    def __init__(
        self, channels: int, filters: int, kernel: int, stride: int = 1, padding: int = 0
    ) -> None:
        super().__init__()
        self.stride, self.padding = stride, padding
        shape = filters, channels, kernel
        bound = 1 / math.sqrt(channels * kernel)
        self.weight_r = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.bias_r = nn.Parameter(torch.empty(filters).uniform_(-bound, bound))
        self.weight_g = nn.Parameter(torch.zeros(shape))
        self.bias_g = nn.Parameter(torch.ones(filters))
        self.weight_b = nn.Parameter(torch.zeros(shape))
        self.bias_b = nn.Parameter(torch.zeros(filters))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, filters, positions)`` of ``(n, channels, length)``."""
        how = self.stride, self.padding
        one = functional.conv1d(x, self.weight_r, self.bias_r, *how)
        other = functional.conv1d(x, self.weight_g, self.bias_g, *how)
        return one * other + functional.conv1d(x.square(), self.weight_b, self.bias_b, *how)
