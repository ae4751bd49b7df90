// Simulation models of Nexus's cells that a synthesised core consists of: what the cells do in the
// modes that Yosys and `hwgen.targets.nexus` use, without delays. Flip-flops start as the chip
// starts them. A mode that has no model asks for a module that is not there.
`default_nettype none

// Contents are texts: "0x" and digits, the highest first.
module LUT4 #(parameter INIT = "0x0000") (input wire A, B, C, D, output wire Z);
    wire [15:0] table_ = hex16(INIT);
    assign Z = table_ >> {D, C, B, A};

    function [15:0] hex16(input [47:0] text);
        integer i;
        for (i = 0; i < 4; i = i + 1)
            hex16[4*i +: 4] = text[8*i + 6] ? text[8*i +: 4] + 4'd9 : text[8*i +: 4];
    endfunction
endmodule

// Two look-up tables and a choice.
module WIDEFN9 #(parameter INIT0 = "0x0000", INIT1 = "0x0000") (
    input wire A0, B0, C0, D0, A1, B1, C1, D1, SEL, output wire Z
);
    wire z0, z1;
    LUT4 #(.INIT(INIT0)) lut0 (.A(A0), .B(B0), .C(C0), .D(D0), .Z(z0));
    LUT4 #(.INIT(INIT1)) lut1 (.A(A1), .B(B1), .C(C1), .D(D1), .Z(z1));
    assign Z = SEL ? z1 : z0;
endmodule

// Two bits of a carry chain: a look-up table each for the sum, and its lower half for the carry that
// is generated where none is propagated.
module CCU2 #(parameter INJECT = "YES", INIT0 = "0x0000", INIT1 = "0x1111") (
    input wire CIN, A1, B1, C1, D1, A0, B0, C0, D0,
    output wire S1, S0, COUT
);
    wire propagate0, propagate1, generate0, generate1;
    generate
        if (INJECT != "NO") mode_without_a_model bad ();
    endgenerate
    LUT4 #(.INIT(INIT0)) whole0 (.A(A0), .B(B0), .C(C0), .D(D0), .Z(propagate0));
    LUT4 #(.INIT(INIT1)) whole1 (.A(A1), .B(B1), .C(C1), .D(D1), .Z(propagate1));
    LUT4 #(.INIT(INIT0)) half0 (.A(A0), .B(B0), .C(C0), .D(1'b0), .Z(generate0));
    LUT4 #(.INIT(INIT1)) half1 (.A(A1), .B(B1), .C(C1), .D(1'b0), .Z(generate1));
    wire carry = propagate0 ? CIN : generate0;
    assign S0 = propagate0 ^ CIN;
    assign S1 = propagate1 ^ carry;
    assign COUT = propagate1 ? carry : generate1;
endmodule

module INV (input wire A, output wire Z);
    assign Z = !A;
endmodule

module VHI (output wire Z);
    assign Z = 1'b1;
endmodule

module VLO (output wire Z);
    assign Z = 1'b0;
endmodule

module FD1P3BX #(parameter GSR = "ENABLED") (input wire D, CK, SP, PD, output reg Q);
    initial Q = 1;
    always @(posedge CK, posedge PD) if (PD) Q <= 1; else if (SP) Q <= D;
endmodule

module FD1P3DX #(parameter GSR = "ENABLED") (input wire D, CK, SP, CD, output reg Q);
    initial Q = 0;
    always @(posedge CK, posedge CD) if (CD) Q <= 0; else if (SP) Q <= D;
endmodule

module FD1P3IX #(parameter GSR = "ENABLED") (input wire D, CK, SP, CD, output reg Q);
    initial Q = 0;
    always @(posedge CK) if (CD) Q <= 0; else if (SP) Q <= D;
endmodule

module FD1P3JX #(parameter GSR = "ENABLED") (input wire D, CK, SP, PD, output reg Q);
    initial Q = 1;
    always @(posedge CK) if (PD) Q <= 1; else if (SP) Q <= D;
endmodule

// 16 words that are read at once.
module DPR16X4 #(parameter INITVAL = "0x0000000000000000") (
    input wire [3:0] RAD, DI, WAD, input wire WRE, WCK, output wire [3:0] DO
);
    reg [3:0] words [0:15];
    integer i;
    initial
        for (i = 0; i < 16; i = i + 1)
            words[i] = INITVAL[8*i + 6] ? INITVAL[8*i +: 4] + 4'd9 : INITVAL[8*i +: 4];
    always @(posedge WCK) if (WRE) words[WAD] <= DI;
    assign DO = words[RAD];
endmodule

// Signed or unsigned product of 18-bit operands, with registers for operands and product or without.
module MULT18X18 #(
    parameter REGINPUTA = "REGISTER", REGINPUTB = "REGISTER", REGOUTPUT = "REGISTER",
    parameter GSR = "ENABLED", RESETMODE = "SYNC"
) (
    input wire [17:0] A, B,
    input wire CLK, CEA, RSTA, CEB, RSTB, SIGNEDA, SIGNEDB, RSTOUT, CEOUT,
    output wire [35:0] Z
);
    // Sign-extended by a bit, so that one signed product serves unsigned operands too.
    wire [18:0] operand_a = {SIGNEDA & A[17], A};
    wire [18:0] operand_b = {SIGNEDB & B[17], B};
    reg [18:0] input_a, input_b;
    reg [35:0] result;
    wire [18:0] used_a = REGINPUTA == "BYPASS" ? operand_a : input_a;
    wire [18:0] used_b = REGINPUTB == "BYPASS" ? operand_b : input_b;
    wire signed [35:0] wide_a = {{17{used_a[18]}}, used_a};
    wire signed [35:0] wide_b = {{17{used_b[18]}}, used_b};
    wire [35:0] product = wide_a * wide_b;
    generate
        if (RESETMODE != "SYNC") mode_without_a_model bad ();
    endgenerate
    always @(posedge CLK) begin
        if (RSTA) input_a <= 0; else if (CEA) input_a <= operand_a;
        if (RSTB) input_b <= 0; else if (CEB) input_b <= operand_b;
        if (RSTOUT) result <= 0; else if (CEOUT) result <= product;
    end
    assign Z = REGOUTPUT == "BYPASS" ? product : result;
endmodule

`ifndef YOSYS // it leaves block RAMs as they are, and takes long to read this

