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
// read wrong, whatever it was and becomes: nothing may depend on it.
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
    output wire [35:0] DO,
    output wire ONEBITERR, TWOBITERR
);
    // Of contents as text: 32 units of 9 bits, each in 10.
    function [287:0] units(input [655:0] text);
        integer i;
        reg [319:0] bits;
        begin
            for (i = 0; i < 80; i = i + 1)
                bits[4*i +: 4] = text[8*i + 6] ? text[8*i +: 4] + 4'd9 : text[8*i +: 4];
            for (i = 0; i < 32; i = i + 1) units[9*i +: 9] = bits[10*i +: 9];
        end
    endfunction

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
    initial begin
        {fours[7], fours[6], fours[5], fours[4], fours[3], fours[2], fours[1], fours[0]} = units(INITVAL_00);
        {fours[15], fours[14], fours[13], fours[12], fours[11], fours[10], fours[9], fours[8]} = units(INITVAL_01);
        {fours[23], fours[22], fours[21], fours[20], fours[19], fours[18], fours[17], fours[16]} = units(INITVAL_02);
        {fours[31], fours[30], fours[29], fours[28], fours[27], fours[26], fours[25], fours[24]} = units(INITVAL_03);
        {fours[39], fours[38], fours[37], fours[36], fours[35], fours[34], fours[33], fours[32]} = units(INITVAL_04);
        {fours[47], fours[46], fours[45], fours[44], fours[43], fours[42], fours[41], fours[40]} = units(INITVAL_05);
        {fours[55], fours[54], fours[53], fours[52], fours[51], fours[50], fours[49], fours[48]} = units(INITVAL_06);
        {fours[63], fours[62], fours[61], fours[60], fours[59], fours[58], fours[57], fours[56]} = units(INITVAL_07);
        {fours[71], fours[70], fours[69], fours[68], fours[67], fours[66], fours[65], fours[64]} = units(INITVAL_08);
        {fours[79], fours[78], fours[77], fours[76], fours[75], fours[74], fours[73], fours[72]} = units(INITVAL_09);
        {fours[87], fours[86], fours[85], fours[84], fours[83], fours[82], fours[81], fours[80]} = units(INITVAL_0A);
        {fours[95], fours[94], fours[93], fours[92], fours[91], fours[90], fours[89], fours[88]} = units(INITVAL_0B);
        {fours[103], fours[102], fours[101], fours[100], fours[99], fours[98], fours[97], fours[96]} = units(INITVAL_0C);
        {fours[111], fours[110], fours[109], fours[108], fours[107], fours[106], fours[105], fours[104]} = units(INITVAL_0D);
        {fours[119], fours[118], fours[117], fours[116], fours[115], fours[114], fours[113], fours[112]} = units(INITVAL_0E);
        {fours[127], fours[126], fours[125], fours[124], fours[123], fours[122], fours[121], fours[120]} = units(INITVAL_0F);
        {fours[135], fours[134], fours[133], fours[132], fours[131], fours[130], fours[129], fours[128]} = units(INITVAL_10);
        {fours[143], fours[142], fours[141], fours[140], fours[139], fours[138], fours[137], fours[136]} = units(INITVAL_11);
        {fours[151], fours[150], fours[149], fours[148], fours[147], fours[146], fours[145], fours[144]} = units(INITVAL_12);
        {fours[159], fours[158], fours[157], fours[156], fours[155], fours[154], fours[153], fours[152]} = units(INITVAL_13);
        {fours[167], fours[166], fours[165], fours[164], fours[163], fours[162], fours[161], fours[160]} = units(INITVAL_14);
        {fours[175], fours[174], fours[173], fours[172], fours[171], fours[170], fours[169], fours[168]} = units(INITVAL_15);
        {fours[183], fours[182], fours[181], fours[180], fours[179], fours[178], fours[177], fours[176]} = units(INITVAL_16);
        {fours[191], fours[190], fours[189], fours[188], fours[187], fours[186], fours[185], fours[184]} = units(INITVAL_17);
        {fours[199], fours[198], fours[197], fours[196], fours[195], fours[194], fours[193], fours[192]} = units(INITVAL_18);
        {fours[207], fours[206], fours[205], fours[204], fours[203], fours[202], fours[201], fours[200]} = units(INITVAL_19);
        {fours[215], fours[214], fours[213], fours[212], fours[211], fours[210], fours[209], fours[208]} = units(INITVAL_1A);
        {fours[223], fours[222], fours[221], fours[220], fours[219], fours[218], fours[217], fours[216]} = units(INITVAL_1B);
        {fours[231], fours[230], fours[229], fours[228], fours[227], fours[226], fours[225], fours[224]} = units(INITVAL_1C);
        {fours[239], fours[238], fours[237], fours[236], fours[235], fours[234], fours[233], fours[232]} = units(INITVAL_1D);
        {fours[247], fours[246], fours[245], fours[244], fours[243], fours[242], fours[241], fours[240]} = units(INITVAL_1E);
        {fours[255], fours[254], fours[253], fours[252], fours[251], fours[250], fours[249], fours[248]} = units(INITVAL_1F);
        {fours[263], fours[262], fours[261], fours[260], fours[259], fours[258], fours[257], fours[256]} = units(INITVAL_20);
        {fours[271], fours[270], fours[269], fours[268], fours[267], fours[266], fours[265], fours[264]} = units(INITVAL_21);
        {fours[279], fours[278], fours[277], fours[276], fours[275], fours[274], fours[273], fours[272]} = units(INITVAL_22);
        {fours[287], fours[286], fours[285], fours[284], fours[283], fours[282], fours[281], fours[280]} = units(INITVAL_23);
        {fours[295], fours[294], fours[293], fours[292], fours[291], fours[290], fours[289], fours[288]} = units(INITVAL_24);
        {fours[303], fours[302], fours[301], fours[300], fours[299], fours[298], fours[297], fours[296]} = units(INITVAL_25);
        {fours[311], fours[310], fours[309], fours[308], fours[307], fours[306], fours[305], fours[304]} = units(INITVAL_26);
        {fours[319], fours[318], fours[317], fours[316], fours[315], fours[314], fours[313], fours[312]} = units(INITVAL_27);
        {fours[327], fours[326], fours[325], fours[324], fours[323], fours[322], fours[321], fours[320]} = units(INITVAL_28);
        {fours[335], fours[334], fours[333], fours[332], fours[331], fours[330], fours[329], fours[328]} = units(INITVAL_29);
        {fours[343], fours[342], fours[341], fours[340], fours[339], fours[338], fours[337], fours[336]} = units(INITVAL_2A);
        {fours[351], fours[350], fours[349], fours[348], fours[347], fours[346], fours[345], fours[344]} = units(INITVAL_2B);
        {fours[359], fours[358], fours[357], fours[356], fours[355], fours[354], fours[353], fours[352]} = units(INITVAL_2C);
        {fours[367], fours[366], fours[365], fours[364], fours[363], fours[362], fours[361], fours[360]} = units(INITVAL_2D);
        {fours[375], fours[374], fours[373], fours[372], fours[371], fours[370], fours[369], fours[368]} = units(INITVAL_2E);
        {fours[383], fours[382], fours[381], fours[380], fours[379], fours[378], fours[377], fours[376]} = units(INITVAL_2F);
        {fours[391], fours[390], fours[389], fours[388], fours[387], fours[386], fours[385], fours[384]} = units(INITVAL_30);
        {fours[399], fours[398], fours[397], fours[396], fours[395], fours[394], fours[393], fours[392]} = units(INITVAL_31);
        {fours[407], fours[406], fours[405], fours[404], fours[403], fours[402], fours[401], fours[400]} = units(INITVAL_32);
        {fours[415], fours[414], fours[413], fours[412], fours[411], fours[410], fours[409], fours[408]} = units(INITVAL_33);
        {fours[423], fours[422], fours[421], fours[420], fours[419], fours[418], fours[417], fours[416]} = units(INITVAL_34);
        {fours[431], fours[430], fours[429], fours[428], fours[427], fours[426], fours[425], fours[424]} = units(INITVAL_35);
        {fours[439], fours[438], fours[437], fours[436], fours[435], fours[434], fours[433], fours[432]} = units(INITVAL_36);
        {fours[447], fours[446], fours[445], fours[444], fours[443], fours[442], fours[441], fours[440]} = units(INITVAL_37);
        {fours[455], fours[454], fours[453], fours[452], fours[451], fours[450], fours[449], fours[448]} = units(INITVAL_38);
        {fours[463], fours[462], fours[461], fours[460], fours[459], fours[458], fours[457], fours[456]} = units(INITVAL_39);
        {fours[471], fours[470], fours[469], fours[468], fours[467], fours[466], fours[465], fours[464]} = units(INITVAL_3A);
        {fours[479], fours[478], fours[477], fours[476], fours[475], fours[474], fours[473], fours[472]} = units(INITVAL_3B);
        {fours[487], fours[486], fours[485], fours[484], fours[483], fours[482], fours[481], fours[480]} = units(INITVAL_3C);
        {fours[495], fours[494], fours[493], fours[492], fours[491], fours[490], fours[489], fours[488]} = units(INITVAL_3D);
        {fours[503], fours[502], fours[501], fours[500], fours[499], fours[498], fours[497], fours[496]} = units(INITVAL_3E);
        {fours[511], fours[510], fours[509], fours[508], fours[507], fours[506], fours[505], fours[504]} = units(INITVAL_3F);
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
    assign ONEBITERR = 0, TWOBITERR = 0;
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
    // Of contents as text: 32 units of 9 bits, each in 10.
    function [287:0] units(input [655:0] text);
        integer i;
        reg [319:0] bits;
        begin
            for (i = 0; i < 80; i = i + 1)
                bits[4*i +: 4] = text[8*i + 6] ? text[8*i +: 4] + 4'd9 : text[8*i +: 4];
            for (i = 0; i < 32; i = i + 1) units[9*i +: 9] = bits[10*i +: 9];
        end
    endfunction

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
    initial begin
        {fours[7], fours[6], fours[5], fours[4], fours[3], fours[2], fours[1], fours[0]} = units(INITVAL_00);
        {fours[15], fours[14], fours[13], fours[12], fours[11], fours[10], fours[9], fours[8]} = units(INITVAL_01);
        {fours[23], fours[22], fours[21], fours[20], fours[19], fours[18], fours[17], fours[16]} = units(INITVAL_02);
        {fours[31], fours[30], fours[29], fours[28], fours[27], fours[26], fours[25], fours[24]} = units(INITVAL_03);
        {fours[39], fours[38], fours[37], fours[36], fours[35], fours[34], fours[33], fours[32]} = units(INITVAL_04);
        {fours[47], fours[46], fours[45], fours[44], fours[43], fours[42], fours[41], fours[40]} = units(INITVAL_05);
        {fours[55], fours[54], fours[53], fours[52], fours[51], fours[50], fours[49], fours[48]} = units(INITVAL_06);
        {fours[63], fours[62], fours[61], fours[60], fours[59], fours[58], fours[57], fours[56]} = units(INITVAL_07);
        {fours[71], fours[70], fours[69], fours[68], fours[67], fours[66], fours[65], fours[64]} = units(INITVAL_08);
        {fours[79], fours[78], fours[77], fours[76], fours[75], fours[74], fours[73], fours[72]} = units(INITVAL_09);
        {fours[87], fours[86], fours[85], fours[84], fours[83], fours[82], fours[81], fours[80]} = units(INITVAL_0A);
        {fours[95], fours[94], fours[93], fours[92], fours[91], fours[90], fours[89], fours[88]} = units(INITVAL_0B);
        {fours[103], fours[102], fours[101], fours[100], fours[99], fours[98], fours[97], fours[96]} = units(INITVAL_0C);
        {fours[111], fours[110], fours[109], fours[108], fours[107], fours[106], fours[105], fours[104]} = units(INITVAL_0D);
        {fours[119], fours[118], fours[117], fours[116], fours[115], fours[114], fours[113], fours[112]} = units(INITVAL_0E);
        {fours[127], fours[126], fours[125], fours[124], fours[123], fours[122], fours[121], fours[120]} = units(INITVAL_0F);
        {fours[135], fours[134], fours[133], fours[132], fours[131], fours[130], fours[129], fours[128]} = units(INITVAL_10);
        {fours[143], fours[142], fours[141], fours[140], fours[139], fours[138], fours[137], fours[136]} = units(INITVAL_11);
        {fours[151], fours[150], fours[149], fours[148], fours[147], fours[146], fours[145], fours[144]} = units(INITVAL_12);
        {fours[159], fours[158], fours[157], fours[156], fours[155], fours[154], fours[153], fours[152]} = units(INITVAL_13);
        {fours[167], fours[166], fours[165], fours[164], fours[163], fours[162], fours[161], fours[160]} = units(INITVAL_14);
        {fours[175], fours[174], fours[173], fours[172], fours[171], fours[170], fours[169], fours[168]} = units(INITVAL_15);
        {fours[183], fours[182], fours[181], fours[180], fours[179], fours[178], fours[177], fours[176]} = units(INITVAL_16);
        {fours[191], fours[190], fours[189], fours[188], fours[187], fours[186], fours[185], fours[184]} = units(INITVAL_17);
        {fours[199], fours[198], fours[197], fours[196], fours[195], fours[194], fours[193], fours[192]} = units(INITVAL_18);
        {fours[207], fours[206], fours[205], fours[204], fours[203], fours[202], fours[201], fours[200]} = units(INITVAL_19);
        {fours[215], fours[214], fours[213], fours[212], fours[211], fours[210], fours[209], fours[208]} = units(INITVAL_1A);
        {fours[223], fours[222], fours[221], fours[220], fours[219], fours[218], fours[217], fours[216]} = units(INITVAL_1B);
        {fours[231], fours[230], fours[229], fours[228], fours[227], fours[226], fours[225], fours[224]} = units(INITVAL_1C);
        {fours[239], fours[238], fours[237], fours[236], fours[235], fours[234], fours[233], fours[232]} = units(INITVAL_1D);
        {fours[247], fours[246], fours[245], fours[244], fours[243], fours[242], fours[241], fours[240]} = units(INITVAL_1E);
        {fours[255], fours[254], fours[253], fours[252], fours[251], fours[250], fours[249], fours[248]} = units(INITVAL_1F);
        {fours[263], fours[262], fours[261], fours[260], fours[259], fours[258], fours[257], fours[256]} = units(INITVAL_20);
        {fours[271], fours[270], fours[269], fours[268], fours[267], fours[266], fours[265], fours[264]} = units(INITVAL_21);
        {fours[279], fours[278], fours[277], fours[276], fours[275], fours[274], fours[273], fours[272]} = units(INITVAL_22);
        {fours[287], fours[286], fours[285], fours[284], fours[283], fours[282], fours[281], fours[280]} = units(INITVAL_23);
        {fours[295], fours[294], fours[293], fours[292], fours[291], fours[290], fours[289], fours[288]} = units(INITVAL_24);
        {fours[303], fours[302], fours[301], fours[300], fours[299], fours[298], fours[297], fours[296]} = units(INITVAL_25);
        {fours[311], fours[310], fours[309], fours[308], fours[307], fours[306], fours[305], fours[304]} = units(INITVAL_26);
        {fours[319], fours[318], fours[317], fours[316], fours[315], fours[314], fours[313], fours[312]} = units(INITVAL_27);
        {fours[327], fours[326], fours[325], fours[324], fours[323], fours[322], fours[321], fours[320]} = units(INITVAL_28);
        {fours[335], fours[334], fours[333], fours[332], fours[331], fours[330], fours[329], fours[328]} = units(INITVAL_29);
        {fours[343], fours[342], fours[341], fours[340], fours[339], fours[338], fours[337], fours[336]} = units(INITVAL_2A);
        {fours[351], fours[350], fours[349], fours[348], fours[347], fours[346], fours[345], fours[344]} = units(INITVAL_2B);
        {fours[359], fours[358], fours[357], fours[356], fours[355], fours[354], fours[353], fours[352]} = units(INITVAL_2C);
        {fours[367], fours[366], fours[365], fours[364], fours[363], fours[362], fours[361], fours[360]} = units(INITVAL_2D);
        {fours[375], fours[374], fours[373], fours[372], fours[371], fours[370], fours[369], fours[368]} = units(INITVAL_2E);
        {fours[383], fours[382], fours[381], fours[380], fours[379], fours[378], fours[377], fours[376]} = units(INITVAL_2F);
        {fours[391], fours[390], fours[389], fours[388], fours[387], fours[386], fours[385], fours[384]} = units(INITVAL_30);
        {fours[399], fours[398], fours[397], fours[396], fours[395], fours[394], fours[393], fours[392]} = units(INITVAL_31);
        {fours[407], fours[406], fours[405], fours[404], fours[403], fours[402], fours[401], fours[400]} = units(INITVAL_32);
        {fours[415], fours[414], fours[413], fours[412], fours[411], fours[410], fours[409], fours[408]} = units(INITVAL_33);
        {fours[423], fours[422], fours[421], fours[420], fours[419], fours[418], fours[417], fours[416]} = units(INITVAL_34);
        {fours[431], fours[430], fours[429], fours[428], fours[427], fours[426], fours[425], fours[424]} = units(INITVAL_35);
        {fours[439], fours[438], fours[437], fours[436], fours[435], fours[434], fours[433], fours[432]} = units(INITVAL_36);
        {fours[447], fours[446], fours[445], fours[444], fours[443], fours[442], fours[441], fours[440]} = units(INITVAL_37);
        {fours[455], fours[454], fours[453], fours[452], fours[451], fours[450], fours[449], fours[448]} = units(INITVAL_38);
        {fours[463], fours[462], fours[461], fours[460], fours[459], fours[458], fours[457], fours[456]} = units(INITVAL_39);
        {fours[471], fours[470], fours[469], fours[468], fours[467], fours[466], fours[465], fours[464]} = units(INITVAL_3A);
        {fours[479], fours[478], fours[477], fours[476], fours[475], fours[474], fours[473], fours[472]} = units(INITVAL_3B);
        {fours[487], fours[486], fours[485], fours[484], fours[483], fours[482], fours[481], fours[480]} = units(INITVAL_3C);
        {fours[495], fours[494], fours[493], fours[492], fours[491], fours[490], fours[489], fours[488]} = units(INITVAL_3D);
        {fours[503], fours[502], fours[501], fours[500], fours[499], fours[498], fours[497], fours[496]} = units(INITVAL_3E);
        {fours[511], fours[510], fours[509], fours[508], fours[507], fours[506], fours[505], fours[504]} = units(INITVAL_3F);
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
