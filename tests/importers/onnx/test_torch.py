"""Networks as torch exports them, by its new exporter and its old one."""

from __future__ import annotations

import warnings

import numpy as np
import onnx
import pytest
import torch
from torch import nn
from torch.nn import functional

from hwgen.passes import canonical
from tests.importers.onnx.models import by_onnxruntime, loaded


def block(channels: int, filters: int, kernel: int, **fields) -> nn.Sequential:
    conv = nn.Conv1d(
        channels, filters, kernel, padding=fields.pop("padding", kernel // 2), **fields
    )
    return nn.Sequential(conv, nn.BatchNorm1d(filters), nn.ReLU())


class Residual(nn.Module):
    """Shortcuts with a stride; three channels; the mean of all positions."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = block(3, 8, 7, stride=2)
        self.pool = nn.MaxPool1d(3, 2, 1)
        self.inner = nn.Sequential(block(8, 16, 3, stride=2), nn.Conv1d(16, 16, 3, padding=1))
        self.short = nn.Sequential(nn.Conv1d(8, 16, 1, stride=2, bias=False), nn.BatchNorm1d(16))
        self.last = nn.Linear(16, 4)

    def forward(self, x):
        x = self.pool(self.stem(x))
        x = functional.relu(self.inner(x) + self.short(x))
        return self.last(functional.adaptive_avg_pool1d(x, 1).squeeze(-1))


class Branches(nn.Module):
    """Kernels of several sizes side by side; normalised before the ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(1, 4, 1)
        self.kernels = nn.ModuleList(nn.Conv1d(4, 4, k, padding=k // 2) for k in (3, 9))
        self.pooled = nn.Sequential(nn.MaxPool1d(3, 1, 1), nn.Conv1d(1, 4, 1))
        self.norm = nn.BatchNorm1d(12)
        self.last = nn.Linear(12, 3)

    def forward(self, x):
        y = self.first(x)
        y = torch.cat([conv(y) for conv in self.kernels] + [self.pooled(x)], 1)
        return functional.softmax(self.last(functional.gelu(self.norm(y)).mean(-1)), dim=1)


class Causal(nn.Module):
    """Dilated convolutions whose last positions are cut off, weights in two parts."""

    def __init__(self) -> None:
        super().__init__()
        norm = nn.utils.parametrizations.weight_norm
        self.one = norm(nn.Conv1d(1, 6, 3, padding=2))
        self.two = norm(nn.Conv1d(6, 6, 3, padding=4, dilation=2))
        self.short = nn.Conv1d(1, 6, 1)
        self.last = nn.Linear(6, 3)

    def forward(self, x):
        y = functional.relu(self.one(x)[:, :, :-2])
        y = functional.silu(self.two(y)[:, :, :-4].contiguous())
        y = functional.relu(y + self.short(x))
        return functional.log_softmax(self.last(y[:, :, -1]), dim=1)


class Dense(nn.Module):
    """Batch normalisation of flat values, and an output like the input."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(48, 16), nn.BatchNorm1d(16), nn.ELU(), nn.Linear(16, 5), nn.Tanh(),
            nn.Linear(5, 48),
        )  # fmt: skip

    def forward(self, x):
        return self.layers(x)


class Flat(nn.Module):
    """Convolutions along one of two axes, a depthwise one, and dense layers behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 6, (1, 8), (1, 4)), nn.BatchNorm2d(6), nn.LeakyReLU(),
            nn.MaxPool2d((1, 2)),
            nn.Conv2d(6, 6, (1, 3), padding=(0, 1), groups=6), nn.ReLU6(), nn.Flatten(),
            nn.Linear(6 * 15, 8), nn.Dropout(), nn.Hardswish(), nn.Linear(8, 3),
        )  # fmt: skip

    def forward(self, x):
        return self.layers(x.unsqueeze(2))


class Gated(nn.Module):
    """Gates: of channels (squeeze and excite), of each number (GLU), and a soft threshold."""

    def __init__(self) -> None:
        super().__init__()
        self.first = block(1, 6, 9, stride=2)
        self.excite = nn.Sequential(nn.Linear(6, 3), nn.ReLU(), nn.Linear(3, 6), nn.Sigmoid())
        self.both = nn.Conv1d(6, 8, 3, padding=1)
        self.threshold = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid())
        self.last = nn.Linear(4, 3)

    def forward(self, x):
        y = self.first(x)
        y = y * self.excite(y.mean(-1)).unsqueeze(-1).expand_as(y)
        y = functional.glu(self.both(y), dim=1)
        size = y.abs()
        mean = functional.adaptive_avg_pool1d(size, 1).squeeze(-1)
        limit = (mean * self.threshold(mean)).unsqueeze(2)
        y = y + torch.sign(y) * torch.max(size - limit, torch.zeros_like(size))
        return self.last(functional.silu(functional.leaky_relu(y)).mean(-1))


class Recurrent(nn.Module):
    """Two layers of one way, of which the last state is read; both ways, and all positions."""

    def __init__(self) -> None:
        super().__init__()
        self.first = block(1, 6, 9, stride=4)
        self.one = nn.GRU(6, 5, num_layers=2, batch_first=True)
        self.both = nn.LSTM(6, 4, batch_first=True, bidirectional=True)
        self.last = nn.Linear(5 + 8 + 8, 3)

    def forward(self, x):
        y = self.first(x).transpose(1, 2)
        _, one = self.one(y)
        both, (ends, _) = self.both(y)
        return self.last(torch.cat([one[-1], both.mean(1), ends[-2], ends[-1]], 1))


