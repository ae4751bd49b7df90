import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import Format
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d


@pytest.mark.parametrize(("length", "size"), [(8, 2), (9, 2), (11, 4), (5, 5), (7, 1)])
@pytest.mark.parametrize("signed", [True, False])
def test_against_loops(length, size, signed):
    fmt = Format(signed, 7, 0)
    rng = np.random.default_rng(length)
    # All negative where that can be: a maximum that starts from zero shows.
    x = rng.integers(fmt.min, fmt.min + 100, (3, 2, length))
    op = QuantizedMaxPool1d("pool1", size, 2, length, fmt, np.ones(2))
    expected = [
        [[max(row[p * size : (p + 1) * size]) for p in range(length // size)] for row in window]
        for window in x.tolist()
    ]
    assert golden.run_op(op, x).tolist() == expected
