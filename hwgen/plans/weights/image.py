"""The image of a build's weights in a board's flash: a header, then the stream.

Bytes of the header, numbers with their lowest byte first::

    bytes  field
    4      MAGIC
    1      VERSION
    3      zero
    8      digest: the first bytes of the stream's SHA-256
    4      bytes of the stream, its check sum among them
    4      CRC-32 of all before

The stream behind it ends with a CRC-32 of its own (`hwgen.plans.weights.flash`).
"""

from __future__ import annotations

import hashlib
import zlib

MAGIC = b"hgW8"
VERSION = 1
HEADER_BYTES = 24
MARK_BYTES = 8
"""Of the header, in front: without them there is no image of any build."""
DIGEST_BYTES = 8
BASE = 1 << 22
"""Where an image begins in a flash, behind any bitstream: 4 MiB, or half of a flash less than 8."""


def digest(content: bytes) -> bytes:
    """Return the digest of a stream."""
    return hashlib.sha256(content).digest()[:DIGEST_BYTES]


def header(content: bytes) -> bytes:
    """Return the header of a stream."""
    start = MAGIC + bytes([VERSION, 0, 0, 0]) + digest(content)
    start += len(content).to_bytes(4, "little")
    return start + zlib.crc32(start).to_bytes(4, "little")


def image(content: bytes) -> bytes:
    """Return the image of a stream: what `hwgen program` writes."""
    return header(content) + content


def base(flash_bytes: int) -> int:
    """Return where an image begins in a flash of so many bytes."""
    return min(BASE, flash_bytes // 2)
