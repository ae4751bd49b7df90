"""HAE-Y: a quadratic and a linear branch in the encoder, a quadratic decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.zoo._autoencoder import Branches, FeatureAutoencoder


@dataclass(frozen=True)
class HaeY(FeatureAutoencoder):
    """Sizes and errors as of `FeatureAutoencoder`."""

    name: ClassVar[str] = "hae-y"
    encoder: ClassVar[Branches] = (("q", "q"), ("l", "l"))
    decoder: ClassVar[Branches] = (("q", "q"),)


DESIGN = HaeY
