"""HAE-I: one layer behind the other, quadratic, linear, linear, quadratic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.zoo._autoencoder import Branches, FeatureAutoencoder


@dataclass(frozen=True)
class HaeI(FeatureAutoencoder):
    """Sizes and errors as of `FeatureAutoencoder`."""

    name: ClassVar[str] = "hae-i"
    encoder: ClassVar[Branches] = (("q", "l"),)
    decoder: ClassVar[Branches] = (("l", "q"),)


DESIGN = HaeI
