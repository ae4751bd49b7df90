"""All proofs."""

from __future__ import annotations

from tests.formal import boards_streams, cells, numbers
from tests.formal.proof import Proof

PROOFS: tuple[Proof, ...] = (
    *boards_streams.PROOFS,
    *numbers.PROOFS,
    *cells.PROOFS,
)
