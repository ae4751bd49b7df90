"""QAE: an autoencoder of quadratic neurons, the sizes of the published ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.zoo._autoencoder import Branches, FeatureAutoencoder


@dataclass(frozen=True)
class Qae(FeatureAutoencoder):
    """Sizes and errors as of `FeatureAutoencoder`."""

    name: ClassVar[str] = "qae"
    encoder: ClassVar[Branches] = (("q", "q"),)
    decoder: ClassVar[Branches] = (("q", "q"),)
    norms: ClassVar[tuple[str, ...]] = ("enc",)


DESIGN = Qae