// 18 kbit of memory in units of 9 bits: one port writes, one reads, with a register behind the latter or
// without. Words of 1, 2 and 4 bits do without every ninth bit. A bit that is read while it is written is
// read wrong, whatever it was and becomes: nothing may depend on it. (Pins of ECC are left out.)
module PDPSC16K #(
    parameter DATA_WIDTH_W = "X36", DATA_WIDTH_R = "X36", OUTREG = "BYPASSED",
    parameter RESETMODE = "SYNC", GSR = "ENABLED", ECC = "DISABLED",
    parameter CSDECODE_W = "000", CSDECODE_R = "000",
    parameter ASYNC_RST_RELEASE = "SYNC", INIT_DATA = "STATIC",
    parameter NONE = {"0x", {80{"0"}}},
    parameter
        INITVAL_00 = NONE, INITVAL_01 = NONE, INITVAL_02 = NONE, INITVAL_03 = NONE,
        INITVAL_04 = NONE, INITVAL_05 = NONE, INITVAL_06 = NONE, INITVAL_07 = NONE,
        INITVAL_08 = NONE, INITVAL_09 = NONE, INITVAL_0A = NONE, INITVAL_0B = NONE,
        INITVAL_0C = NONE, INITVAL_0D = NONE, INITVAL_0E = NONE, INITVAL_0F = NONE,
        INITVAL_10 = NONE, INITVAL_11 = NONE, INITVAL_12 = NONE, INITVAL_13 = NONE,
        INITVAL_14 = NONE, INITVAL_15 = NONE, INITVAL_16 = NONE, INITVAL_17 = NONE,
        INITVAL_18 = NONE, INITVAL_19 = NONE, INITVAL_1A = NONE, INITVAL_1B = NONE,
        INITVAL_1C = NONE, INITVAL_1D = NONE, INITVAL_1E = NONE, INITVAL_1F = NONE,
        INITVAL_20 = NONE, INITVAL_21 = NONE, INITVAL_22 = NONE, INITVAL_23 = NONE,
        INITVAL_24 = NONE, INITVAL_25 = NONE, INITVAL_26 = NONE, INITVAL_27 = NONE,
        INITVAL_28 = NONE, INITVAL_29 = NONE, INITVAL_2A = NONE, INITVAL_2B = NONE,
        INITVAL_2C = NONE, INITVAL_2D = NONE, INITVAL_2E = NONE, INITVAL_2F = NONE,
        INITVAL_30 = NONE, INITVAL_31 = NONE, INITVAL_32 = NONE, INITVAL_33 = NONE,
        INITVAL_34 = NONE, INITVAL_35 = NONE, INITVAL_36 = NONE, INITVAL_37 = NONE,
        INITVAL_38 = NONE, INITVAL_39 = NONE, INITVAL_3A = NONE, INITVAL_3B = NONE,
        INITVAL_3C = NONE, INITVAL_3D = NONE, INITVAL_3E = NONE, INITVAL_3F = NONE
) (
    input wire [35:0] DI,
    input wire [13:0] ADW, ADR,
    input wire CLK, CER, CEW, RST,
    input wire [2:0] CSW, CSR,
    output wire [35:0] DO
);
    // Where in four units an address points.
    function integer place(input [4:0] address, input integer width);
        place = (width <= 18 && address[4] ? 18 : 0) + (width <= 9 && address[3] ? 9 : 0)
            + (width <= 4 && address[2] ? 4 : 0) + (width <= 2 && address[1] ? 2 : 0)
            + (width <= 1 && address[0] ? 1 : 0);
    endfunction

    function integer bits_of(input [23:0] mode);
        case (mode)
            "X1": bits_of = 1;
            "X2": bits_of = 2;
            "X4": bits_of = 4;
            "X9": bits_of = 9;
            "X18": bits_of = 18;
            "X36": bits_of = 36;
            default: bits_of = 0;
        endcase
    endfunction

    localparam WRITTEN = bits_of(DATA_WIDTH_W), READ = bits_of(DATA_WIDTH_R);
    reg [35:0] fours [0:511];
    generate
        if (RESETMODE != "SYNC" || ECC != "DISABLED" || CSDECODE_W != "111" || CSDECODE_R != "111")
            mode_without_a_model bad ();
    endgenerate
    // Contents as text: in each parameter 80 digits of four bits, of 32 units with 10 bits each.
    localparam [41983:0] TEXT = {
        INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38,
        INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30,
        INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28,
        INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20,
        INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18,
        INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10,
        INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00
    };
    integer unit, at, digit;
    initial
        for (unit = 0; unit < 2048; unit = unit + 1)
            for (at = 0; at < 9; at = at + 1) begin
                digit = TEXT[656 * (unit / 32) + 8 * ((unit % 32 * 10 + at) / 4) +: 8];
                digit = digit[6] ? digit[3:0] + 9 : digit[3:0];
                fours[unit / 4][9 * (unit % 4) + at] = digit[(unit % 32 * 10 + at) % 4];
            end

    // Which bits of four units a write reaches: in wide words the lowest address pins enable units.
    wire [35:0] all = WRITTEN == 36 ? {{9{ADW[3]}}, {9{ADW[2]}}, {9{ADW[1]}}, {9{ADW[0]}}}
        : WRITTEN == 18 ? {18'd0, {9{ADW[1]}}, {9{ADW[0]}}} : (36'd1 << WRITTEN) - 36'd1;
    wire [35:0] reach = CEW && CSW == 7 ? all << place(ADW[4:0], WRITTEN) : 36'd0;
    wire [35:0] put = DI << place(ADW[4:0], WRITTEN);
    wire [35:0] clash = ADW[13:5] == ADR[13:5] ? reach : 36'd0;
    wire [35:0] word = (fours[ADR[13:5]] ^ clash) >> place(ADR[4:0], READ);
    reg [35:0] latch, out;
    always @(posedge CLK) begin
        if (reach != 0) fours[ADW[13:5]] <= fours[ADW[13:5]] & ~reach | put & reach;
        if (RST) latch <= 0; else if (CER && CSR == 7) latch <= word;
        if (RST) out <= 0; else if (CER) out <= latch;
    end
    assign DO = OUTREG == "BYPASSED" ? latch : out;
