"""Measurements of `benchmarks/neurons.py`: one function an item, each gives a row of figures."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from hwgen import signals
from hwgen.metrics import macro_f1
from hwgen.network.neuron import Neuron
from hwgen.neurons.bands import tables
from hwgen.neurons.one import HELD, Asked
from hwgen.neurons.rows import Rows, parted, rows_of, scale_of
from hwgen.neurons.search import LINEAR, QUADRATIC, TEST, search
from hwgen.neurons.table import Table, table
from hwgen.neurons.table_files import read_table
from hwgen.neurons.terms import Terms
from hwgen.training.neurons import NeuronLinear, slowness

Row = dict[str, Any]
KNOWN: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "x1*x2 + x3^2": (lambda x: x[:, 0] * x[:, 1] + x[:, 2] ** 2, "power 2, product 2"),
    "sum of x^2": (lambda x: (x**2).sum(1), "power 2"),
    "sum of x^3": (lambda x: (x**3).sum(1), "power 3"),
    "sum of 5 x^2 + 0.5 x^4": (lambda x: (5 * x**2 + 0.5 * x**4).sum(1), "power 2, power 4"),
    "x1*x2*x3": (lambda x: x[:, 0] * x[:, 1] * x[:, 2], "product 3"),
}
"""Formulas, and the terms that are right."""
ROWS, NOISE = 2000, 0.01
"""Of a known formula; the noise's deviation over that of the values."""
OWN = ("iris", "wine", "breast_cancer", "digits", "diabetes")
ORDER = 3
"""Highest one of the neurons that networks are made of."""
MOST = 1500
"""Rows of a network's training and test, by chance, where there are more."""
HIDDEN, EPOCHS, RATE, BATCH, REPEATS = (6, 3), 60, 0.01, 64, 5
SLOWER = 0.1
"""Share of the rate that terms have with which a neuron does not begin (ReLinear)."""
_MOST_MONOMIALS = 3000

Polynomial = dict[tuple[int, ...], float]


def known(name: str, inputs: int, seed: int = 0) -> Table:
    """Return rows of a formula, inputs of a normal distribution."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((ROWS, inputs))
    y = KNOWN[name][0](x)
    y = y + NOISE * y.std() * rng.standard_normal(ROWS)
    names = [f"x{number}" for number in range(1, inputs + 1)]
    return table(name, x, y, names, "y", "regress")[0]


def stability(name: str, inputs: int, seeds: int) -> Row:
    """Return how often each set of terms was found, and the seconds of a seed."""
    found = search(known(name, inputs), Asked(), seed=0, seeds=seeds)
    counts = Counter(_listed(each.terms) for each in found.found)
    return _counted(name, counts, found.seconds / seeds)


def _listed(terms: Terms) -> str:
    ordered = sorted(terms, key=lambda term: (term.kind, term.order))
    return ", ".join(term.formula for term in ordered) or "nothing"


def symbolic(name: str, inputs: int, seeds: int) -> Row:
    """Return the same of gplearn's symbolic regression, its programs multiplied out."""
    from gplearn.genetic import SymbolicRegressor

    counts: Counter[str] = Counter()
    begun = time.monotonic()
    for seed in range(seeds):
        rows, _ = parted(known(name, inputs), TEST, 0)
        part = known(name, inputs).some(rows)
        model = SymbolicRegressor(
            population_size=1000, generations=10, function_set=("add", "sub", "mul"),
            random_state=seed,
        )  # fmt: skip
        model.fit(part.x, part.y)
        counts[_terms(model._program.program)] += 1
    return _counted(name, counts, (time.monotonic() - begun) / seeds)


def _counted(name: str, counts: Counter[str], seconds: float) -> Row:
    return {
        "right": counts[KNOWN[name][1]],
        "same": counts.most_common(1)[0][1],
        "of": counts.total(),
        "counts": dict(counts.most_common()),
        "seconds": seconds,
    }


def _terms(program: list[Any]) -> str:
    """Return the kinds and orders of a program's monomials that matter, constants left out."""
    stack: list[Polynomial] = []
    for each in reversed(program):
        if isinstance(each, int | np.integer):
            stack.append({(int(each),): 1.0})
        elif isinstance(each, float | np.floating):
            stack.append({(): float(each)})
        else:
            one, other = stack.pop(), stack.pop()
            stack.append(_applied(each.name, one, other))
            if len(stack[-1]) > _MOST_MONOMIALS:
                return "too many terms"
    (found,) = stack
    largest = max((abs(value) for key, value in found.items() if key), default=0.0)
    kinds = {
        ("power" if len(set(key)) == 1 else "product", len(key))
        for key, value in found.items()
        if key and abs(value) > 0.01 * largest > 0
    }
    return ", ".join(f"{kind} {order}" for kind, order in sorted(kinds)) or "nothing"


def _applied(name: str, one: Polynomial, other: Polynomial) -> Polynomial:
    found: Polynomial = {}
    if name == "mul":
        for left, a in one.items():
            for right, b in other.items():
                key = tuple(sorted(left + right))
                found[key] = found.get(key, 0.0) + a * b
        return found
    sign = 1.0 if name == "add" else -1.0
    for part, factor in ((one, 1.0), (other, sign)):
        for key, value in part.items():
            found[key] = found.get(key, 0.0) + factor * value
    return found


