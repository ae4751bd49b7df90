"""WAV and .npy files that would be read wrongly, or in part, are refused for what they are."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hwgen.errors import InputError
from hwgen.signals import read_recording

X = np.random.default_rng(5).normal(0, 0.1, 2000)


def wav(path: Path, data: bytes, *, codec: int, frame: int, bits: int) -> Path:
    form = struct.pack("<HHIIHH", codec, 1, 16_000, 16_000 * frame, frame, bits)
    body = (
        b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def test_wav_of_24_bits_in_4_bytes_is_refused(tmp_path):
    samples = np.rint(X * 2**23).astype("<i4")
    path = wav(tmp_path / "a.wav", samples.tobytes(), codec=1, frame=4, bits=24)
    with pytest.raises(InputError, match=r"24 bits in frames of 4 bytes for 1 channel.*convert"):
        read_recording(path)
    packed = samples.view("u1").reshape(-1, 4)[:, :3].tobytes()
    path = wav(tmp_path / "b.wav", packed, codec=1, frame=3, bits=24)
    np.testing.assert_array_equal(read_recording(path).samples, samples / 2**23)


def test_wav_of_16_bit_floats_names_the_rule(tmp_path):
    path = wav(tmp_path / "a.wav", X.astype("<f2").tobytes(), codec=3, frame=2, bits=16)
    with pytest.raises(InputError, match="must have 32 or 64 bits, not 16; convert"):
        read_recording(path)


@pytest.mark.parametrize(
    ("form", "subtype", "name"),
    [("W64", "PCM_16", "a Wave64"), ("AIFF", "PCM_16", "an AIFF"), ("FLAC", "PCM_16", "a FLAC"),
     ("CAF", "PCM_16", "a Core Audio"), ("OGG", "VORBIS", "an Ogg")],
)  # fmt: skip
def test_another_sound_file_is_named_for_what_it_is(tmp_path, form, subtype, name):
    soundfile.write(tmp_path / "a.wav", X, 16_000, format=form, subtype=subtype)
    with pytest.raises(InputError, match=f"is not a recording but {name}.*; convert it to WAV"):
        read_recording(tmp_path / "a.wav")


def test_npy_with_bytes_behind_its_array_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, X)
    whole = path.read_bytes()
    path.write_bytes(whole + whole)
    with pytest.raises(InputError, match=r"more than one array; save them in an \.npz"):
        read_recording(path)
    path.write_bytes(whole + b"xxx")
    with pytest.raises(InputError, match="has 3 bytes behind its array"):
        read_recording(path)
