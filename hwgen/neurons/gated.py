"""The search model with a gate for each term, and its training.

H. Pei et al., NeuronSeek (arXiv:2506.15715): all orders at once, a batch normalisation and a hard
concrete gate behind each, and a penalty on open gates. Set apart from the published code: values
are standardised, the bias is learnt, factors begin at a size of 1 (see `terms`), and mini-batches
are larger for many rows, so that a search takes seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hwgen.neurons import gates
from hwgen.neurons.rows import Rows
from hwgen.neurons.terms import Term, Terms, applied, drawn
from hwgen.training.fit import Diverged

PENALTY = 0.05
"""Of an open gate, at the end; the loss without any term is about 1."""
KEPT = 0.5
"""Chance of being open above which a term is kept."""
GATE_RATE = 0.05
"""Of the gates: as published for sparse problems. At the usual 0.01 none shuts in so few steps."""
EPOCHS = 100
_FROZEN, _RAMPED = 0.25, 0.75
"""Shares of the epochs: gates learn from the first, the penalty is whole from the second."""
_BATCH, _STEPS = 64, 10
"""Rows of a batch, at least; batches of an epoch, at most."""
_MOST_NORM = 1.0
_LAST_RATE = 1e-5


class Gated(nn.Module):
    """All candidate terms, each with its normalisation and gate.

    Parameters
    ----------
    terms
        In their order.
    inputs, outputs, rank
        Columns; of the answer; products of sums of each order.
    """

    def __init__(
        self, terms: Terms, inputs: int, outputs: int, rank: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.terms = terms
        self.weights = nn.ParameterList(
            drawn(term, rank, outputs, inputs, 1.0, generator) for term in terms
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(outputs, dtype=torch.float64) for _ in terms)
        self.log_alpha = nn.Parameter(torch.full((len(terms),), gates.OPENED, dtype=torch.float64))
        self.bias = nn.Parameter(torch.zeros(outputs, dtype=torch.float64))

    def forward(self, x: Tensor, opened: Tensor) -> Tensor:
        """Return answers ``(n, outputs)``, each term times its gate ``(terms,)``."""
        found = self.bias.expand(len(x), -1)
        for term, weight, norm, gate in zip(
            self.terms, self.weights, self.norms, opened, strict=True
        ):
            found = found + gate * norm(applied(term, x, weight))
        return found

    def groups(self) -> list[dict[str, object]]:
        """Return the parameters with their published rates and decays; the bias is among them."""
        each = list(zip(self.terms, self.weights, strict=True))
        return [
            {"params": [w for t, w in each if t.kind == "power"], "lr": 0.005,
             "weight_decay": 1e-4},
            {"params": [w for t, w in each if t.kind == "product"], "lr": 0.01,
             "weight_decay": 1e-5},
            {"params": [self.bias], "lr": 0.005},
            {"params": [*self.norms.parameters()], "lr": 0.01},
            {"params": [self.log_alpha], "lr": GATE_RATE},
        ]  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """What gates say.

    Parameters
    ----------
    terms
        Whose gate is open.
    chances
        Of every candidate, to be open.
    """

    terms: Terms
    chances: dict[Term, float]


def opened(
    rows: Rows,
    terms: Terms,
    rank: int,
    *,
    seed: int,
    epochs: int = EPOCHS,
    progress: Callable[[], None] = lambda: None,
) -> Opened:
    """Train all terms with their gates, and return which stay open.

    Parameters
    ----------
    progress
        Called after each epoch.

    Raises
    ------
    Diverged
        If the loss is no number.
    """
    generator = torch.Generator().manual_seed(seed)
    model = Gated(terms, rows.x.shape[1], rows.outputs, rank, generator)
    optimiser = torch.optim.Adam(model.groups(), fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs, _LAST_RATE)
    for epoch in range(epochs):
        model.log_alpha.requires_grad_(epoch >= _FROZEN * epochs)
        total = 0.0
        for batch in _batches(len(rows.x), generator):
            part = Rows(rows.x[batch], rows.y[batch], rows.classes)
            total += _step(model, part, _penalty(epoch / epochs), optimiser, generator)
        if not math.isfinite(total):
            raise Diverged
        schedule.step()
        progress()
    chances = gates.chance(model.log_alpha.detach()).tolist()
    found = dict(zip(terms, chances, strict=True))
    return Opened(tuple(term for term in terms if found[term] > KEPT), found)


def _step(
    model: Gated, rows: Rows, penalty: float, optimiser: torch.optim.Adam,
    generator: torch.Generator,
) -> float:  # fmt: skip
    """Descend once, and return the loss."""
    optimiser.zero_grad()
    answers = model(rows.x, gates.drawn(model.log_alpha, generator))
    loss = rows.losses(answers).mean() + penalty * gates.chance(model.log_alpha).sum()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), _MOST_NORM)
    optimiser.step()
    return float(loss.detach())


def _penalty(done: float) -> float:
    """Return what an open gate costs after a share of the epochs."""
    return PENALTY * min(1.0, max(0.0, (done - _FROZEN) / (_RAMPED - _FROZEN)))


def _batches(count: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield the numbers of all rows in random batches; a rest of a few is left out."""
    size = max(min(_BATCH, count), -(-count // _STEPS))
    order = torch.randperm(count, generator=generator)
    for start in range(0, count - size + 1, size):
        yield order[start : start + size]
