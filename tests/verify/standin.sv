// A core that adds up a window's samples, and does one thing wrong if `defect.hex` says so.
// Logits: the sum, and four times the last sample. Up to two windows wait behind their last sample.
module hwgen_core #(
    parameter WINDOW = 8,
    parameter HOP = 8,
    parameter PAUSE = 6,
    parameter LATENCY = 20
) (
    input clk, input rst, input abandon,
    input samples__valid, output samples__ready, input [16:0] samples__payload,
    output result__valid, input result__ready, output [72:0] result__payload
);
    reg [7:0] defect [0:0];
    initial $readmemh("defect.hex", defect);
    wire [7:0] wrong = defect[0];

    // Samples
    reg active;
    reg [7:0] taken_ago;                // cycles since the last sample
    reg [31:0] count;                   // samples since the first one
    reg [7:0] left;                     // samples of the window behind this one
    reg signed [15:0] old [0:WINDOW-1];
    reg signed [19:0] sum;
    wire first = samples__payload[16];
    wire signed [15:0] value = samples__payload[15:0];
    wire last = active && !first && left == 0;
    wire [7:0] distance = PAUSE
        + (wrong == 1 && left == 4)     // once longer
        + (wrong == 2 && last)          // longer before the last sample
        - (wrong == 3 && left == 4)     // once shorter
        + (wrong == 4);                 // always longer
    assign samples__ready = taken_ago >= distance && !(last && flying == 2);
    wire taken = samples__valid && samples__ready && (active || first)
        && !(abandon && wrong != 8);
    wire anew = first && !(wrong == 12 && active);
    wire signed [19:0] next = anew ? value
        : sum + value - ((HOP < WINDOW && (count >= WINDOW || wrong == 15)) ? old[WINDOW-1] : 0);
    wire complete = taken && last;

    // Windows behind their last sample
    reg [1:0] flying;
    reg [39:0] logits [0:1];
    reg [31:0] completed [0:1];
    reg dropped [0:1];
    reg put, get;
    reg [31:0] now, number;
    wire [31:0] age = now - completed[get];
    wire ready = flying != 0 && age >= LATENCY + (wrong == 16 && number == 6);
    wire lost = dropped[get] || (wrong == 6 && number == 6);
    reg presented;
    assign result__valid = ready && (!lost || presented);
    wire leave = ready && (result__ready || !result__valid);
    wire signed [19:0] total = logits[get][19:0] + (wrong == 5 && number == 6);
    wire signed [19:0] four = logits[get][39:20];
    reg [31:0] cycles;
    wire signed [19:0] shown = (wrong == 10 && presented) ? total + 1 : total;
    assign result__payload = {presented ? cycles : age + (wrong == 14), four, shown, four > shown};

    integer i;
    always @(posedge clk) begin
        now <= now + 1;
        if (taken_ago != 255) taken_ago <= taken_ago + 1;
        if (taken) begin
            taken_ago <= 1;
            sum <= next;
            count <= anew ? 1 : count + 1;
            left <= anew ? WINDOW - 2 : last ? HOP - 1 : left - 1;
            active <= !(last && HOP == WINDOW);
            for (i = 1; i < WINDOW; i = i + 1) old[i] <= old[i-1];
            old[0] <= value;
        end
        if (complete) begin
            logits[put] <= {{2{value[15]}}, value, 2'b00, next};
            completed[put] <= now;
            dropped[put] <= 0;
            put <= !put;
        end
        flying <= flying + complete - (leave && !(wrong == 7 && number == 6));
        if (leave) begin
            number <= number + 1;
            if (!(wrong == 7 && number == 6)) get <= !get; // a result twice
        end
        presented <= result__valid && !result__ready;
        if (result__valid && !presented) cycles <= age + (wrong == 14);
        if (abandon) begin
            if (wrong != 8) active <= 0;
            if (wrong != 9) begin
                if (HOP < WINDOW) {dropped[0], dropped[1]} <= 2'b11;
                else if (!active) dropped[!put] <= 1;
            end
        end
        if (rst) begin
            taken_ago <= 255;
            active <= 0; number <= 0; presented <= 0;
            if (wrong != 13) begin
                now <= 0; flying <= 0; put <= 0; get <= 0;
            end
        end
    end
    initial if (wrong == 13) {now, flying, put, get} = 0;
endmodule
