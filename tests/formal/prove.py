"""Runs the proofs: ``python -m tests.formal.prove [WORD ...]``.

All of them, or those whose names hold a word.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.formal.catalogue import PROOFS
from tests.formal.proof import Proof
from tests.formal.prover import GIVE_UP, LIMIT_S, Outcome


def word_for(outcome: Outcome) -> str:
    """Return what a proof came to, in a word."""
    if outcome.holds:
        return "holds"
    return "BROKEN" if outcome.answered else "NO ANSWER"


def run(proofs: Sequence[Proof], *, jobs: int, limit: float) -> int:
    """Run them, so many at a time; return 1 unless all of them hold."""
    begin, failed = time.monotonic(), []
    with (
        tempfile.TemporaryDirectory(prefix="hwgen-prove-") as folder,
        ThreadPoolExecutor(jobs) as pool,
    ):
        places = [Path(folder) / str(number) for number in range(len(proofs))]
        results = pool.map(lambda proof, place: proof.run(place, limit), proofs, places)
        try:
            for proof, outcome in zip(proofs, results, strict=True):
                word = word_for(outcome)
                said = f"{word:9}{outcome.seconds:7.1f} s  {proof.name}: {proof.method}"
                print(said, flush=True)
                if not outcome.holds:
                    failed.append(proof.name)
                    print(outcome.text, flush=True)
        except KeyboardInterrupt:
            GIVE_UP.set()
            pool.shutdown(cancel_futures=True)
            raise
    seconds = time.monotonic() - begin
    print(f"{len(proofs) - len(failed)} of {len(proofs)} proofs hold; {seconds:.0f} s")
    if failed:
        print(f"failed: {'; '.join(failed)}")
    return 1 if failed else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 1 unless every proof that was chosen holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.formal.prove")
    parser.add_argument("words", nargs="*", metavar="WORD", help="of the names of some proofs")
    parser.add_argument("--quick", action="store_true", help="those that the tests run")
    parser.add_argument("--jobs", type=int, default=2, help="proofs at a time (default: 2)")
    parser.add_argument(
        "--limit", type=float, default=LIMIT_S, metavar="SECONDS",
        help="after which a proof is given up and has failed (default: %(default)g)",
    )  # fmt: skip
    asked = parser.parse_args(arguments)
    chosen = [
        proof
        for proof in PROOFS
        if not (asked.quick and proof.slow)
        and (not asked.words or any(word in proof.name for word in asked.words))
    ]
    if not chosen or asked.jobs < 1 or asked.limit <= 0:
        print(
            f"no proof's name holds {' or '.join(asked.words)}"
            if not chosen
            else "--jobs and --limit must be more than 0"
        )
        return 2
    return run(chosen, jobs=asked.jobs, limit=asked.limit)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