endmodule

// The same with two ports that read. Writing has no model: it reads what is wrong. Words of up to 18 bits.
module DP16K #(
    parameter DATA_WIDTH_A = "X18", DATA_WIDTH_B = "X18",
    parameter OUTREG_A = "BYPASSED", OUTREG_B = "BYPASSED",
    parameter GSR = "ENABLED", RESETMODE_A = "SYNC", RESETMODE_B = "SYNC",
    parameter CSDECODE_A = "000", CSDECODE_B = "000",
    parameter ASYNC_RST_RELEASE_A = "SYNC", ASYNC_RST_RELEASE_B = "SYNC",
    parameter INIT_DATA = "STATIC",
    parameter NONE = {"0x", {80{"0"}}},
    parameter
        INITVAL_00 = NONE, INITVAL_01 = NONE, INITVAL_02 = NONE, INITVAL_03 = NONE,
        INITVAL_04 = NONE, INITVAL_05 = NONE, INITVAL_06 = NONE, INITVAL_07 = NONE,
        INITVAL_08 = NONE, INITVAL_09 = NONE, INITVAL_0A = NONE, INITVAL_0B = NONE,
        INITVAL_0C = NONE, INITVAL_0D = NONE, INITVAL_0E = NONE, INITVAL_0F = NONE,
        INITVAL_10 = NONE, INITVAL_11 = NONE, INITVAL_12 = NONE, INITVAL_13 = NONE,
        INITVAL_14 = NONE, INITVAL_15 = NONE, INITVAL_16 = NONE, INITVAL_17 = NONE,
        INITVAL_18 = NONE, INITVAL_19 = NONE, INITVAL_1A = NONE, INITVAL_1B = NONE,
        INITVAL_1C = NONE, INITVAL_1D = NONE, INITVAL_1E = NONE, INITVAL_1F = NONE,
        INITVAL_20 = NONE, INITVAL_21 = NONE, INITVAL_22 = NONE, INITVAL_23 = NONE,
        INITVAL_24 = NONE, INITVAL_25 = NONE, INITVAL_26 = NONE, INITVAL_27 = NONE,
        INITVAL_28 = NONE, INITVAL_29 = NONE, INITVAL_2A = NONE, INITVAL_2B = NONE,
        INITVAL_2C = NONE, INITVAL_2D = NONE, INITVAL_2E = NONE, INITVAL_2F = NONE,
        INITVAL_30 = NONE, INITVAL_31 = NONE, INITVAL_32 = NONE, INITVAL_33 = NONE,
        INITVAL_34 = NONE, INITVAL_35 = NONE, INITVAL_36 = NONE, INITVAL_37 = NONE,
        INITVAL_38 = NONE, INITVAL_39 = NONE, INITVAL_3A = NONE, INITVAL_3B = NONE,
        INITVAL_3C = NONE, INITVAL_3D = NONE, INITVAL_3E = NONE, INITVAL_3F = NONE
) (
    input wire [17:0] DIA, DIB,
    input wire [13:0] ADA, ADB,
    input wire CLKA, CLKB, CEA, CEB, WEA, WEB, RSTA, RSTB,
    input wire [2:0] CSA, CSB,
    output reg [17:0] DOA, DOB
);
    // Where in four units an address points.
    function integer place(input [4:0] address, input integer width);
        place = (width <= 18 && address[4] ? 18 : 0) + (width <= 9 && address[3] ? 9 : 0)
            + (width <= 4 && address[2] ? 4 : 0) + (width <= 2 && address[1] ? 2 : 0)
            + (width <= 1 && address[0] ? 1 : 0);
    endfunction

    function integer bits_of(input [23:0] mode);
        case (mode)
            "X1": bits_of = 1;
            "X2": bits_of = 2;
            "X4": bits_of = 4;
            "X9": bits_of = 9;
            "X18": bits_of = 18;
            "X36": bits_of = 36;
            default: bits_of = 0;
        endcase
    endfunction

    localparam READ_A = bits_of(DATA_WIDTH_A), READ_B = bits_of(DATA_WIDTH_B);
    reg [35:0] fours [0:511];
    generate
        if (RESETMODE_A != "SYNC" || RESETMODE_B != "SYNC" || CSDECODE_A != "111"
            || CSDECODE_B != "111" || OUTREG_A != "BYPASSED" || OUTREG_B != "BYPASSED")
            mode_without_a_model bad ();
    endgenerate
    // Contents as text: in each parameter 80 digits of four bits, of 32 units with 10 bits each.
    localparam [41983:0] TEXT = {
        INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38,
        INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30,
        INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28,
        INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20,
        INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18,
        INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10,
        INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00
    };
    integer unit, at, digit;
    initial
        for (unit = 0; unit < 2048; unit = unit + 1)
            for (at = 0; at < 9; at = at + 1) begin
                digit = TEXT[656 * (unit / 32) + 8 * ((unit % 32 * 10 + at) / 4) +: 8];
                digit = digit[6] ? digit[3:0] + 9 : digit[3:0];
                fours[unit / 4][9 * (unit % 4) + at] = digit[(unit % 32 * 10 + at) % 4];
            end

    wire [35:0] word_a = fours[ADA[13:5]] >> place(ADA[4:0], READ_A);
    wire [35:0] word_b = fours[ADB[13:5]] >> place(ADB[4:0], READ_B);
    always @(posedge CLKA)
        if (RSTA) DOA <= 0; else if (CEA && CSA == 7) DOA <= WEA ? ~word_a : word_a;
    always @(posedge CLKB)
        if (RSTB) DOB <= 0; else if (CEB && CSB == 7) DOB <= WEB ? ~word_b : word_b;
endmodule

`endif
`default_nettype wire
