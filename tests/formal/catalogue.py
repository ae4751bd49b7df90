"""All proofs."""

from __future__ import annotations

from tests.formal import (
    axi_streams,
    boards_streams,
    cells,
    frame_streams,
    hardware_streams,
    numbers,
)
from tests.formal.proof import Proof

PROOFS: tuple[Proof, ...] = (
    *boards_streams.PROOFS,
    *frame_streams.PROOFS,
    *axi_streams.PROOFS,
    *hardware_streams.PROOFS,
    *numbers.PROOFS,
    *cells.PROOFS,
)