def own(name: str) -> Table:
    """Return one of scikit-learn's own sets."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = [f"x{number}" for number in range(1, bunch.data.shape[1] + 1)]
    task: Any = "regress" if name == "diabetes" else "classify"
    return table(name, bunch.data.astype(float), bunch.target, names, "y", task)[0]


def odds(path: Path) -> Table:
    """Return an outlier table, its two classes."""
    return read_table(path, task="classify")[0]


def bearings(folder: str, snr_db: float) -> tuple[Table, Table]:
    """Return both parts of recordings, pooled bands of noisy windows."""
    dataset = signals.synthetic_dataset(seed=0) if folder == "synthetic" else (
        signals.read_dataset(Path(folder))
    )  # fmt: skip
    train, test, _ = tables(dataset, snr_db, 0)
    return train, test


def accuracy(rows: Table, seeds: int, test: Table | None = None) -> Row:
    """Search, then train small networks of the neuron found, and linear and quadratic ones.

    Rows that score are kept apart before the search; all networks have about as many parameters.
    """
    if test is None:
        train, kept = parted(rows, TEST, 0)
        rows, test = rows.some(train), rows.some(kept)
    found = search(rows, Asked(ORDER), seed=0, seeds=seeds, test=test)
    if found.neuron is None:
        return {"neuron": None, "of": seeds, "times": found.times, "seconds": found.seconds}
    rows, test = (_fewer(each) for each in (rows, test))
    nets = {"linear": LINEAR, "quadratic": QUADRATIC, "found": found.neuron}
    size = max(_size(neuron, HIDDEN, rows) for neuron in nets.values())
    row: Row = {
        "neuron": found.neuron.to_json(), "times": found.times, "of": seeds,
        "seconds": found.seconds, "task": rows.task, "inputs": len(rows.inputs),
        "rows": [found.rows[0], len(test.x)], "nets": {},
    }  # fmt: skip
    for name, neuron in nets.items():
        hidden = _hidden(neuron, rows, size)
        scores = [_trained(neuron, hidden, rows, test, seed) for seed in range(REPEATS)]
        row["nets"][name] = {
            "hidden": hidden, "parameters": _size(neuron, hidden, rows), "scores": scores,
        }  # fmt: skip
    return row


def _fewer(rows: Table) -> Table:
    return rows if len(rows.x) <= MOST else rows.some(parted(rows, MOST / len(rows.x), 0)[1])


def _size(neuron: Neuron, hidden: tuple[int, ...], rows: Table) -> int:
    return sum(each.numel() for each in _net(neuron, hidden, rows).parameters())


def _hidden(neuron: Neuron, rows: Table, size: int) -> tuple[int, int]:
    """Return widths, the first twice the second, with about `size` parameters."""
    every = [(max(2, width), max(1, width // 2)) for width in range(2, 129)]
    return min(every, key=lambda each: abs(_size(neuron, each, rows) - size))


def _net(neuron: Neuron, hidden: tuple[int, ...], rows: Table) -> nn.Sequential:
    layers: list[nn.Module] = []
    before = len(rows.inputs)
    for width in hidden:
        layers += [NeuronLinear(neuron, before, width), nn.ReLU()]
        before = width
    return nn.Sequential(*layers, nn.Linear(before, len(rows.classes) or 1)).double()


def _trained(neuron: Neuron, hidden: tuple[int, ...], rows: Table, test: Table, seed: int) -> float:
    """Return macro F1, or the squared error of standardised values, on the test rows."""
    train, held = parted(rows, HELD / 2, seed)
    scale = scale_of(rows, train)
    own_rows, stop = (rows_of(rows, part, scale) for part in (train, held))
    kept = rows_of(test, np.arange(len(test.x)), scale)
    torch.manual_seed(seed)
    net = _net(neuron, hidden, rows)
    best = _descended(net, own_rows, stop)
    net.load_state_dict(best)
    with torch.no_grad():
        answers = net(kept.x)
        if not rows.classes:
            return float(kept.losses(answers).mean())
    return macro_f1(kept.y.numpy(), answers.argmax(1).numpy(), len(rows.classes))


def _descended(net: nn.Sequential, rows: Rows, stop: Rows) -> dict[str, torch.Tensor]:
    """Return the weights with the least loss on `stop` over the epochs."""
    groups: dict[int, list[nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        groups.setdefault(slowness(name), []).append(parameter)
    optimiser = torch.optim.Adam(
        [{"params": each, "lr": RATE * SLOWER**times} for times, each in groups.items()],
        weight_decay=1e-5, fused=True,
    )  # fmt: skip
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS, 1e-5)
    least, best = float("inf"), net.state_dict()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(rows.x)).split(BATCH):
            optimiser.zero_grad()
            part = Rows(rows.x[batch], rows.y[batch], rows.classes)
            part.losses(net(part.x)).mean().backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
        schedule.step()
        with torch.no_grad():
            loss = float(stop.losses(net(stop.x)).mean())
        if loss < least:
            least, best = loss, {name: each.clone() for name, each in net.state_dict().items()}
    return best
