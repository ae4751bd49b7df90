// Feeds windows from memory into the accelerator and writes down what comes out, so that the
// test bench in Python waits for windows, not for samples. Modes are inputs, set while in reset.
`default_nettype none
module harness #(
    parameter WINDOW = 2048,    // samples a window
    parameter ADC_BITS = 16,
    parameter RESULT_BITS = 32, // payload of the result stream
    parameter MAX_WINDOWS = 1024
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [31:0] windows,       // how many to feed
    input  wire [31:0] pause,         // cycles between samples, at least
    input  wire        random_gaps,   // also pause at random
    input  wire        random_stalls, // take results at random, else at once
    input  wire        abandon,
    output reg  [31:0] results,       // how many came out
    output reg  [31:0] held           // cycles in which a sample waited inside a window
);
    reg [ADC_BITS-1:0] samples [0:WINDOW*MAX_WINDOWS-1];
    integer file;
    reg [1023:0] stimulus, record;
    initial begin
        if (!$value$plusargs("stimulus=%s", stimulus)) $fatal(1, "no +stimulus");
        if (!$value$plusargs("record=%s", record)) $fatal(1, "no +record");
        $readmemh(stimulus, samples);
        file = $fopen(record, "w");
    end

    reg [31:0] window, place, waited, now;
    reg [31:0] lfsr;
    reg [31:0] begun [0:MAX_WINDOWS-1];     // cycles that took a window's first and last sample
    reg [31:0] completed [0:MAX_WINDOWS-1];
    reg        presented;
    reg [31:0] presented_at;
    wire valid = (window < windows) && (waited >= pause) && !(random_gaps && lfsr[3:0] == 0);
    reg  offered;
    wire sample_valid = valid | offered; // once offered, a sample stands until it is taken
    wire sample_ready;
    wire result_valid;
    wire result_ready = !random_stalls || lfsr[9:4] == 0;
    wire [RESULT_BITS-1:0] payload;

    `DUT core (
        .clk(clk), .rst(rst), .abandon(abandon),
        .samples__valid(sample_valid), .samples__ready(sample_ready),
        .samples__payload({place == 0, samples[window * WINDOW + place]}),
        .result__valid(result_valid), .result__ready(result_ready), .result__payload(payload)
    );

    always @(posedge clk) begin
        now <= now + 1;
        lfsr <= {lfsr[30:0], lfsr[31] ^ lfsr[21] ^ lfsr[1] ^ lfsr[0]};
        offered <= sample_valid && !sample_ready;
        if (waited < pause) waited <= waited + 1;
        if (sample_valid && !sample_ready && place != 0) held <= held + 1;
        if (sample_valid && sample_ready) begin
            waited <= 0;
            place <= (place == WINDOW - 1) ? 0 : place + 1;
            if (place == 0) begun[window] <= now;
            if (place == WINDOW - 1) begin
                completed[window] <= now;
                window <= window + 1;
            end
        end
        if (result_valid && !presented) begin
            presented <= 1;
            presented_at <= now;
        end
        if (result_valid && result_ready) begin
            presented <= 0;
            results <= results + 1;
            // number, payload, cycles from taking the last sample to presenting the class, and
            // the cycle that took the first sample
            $fdisplay(file, "%0d %h %0d %0d", results, payload,
                      (presented ? presented_at : now) - completed[results], begun[results]);
            $fflush(file);
        end
        if (rst) begin
            now <= 0;
            window <= 0; place <= 0; waited <= 0; offered <= 0;
            results <= 0; presented <= 0; held <= 0;
            lfsr <= 32'h2545f491;
        end
    end
endmodule
`default_nettype wire
