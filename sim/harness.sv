// Feeds samples from memory into the accelerator and writes down what comes out, so that the test
// bench in Python waits for whole sections of samples. A section is a run of samples, the first
// of them marked; what a section is, and the mode, are inputs.
`default_nettype none
module harness #(
    parameter WINDOW = 2048,    // samples a window
    parameter HOP = 2048,       // samples from one window to the next
    parameter PAUSE = 1,        // cycles between samples that the design states
    parameter ADC_BITS = 16,
    parameter RESULT_BITS = 32, // payload of the result stream
    parameter VALUE_BITS = 1,   // of a value, where a stream of them leaves (defines VALUES)
    parameter LENGTH = 2048,    // samples in memory
    parameter MAX_RESULTS = 1,
    parameter WEIGHT_BYTES = 1, // of a stream of weights (defines WEIGHTS)
    parameter WEIGHT_PACE = 1,  // cycles from one of them to the next
    parameter WEIGHT_AGAIN = 1, // more from a stream to the next
    parameter PATIENCE = 1      // cycles without a transfer after which the design has stopped
) (
    input  wire        rst,
    input  wire        abandon,
    input  wire [31:0] spacing,       // cycles between samples beyond one, at least
    input  wire        random_gaps,   // also wait at random
    input  wire [1:0]  stalls,        // take results 0: at once, 1: at random, 2: only once a
                                      // sample waits for it, or none is left
    input  wire [31:0] section,       // when it changes, a section begins
    input  wire [31:0] start,         // its first sample
    input  wire [31:0] count,         // its samples
    input  wire [31:0] junk,          // samples in front of it that are not marked first
    input  wire [31:0] goal,          // results since the reset that have to be out at its end,
                                      // and all of their values
    input  wire [31:0] idle,          // cycles that pass then before it is done
    input  wire [31:0] completions,   // windows taken whole before it that have or had a result
    output reg         clk,
    output reg         done,          // the section is over, or the design has stopped
    output reg         stuck,
    output reg  [31:0] results,       // how many came out since the reset
    output reg  [31:0] held,          // cycles in which samples waited longer than PAUSE
    output reg  [31:0] least, most,   // cycles from a sample to the next one of the window
    output reg  [31:0] unsteady,      // results and values that changed or went before they were
                                      // taken
    output wire [31:0] emptied        // windows all of whose values came out since the reset
);
    localparam OVERLAPPING = HOP < WINDOW;
    localparam NEARLY = PAUSE > 4 ? PAUSE - 4 : 0;
    localparam WAITS = 16; // cycles that say that a sample waits for a result to be taken

    reg [ADC_BITS-1:0] samples [0:LENGTH-1];
    integer file, values_file;
    reg [1023:0] stimulus, record, values_record;
    initial begin
        if (!$value$plusargs("values=%s", values_record)) $fatal(1, "no +values");
        values_file = $fopen(values_record, "w");
        if (!$value$plusargs("stimulus=%s", stimulus)) $fatal(1, "no +stimulus");
        if (!$value$plusargs("record=%s", record)) $fatal(1, "no +record");
        $readmemh(stimulus, samples);
        file = $fopen(record, "w");
        clk = 0;
    end
    always #5 clk = ~clk;

    reg [31:0] now, lfsr;
    reg [31:0] current;                        // section
    reg [31:0] position, left, junk_left, resting, quiet;
    reg        begun;                          // the next sample is not marked first
    reg [31:0] place_left;                     // samples of the window behind this one
    reg [31:0] waited, distance;               // since the last sample
    reg [31:0] extra;
    reg [31:0] newest;                         // window in progress
    reg [31:0] completed [0:MAX_RESULTS-1];    // cycles that took the windows' last samples
    reg [31:0] presented_at;
    reg        presented, offered;
    reg [RESULT_BITS-1:0] shown;

`ifdef WEIGHTS
    reg [7:0] weights [0:WEIGHT_BYTES-1];
    reg [1023:0] weights_file;
    initial begin
        if (!$value$plusargs("weights=%s", weights_file)) $fatal(1, "no +weights");
        $readmemh(weights_file, weights);
    end
    reg [31:0] weight, weight_wait, weight_stood;
    reg primed;                                // the ring has been full once: as after power-up
    wire weight_valid = weight_wait <= 1;
    wire weight_ready, weights_wrong;
    always @(posedge clk) begin
        weight_stood <= weight_valid && !weight_ready ? weight_stood + 1 : 0;
        if (weight_stood == 64) primed <= 1;
        if (!weight_valid) weight_wait <= weight_wait - 1;
        else if (weight_ready) begin
            weight <= weight == WEIGHT_BYTES - 1 ? 0 : weight + 1;
            weight_wait <= weight == WEIGHT_BYTES - 1 ? WEIGHT_PACE + WEIGHT_AGAIN : WEIGHT_PACE;
        end
        if (rst) begin
            weight <= 0; weight_wait <= 1; weight_stood <= 0; primed <= 0;
        end
    end
`else
    wire primed = 1;
`endif
    wire feeding = (junk_left != 0) || (left != 0);
    wire gap = random_gaps && PAUSE == 1 && lfsr[3:0] == 0;
    wire valid = feeding && primed && (waited >= spacing + extra) && !gap;
    wire sample_valid = valid | offered; // once offered, a sample stands until it is taken
    wire sample_ready;
    wire transfer = sample_valid && sample_ready;
    wire marked = junk_left == 0 && !begun;
    wire completing = place_left == 0;
    // A design with a pause may let the sample wait that completes a window while results wait.
    wire excused = PAUSE > 1 && stalls != 0 && completing;
    wire late = sample_valid && !sample_ready && distance >= PAUSE;
    wire result_valid;
    wire result_ready = stalls == 0 || (stalls == 1 && lfsr[9:4] == 0)
        || (stalls == 2 && (!feeding || (late && distance >= PAUSE + WAITS)));
    wire [RESULT_BITS-1:0] payload;
