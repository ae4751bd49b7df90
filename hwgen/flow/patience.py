"""How far something long is, said now and then."""

from __future__ import annotations

import time
from collections.abc import Callable

from hwgen.flow.stage import Say

EVERY_S = 5.0


def telling(say: Say, doing: str, *, every_s: float = EVERY_S) -> Callable[[int, int], None]:
    """Return what is told (done, of) and says so, ``doing: 3 of 40 files``, now and then.

    Nothing is said of what takes less than `every_s` seconds.
    """
    last = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every_s and done < total:
            say(f"{doing}: {done:,} of {total:,} files")
            last = now

    return tell
