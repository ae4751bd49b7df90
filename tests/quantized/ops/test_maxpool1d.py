import numpy as np

from hwgen.fixedpoint import Format
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.quantized import Activations, Precision
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops import maxpool1d


def test_format_and_scale_pass_through():
    source = Activations((3, 11), Format(False, 8, 0), np.array([1.0, 2.0, 3.0]))
    op = maxpool1d.quantize(MaxPool1d("pool1", 4), (source,), Precision(), Chosen(7))
    assert op.output.shape == (3, 2)
    assert op.output.fmt == source.fmt
    assert op.output.scale.tolist() == [1.0, 2.0, 3.0]
    assert not hasattr(op, "shift")
