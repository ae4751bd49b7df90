// Simulation models of the ECP5 cells that a synthesised core consists of: what the cells do in
// the modes that Yosys and `hwgen.hardware.ecp5` use, without delays. Flip-flops start as the chip
// starts them. A mode that has no model asks for a module that is not there. `working` is high in a
// cycle in which a memory's port is enabled, or a multiplier has new operands: `hwgen power` counts
// them.
`default_nettype none

module LUT4 #(parameter [15:0] INIT = 16'h0000) (input wire A, B, C, D, output wire Z);
    assign Z = INIT >> {D, C, B, A};
endmodule

module PFUMX (input wire ALUT, BLUT, C0, output wire Z);
    assign Z = C0 ? ALUT : BLUT;
endmodule

module L6MUX21 (input wire D0, D1, SD, output wire Z);
    assign Z = SD ? D1 : D0;
endmodule

// Two bits of a carry chain: a look-up table each for the sum, and its lowest four entries for the
// carry that is generated where none is propagated. INJECT1 takes the carry in for zero.
module CCU2C #(
    parameter [15:0] INIT0 = 16'h0000,
    parameter [15:0] INIT1 = 16'h0000,
    parameter INJECT1_0 = "YES",
    parameter INJECT1_1 = "YES"
) (
    input wire CIN, A0, B0, C0, D0, A1, B1, C1, D1,
    output wire S0, S1, COUT
);
    wire propagate0 = INIT0 >> {D0, C0, B0, A0};
    wire propagate1 = INIT1 >> {D1, C1, B1, A1};
    wire generate0 = INJECT1_0 != "YES" && INIT0[{2'b00, B0, A0}];
    wire generate1 = INJECT1_1 != "YES" && INIT1[{2'b00, B1, A1}];
    wire carry = propagate0 ? CIN : generate0;
    assign S0 = propagate0 ^ (INJECT1_0 != "YES" && CIN);
    assign S1 = propagate1 ^ (INJECT1_1 != "YES" && carry);
    assign COUT = propagate1 ? carry : generate1;
endmodule

module TRELLIS_FF #(
    parameter GSR = "ENABLED",
    parameter CEMUX = "1",
    parameter CLKMUX = "CLK",
    parameter LSRMUX = "LSR",
    parameter LSRMODE = "LSR",
    parameter SRMODE = "LSR_OVER_CE",
    parameter REGSET = "RESET"
) (
    input wire CLK, LSR, CE, DI, M,
    output reg Q
);
    generate
        if (CLKMUX != "CLK" || SRMODE == "ASYNC" || LSRMODE != "LSR") mode_without_a_model bad ();
    endgenerate
    initial Q = REGSET == "SET";
    wire enable = CEMUX == "1" || (CEMUX == "INV" ? !CE : CEMUX != "0" && CE);
    wire set = LSRMUX == "INV" ? !LSR : LSR;
    always @(posedge CLK)
        if (set) Q <= REGSET == "SET";
        else if (enable) Q <= DI;
endmodule

module TRELLIS_DPR16X4 #(
    parameter [63:0] INITVAL = 64'h0,
    parameter WCKMUX = "WCK",
    parameter WREMUX = "WRE"
) (
    input wire [3:0] DI, WAD, RAD,
    input wire WRE, WCK,
    output wire [3:0] DO
);
    reg [3:0] words [0:15];
    integer i;
    generate
        if (WCKMUX != "WCK" || WREMUX != "WRE") mode_without_a_model bad ();
    endgenerate
    initial for (i = 0; i < 16; i = i + 1) words[i] = INITVAL[4*i +: 4];
    always @(posedge WCK) if (WRE) words[WAD] <= DI;
    assign DO = words[RAD];
endmodule

// Signed or unsigned product of 18-bit operands, with registers at input, pipeline and output or
// without any of them.
module MULT18X18D #(
    parameter REG_INPUTA_CLK = "NONE", REG_INPUTA_CE = "CE0", REG_INPUTA_RST = "RST0",
    parameter REG_INPUTB_CLK = "NONE", REG_INPUTB_CE = "CE0", REG_INPUTB_RST = "RST0",
    parameter REG_INPUTC_CLK = "NONE", REG_INPUTC_CE = "CE0", REG_INPUTC_RST = "RST0",
    parameter REG_PIPELINE_CLK = "NONE", REG_PIPELINE_CE = "CE0", REG_PIPELINE_RST = "RST0",
    parameter REG_OUTPUT_CLK = "NONE", REG_OUTPUT_CE = "CE0", REG_OUTPUT_RST = "RST0",
    parameter CLK0_DIV = "ENABLED", CLK1_DIV = "ENABLED", CLK2_DIV = "ENABLED",
    parameter CLK3_DIV = "ENABLED", HIGHSPEED_CLK = "NONE", GSR = "ENABLED",
    parameter CAS_MATCH_REG = "FALSE", SOURCEB_MODE = "B_SHIFT", MULT_BYPASS = "DISABLED",
    parameter RESETMODE = "SYNC"
) (
    input wire
        A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0, B17,
        B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0, C17, C16,
        C15, C14, C13, C12, C11, C10, C9, C8, C7, C6, C5, C4, C3, C2, C1, C0,
    input wire SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    input wire CLK3, CLK2, CLK1, CLK0, CE3, CE2, CE1, CE0, RST3, RST2, RST1, RST0,
    output wire
        P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19,
        P18, P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0
);
    wire [17:0] a =
        {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
    wire [17:0] b =
        {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
    // Sign-extended by a bit, so that one signed product serves unsigned operands too.
    wire [18:0] operand_a = {SIGNEDA & a[17], a};
    wire [18:0] operand_b = {SIGNEDB & b[17], b};
    reg [18:0] input_a, input_b;
    reg [35:0] pipeline, result;
    wire working = CE0 && (operand_a != input_a || operand_b != input_b);
    wire [18:0] used_a = REG_INPUTA_CLK == "NONE" ? operand_a : input_a;
    wire [18:0] used_b = REG_INPUTB_CLK == "NONE" ? operand_b : input_b;
    wire signed [35:0] wide_a = {{17{used_a[18]}}, used_a};
    wire signed [35:0] wide_b = {{17{used_b[18]}}, used_b};
    wire [35:0] product = wide_a * wide_b;
    wire [35:0] staged = REG_PIPELINE_CLK == "NONE" ? product : pipeline;
    generate
        if ((REG_INPUTA_CLK != "CLK0" && REG_INPUTA_CLK != "NONE")
            || (REG_INPUTB_CLK != "CLK0" && REG_INPUTB_CLK != "NONE")
            || (REG_PIPELINE_CLK != "CLK0" && REG_PIPELINE_CLK != "NONE")
            || (REG_OUTPUT_CLK != "CLK0" && REG_OUTPUT_CLK != "NONE")
            || MULT_BYPASS != "DISABLED" || RESETMODE != "SYNC")
            mode_without_a_model bad ();
    endgenerate
    always @(posedge CLK0)
        if (RST0) begin
            input_a <= 0;
            input_b <= 0;
            pipeline <= 0;
            result <= 0;
        end else if (CE0) begin
            input_a <= operand_a;
            input_b <= operand_b;
            pipeline <= product;
            result <= staged;
        end
    assign
        {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19,
        P18, P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0}
        = REG_OUTPUT_CLK == "NONE" ? staged : result;
endmodule

// 18 kbit of memory, two ports. Words of 1, 2, 4, 9 and 18 bits are addressed by the upper pins.
// With words of 36 bits port A only writes and port B only reads, with the data pins of both: A's
// are the low half. A bit that one port writes while the other reads it is read wrong, whatever it
// was and becomes: nothing may depend on it.
module DP16KD #(
    parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18,
    parameter REGMODE_A = "NOREG", REGMODE_B = "NOREG",
    parameter WRITEMODE_A = "NORMAL", WRITEMODE_B = "NORMAL",
    parameter CSDECODE_A = "0b000", CSDECODE_B = "0b000",
    parameter CLKAMUX = "CLKA", CLKBMUX = "CLKB",
    parameter RESETMODE = "SYNC", ASYNC_RESET_RELEASE = "SYNC", GSR = "ENABLED",
    parameter [319:0]
        INITVAL_00 = 0, INITVAL_01 = 0, INITVAL_02 = 0, INITVAL_03 = 0, INITVAL_04 = 0,
        INITVAL_05 = 0, INITVAL_06 = 0, INITVAL_07 = 0, INITVAL_08 = 0, INITVAL_09 = 0,
        INITVAL_0A = 0, INITVAL_0B = 0, INITVAL_0C = 0, INITVAL_0D = 0, INITVAL_0E = 0,
        INITVAL_0F = 0, INITVAL_10 = 0, INITVAL_11 = 0, INITVAL_12 = 0, INITVAL_13 = 0,
        INITVAL_14 = 0, INITVAL_15 = 0, INITVAL_16 = 0, INITVAL_17 = 0, INITVAL_18 = 0,
        INITVAL_19 = 0, INITVAL_1A = 0, INITVAL_1B = 0, INITVAL_1C = 0, INITVAL_1D = 0,
        INITVAL_1E = 0, INITVAL_1F = 0, INITVAL_20 = 0, INITVAL_21 = 0, INITVAL_22 = 0,
        INITVAL_23 = 0, INITVAL_24 = 0, INITVAL_25 = 0, INITVAL_26 = 0, INITVAL_27 = 0,
        INITVAL_28 = 0, INITVAL_29 = 0, INITVAL_2A = 0, INITVAL_2B = 0, INITVAL_2C = 0,
        INITVAL_2D = 0, INITVAL_2E = 0, INITVAL_2F = 0, INITVAL_30 = 0, INITVAL_31 = 0,
        INITVAL_32 = 0, INITVAL_33 = 0, INITVAL_34 = 0, INITVAL_35 = 0, INITVAL_36 = 0,
        INITVAL_37 = 0, INITVAL_38 = 0, INITVAL_39 = 0, INITVAL_3A = 0, INITVAL_3B = 0,
        INITVAL_3C = 0, INITVAL_3D = 0, INITVAL_3E = 0, INITVAL_3F = 0
) (
    input wire
        DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5,
        DIA4, DIA3, DIA2, DIA1, DIA0,
    input wire
        ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input wire CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
    input wire
        DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5,
        DIB4, DIB3, DIB2, DIB1, DIB0,
    input wire
        ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input wire CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
    output wire
        DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5,
        DOA4, DOA3, DOA2, DOA1, DOA0,
    output wire
        DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5,
        DOB4, DOB3, DOB2, DOB1, DOB0
);
    localparam [20479:0] INIT = {
        INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39,
        INITVAL_38, INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32,
        INITVAL_31, INITVAL_30, INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B,
        INITVAL_2A, INITVAL_29, INITVAL_28, INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24,
        INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20, INITVAL_1F, INITVAL_1E, INITVAL_1D,
        INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18, INITVAL_17, INITVAL_16,
        INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10, INITVAL_0F,
        INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01,
        INITVAL_00
    };
    localparam WIDE = DATA_WIDTH_A == 36 || DATA_WIDTH_B == 36;
    wire [13:0] address_a =
        {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
    wire [13:0] address_b =
        {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
    wire [17:0] data_a =
        {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5,
        DIA4, DIA3, DIA2, DIA1, DIA0};
    wire [17:0] data_b =
        {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5,
        DIB4, DIB3, DIB2, DIB1, DIB0};

    // Where in its pair of 18-bit words an address points.
    function integer place(input [4:0] address, input integer width);
        place = (width <= 18 && address[4] ? 18 : 0) + (width <= 9 && address[3] ? 9 : 0)
            + (width <= 4 && address[2] ? 4 : 0) + (width <= 2 && address[1] ? 2 : 0)
            + (width <= 1 && address[0] ? 1 : 0);
    endfunction

    // Which bits of the pair a write reaches: in wide words the lowest address pins enable units.
    function [35:0] reach(input [4:0] address, input integer width);
        if (width == 36)
            reach = {{9{address[3]}}, {9{address[2]}}, {9{address[1]}}, {9{address[0]}}};
        else if (width == 18)
            reach = {18'd0, {9{address[1]}}, {9{address[0]}}} << place(address, 18);
        else
            reach = ((36'd1 << width) - 36'd1) << place(address, width);
    endfunction

    reg [35:0] pairs [0:511];
    integer i;
    generate
        if (RESETMODE != "SYNC" || CLKAMUX != "CLKA" || CLKBMUX != "CLKB"
            || CSDECODE_A != "0b000" || CSDECODE_B != "0b000"
            || (WIDE && DATA_WIDTH_A != 36))
            mode_without_a_model bad ();
    endgenerate
    initial
        for (i = 0; i < 512; i = i + 1) pairs[i] = {INIT[40*i + 20 +: 18], INIT[40*i +: 18]};

    wire working_a = CEA && {CSA2, CSA1, CSA0} == 0;
    wire working_b = CEB && {CSB2, CSB1, CSB0} == 0;
    wire [8:0] pair_a = address_a[13:5];
    wire [8:0] pair_b = address_b[13:5];
    wire [35:0] reach_a = working_a && WEA
        ? reach(address_a[4:0], DATA_WIDTH_A) : 36'd0;
    wire [35:0] reach_b = working_b && WEB
        ? reach(address_b[4:0], DATA_WIDTH_B) : 36'd0;
    wire [35:0] put_a = {WIDE ? data_b : 18'd0, data_a} << place(address_a[4:0], DATA_WIDTH_A);
    wire [35:0] put_b = {18'd0, data_b} << place(address_b[4:0], DATA_WIDTH_B);
    wire [35:0] clash = pair_a == pair_b ? 36'hfffffffff : 36'd0;
    wire [35:0] got_a = pairs[pair_a] ^ (reach_b & clash);
    wire [35:0] got_b = pairs[pair_b] ^ (reach_a & clash);
    wire [35:0] seen_a = WRITEMODE_A == "WRITETHROUGH" ? put_a & reach_a | got_a & ~reach_a : got_a;
    wire [35:0] seen_b = WRITEMODE_B == "WRITETHROUGH" ? put_b & reach_b | got_b & ~reach_b : got_b;
    wire [35:0] word_a = seen_a >> place(address_a[4:0], DATA_WIDTH_A);
    wire [35:0] word_b = seen_b >> place(address_b[4:0], DATA_WIDTH_B);

    // Both ports of a design with one clock; an unused port's clock may stand still.
    always @(posedge CLKA)
        if (reach_a != 0) pairs[pair_a] <= pairs[pair_a] & ~reach_a | put_a & reach_a;
    always @(posedge CLKB)
        if (reach_b != 0) pairs[pair_b] <= pairs[pair_b] & ~reach_b | put_b & reach_b;

    reg [35:0] latch_a, latch_b, register_a, register_b;
    always @(posedge CLKA) begin
        if (RSTA) latch_a <= 0;
        else if (CEA && (!WEA || WRITEMODE_A != "NORMAL")) latch_a <= word_a;
        if (RSTA) register_a <= 0;
        else if (OCEA) register_a <= latch_a;
    end
    always @(posedge CLKB) begin
        if (RSTB) latch_b <= 0;
        else if (CEB && (!WEB || WRITEMODE_B != "NORMAL")) latch_b <= word_b;
        if (RSTB) register_b <= 0;
        else if (OCEB) register_b <= latch_b;
    end
    wire [35:0] out_a = REGMODE_A == "OUTREG" ? register_a : latch_a;
    wire [35:0] out_b = REGMODE_B == "OUTREG" ? register_b : latch_b;
    wire [17:0] low = WIDE && DATA_WIDTH_B == 36 ? out_b[17:0] : out_a[17:0];
    wire [17:0] high = WIDE && DATA_WIDTH_B == 36 ? out_b[35:18] : out_b[17:0];
    assign
        {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5,
        DOA4, DOA3, DOA2, DOA1, DOA0}
        = low;
    assign
        {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5,
        DOB4, DOB3, DOB2, DOB1, DOB0}
        = high;
endmodule
`default_nettype wire
