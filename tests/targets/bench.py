"""A target's cells against what the components promise, in Verilator."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from amaranth.back import rtlil

from hwgen import tools
from hwgen.hardware.primitives.adder import AddSubtract
from hwgen.hardware.primitives.memory import BlockRam, TwoPortRom
from hwgen.hardware.primitives.multiplier import Multiplier

CYCLES = 3000
# One of each width of a block's word, several columns, several rows, ROMs of both kinds.
MEMORIES = [(1, 16384, 0), (2, 8000, 0), (4, 4096, 0), (7, 3000, 0), (9, 2048, 0), (18, 1024, 0),
            (36, 512, 0), (40, 16, 0), (9, 5000, 0), (36, 300, 300), (1, 9000, 9000),
            (3, 4096, 4000), (20, 1500, 1500)]  # fmt: skip
FACTORS = [(18, 18), (9, 7), (2, 18)]
# One block with words of each width, several columns, several rows.
ROMS = [(12, 1024), (9, 2048), (4, 4000), (1, 40), (12, 2048), (18, 3000)]
ADDERS = [(37, 28), (8, 8), (13, 20), (1, 3)]


def memory_bench(number, width, depth, init):
    """Return Verilog that writes, reads and compares one memory with an array."""
    address = max(1, (depth - 1).bit_length())
    fill = "\n".join(f"words[{i}] = {width}'h{word:x};" for i, word in enumerate(init))
    return f"""
    reg [{width - 1}:0] words_{number} [0:{depth - 1}];
    reg [{address - 1}:0] ra_{number}, wa_{number};
    reg [{width - 1}:0] wd_{number}, want1_{number}, want2_{number};
    reg we_{number}, sure1_{number}, sure2_{number};
    wire [{width - 1}:0] got_{number};
    integer i_{number};
    initial begin
        for (i_{number} = 0; i_{number} < {depth}; i_{number} = i_{number} + 1)
            words_{number}[i_{number}] = 0;
        {fill.replace("words[", f"words_{number}[")}
    end
    ram_{number} ram_{number}(.clk(clk), .rst(1'b0), .read_address(ra_{number}),
        .read_data(got_{number}), .write_enable(we_{number}), .write_address(wa_{number}),
        .write_data(wd_{number}));
    always @(posedge clk) begin
        ra_{number} <= near({depth}, count);
        wa_{number} <= near({depth}, count);
        wd_{number} <= {{$random, $random}};
        we_{number} <= {0 if init else 1} && ($random & 1);
        want1_{number} <= words_{number}[ra_{number}];
        sure1_{number} <= !(we_{number} && wa_{number} == ra_{number});
        want2_{number} <= want1_{number};
        sure2_{number} <= sure1_{number};
        if (we_{number}) words_{number}[wa_{number}] <= wd_{number};
        if (count > 4 && sure2_{number}) begin
            compared[{number}] <= compared[{number}] + 1;
            if (got_{number} != want2_{number}) $fatal(1, "memory {number}: %h, not %h",
                got_{number}, want2_{number});
        end
    end
"""


def multiplier_bench(number, a_width, b_width):
    """Return Verilog that compares one multiplier with a product three cycles later."""
    bits = a_width + b_width
    return f"""
    reg signed [{a_width - 1}:0] a_{number};
    reg signed [{b_width - 1}:0] b_{number};
    reg signed [{bits - 1}:0] p1_{number}, p2_{number}, p3_{number};
    wire signed [{bits - 1}:0] p_{number};
    multiplier_{number} multiplier_{number}(.clk(clk), .rst(1'b0), .a(a_{number}), .b(b_{number}),
        .p(p_{number}));
    always @(posedge clk) begin
        a_{number} <= ($random & 3) == 0 ? 1 << {a_width - 1} : $random;
        b_{number} <= ($random & 3) == 0 ? 1 << {b_width - 1} : $random;
        p1_{number} <= a_{number} * b_{number};
        p2_{number} <= p1_{number};
        p3_{number} <= p2_{number};
        if (count > 6 && p_{number} != p3_{number}) $fatal(1, "multiplier {number}");
    end
"""


def rom_bench(number, width, words):
    """Return Verilog that reads one ROM at both ports."""
    address = (len(words) - 1).bit_length()
    fill = "\n".join(
        f"rom_words_{number}[{i}] = {width}'h{word:x};" for i, word in enumerate(words)
    )
    ports = "\n".join(f"""
    reg [{address - 1}:0] rom_{port}_{number};
    reg [{width - 1}:0] rom_{port}1_{number}, rom_{port}2_{number};
    wire [{width - 1}:0] rom_{port}_got_{number};
    always @(posedge clk) begin
        rom_{port}_{number} <= near({len(words)}, count);
        if (rom_on_{number}) begin
            rom_{port}1_{number} <= rom_words_{number}[rom_{port}_{number}];
            rom_{port}2_{number} <= rom_{port}1_{number};
        end
        if (count > 40 && rom_{port}_got_{number} != rom_{port}2_{number})
            $fatal(1, "rom {number}: %h, not %h", rom_{port}_got_{number}, rom_{port}2_{number});
    end""" for port in "ab")  # fmt: skip
    return f"""
    reg [{width - 1}:0] rom_words_{number} [0:{len(words) - 1}];
    initial begin
        {fill}
    end
    reg rom_on_{number};
    always @(posedge clk) rom_on_{number} <= ($random & 3) != 0;
    {ports}
    rom_{number} rom_{number}(.clk(clk), .rst(1'b0), .enable(rom_on_{number}),
        .a_address(rom_a_{number}), .a_data(rom_a_got_{number}), .b_address(rom_b_{number}),
        .b_data(rom_b_got_{number}));
"""


def adder_bench(number, width, b_width):
    """Return Verilog that adds and subtracts with one adder."""
    return f"""
    reg signed [{width - 1}:0] add_a_{number}, total_{number};
    reg signed [{b_width - 1}:0] add_b_{number};
    reg subtract_{number};
    wire signed [{width - 1}:0] add_o_{number};
    adder_{number} adder_{number}(.clk(clk), .rst(1'b0), .a(add_a_{number}), .b(add_b_{number}),
        .subtract(subtract_{number}), .o(add_o_{number}));
    always @(posedge clk) begin
        add_a_{number} <= ($random & 3) == 0 ? -($random & 1) : {{$random, $random}};
        add_b_{number} <= ($random & 3) == 0 ? -($random & 1) : {{$random, $random}};
        subtract_{number} <= $random;
        total_{number} <= subtract_{number} ? add_a_{number} - add_b_{number}
            : add_a_{number} + add_b_{number};
        if (count > 4 && add_o_{number} != total_{number}) $fatal(1, "adder {number}");
    end
"""


MAIN = """
#include "Vbench.h"
int main() {
    Vbench bench;
    while (!Verilated::gotFinish()) { bench.clk = !bench.clk; bench.eval(); }
}
"""


def simulated(folder: Path, platform: Any, models: Path | None) -> list[int]:
    """Simulate all cases in `folder`, elaborated for a platform; raise if any goes wrong.

    Parameters
    ----------
    models
        Of the target's cells.

    Returns
    -------
    How many words were compared of each memory.
    """
    rng = random.Random(1)
    parts, names = [], []
    for number, (width, depth, filled) in enumerate(MEMORIES):
        init = [rng.getrandbits(width) for _ in range(filled)]
        names.append((f"ram_{number}", BlockRam(width, depth, init)))
        parts.append(memory_bench(number, width, depth, init))
    for number, widths in enumerate(FACTORS, len(MEMORIES)):
        names.append((f"multiplier_{number}", Multiplier(*widths)))
        parts.append(multiplier_bench(number, *widths))
    for number, (width, depth) in enumerate(ROMS):
        words = [rng.getrandbits(width) for _ in range(depth)]
        names.append((f"rom_{number}", TwoPortRom(width, words)))
        parts.append(rom_bench(number, width, words))
    for number, widths in enumerate(ADDERS):
        names.append((f"adder_{number}", AddSubtract(*widths)))
        parts.append(adder_bench(number, *widths))
    for name, component in names:
        text = rtlil.convert(component, name=name, platform=platform, emit_src=False)
        (folder / f"{name}.il").write_text(text)
    script = [f"read_rtlil {name}.il" for name, _ in names]
    (folder / "convert.ys").write_text("\n".join([*script, "proc", "write_verilog cells.v"]))
    tools.run([*tools.find("yosys"), "convert.ys"], folder, folder / "yosys.log", what="yosys")
    (folder / "main.cpp").write_text(MAIN)
    (folder / "bench.sv").write_text(f"""
module bench(input wire clk);
    integer count = 0, compared [0:{len(MEMORIES) - 1}], i;
    initial for (i = 0; i < {len(MEMORIES)}; i = i + 1) compared[i] = 0;
    function [31:0] near(input integer depth, input integer now);
        // often the same few words, at either end, so that reads meet what was written
        near = (now & 64) ? ($random & 7) % depth : (now & 128) ? depth - 1 - ($random & 7) % depth
            : ($random & 32'h7fffffff) % depth;
    endfunction
    {"".join(parts)}
    always @(posedge clk) begin
        count <= count + 1;
        if (count == {CYCLES}) begin
            for (i = 0; i < {len(MEMORIES)}; i = i + 1) $display("compared %0d", compared[i]);
            $finish;
        end
    end
endmodule
""")
    tools.run(
        [*tools.find("verilator"), "--cc", "--exe", "--build", "-Wno-fatal", "--no-timing",
         "--top-module", "bench", "-CFLAGS", "-O0", "-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include",
         "bench.sv", "cells.v", *([str(models)] if models else []), "main.cpp"],
        folder, folder / "verilator.log", what="verilator",
    )  # fmt: skip
    tools.run([str(folder / "obj_dir/Vbench")], folder, folder / "run.log", what="simulation")
    log = (folder / "run.log").read_text()
    return [int(line.split()[1]) for line in log.splitlines() if "compared" in line]


def check(folder: Path, platform: Any, models: Path | None) -> None:
    """Hold a target's cells to what the components promise."""
    compared = simulated(folder, platform, models)
    assert len(compared) == len(MEMORIES)
    assert min(compared) > CYCLES * 3 // 4
