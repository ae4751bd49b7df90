"""Runs with alkaid: Verilog of the convolution as a constant matrix.

Usage: python alkaid_matrix.py MATRIX.npy OUTPUT; prints a JSON object.
"""

import json
import sys
from importlib.metadata import version

import numpy as np
from alkaid.codegen import RTLModel
from alkaid.trace import FVArrayInput, trace

INPUT_BITS = 12

matrix = np.load(sys.argv[1]).astype(np.float64)
zeros = np.zeros(len(matrix), dtype=int)
given = FVArrayInput((len(matrix),)).quantize(zeros, zeros + INPUT_BITS, zeros)
logic = trace(given, given @ matrix)

samples = np.random.default_rng(1).integers(0, 1 << INPUT_BITS, (100, len(matrix)))
assert np.array_equal(logic.predict(samples.astype(np.float64)), samples @ matrix)

# A register behind every adder; the open tools have no adder of three summands.
model = RTLModel(logic, sys.argv[2], "matrix", latency_cutoff=1, ternary_fuse=False)
model.write()
print(json.dumps({"version": version("alkaid"), "stages": model.latency,
                  "own_estimate": logic.cost}))  # fmt: skip
