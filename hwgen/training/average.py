"""An average of a network's weights over steps of its training."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hwgen.training.recipe import Averaging

State = dict[str, Tensor]


def copied(state: State) -> State:
    """Return a state_dict whose tensors no longer change with the network."""
    return {key: value.detach().clone() for key, value in state.items()}


class WeightAverage:
    """The average of all that is added, later weights counting more where there is a decay.

    Buffers such as running means are averaged too; counters are taken as they are.

    Attributes
    ----------
    state
        The average, empty before the first addition.
    count
        Additions.
    """

    def __init__(self, averaging: Averaging) -> None:
        self._decay = averaging.decay
        self.state: State = {}
        self.count = 0

    def add(self, model: nn.Module) -> None:
        """Take the weights of `model` into the average."""
        self.count += 1
        now = model.state_dict()
        if self.count == 1:
            self.state = copied(now)
            return
        weight = 1 / self.count
        if self._decay is not None:
            # At first like a plain mean: the start would otherwise weigh too much.
            weight = max(weight, 1 - self._decay)
        with torch.no_grad():
            for key, value in now.items():
                if value.is_floating_point():
                    self.state[key].lerp_(value, weight)
                else:
                    self.state[key].copy_(value)
