"""Names what a file is that is no checkpoint, by its content: endings are often wrong."""

from __future__ import annotations

import io
import json
import re
import zipfile

_STATE = "give an ONNX file, a .pt2 of torch.export, or a .pt file with the network's state_dict"
_UNPACK = "unpack it and give the file inside"

_MAGIC: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file itself",
     "fetch it with: git lfs pull"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras .h5, MATLAB 7.3)",
     "hwgen reads no Keras networks; " + _STATE),
    (4, b"TFL3", "a TFLite network", "hwgen reads no TFLite; " + _STATE),
    (0, b"\x93NUMPY", "one NumPy array",
     "give an .npz file with an array for each tensor name, or a .pt file"),
    (0, b"MATLAB 5.0 MAT-file", "a MATLAB file", _STATE),
    (0, b"\x1f\x8b", "compressed with gzip", _UNPACK),
    (0, b"BZh", "compressed with bzip2", _UNPACK),
    (0, b"\xfd7zXZ\x00", "compressed with xz", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "compressed with zstd", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (0, b"Rar!", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"GGUF", "a GGUF network", "hwgen reads no GGUF; " + _STATE),
    (0, b"\x7fELF", "a program", _STATE),
    (0, b"%PDF", "a PDF document", _STATE),
    (0, b"\x89PNG", "a picture", _STATE),
    (0, b"RIFF", "a sound or a picture (RIFF)", "recordings go to --data; " + _STATE),
)  # fmt: skip

_HEAD = 4096
_TORCH_PICKLE = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The number with which torch's format before zip begins, behind the pickle's two-byte header."""


def foreign(data: bytes) -> str | None:
    """Return what a file is and what to do, where it is of a kind that holds no checkpoint.

    Parameters
    ----------
    data
        Its content.

    Returns
    -------
    ``"WHAT; FIX"``; None where it may be a file of torch.save.
    """
    head = data[:_HEAD]
    for place, magic, what, fix in _MAGIC:
        if head[place : place + len(magic)] == magic:
            return f"{what}; {fix}"
    if head.startswith(b"PK"):
        return _archive(data)
    if head[:1] == b"\x80" and _TORCH_PICKLE not in head[:64]:
        return (
            "a pickle that torch.save did not write (pickle.dump, joblib); load it with the "
            "program that wrote it, and torch.save(model.state_dict(), ...)"
        )
    return _text(head)


def _archive(data: bytes) -> str | None:
    """Return what a zip archive is, None for one of torch.save and for a damaged one."""
    names = _members(data)
    inner = {name.partition("/")[2] or name for name in names}
    scripted = any(name.startswith("code/") for name in inner)
    if not names or ("data.pkl" in inner and not scripted):
        return None
    if "serialized_exported_program.json" in inner or "archive_format" in inner:
        return (
            "an exported program (.pt2) of another version of torch; export it again with a newer "
            f"one, or {_STATE}"
        )
    if "data.pkl" in inner:
        return (
            "TorchScript; export it: torch.onnx.export(torch.jit.load(FILE, 'cpu'), "
            "torch.zeros(1, 1, SAMPLES), 'net.onnx', dynamo=False)"
        )
    if "model.weights.h5" in inner:
        return f"a Keras network; hwgen reads no Keras networks; {_STATE}"
    if files := [name for name in names if re.search(r"\.(pt|pth|ckpt|safetensors|npz)$", name)]:
        return f"a zip archive with {ascii(files[0])[:80]} in it; {_UNPACK}"
    return f"a zip archive of other things, or damaged; {_STATE}"


def _text(head: bytes) -> str | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page, not the file itself; download it again by its direct link"
    if start.startswith(b"<?xml"):
        return f"XML, such as a server's refusal; download it again, or {_STATE}"
    if start.startswith((b"{", b"[")) and _is_text(head):
        return f"JSON text, such as a server's refusal; download it again, or {_STATE}"
    if head and _is_text(head) and not _is_pickle_text(head):
        return f"text, not a network; {_STATE}"
    return None


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4 or not error.start:  # a letter cut off at the end is none
            return False
        text = head[: error.start].decode("utf-8")
    return all(letter.isprintable() or letter in "\r\n\t\f" for letter in text)


def _is_pickle_text(head: bytes) -> bool:
    """Whether it may be a pickle of protocol 0, which is text: whoever scans pickles names it."""
    return re.match(rb"c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|\(|[Iil]\d", head) is not None


def is_onnx(data: bytes, *, called: bool = False) -> bool:
    """Return whether bytes are a protobuf of the fields that ONNX's ModelProto has.

    Of a file that is `called` so, the version of the format is enough: it may be cut off.
    """
    fields = _protobuf_fields(data)
    known = data[:1] == b"\x08" and fields <= {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25}
    return known and len(fields) >= (1 if called else 3)


def _protobuf_fields(head: bytes) -> set[int]:
    """Return the numbers of a message's leading fields; none where it is not one."""
    found: set[int] = set()
    place = 0
    while place < len(head):
        tag, place = _varint(head, place)
        field, wire = tag >> 3, tag & 7
        if not 1 <= field <= 100 or wire not in (0, 2):
            break  # damaged, but what came before may tell it
        value, place = _varint(head, place)
        found.add(field)
        if wire == 2:
            place += value
    return found


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift, byte in enumerate(data[place : place + 10]):
        value |= (byte & 0x7F) << (7 * shift)
        if not byte & 0x80:
            return value, place + shift + 1
    return 0, len(data)


def is_safetensors(data: bytes) -> bool:
    """Whether `data` begins as safetensors do: the length of a JSON header, and the header."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 10 or not 2 <= size <= len(data) - 8 or data[8:9] != b"{":
        return False
    try:
        return isinstance(json.loads(data[8 : 8 + min(size, 1 << 24)]), dict)
    except (ValueError, RecursionError):
        return False


def is_program(data: bytes) -> bool:
    """Whether `data` is an archive of torch.export: one that says its format, with a graph."""
    if not data.startswith(b"PK"):
        return False
    inner = [name.partition("/")[2] for name in _members(data)]
    return "archive_format" in inner and any(name.startswith("models/") for name in inner)


def is_npz(data: bytes) -> bool:
    """Whether `data` is a zip archive of nothing but NumPy arrays."""
    if not data.startswith(b"PK"):
        return False
    names = _members(data)
    return bool(names) and all(name.endswith(".npy") for name in names)


def _members(data: bytes) -> list[str]:
    """Return the names in a zip archive; none in a damaged one, which whoever reads it tells."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    # zipfile raises whatever damage leads to.
    except Exception:
        return []
