from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat, wavfile

CWRU = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "cwru" / "0HP"


@pytest.fixture(scope="session")
def cwru_folder() -> Path:
    """The published records at 0 HP; not part of the project."""
    if not CWRU.is_dir():
        pytest.skip(f"the CWRU records are not at {CWRU}")
    return CWRU


@pytest.fixture(scope="session")
def wave() -> np.ndarray:
    """300 samples of noise within -1..1, exact in single precision."""
    rng = np.random.default_rng(1)
    return rng.uniform(-1, 1, 300).astype(np.float32).astype(np.float64)


@pytest.fixture(scope="session")
def write() -> Callable[[Path, np.ndarray], Path]:
    """Write samples in the format of the ending; at 12,000 Hz where that can be said."""

    def write(path: Path, samples: np.ndarray) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".npy":
            np.save(path, samples)
        elif path.suffix == ".npz":
            np.savez_compressed(path, x=samples)
        elif path.suffix == ".h5":
            with h5py.File(path, "w") as file:
                file.create_dataset("x", data=samples, fletcher32=True)
        elif path.suffix in {".csv", ".txt"}:
            path.write_text("".join(f"{float(value)!r}\n" for value in samples))
        elif path.suffix == ".wav":
            wavfile.write(path, 12_000, samples.astype(np.float32))
        else:
            # The signal last, as a file cut between two variables cannot be told from a whole one.
            variables = {"X007RPM": 1797, "X007_DE_time": samples[:, None]}
            savemat(path, variables, do_compression=True)
        return path

    return write
