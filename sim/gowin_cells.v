// Simulation models of Gowin's cells that a synthesised core consists of: what the cells do in the
// modes that Yosys and `hwgen.targets.gowin` use, without delays. Flip-flops start as the chip
// starts them. A mode that has no model asks for a module that is not there.
`default_nettype none

module LUT1 #(parameter [1:0] INIT = 0) (input wire I0, output wire F);
    assign F = INIT >> {I0};
endmodule

module LUT2 #(parameter [3:0] INIT = 0) (input wire I0, I1, output wire F);
    assign F = INIT >> {I1, I0};
endmodule

module LUT3 #(parameter [7:0] INIT = 0) (input wire I0, I1, I2, output wire F);
    assign F = INIT >> {I2, I1, I0};
endmodule

module LUT4 #(parameter [15:0] INIT = 0) (input wire I0, I1, I2, I3, output wire F);
    assign F = INIT >> {I3, I2, I1, I0};
endmodule

module MUX2_LUT5 (input wire I0, I1, S0, output wire O);
    assign O = S0 ? I1 : I0;
endmodule

module MUX2_LUT6 (input wire I0, I1, S0, output wire O);
    assign O = S0 ? I1 : I0;
endmodule

module MUX2_LUT7 (input wire I0, I1, S0, output wire O);
    assign O = S0 ? I1 : I0;
endmodule

module MUX2_LUT8 (input wire I0, I1, S0, output wire O);
    assign O = S0 ? I1 : I0;
endmodule

// A bit of a carry chain: sum and difference, and the comparisons that synthesis makes.
module ALU #(parameter ALU_MODE = 0) (input wire I0, I1, I3, CIN, output wire SUM, COUT);
    wire minus = ALU_MODE == 1 || ALU_MODE == 3 || ALU_MODE == 4 || (ALU_MODE == 2 && !I3);
    wire propagate = I0 ^ I1 ^ minus;
    generate
        if (ALU_MODE > 4) mode_without_a_model bad ();
    endgenerate
    assign SUM = propagate ^ CIN;
    assign COUT = propagate ? CIN : ALU_MODE == 3 ? 1'b1 : I0;
endmodule

module DFF #(parameter [0:0] INIT = 0) (input wire CLK, D, output reg Q);
    initial Q = INIT;
    always @(posedge CLK) Q <= D;
endmodule

module DFFE #(parameter [0:0] INIT = 0) (input wire CLK, D, CE, output reg Q);
    initial Q = INIT;
    always @(posedge CLK) if (CE) Q <= D;
endmodule

module DFFR #(parameter [0:0] INIT = 0) (input wire CLK, D, RESET, output reg Q);
    initial Q = INIT;
    always @(posedge CLK) if (RESET) Q <= 0; else Q <= D;
endmodule

module DFFRE #(parameter [0:0] INIT = 0) (input wire CLK, D, CE, RESET, output reg Q);
    initial Q = INIT;
    always @(posedge CLK) if (RESET) Q <= 0; else if (CE) Q <= D;
endmodule

module DFFS #(parameter [0:0] INIT = 1) (input wire CLK, D, SET, output reg Q);
    initial Q = INIT;
    always @(posedge CLK) if (SET) Q <= 1; else Q <= D;
endmodule

module DFFSE #(parameter [0:0] INIT = 1) (input wire CLK, D, CE, SET, output reg Q);
    initial Q = INIT;
    always @(posedge CLK) if (SET) Q <= 1; else if (CE) Q <= D;
endmodule

module DFFC #(parameter [0:0] INIT = 0) (input wire CLK, D, CLEAR, output reg Q);
    initial Q = INIT;
    always @(posedge CLK, posedge CLEAR) if (CLEAR) Q <= 0; else Q <= D;
endmodule

module DFFCE #(parameter [0:0] INIT = 0) (input wire CLK, D, CE, CLEAR, output reg Q);
    initial Q = INIT;
    always @(posedge CLK, posedge CLEAR) if (CLEAR) Q <= 0; else if (CE) Q <= D;
endmodule

module DFFP #(parameter [0:0] INIT = 1) (input wire CLK, D, PRESET, output reg Q);
    initial Q = INIT;
    always @(posedge CLK, posedge PRESET) if (PRESET) Q <= 1; else Q <= D;
endmodule

module DFFPE #(parameter [0:0] INIT = 1) (input wire CLK, D, CE, PRESET, output reg Q);
    initial Q = INIT;
    always @(posedge CLK, posedge PRESET) if (PRESET) Q <= 1; else if (CE) Q <= D;
endmodule

// Signed product of 18-bit operands, with registers for operands, product and output. No other mode
// has a model, and no pin by which cells are chained.
module MULT18X18 #(
    parameter [0:0] AREG = 0, BREG = 0, OUT_REG = 0, PIPE_REG = 0, ASIGN_REG = 0, BSIGN_REG = 0,
    parameter [0:0] SOA_REG = 0,
    parameter MULT_RESET_MODE = "SYNC"
) (
    input wire [17:0] A, SIA, B, SIB,
    input wire ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
    output wire [35:0] DOUT
);
    generate
        if (!AREG || !BREG || !OUT_REG || !PIPE_REG || ASIGN_REG || BSIGN_REG || SOA_REG)
            mode_without_a_model bad ();
    endgenerate
    reg [17:0] a, b;
    reg [35:0] product, out;
    wire signed [35:0] wide_a = {{18{ASIGN & a[17]}}, a};
    wire signed [35:0] wide_b = {{18{BSIGN & b[17]}}, b};
    always @(posedge CLK)
        if (CE) begin
            a <= A;
            b <= B;
            product <= wide_a * wide_b;
            out <= product;
        end
    assign DOUT = out;
endmodule

// 16 kbit of memory: port A writes, port B reads, behind it a register. What is read of a word that is
// being written is wrong: nothing may depend on it. Words of 1, 2 and 4 bits; no other has a model.
module SDPB #(
    parameter [0:0] READ_MODE = 0,
    parameter BIT_WIDTH_0 = 32, BIT_WIDTH_1 = 32,
    parameter [2:0] BLK_SEL_0 = 0, BLK_SEL_1 = 0,
    parameter RESET_MODE = "SYNC",
    parameter [255:0]
        INIT_RAM_00 = 0, INIT_RAM_01 = 0, INIT_RAM_02 = 0, INIT_RAM_03 = 0,
        INIT_RAM_04 = 0, INIT_RAM_05 = 0, INIT_RAM_06 = 0, INIT_RAM_07 = 0,
        INIT_RAM_08 = 0, INIT_RAM_09 = 0, INIT_RAM_0A = 0, INIT_RAM_0B = 0,
        INIT_RAM_0C = 0, INIT_RAM_0D = 0, INIT_RAM_0E = 0, INIT_RAM_0F = 0,
        INIT_RAM_10 = 0, INIT_RAM_11 = 0, INIT_RAM_12 = 0, INIT_RAM_13 = 0,
        INIT_RAM_14 = 0, INIT_RAM_15 = 0, INIT_RAM_16 = 0, INIT_RAM_17 = 0,
        INIT_RAM_18 = 0, INIT_RAM_19 = 0, INIT_RAM_1A = 0, INIT_RAM_1B = 0,
        INIT_RAM_1C = 0, INIT_RAM_1D = 0, INIT_RAM_1E = 0, INIT_RAM_1F = 0,
        INIT_RAM_20 = 0, INIT_RAM_21 = 0, INIT_RAM_22 = 0, INIT_RAM_23 = 0,
        INIT_RAM_24 = 0, INIT_RAM_25 = 0, INIT_RAM_26 = 0, INIT_RAM_27 = 0,
        INIT_RAM_28 = 0, INIT_RAM_29 = 0, INIT_RAM_2A = 0, INIT_RAM_2B = 0,
        INIT_RAM_2C = 0, INIT_RAM_2D = 0, INIT_RAM_2E = 0, INIT_RAM_2F = 0,
        INIT_RAM_30 = 0, INIT_RAM_31 = 0, INIT_RAM_32 = 0, INIT_RAM_33 = 0,
        INIT_RAM_34 = 0, INIT_RAM_35 = 0, INIT_RAM_36 = 0, INIT_RAM_37 = 0,
        INIT_RAM_38 = 0, INIT_RAM_39 = 0, INIT_RAM_3A = 0, INIT_RAM_3B = 0,
        INIT_RAM_3C = 0, INIT_RAM_3D = 0, INIT_RAM_3E = 0, INIT_RAM_3F = 0
) (
    input wire CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB,
    input wire [13:0] ADA, ADB,
    input wire [31:0] DI,
    input wire [2:0] BLKSELA, BLKSELB,
    output wire [31:0] DO
);
    localparam WIDTH = BIT_WIDTH_0;
    localparam LOW = WIDTH == 1 ? 0 : WIDTH == 2 ? 1 : 2;
    localparam WORDS = 16384 >> LOW;
    localparam [16383:0] INIT = {
        INIT_RAM_3F, INIT_RAM_3E, INIT_RAM_3D, INIT_RAM_3C, INIT_RAM_3B, INIT_RAM_3A, INIT_RAM_39, INIT_RAM_38,
        INIT_RAM_37, INIT_RAM_36, INIT_RAM_35, INIT_RAM_34, INIT_RAM_33, INIT_RAM_32, INIT_RAM_31, INIT_RAM_30,
        INIT_RAM_2F, INIT_RAM_2E, INIT_RAM_2D, INIT_RAM_2C, INIT_RAM_2B, INIT_RAM_2A, INIT_RAM_29, INIT_RAM_28,
        INIT_RAM_27, INIT_RAM_26, INIT_RAM_25, INIT_RAM_24, INIT_RAM_23, INIT_RAM_22, INIT_RAM_21, INIT_RAM_20,
        INIT_RAM_1F, INIT_RAM_1E, INIT_RAM_1D, INIT_RAM_1C, INIT_RAM_1B, INIT_RAM_1A, INIT_RAM_19, INIT_RAM_18,
        INIT_RAM_17, INIT_RAM_16, INIT_RAM_15, INIT_RAM_14, INIT_RAM_13, INIT_RAM_12, INIT_RAM_11, INIT_RAM_10,
        INIT_RAM_0F, INIT_RAM_0E, INIT_RAM_0D, INIT_RAM_0C, INIT_RAM_0B, INIT_RAM_0A, INIT_RAM_09, INIT_RAM_08,
        INIT_RAM_07, INIT_RAM_06, INIT_RAM_05, INIT_RAM_04, INIT_RAM_03, INIT_RAM_02, INIT_RAM_01, INIT_RAM_00
    };
    generate
        if (WIDTH != 1 && WIDTH != 2 && WIDTH != 4 || BIT_WIDTH_1 != WIDTH || !READ_MODE
            || BLK_SEL_0 != 0 || BLK_SEL_1 != 0)
            mode_without_a_model bad ();
    endgenerate
    reg [WIDTH-1:0] words [0:WORDS-1];
    integer i;
    initial for (i = 0; i < WORDS; i = i + 1) words[i] = INIT[WIDTH*i +: WIDTH];
    wire [13:0] put = ADA >> LOW, get = ADB >> LOW;
    wire writes = CEA && !RESETA && BLKSELA == 0;
    reg [WIDTH-1:0] latch, out;
    always @(posedge CLKA) if (writes) words[put] <= DI[WIDTH-1:0];
    always @(posedge CLKB) begin
        if (CEB) latch <= writes && put == get ? ~words[get] : words[get];
        if (OCE) out <= latch;
    end
    assign DO = out;
endmodule

// The same with a ninth bit for every eight. Words of 9 and 18 bits, which are written as a whole.
module SDPX9B #(
    parameter [0:0] READ_MODE = 0,
    parameter BIT_WIDTH_0 = 36, BIT_WIDTH_1 = 36,
    parameter [2:0] BLK_SEL_0 = 0, BLK_SEL_1 = 0,
    parameter RESET_MODE = "SYNC",
    parameter [287:0]
        INIT_RAM_00 = 0, INIT_RAM_01 = 0, INIT_RAM_02 = 0, INIT_RAM_03 = 0,
        INIT_RAM_04 = 0, INIT_RAM_05 = 0, INIT_RAM_06 = 0, INIT_RAM_07 = 0,
        INIT_RAM_08 = 0, INIT_RAM_09 = 0, INIT_RAM_0A = 0, INIT_RAM_0B = 0,
        INIT_RAM_0C = 0, INIT_RAM_0D = 0, INIT_RAM_0E = 0, INIT_RAM_0F = 0,
        INIT_RAM_10 = 0, INIT_RAM_11 = 0, INIT_RAM_12 = 0, INIT_RAM_13 = 0,
        INIT_RAM_14 = 0, INIT_RAM_15 = 0, INIT_RAM_16 = 0, INIT_RAM_17 = 0,
        INIT_RAM_18 = 0, INIT_RAM_19 = 0, INIT_RAM_1A = 0, INIT_RAM_1B = 0,
        INIT_RAM_1C = 0, INIT_RAM_1D = 0, INIT_RAM_1E = 0, INIT_RAM_1F = 0,
        INIT_RAM_20 = 0, INIT_RAM_21 = 0, INIT_RAM_22 = 0, INIT_RAM_23 = 0,
        INIT_RAM_24 = 0, INIT_RAM_25 = 0, INIT_RAM_26 = 0, INIT_RAM_27 = 0,
        INIT_RAM_28 = 0, INIT_RAM_29 = 0, INIT_RAM_2A = 0, INIT_RAM_2B = 0,
        INIT_RAM_2C = 0, INIT_RAM_2D = 0, INIT_RAM_2E = 0, INIT_RAM_2F = 0,
        INIT_RAM_30 = 0, INIT_RAM_31 = 0, INIT_RAM_32 = 0, INIT_RAM_33 = 0,
        INIT_RAM_34 = 0, INIT_RAM_35 = 0, INIT_RAM_36 = 0, INIT_RAM_37 = 0,
        INIT_RAM_38 = 0, INIT_RAM_39 = 0, INIT_RAM_3A = 0, INIT_RAM_3B = 0,
        INIT_RAM_3C = 0, INIT_RAM_3D = 0, INIT_RAM_3E = 0, INIT_RAM_3F = 0
) (
    input wire CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB,
    input wire [13:0] ADA, ADB,
    input wire [35:0] DI,
    input wire [2:0] BLKSELA, BLKSELB,
    output wire [35:0] DO
);
    localparam WIDTH = BIT_WIDTH_0;
    localparam LOW = WIDTH == 9 ? 3 : 4;
    localparam WORDS = 16384 >> LOW;
    localparam [18431:0] INIT = {
        INIT_RAM_3F, INIT_RAM_3E, INIT_RAM_3D, INIT_RAM_3C, INIT_RAM_3B, INIT_RAM_3A, INIT_RAM_39, INIT_RAM_38,
        INIT_RAM_37, INIT_RAM_36, INIT_RAM_35, INIT_RAM_34, INIT_RAM_33, INIT_RAM_32, INIT_RAM_31, INIT_RAM_30,
        INIT_RAM_2F, INIT_RAM_2E, INIT_RAM_2D, INIT_RAM_2C, INIT_RAM_2B, INIT_RAM_2A, INIT_RAM_29, INIT_RAM_28,
        INIT_RAM_27, INIT_RAM_26, INIT_RAM_25, INIT_RAM_24, INIT_RAM_23, INIT_RAM_22, INIT_RAM_21, INIT_RAM_20,
        INIT_RAM_1F, INIT_RAM_1E, INIT_RAM_1D, INIT_RAM_1C, INIT_RAM_1B, INIT_RAM_1A, INIT_RAM_19, INIT_RAM_18,
        INIT_RAM_17, INIT_RAM_16, INIT_RAM_15, INIT_RAM_14, INIT_RAM_13, INIT_RAM_12, INIT_RAM_11, INIT_RAM_10,
        INIT_RAM_0F, INIT_RAM_0E, INIT_RAM_0D, INIT_RAM_0C, INIT_RAM_0B, INIT_RAM_0A, INIT_RAM_09, INIT_RAM_08,
        INIT_RAM_07, INIT_RAM_06, INIT_RAM_05, INIT_RAM_04, INIT_RAM_03, INIT_RAM_02, INIT_RAM_01, INIT_RAM_00
    };
    generate
        if (WIDTH != 9 && WIDTH != 18 || BIT_WIDTH_1 != WIDTH || !READ_MODE
            || BLK_SEL_0 != 0 || BLK_SEL_1 != 0)
            mode_without_a_model bad ();
    endgenerate
    reg [WIDTH-1:0] words [0:WORDS-1];
    integer i;
    initial for (i = 0; i < WORDS; i = i + 1) words[i] = INIT[WIDTH*i +: WIDTH];
    wire [13:0] put = ADA >> LOW, get = ADB >> LOW;
    wire writes = CEA && !RESETA && BLKSELA == 0 && (WIDTH == 9 || ADA[1:0] == 2'b11);
    reg [WIDTH-1:0] latch, out;
    always @(posedge CLKA) if (writes) words[put] <= DI[WIDTH-1:0];
    always @(posedge CLKB) begin
        if (CEB) latch <= writes && put == get ? ~words[get] : words[get];
        if (OCE) out <= latch;
    end
    assign DO = out;
endmodule

module INV (input wire I, output wire O);
    assign O = !I;
endmodule

module VCC (output wire V);
    assign V = 1'b1;
endmodule

module GND (output wire G);
    assign G = 1'b0;
endmodule

// 16 words that are read at once.
module RAM16SDP1 #(parameter [15:0] INIT_0 = 0) (
    input wire DI, input wire [3:0] WAD, RAD, input wire WRE, CLK, output wire DO
);
    reg words [0:15];
    integer i;
    initial for (i = 0; i < 16; i = i + 1) words[i] = {INIT_0[i]};
    always @(posedge CLK) if (WRE) words[WAD] <= DI;
    assign DO = words[RAD];
endmodule

// 16 words that are read at once.
module RAM16SDP2 #(parameter [15:0] INIT_0 = 0, INIT_1 = 0) (
    input wire [1:0] DI, input wire [3:0] WAD, RAD, input wire WRE, CLK, output wire [1:0] DO
);
    reg [1:0] words [0:15];
    integer i;
    initial for (i = 0; i < 16; i = i + 1) words[i] = {INIT_1[i], INIT_0[i]};
    always @(posedge CLK) if (WRE) words[WAD] <= DI;
    assign DO = words[RAD];
endmodule

// 16 words that are read at once.
module RAM16SDP4 #(parameter [15:0] INIT_0 = 0, INIT_1 = 0, INIT_2 = 0, INIT_3 = 0) (
    input wire [3:0] DI, input wire [3:0] WAD, RAD, input wire WRE, CLK, output wire [3:0] DO
);
    reg [3:0] words [0:15];
    integer i;
    initial for (i = 0; i < 16; i = i + 1) words[i] = {INIT_3[i], INIT_2[i], INIT_1[i], INIT_0[i]};
    always @(posedge CLK) if (WRE) words[WAD] <= DI;
    assign DO = words[RAD];
endmodule

`default_nettype wire
