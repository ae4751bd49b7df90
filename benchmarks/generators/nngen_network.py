"""Runs with NNgen: Verilog of convolution, pooling and dense layer, and a test bench for it.

Usage: python nngen_network.py WEIGHTS.npz OUTPUT FILTERS_AT_ONCE; prints a JSON object. The test
bench prints the cycles from the start to the end of one window, and its logits.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import nngen as ng
import numpy as np
import veriloggen.thread as vthread
from veriloggen import Module, Not, Seq, simulation
from veriloggen.types import axi

WORD = 32
"""Bits of the bus to the external memory."""
MEMORY_WORDS = 1 << 15
FEATURE_BITS = 4
"""Small enough for logits that do not saturate: what a feature is does not change the cycles."""


def network(values, filters_at_once):
    """Return input, variables and output of the graph."""
    x = ng.placeholder(ng.int16, shape=(1, 1, int(values["features"]), 1), name="x")
    filters, _, kernel = values["conv_weight"].shape
    stride, padding, pool = (int(values[name]) for name in ("stride", "padding", "pool"))
    weight = ng.variable(ng.int8, shape=(filters, 1, kernel, 1), name="conv_weight")
    weight.set_value(values["conv_weight"].reshape(weight.shape))
    bias = ng.variable(ng.int32, shape=(filters,), name="conv_bias")
    bias.set_value(values["conv_bias"])
    y = ng.conv2d(x, weight, (1, 1, stride, 1), bias=bias, padding=(0, 0, padding, padding),
                  act_func=ng.relu, dtype=ng.int16, sum_dtype=ng.int64)  # fmt: skip
    y.attribute(par_och=filters_at_once)
    y = ng.max_pool(y, (1, 1, pool, 1), (1, 1, pool, 1))
    y.attribute(par=filters_at_once)
    # NNgen has channels last: the dense weights are put in its order.
    classes, inputs = values["dense_weight"].shape
    ordered = values["dense_weight"].reshape(classes, filters, -1).transpose(0, 2, 1)
    y = ng.reshape(y, [1, -1])
    dense = ng.variable(ng.int8, shape=(classes, inputs), name="dense_weight")
    dense.set_value(ordered.reshape(classes, inputs))
    offset = ng.variable(ng.int32, shape=(classes,), name="dense_bias")
    offset.set_value(values["dense_bias"])
    out = ng.matmul(y, dense, bias=offset, transposed_b=True, dtype=ng.int32,
                    sum_dtype=ng.int64, name="logits")  # fmt: skip
    out.attribute(par_left_col=filters_at_once)
    return x, weight, out


def test_bench(target, memory_image, folder, out, classes):
    """Return the Verilog of a module that runs one window."""
    m = Module("test")
    m.copy_params(target)
    ports = m.copy_sim_ports(target)
    clock, reset_n = ports["CLK"], ports["RESETN"]
    reset = m.Wire("RST")
    reset.assign(Not(reset_n))
    memory = axi.AxiMemoryModel(m, "memory", clock, reset, datawidth=WORD, memimg=memory_image,
                                memimg_name=str(folder / "memory.hex"),
                                memimg_datawidth=WORD)  # fmt: skip
    memory.connect(ports, "maxi")
    control = vthread.AXIMLite(m, "control", clock, reset, noio=True)
    control.connect(ports, "saxi")
    time = m.Reg("time_counter", 32, initval=0)
    Seq(m, "counting", clock, reset)(time.inc())

    def run():  # is compiled to hardware, statement by statement
        begin = time.value
        ng.sim.start(control)
        ng.sim.wait(control)
        end = time.value
        print("cycles %d" % (end - begin))  # noqa: UP031 - becomes $display
        for index in range(classes):
            print("logit %d" % memory.read_word(index, out.addr, WORD))  # noqa: UP031
        vthread.finish()

    vthread.Thread(m, "run", clock, reset, run).start()
    m.Instance(target, "uut", params=m.connect_params(target), ports=m.connect_ports(target))
    simulation.setup_clock(m, clock, hperiod=5)
    simulation.setup_reset(m, reset_n, m.make_reset(), period=100, polarity="low")
    return m.to_verilog()


def main():
    """Write design, test bench and memory image."""
    values, folder = np.load(sys.argv[1]), Path(sys.argv[2]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    x, weight, out = network(values, int(sys.argv[3]))
    target = ng.to_veriloggen([out], "network", silent=True, config={"maxi_datawidth": WORD})
    (folder / "network.v").write_text(target.to_verilog())
    features = np.random.default_rng(1).integers(0, 1 << FEATURE_BITS, x.shape)
    image = np.zeros(MEMORY_WORDS, dtype=np.int64)
    axi.set_memory(image, features, WORD, 16, x.addr, WORD // 16)
    axi.set_memory(image, ng.export_ndarray([out]), WORD, 8, weight.addr)
    classes = out.shape[1]
    (folder / "test.v").write_text(test_bench(target, image, folder, out, classes))
    expected = ng.eval([out], x=features)[0].ravel().tolist()
    print(json.dumps({"version": version("nngen"), "expected": [int(v) for v in expected]}))


if __name__ == "__main__":
    main()