class Attentive(nn.Module):
    """Attention to channels and then to positions, by means and maxima of either (CBAM)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = block(1, 8, 9, stride=4)
        self.channels = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 8))
        self.positions = nn.Conv1d(2, 1, 7, padding=3)
        self.last = nn.Linear(8, 3)

    def forward(self, x):
        y = self.first(x)
        y = y * torch.sigmoid(self.channels(y.mean(2)) + self.channels(y.amax(2))).unsqueeze(2)
        both = torch.cat([y.mean(1, keepdim=True), y.max(1, keepdim=True)[0]], dim=1)
        return self.last((y * torch.sigmoid(self.positions(both))).mean(2))


class Rows(nn.Module):
    """A window as rows of samples, for a recurrent layer."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.LSTM(8, 6, batch_first=True)
        self.last = nn.Linear(6, 3)

    def forward(self, x):
        rows, _ = self.inner(x.view(x.shape[0], -1, 8))
        return self.last(rows[:, -1])


class Scales(nn.Module):
    """Branches of several sizes that are flattened side by side, normalised, and read at once."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(block(2, 8, 5, padding=0), nn.MaxPool1d(2))
        self.coarse = block(2, 4, 9, stride=4)
        self.norm = nn.BatchNorm1d(8 * 30 + 4 * 16 + 2)
        self.hidden = nn.Linear(8 * 30 + 4 * 16 + 2, 6)
        self.last = nn.Linear(6, 3)

    def forward(self, x):
        parts = self.fine(x).flatten(1), self.coarse(x).flatten(1), x.mean(2)
        return self.last(
            functional.relu(self.hidden(functional.silu(self.norm(torch.cat(parts, 1)))))
        )


class Picked(nn.Module):
    """Some channels and positions, every second position, and shortcuts that zeros make wider."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv1d(2, 4, 3, stride=2, padding=1)
        self.two = nn.Conv1d(4, 8, 3, stride=2, padding=1)
        self.last = nn.Linear(8 + 8, 3)

    def forward(self, x):
        x = x[:, [0, 2]]
        short = x[:, :, ::2]
        y = functional.relu(self.one(x) + torch.cat([short, torch.zeros_like(short)], 1))
        y = functional.relu(self.two(y) + functional.pad(y[..., ::2], (0, 0, 2, 2)))
        return self.last(torch.cat([y.mean(2), y[:, :, [1, 5, 7]].amax(2)], 1))


SHAPES = {
    Residual: (3, 96), Branches: (1, 64), Causal: (1, 40), Dense: (48,), Flat: (1, 128),
    Gated: (1, 64), Recurrent: (1, 64), Attentive: (1, 64), Rows: (1, 64),
    Scales: (2, 64), Picked: (3, 64),
}  # fmt: skip


def exported(kind: type[nn.Module], path, *, new: bool) -> onnx.ModelProto:
    """Return a network with statistics and weights that are not those of its beginning."""
    torch.manual_seed(3)
    network = kind()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.normal_(module.weight, 1, 0.2)
    windows = torch.zeros(1, *SHAPES[kind])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, about its own future
        if new:
            some = ({0: torch.export.Dim.AUTO},)
            torch.onnx.export(network.eval(), (windows,), path, dynamo=True, dynamic_shapes=some,
                              verbose=False, external_data=False)  # fmt: skip
        else:
            torch.onnx.export(network.eval(), (windows,), path, dynamo=False, input_names=["x"],
                              dynamic_axes={"x": {0: "windows"}}, opset_version=13)  # fmt: skip
    return onnx.load(path)


@pytest.mark.parametrize("new", [True, False], ids=["new", "old"])
@pytest.mark.parametrize("kind", SHAPES, ids=lambda kind: kind.__name__)
def test_it_computes_what_onnxruntime_says(tmp_path, kind, new):
    made = exported(kind, tmp_path / "net.onnx", new=new)
    network = loaded(tmp_path, made).network
    x = np.random.default_rng(2).normal(size=(5, *SHAPES[kind]))
    (expected,) = by_onnxruntime(made, x)
    for each in (network, canonical(network)):
        (found,) = each.outputs(x.reshape(5, *network.input_shape)).values()
        found = found.reshape(5, -1)
        if kind in (Branches, Causal):
            found = found - np.log(np.exp(found).sum(axis=1, keepdims=True))
            wanted = np.log(expected) if kind is Branches else expected
            np.testing.assert_allclose(found, wanted, atol=1e-4)
        else:
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    kinds = [output.kind for output in network.graph.outputs]
    assert kinds == (["values"] if kind is Dense else ["class"])
    layers = canonical(network).layers
    assert len(layers) <= {
        Residual: 8, Branches: 11, Causal: 7, Dense: 6, Flat: 9, Gated: 26, Recurrent: 20,
        Attentive: 20, Rows: 5, Scales: 12, Picked: 22,
    }[kind]  # fmt: skip
