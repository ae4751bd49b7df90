"""What a file is by its first bytes, where its name says something else."""

from __future__ import annotations

_STARTS = (
    (b"version https://git-lfs", "a Git LFS pointer; fetch the file itself with git lfs pull", ()),
    (b"\x93NUMPY", "a NumPy array; name it .npy", (".npy",)),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file; name it .h5", (".h5", ".hdf5", ".hdf", ".mat")),
    (b"MATLAB 5.0", "a MATLAB file; name it .mat", (".mat",)),
    (b"MATLAB 7.3", "a MATLAB file; name it .mat", (".mat", ".h5", ".hdf5", ".hdf")),
    (b"RIFF", "a RIFF (WAV) file; name it .wav", (".wav", ".wave")),
    (b"RF64", "an RF64 (WAV) file; name it .wav", (".wav", ".wave")),
    (b"riff\x2e\x91\xcf\x11", "a Wave64 (Sony W64) file; convert it to WAV", ()),
    (b"fLaC", "a FLAC file; convert it to WAV", ()),
    (b"OggS\0", "an Ogg file, which is coded with loss; convert it to WAV", ()),
    (b"caff\0", "a Core Audio (CAF) file; convert it to WAV", ()),
    (b"PAR1", "a Parquet file; name it .parquet", (".parquet", ".pq")),
    (b"TDSm", "a TDMS file; name it .tdms", (".tdms",)),
    (b"PK\x03\x04", "a zip archive; unpack it", (".npz",)),
    (b"\x1f\x8b", "packed by gzip; unpack it", ()),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it", ()),
    (b"Rar!", "a RAR archive; unpack it", ()),
    (b"%PDF", "a PDF document", ()),
    (b"\x80\x02", "a Python pickle, which is not read for safety", ()),
    (b"\x80\x04", "a Python pickle, which is not read for safety", ()),
    (b"\x80\x05", "a Python pickle, which is not read for safety", ()),
)
_PAGE = (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<script")


def other_than(head: bytes, ending: str) -> str | None:
    """Return what a file that starts with `head` is, if that is not what its `ending` says."""
    for start, what, fitting in _STARTS:
        if head.startswith(start):
            return None if ending in fitting else what
    if head.startswith(b"FORM") and head[8:12] in {b"AIFF", b"AIFC"}:
        return "an AIFF file; convert it to WAV"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:20].lower().startswith(_PAGE):
        return "a web page: what a failed download leaves; download the file again"
    return None
