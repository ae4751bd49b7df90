"""Autoencoders of several seeds, trained side by side: each as if it were alone.

Of each weight there is one tensor with all seeds' in front. Steps are those of
`hwgen.training.optimiser`; what is drawn is other than in `hwgen train`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from anomaly_tables import Rows
from torch import Tensor, nn
from torch.nn import functional

from hwgen import zoo
from hwgen.network import Floats, Network, anomaly
from hwgen.training.one_class import noise_of
from hwgen.training.optimiser import Stepper
from hwgen.training.recipe import Optimisation
from hwgen.zoo._autoencoder import Branches, FeatureAutoencoder, FeatureNet, layer_key, norm_key

_MOMENTUM, _EPS = 0.1, 1e-5
"""Of `torch.nn.BatchNorm1d`."""


class Stack(nn.Module):
    """Modules of one design side by side.

    Parameters
    ----------
    design
        Of all of them.
    modules
        At least one; they are copied.
    plan
        As they were made with.
    """

    def __init__(
        self, design: FeatureAutoencoder, modules: Sequence[FeatureNet], plan: Optimisation
    ) -> None:
        super().__init__()
        self._design, self._plan = design, plan
        self._weights = {
            name: nn.Parameter(torch.stack([each.get_parameter(name).data for each in modules]))
            for name, _ in modules[0].named_parameters()
        }
        self._kept = {
            name: torch.stack([each.get_buffer(name) for each in modules])
            for name, _ in modules[0].named_buffers()
        }

    def named_parameters(self, *_: object, **__: object) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield all weights, by the names that they have in each module."""
        yield from self._weights.items()

    def state(self, number: int) -> dict[str, Tensor]:
        """Return the tensors of one module."""
        every = {**self._weights, **self._kept}
        return {name: tensor[number].detach().clone() for name, tensor in every.items()}

    def made(self, given: Tensor) -> Tensor:
        """Return the reconstructions ``(seeds, n, features)``, as `FeatureNet.made` does."""
        design = self._design
        y = self._norm("bn1", given)
        code = functional.relu(self._half("enc", design.encoder, y))
        code = self._norm("bn3", self._dropped(code))
        y = self._half("dec", design.decoder, code)
        return self._dropped(torch.sigmoid(y)) if self._plan.published_form else y

    def _half(self, half: str, branches: Branches, x: Tensor) -> Tensor:
        ends = []
        for first, second in branches:
            y = functional.relu(self._sums(layer_key(half, first, 1), first, x))
            y = self._norm(norm_key(half, first), self._dropped(y))
            ends.append(self._sums(layer_key(half, second, 2), second, y))
        return sum(ends[1:], ends[0])

    def _sums(self, key: str, kind: str, x: Tensor) -> Tensor:
        if kind == "l":
            return self._linear(key, "", x)
        product = self._linear(key, "_r", x) * self._linear(key, "_g", x)
        return product + self._linear(key, "_b", x.square())

    def _linear(self, key: str, end: str, x: Tensor) -> Tensor:
        weight, bias = self._weights[f"{key}.weight{end}"], self._weights[f"{key}.bias{end}"]
        return torch.baddbmm(bias[:, None], x, weight.transpose(1, 2))

    def _norm(self, key: str, x: Tensor) -> Tensor:
        if f"{key}.weight" not in self._weights:
            return x
        mean, variance = (self._kept[f"{key}.running_{of}"] for of in ("mean", "var"))
        if self.training:
            now, spread = x.mean(dim=1), x.var(dim=1, correction=0)
            with torch.no_grad():
                mean.lerp_(now, _MOMENTUM)
                variance.lerp_(spread * (x.shape[1] / max(x.shape[1] - 1, 1)), _MOMENTUM)
            mean, variance = now, spread
        y = (x - mean[:, None]) / torch.sqrt(variance[:, None] + _EPS)
        return y * self._weights[f"{key}.weight"][:, None] + self._weights[f"{key}.bias"][:, None]

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self._plan.dropout, self.training)


class Seeds:
    """Networks of one kind on one table.

    Parameters
    ----------
    network, recipe
        Names.
    tables
        The table as each seed splits it.
    seed
        Of the initial weights and of what is drawn.
    """

    def __init__(self, network: str, recipe: str, tables: Sequence[Rows], seed: int = 0) -> None:
        features = tables[0].train.shape[1]
        design = zoo.designed(network, {"window": features, "features": "values"})
        assert isinstance(design, FeatureAutoencoder)
        self._design, self._recipe, self._tables = design, design.recipe(recipe), tables
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._modules = [self._new(each) for each in tables]
            self._train()

    @property
    def plan(self) -> Optimisation:
        """How they are trained."""
        return self._recipe.student

    def _new(self, table: Rows) -> FeatureNet:
        module = self._design.module(1, 2, self.plan)
        module.measure(torch.from_numpy(table.train).float())
        return module

    def _given(self, parts: Sequence[Floats]) -> Tensor:
        pairs = zip(self._modules, parts, strict=True)
        return torch.stack([m.given(torch.from_numpy(x).float()) for m, x in pairs])

    def _noise(self) -> Tensor:
        """Return the noise of each, in units of what is given."""
        found = []
        for module, table in zip(self._modules, self._tables, strict=True):
            plain = self.plan.denoise
            if plain is None:
                plain = noise_of(module, torch.from_numpy(table.train).float())
            found.append(plain * module.unit)
        return torch.tensor(found)[:, None, None]

    def _train(self) -> None:
        x, noise = self._given([each.train for each in self._tables]), self._noise()
        unit, plan = self._modules[0].unit, self.plan
        stack = Stack(self._design, self._modules, plan)
        batch = min(plan.batch, x.shape[1])
        a_pass = max(1, x.shape[1] // batch)
        total = plan.epochs * (a_pass if plan.published_form else plan.steps)
        stepper = Stepper(stack, plan, total)
        order = torch.empty(len(x), 0, dtype=torch.long)
        for number in range(total):
            if order.shape[1] < batch:
                order = torch.stack([torch.randperm(x.shape[1]) for _ in x])
            chosen, order = order[:, :batch], order[:, batch:]
            given = torch.gather(x, 1, chosen[:, :, None].expand(-1, -1, x.shape[2]))
            made = stack.made(given + noise * torch.randn_like(given))
            loss = (made - given).square().mean(dim=(1, 2)).sum() / unit**2
            loss.backward()
            stepper.step(number)
        for number, module in enumerate(self._modules):
            module.load_state_dict(stack.state(number))
            module.eval()

    def scores(self, parts: Sequence[Floats]) -> list[Floats]:
        """Return the scores ``(n,)`` of each seed's rows."""
        found = []
        with torch.no_grad():
            for module, x in zip(self._modules, parts, strict=True):
                given, made = module(torch.from_numpy(x).float())
                found.append((given - made).double().square().sum(1).numpy())
        return found

    def networks(self) -> list[Network]:
        """Return the float network of each seed; its windows are standard scores of a row."""
        made = []
        for module, table in zip(self._modules, self._tables, strict=True):
            network = self._design.network(module, 1, anomaly.CLASSES, 1.0, None)
            (scores,) = _alone(module, table.train)
            limit = float(np.quantile(scores, 1 - table.contamination, method="higher"))
            score = anomaly.score_of(network)
            assert score is not None
            made.append(anomaly.with_score(network, type(score)(score.name, limit)))
        return made


def _alone(module: FeatureNet, x: Floats) -> list[Floats]:
    with torch.no_grad():
        given, made = module(torch.from_numpy(x).float())
    return [(given - made).double().square().sum(1).numpy()]
