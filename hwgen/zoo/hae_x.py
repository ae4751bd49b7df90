"""HAE-X: a quadratic and a linear branch in the encoder and in the decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwgen.zoo._autoencoder import Branches, FeatureAutoencoder


@dataclass(frozen=True)
class HaeX(FeatureAutoencoder):
    """Sizes and errors as of `FeatureAutoencoder`."""

    name: ClassVar[str] = "hae-x"
    encoder: ClassVar[Branches] = (("q", "q"), ("l", "l"))
    decoder: ClassVar[Branches] = (("q", "q"), ("l", "l"))


DESIGN = HaeX
