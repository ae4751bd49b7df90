"""Runs with da4ml: Verilog of the convolution as a constant matrix.

Usage: python da4ml_matrix.py MATRIX.npy OUTPUT; prints a JSON object.
"""

import json
import sys
from importlib.metadata import version

import numpy as np
from da4ml.codegen import RTLModel
from da4ml.trace import FixedVariableArrayInput, HWConfig, comb_trace

INPUT_BITS = 12

matrix = np.load(sys.argv[1]).astype(np.float64)
zeros = np.zeros(len(matrix), dtype=int)
# 1, -1, -1: adders cost what they are wide, and may be of any width.
given = FixedVariableArrayInput((len(matrix),), HWConfig(1, -1, -1))
given = given.quantize(zeros, zeros + INPUT_BITS, zeros)
logic = comb_trace(given, given @ matrix)

samples = np.random.default_rng(1).integers(0, 1 << INPUT_BITS, (100, len(matrix)))
assert np.array_equal(logic.predict(samples.astype(np.float64)), samples @ matrix)

model = RTLModel(logic, "matrix", sys.argv[2], latency_cutoff=1)  # a register behind every adder
model.write()
stages = json.loads((model._path / "metadata.json").read_text())["latency"]
print(json.dumps({"version": version("da4ml"), "stages": stages, "own_estimate": logic.cost}))