`ifdef VALUES
    reg [31:0] windows_emptied, value_at;      // the latter: when the window's first one came
    reg        value_presented, emptying;        // emptying a window's values
    reg [VALUE_BITS+1:0] value_shown;
    wire value_valid;
    wire value_ready = stalls == 0 || (stalls == 1 && lfsr[14:12] == 0) || (stalls == 2 && result_ready);
    wire [VALUE_BITS+1:0] value;               // last, first, and what it is
    wire value_moved = value_valid && value_ready;
    assign emptied = windows_emptied;
`else
    wire value_moved = 0;
    assign emptied = results;
`endif

    `DUT core (
        .clk(clk), .rst(rst), .abandon(abandon),
`ifdef SCORED
        // The threshold stays as the network has it.
        .threshold__set(1'b0), .threshold__value('0),
`endif
`ifdef WEIGHTS
        .weights__valid(weight_valid), .weights__ready(weight_ready),
        .weights__payload(weights[weight]), .weights_wrong(weights_wrong),
`endif
`ifdef VALUES
        .values__valid(value_valid), .values__ready(value_ready), .values__payload(value),
`endif
        .samples__valid(sample_valid), .samples__ready(sample_ready),
        .samples__payload({marked, samples[position]}),
        .result__valid(result_valid), .result__ready(result_ready), .result__payload(payload)
    );

    always @(posedge clk) begin
        now <= now + 1;
        lfsr <= {lfsr[30:0], lfsr[31] ^ lfsr[21] ^ lfsr[1] ^ lfsr[0]};
        offered <= sample_valid && !sample_ready;
        waited <= waited + 1;
        distance <= distance + 1;
        if (late && begun && junk_left == 0 && !excused) held <= held + 1;
        if (transfer) begin
            waited <= 0;
            distance <= 1;
            // Some samples come at once, some about when the design can take them.
            extra <= (random_gaps && PAUSE > 1 && lfsr[0]) ? NEARLY + lfsr[4:1] : 0;
            if (junk_left != 0) junk_left <= junk_left - 1;
            else begin
                position <= position + 1;
                left <= left - 1;
                begun <= OVERLAPPING || !completing;
                place_left <= completing ? HOP - 1 : place_left - 1;
                if (begun && distance < least) least <= distance;
                if (begun && distance > most) most <= distance;
                if (completing) begin
                    completed[newest] <= now;
                    newest <= newest + 1;
                end
            end
        end

        presented <= result_valid && !result_ready;
        if (result_valid && !presented) begin
            presented_at <= now;
            shown <= payload;
        end
        if (presented && !(result_valid && payload == shown)) unsteady <= unsteady + 1;
        if (result_valid && result_ready && !rst) begin
            results <= results + 1;
            // payload, cycles from taking the last sample to presenting the class, and the cycle
            // that took the last sample
            $fdisplay(file, "%h %0d %0d", payload,
                      (presented ? presented_at : now) - completed[results], completed[results]);
            $fflush(file);
        end

`ifdef VALUES
        value_presented <= value_valid && !value_ready;
        value_shown <= value;
        if (value_presented && !(value_valid && value == value_shown)) unsteady <= unsteady + 1;
        if (value_valid && !value_presented && !emptying) value_at <= now;
        if (value_moved && !rst) begin
            emptying <= !value[VALUE_BITS+1];
            // A line a window: its values, and cycles from the edge that took its last sample to the
            // first of them, and to the edge that took the last one. One that says wrongly whether it
            // is a window's first has a bit too many.
            $fwrite(values_file, "%h ", {value[VALUE_BITS] == emptying, value[VALUE_BITS-1:0]});
            if (value[VALUE_BITS+1]) begin
                $fwrite(values_file, "%0d %0d\n",
                        (emptying ? value_at : now) - completed[windows_emptied],
                        now - completed[windows_emptied]);
                $fflush(values_file);
                windows_emptied <= windows_emptied + 1;
            end
        end
`endif
        quiet <= (transfer || value_moved || (result_valid && result_ready)) ? 0 : quiet + 1;
        resting <= (feeding || results < goal || emptied < goal) ? 0 : resting + 1;
        if (section == current && !done) begin
            if (resting >= idle && !feeding && results >= goal && emptied >= goal) done <= 1;
            else if (quiet > PATIENCE + idle) begin
                done <= 1;
                stuck <= 1;
            end
        end
        if (section != current) begin
            current <= section;
            position <= start;
            left <= count;
            junk_left <= junk;
            begun <= 0;
            place_left <= WINDOW - 1;
            newest <= completions;
            quiet <= 0;
            resting <= 0;
            done <= 0;
        end
        if (rst) begin
            now <= 0;
            current <= section;
            left <= 0; junk_left <= 0; offered <= 0; begun <= 0;
            waited <= 0; extra <= 0; distance <= 0; quiet <= 0; resting <= 0;
            results <= 0; presented <= 0; held <= 0; unsteady <= 0;
`ifdef VALUES
            if (emptying) begin // the rest of the window does not come
                $fwrite(values_file, "-\n");
                $fflush(values_file);
            end
            windows_emptied <= 0; value_presented <= 0; emptying <= 0;
`endif
            least <= ~0; most <= 0;
            done <= 0; stuck <= 0;
            lfsr <= 32'h2545f491;
        end
    end
endmodule
`default_nettype wire
