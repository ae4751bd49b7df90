// Simulation models of the iCE40 UltraPlus's cells that a synthesised core consists of: what the
// cells do in the modes that Yosys and `hwgen.targets.ice40` use, without delays. Flip-flops start
// as the chip starts them, at 0. A mode that has no model asks for a module that is not there.
// `working` is high in a cycle in which a memory is read or written, or a multiplier has new operands:
// `hwgen power` counts them.
`default_nettype none

module SB_LUT4 #(parameter [15:0] LUT_INIT = 16'h0000) (
    input wire I0, I1, I2, I3, output wire O
);
    assign O = LUT_INIT >> {I3, I2, I1, I0};
endmodule

module SB_CARRY (input wire I0, I1, CI, output wire CO);
    assign CO = (I0 && I1) || ((I0 || I1) && CI);
endmodule

module SB_DFF (input wire C, D, output reg Q);
    initial Q = 0;
    always @(posedge C) Q <= D;
endmodule

module SB_DFFE (input wire C, E, D, output reg Q);
    initial Q = 0;
    always @(posedge C) if (E) Q <= D;
endmodule

// Set and reset in step with the clock, with an enable that holds for them too.
module SB_DFFSR (input wire C, R, D, output reg Q);
    initial Q = 0;
    always @(posedge C) if (R) Q <= 0; else Q <= D;
endmodule

module SB_DFFSS (input wire C, S, D, output reg Q);
    initial Q = 0;
    always @(posedge C) if (S) Q <= 1; else Q <= D;
endmodule

module SB_DFFESR (input wire C, E, R, D, output reg Q);
    initial Q = 0;
    always @(posedge C) if (E) begin if (R) Q <= 0; else Q <= D; end
endmodule

module SB_DFFESS (input wire C, E, S, D, output reg Q);
    initial Q = 0;
    always @(posedge C) if (E) begin if (S) Q <= 1; else Q <= D; end
endmodule

// Set and reset at once.
module SB_DFFR (input wire C, R, D, output reg Q);
    initial Q = 0;
    always @(posedge C, posedge R) if (R) Q <= 0; else Q <= D;
endmodule

module SB_DFFS (input wire C, S, D, output reg Q);
    initial Q = 0;
    always @(posedge C, posedge S) if (S) Q <= 1; else Q <= D;
endmodule

module SB_DFFER (input wire C, E, R, D, output reg Q);
    initial Q = 0;
    always @(posedge C, posedge R) if (R) Q <= 0; else if (E) Q <= D;
endmodule

module SB_DFFES (input wire C, E, S, D, output reg Q);
    initial Q = 0;
    always @(posedge C, posedge S) if (S) Q <= 1; else if (E) Q <= D;
endmodule

// Signed product of 16-bit operands to which {C, D} is added: operands, product and sum each in a
// register. No other mode has a model, and no pin by which cells are chained.
module SB_MAC16 #(
    parameter [0:0] NEG_TRIGGER = 0,
    parameter [0:0] A_REG = 0, B_REG = 0, C_REG = 0, D_REG = 0,
    parameter [0:0] TOP_8x8_MULT_REG = 0, BOT_8x8_MULT_REG = 0,
    parameter [0:0] PIPELINE_16x16_MULT_REG1 = 0, PIPELINE_16x16_MULT_REG2 = 0,
    parameter [1:0] TOPOUTPUT_SELECT = 0, BOTOUTPUT_SELECT = 0,
    parameter [1:0] TOPADDSUB_LOWERINPUT = 0, BOTADDSUB_LOWERINPUT = 0,
    parameter [0:0] TOPADDSUB_UPPERINPUT = 0, BOTADDSUB_UPPERINPUT = 0,
    parameter [1:0] TOPADDSUB_CARRYSELECT = 0, BOTADDSUB_CARRYSELECT = 0,
    parameter [0:0] MODE_8x8 = 0, A_SIGNED = 0, B_SIGNED = 0
) (
    input wire CLK, CE,
    input wire [15:0] C, A, B, D,
    input wire AHOLD, BHOLD, CHOLD, DHOLD, IRSTTOP, IRSTBOT, ORSTTOP, ORSTBOT,
    input wire OLOADTOP, OLOADBOT, ADDSUBTOP, ADDSUBBOT, OHOLDTOP, OHOLDBOT,
    input wire CI, ACCUMCI, SIGNEXTIN,
    output wire [31:0] O
);
    generate
        if (NEG_TRIGGER || !A_REG || !B_REG || C_REG || D_REG || TOP_8x8_MULT_REG
            || BOT_8x8_MULT_REG || PIPELINE_16x16_MULT_REG1 || !PIPELINE_16x16_MULT_REG2
            || TOPOUTPUT_SELECT != 1 || BOTOUTPUT_SELECT != 1 || TOPADDSUB_LOWERINPUT != 2
            || BOTADDSUB_LOWERINPUT != 2 || !TOPADDSUB_UPPERINPUT || !BOTADDSUB_UPPERINPUT
            || TOPADDSUB_CARRYSELECT != 2 || BOTADDSUB_CARRYSELECT != 0
            || MODE_8x8 || !A_SIGNED || !B_SIGNED)
            mode_without_a_model bad ();
    endgenerate
    reg [15:0] a, b;
    reg [31:0] product, sum;
    wire working = CE && (A != a || B != b);
    wire signed [31:0] wide_a = {{16{a[15]}}, a};
    wire signed [31:0] wide_b = {{16{b[15]}}, b};
    always @(posedge CLK)
        if (CE) begin
            a <= A;
            b <= B;
            product <= wide_a * wide_b;
            sum <= product + {C, D};
        end
    assign O = sum;
endmodule

// 4 kbit of memory: one port writes, one reads. A row has 16 bits; of narrow words there are
// several in a row, bit k of each in the k-th share of it, and the address bits above the row's
// choose among them. A bit that is written while it is read is read wrong, whatever it was and
// becomes: nothing may depend on it.
module SB_RAM40_4K #(
    parameter WRITE_MODE = 0, READ_MODE = 0, INIT_FILE = "",
    parameter [255:0]
        INIT_0 = 0, INIT_1 = 0, INIT_2 = 0, INIT_3 = 0, INIT_4 = 0, INIT_5 = 0, INIT_6 = 0,
        INIT_7 = 0, INIT_8 = 0, INIT_9 = 0, INIT_A = 0, INIT_B = 0, INIT_C = 0, INIT_D = 0,
        INIT_E = 0, INIT_F = 0
) (
    output wire [15:0] RDATA,
    input wire RCLK, RCLKE, RE,
    input wire [10:0] RADDR,
    input wire WCLK, WCLKE, WE,
    input wire [10:0] WADDR,
    input wire [15:0] MASK, WDATA
);
    localparam [4095:0] INIT = {
        INIT_F, INIT_E, INIT_D, INIT_C, INIT_B, INIT_A, INIT_9, INIT_8, INIT_7, INIT_6, INIT_5,
        INIT_4, INIT_3, INIT_2, INIT_1, INIT_0
    };
    localparam WRITE_SHARE = 1 << WRITE_MODE, READ_SHARE = 1 << READ_MODE;

    // Which pin of a share is a narrow word's.
    function integer pin(input integer mode);
        pin = mode == 3 ? 3 : mode == 2 ? 1 : 0;
    endfunction

    reg [15:0] rows [0:255];
    integer i;
    generate
        if (INIT_FILE != "" || WRITE_MODE > 3 || READ_MODE > 3) mode_without_a_model bad ();
    endgenerate
    initial for (i = 0; i < 256; i = i + 1) rows[i] = INIT[16*i +: 16];

    wire [2:0] put_at = WADDR[10:8] & (WRITE_SHARE - 1);
    wire [2:0] get_at = RADDR[10:8] & (READ_SHARE - 1);
    wire working_write = WE && WCLKE;
    wire working_read = RE && RCLKE;
    wire [15:0] reach, put, found;
    wire [15:0] clash =
        working_write && WADDR[7:0] == RADDR[7:0] ? reach : 16'd0;
    reg [15:0] row;
    reg [2:0] at;
    genvar bit_;
    generate
        for (bit_ = 0; bit_ < 16; bit_ = bit_ + 1) begin : bits
            assign reach[bit_] = WRITE_MODE == 0 ? !MASK[bit_] : bit_ % WRITE_SHARE == put_at;
            assign put[bit_] = WDATA[bit_ / WRITE_SHARE * WRITE_SHARE + pin(WRITE_MODE)];
            assign found[bit_] = bit_ % READ_SHARE == pin(READ_MODE)
                && row[(bit_ / READ_SHARE * READ_SHARE + at) & 15];
        end
    endgenerate
    assign RDATA = found;
    always @(posedge WCLK)
        if (working_write) rows[WADDR[7:0]] <= rows[WADDR[7:0]] & ~reach | put & reach;
    always @(posedge RCLK)
        if (working_read) begin
            row <= rows[RADDR[7:0]] ^ clash;
            at <= get_at;
        end
endmodule

// 256 kbit of memory with one port. What it gives while it writes is wrong: nothing may depend on
// it. It starts with anything.
module SB_SPRAM256KA (
    input wire [13:0] ADDRESS,
    input wire [15:0] DATAIN,
    input wire [3:0] MASKWREN,
    input wire WREN, CHIPSELECT, CLOCK, STANDBY, SLEEP, POWEROFF,
    output reg [15:0] DATAOUT
);
    reg [15:0] words [0:16383];
    wire [15:0] reach = {{4{MASKWREN[3]}}, {4{MASKWREN[2]}}, {4{MASKWREN[1]}}, {4{MASKWREN[0]}}};
    wire working = CHIPSELECT && POWEROFF && !SLEEP && !STANDBY;
    integer i;
    initial for (i = 0; i < 16384; i = i + 1) words[i] = i * 16'h9e37 ^ 16'h5a5a;
    always @(posedge CLOCK)
        if (working) begin
            if (WREN) words[ADDRESS] <= words[ADDRESS] & ~reach | DATAIN & reach;
            DATAOUT <= WREN ? ~words[ADDRESS] : words[ADDRESS];
        end
endmodule
`default_nettype wire
