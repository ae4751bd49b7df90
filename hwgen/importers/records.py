"""What a checkpoint holds, without torch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwgen.importers.bearingpga.geometry import FullGeometry, Geometry
from hwgen.network import Floats, Network
from hwgen.signals import ReadAs
from hwgen.signals.noise_kinds import WHITE


@dataclass(frozen=True, eq=False)
class Windows:
    """Labelled windows that travel with a checkpoint, for calibration or test.

    Parameters
    ----------
    x
        ``(n, window)`` samples in g, not scaled, or ``(n, channels, window)``; kept as read-only
        float32.
    labels
        ``(n,)`` class numbers; kept as read-only int64.
    name
        Where they come from: ``"synthetic"``, ``"cwru"``, or a path.

    Raises
    ------
    ValueError
        If the shapes disagree, there is no window, or a value is not finite or negative.
    """

    x: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    name: str

    def __post_init__(self) -> None:
        x = np.array(self.x, dtype=np.float32)
        labels = np.array(self.labels, dtype=np.int64)
        if x.ndim not in (2, 3) or x.size == 0:
            raise ValueError(f"windows must be (n >= 1, [channels,] samples), not {x.shape}")
        if labels.shape != (len(x),):
            raise ValueError(f"labels must be one per window ({len(x)}), not {labels.shape}")
        if not np.isfinite(x).all():
            raise ValueError("windows must be finite, but some samples are NaN or infinite")
        if labels.min() < 0:
            raise ValueError(f"labels must be class numbers from 0, not {labels.min()}")
        x.setflags(write=False)
        labels.setflags(write=False)
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "labels", labels)

    def check_against(self, network: Network) -> None:
        """Check that these are windows of `network` and its classes; `ValueError` otherwise."""
        if self.x.shape[1:] != network.input_shape:
            wanted, found = (
                " channels of ".join(map(str, shape))
                for shape in (network.input_shape, self.x.shape[1:])
            )
            raise ValueError(f"windows must have the network's {wanted} samples, not {found}")
        if self.labels.max() >= network.logits:
            raise ValueError(
                f"labels must be below the number of classes ({network.logits}), "
                f"not {self.labels.max()}"
            )


@dataclass(frozen=True)
class Surveyed:
    """A node of a network that cannot be done as a whole.

    Parameters
    ----------
    name, op
        As the file has them, the op in small letters.
    shape
        Of a window's output; empty where it is not known.
    parameters, macs
        Constants, and products with them in a window.
    reason
        Why it cannot be done; None where it can.
    """

    name: str
    op: str
    shape: tuple[int, ...]
    parameters: int
    macs: int
    reason: str | None


@dataclass(frozen=True)
class Survey:
    """What there is to see of a network that cannot be done.

    Parameters
    ----------
    name
        Of the network.
    shape
        Of a window.
    nodes
        All of them, in order.
    outputs
        Name and shape of each.
    """

    name: str
    shape: tuple[int, ...]
    nodes: tuple[Surveyed, ...]
    outputs: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class CheckpointMeta:
    """How our own checkpoint was trained.

    Parameters
    ----------
    data
        Name of the training data: ``"synthetic"``, ``"cwru"``, or a path.
    snr_db
        Signal-to-noise ratio of training and test in dB; None for no added noise, or for none
        that was stated.
    metrics
        Figures of merit by name, for example ``{"f1": 0.99}``.
    snr_range
        Lowest and highest ratio in dB of the noise in training; None for no added noise, or where
        it is not known.
    recipe, method
        Names of the recipe and of the loss; None where they are not known.
    read_as
        As what the recordings were read.
    noise
        Its kind, one of `hwgen.signals.noise_kinds.KINDS`.
    front
        Which filters are in front of the network; None for none.
    """

    data: str
    snr_db: float | None
    metrics: dict[str, float] = field(default_factory=dict)
    snr_range: tuple[float, float] | None = None
    recipe: str | None = None
    method: str | None = None
    read_as: ReadAs = field(default_factory=ReadAs)
    noise: str = WHITE
    front: str | None = None


@dataclass(frozen=True)
class Taken:
    """What the network of a bare state_dict is taken for.

    Parameters
    ----------
    asked
        What the user or the file says of it; the rest is inferred or usual.
    geometry
        All of it.
    others
        Geometries of other strides, pools and windows that fit the tensors as well.
    outputs
        The network's output for each class; empty where they are in the classes' order.
    notes
        What was done to read it: where it lay, what its tensors are called, ...
    stated
        Which fields of `asked` the file says and not the user.
    """

    asked: Geometry
    geometry: FullGeometry
    others: tuple[FullGeometry, ...] = ()
    outputs: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded checkpoint.

    Parameters
    ----------
    network
        The float network.
    bare
        Whether the file was a state_dict only: no classes, scale, rate or windows.
    meta, calibration, test
        What our own format carries besides; None where the file does not.
    taken
        What a bare state_dict's network is taken for; None where the file says it.
    state
        The tensors of a bare state_dict as they are in the file, under the published names.
    notes
        What was assumed to read a graph of others.
    """

    network: Network
    bare: bool
    meta: CheckpointMeta | None = None
    calibration: Windows | None = None
    test: Windows | None = None
    taken: Taken | None = None
    state: dict[str, Floats] | None = None
    notes: tuple[str, ...] = ()
