"""AE: an autoencoder of linear neurons, the sizes of the published ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.zoo._autoencoder import Branches, FeatureAutoencoder


@dataclass(frozen=True)
class Ae(FeatureAutoencoder):
    """Sizes and errors as of `FeatureAutoencoder`."""

    name: ClassVar[str] = "ae"
    encoder: ClassVar[Branches] = (("l", "l"),)
    decoder: ClassVar[Branches] = (("l", "l"),)
    norms: ClassVar[tuple[str, ...]] = ("enc",)


DESIGN = Ae
