"""What training knows of a network: its sizes, its torch module, its graph and its recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from torch import nn

from hwgen.errors import UsageError
from hwgen.network import Floats, Graph, Layer, Network, front
from hwgen.network.neuron import Neuron
from hwgen.training.losses import Objective
from hwgen.training.neurons import exchange, freeze
from hwgen.training.normalising import Normalising
from hwgen.training.recipe import Optimisation, Recipe

_RELINEAR = 0.1
"""Of what task-driven neurons do not begin with."""

State = Mapping[str, Floats]
"""The tensors of a module by their names."""


@dataclass(frozen=True)
class Design:
    """Sizes of one kind of network.

    A kind is a subclass; its fields are the options of `hwgen train` that make sense for it.

    Parameters
    ----------
    window
        Samples a window and channel.
    """

    name: ClassVar[str]
    recipes: ClassVar[Mapping[str, Recipe]]
    task: ClassVar[str] = "classes"
    """``"classes"``, or ``"anomaly"`` of what is trained on healthy windows alone."""
    most_channels: ClassVar[int | None] = 1
    """None: as many as the recordings have."""
    window: int = 2048

    @property
    def prepare(self) -> str | None:
        """How each window is normalised by itself; None: it is not."""
        return None

    @property
    def neuron(self) -> Neuron | None:
        """What its convolutions sum; None: conventional ones, or what the kind itself has."""
        return None

    @property
    def relinear(self) -> float | None:
        """Share of the rate that higher terms have; None: the recipe's."""
        return None

    @property
    def front(self) -> str | None:
        """What filters its windows before it; None: nothing."""
        return None

    @property
    def higher(self) -> bool:
        """Whether there are quadratic or other higher terms that the kind itself has not."""
        return self.neuron is not None

    @property
    def frozen(self) -> bool:
        """Whether gain and offset of batch normalisations stay 1 and 0."""
        return False

    def trained(self, channels: int, classes: int, plan: Optimisation) -> nn.Module:
        """Return a new `module`, with its windows normalised and filtered in front of it.

        Raises
        ------
        UsageError
            If it has no convolution whose neurons could be others, or nothing to freeze.
        """
        made = self.module(channels, classes, plan)
        if self.neuron is not None and not exchange(made, self.neuron):
            raise UsageError(
                f"--neuron makes no sense for {self.name}: it has no conventional convolution"
            )
        if self.frozen and not freeze(made):
            raise UsageError(
                f"--batchnorm makes no sense for {self.name}: it has no batch normalisation"
            )
        made = self.with_front(made)
        if self.prepare is not None:
            made.register_forward_pre_hook(Normalising(self.prepare))
        return made

    def module(self, channels: int, classes: int, plan: Optimisation) -> nn.Module:
        """Return a new module from scaled windows ``(n, [channels,] window)`` to logits."""
        raise NotImplementedError

    def guide(self, channels: int, classes: int) -> nn.Module:
        """Return a new module to distil from; `UsageError` where the kind has none."""
        del channels, classes
        raise UsageError(f"--method of {self.name} must be ce: it has no teacher to distil from")

    def with_front(self, module: nn.Module) -> nn.Module:
        """Return a module with new filters in front of it, where there are to be some."""
        return module

    def objective(self, plain: Objective) -> Objective:
        """Return what is minimised, beside what is minimised of any network."""
        return plain

    def learned(self, module: nn.Module) -> dict[str, float]:
        """Return figures that a training of its own kind ends with."""
        del module  # nothing of it is to be told
        return {}

    def graph(self, state: State) -> Graph[Layer]:
        """Return what a module with the tensors `state` computes in its evaluation mode."""
        raise NotImplementedError

    def whole_graph(self, state: State) -> Graph[Layer]:
        """Return the graph of what `with_front` returned."""
        return self.graph(state)

    def recipe(self, name: str) -> Recipe:
        """Return a recipe; `UsageError` if there is none of this name."""
        if name not in self.recipes:
            raise UsageError(
                f"--recipe of {self.name} must be one of {', '.join(self.recipes)}, not {name}"
            )
        recipe = self.recipes[name]
        share = _RELINEAR if self.higher else recipe.student.relinear
        if self.relinear is not None:
            if not self.higher and share == 1.0:
                raise UsageError(
                    f"--relinear makes no sense for {self.name}, whose neurons have no higher "
                    "terms; leave it out, or give a --neuron or a --front"
                )
            share = self.relinear
        if share == recipe.student.relinear:
            return recipe
        return replace(recipe, student=replace(recipe.student, relinear=share))

    def check_channels(self, channels: int) -> None:
        """Refuse recordings of more channels than the network can take."""
        if self.most_channels is not None and channels > self.most_channels:
            raise UsageError(
                f"{self.name} takes {self.most_channels} channel, not {channels}; choose it with "
                "--channel, or a --network that takes several"
            )

    def network(
        self,
        module: nn.Module,
        channels: int,
        classes: tuple[str, ...],
        input_scale: float,
        sample_rate: float | None,
    ) -> Network:
        """Return the float network of a trained module; parameters as of `Network`."""
        state = {key: value.double().numpy() for key, value in module.state_dict().items()}
        graph = self.whole_graph({key: np.array(value) for key, value in state.items()})
        if self.prepare is not None:
            graph = front.with_windows(graph, self.prepare)
        return Network(
            name=self.name,
            input_samples=self.window,
            graph=graph,
            classes=classes,
            input_scale=input_scale,
            sample_rate=sample_rate,
            channels=channels,
        )
