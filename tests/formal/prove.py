"""Runs the proofs: ``python -m tests.formal.prove [WORD ...]``.

All of them, or those whose names hold a word; ``--quick``: those that the tests run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.formal.catalogue import PROOFS


def main(words: list[str]) -> int:
    """Return 1 if a claim is broken."""
    chosen = [proof for proof in PROOFS if not words or any(word in proof.name for word in words)]
    if words == ["--quick"]:
        chosen = [proof for proof in PROOFS if not proof.slow]
    if not chosen:
        print(f"no proof's name holds {' or '.join(words)}")
        return 2
    broken, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hwgen-prove-") as folder:
        for number, proof in enumerate(chosen):
            outcome = proof.run(Path(folder) / str(number))
            word = "holds" if outcome.holds else "BROKEN"
            print(f"{word:7}{outcome.seconds:7.1f} s  {proof.name}: {proof.method}", flush=True)
            if not outcome.holds:
                broken += 1
                print(outcome.text, flush=True)
    print(f"{len(chosen) - broken} of {len(chosen)} proofs hold; {time.monotonic() - begin:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
