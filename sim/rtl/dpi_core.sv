// Behavioural stage core: the ports and the timing of a stage, without its logic. Simulation only.
//
// Contract  Around it a generated `<stage>_core` computes the sample: in the cycle in which its last beat is taken,
//           call is high and sample holds its beats, the first one lowest; from the next cycle on features and
//           z hold the results of the last call.
//           s_*  IN_BEATS beats a sample. A first beat is taken INTERVAL cycles after the one before at the earliest, and
//                when fewer than HOLDS samples are inside: enough to keep that pace while z_ready is high.
//           f_*  FEATURE_BEATS beats in a row, the first one FEATURE_CYCLES after the first beat if beats came without
//                a gap, else later by the gaps; whatever z_ready is.
//           z_*  LOGIT_CYCLES after the first beat, later by the gaps; stands still until taken. In order.
//           busy says that a sample, or a part of one, is inside. A reset forgets all of them.
//           It needs a clock edge per cycle from first beat to last result, as the real core does.
// Does not  Synthesise, or say anything of area and activity: its registers are not those of the stage. A real core
//           may take beats of a second sample while it waits for beats of the first; this one is as strict as the shell.
`default_nettype none

module hwgen_dpi_core #(
    parameter int unsigned IN_BEATS       = 1,
    parameter int unsigned IN_BITS        = 8,
    parameter int unsigned FEATURE_BEATS  = 1,
    parameter int unsigned FEATURE_BITS   = 8,
    parameter int unsigned Z_BITS         = 8,
    parameter int unsigned INTERVAL       = 1,
    parameter int unsigned FEATURE_CYCLES = 1,
    parameter int unsigned LOGIT_CYCLES   = 1
) (
    input  wire logic                                  clk,
    input  wire logic                                  rst_n,
    input  wire logic                                  s_valid,
    output logic                                       s_ready,
    input  wire logic [IN_BITS-1:0]                    s_data,
    output logic                                       f_valid,
    output logic      [FEATURE_BITS-1:0]               f_data,
    output logic                                       z_valid,
    input  wire logic                                  z_ready,
    output logic      [Z_BITS-1:0]                     z_data,
    output logic                                       busy,
    output logic                                       call,
    output logic      [IN_BEATS*IN_BITS-1:0]           sample,
    input  wire logic [FEATURE_BEATS*FEATURE_BITS-1:0] features,
    input  wire logic [Z_BITS-1:0]                     z
);
    // Cycles from the last input beat to the first output; the call itself takes one.
    localparam int unsigned FEATURE_DELAY = (FEATURE_CYCLES > IN_BEATS) ? FEATURE_CYCLES - IN_BEATS + 1 : 1;
    localparam int unsigned LOGIT_DELAY = (LOGIT_CYCLES > IN_BEATS) ? LOGIT_CYCLES - IN_BEATS + 1 : 1;
    localparam int unsigned STAY = (LOGIT_DELAY > FEATURE_DELAY + FEATURE_BEATS ? LOGIT_DELAY
                                                                                : FEATURE_DELAY + FEATURE_BEATS) + IN_BEATS;
    localparam int unsigned HOLDS = STAY / INTERVAL + 2;
    localparam int unsigned PLACE_BITS = $clog2(HOLDS);
    localparam int unsigned COUNT_BITS = $clog2(HOLDS + 1);
    localparam int unsigned BEAT_BITS = (IN_BEATS > 1) ? $clog2(IN_BEATS) : 1;
    localparam int unsigned F_BEAT_BITS = (FEATURE_BEATS > 1) ? $clog2(FEATURE_BEATS) : 1;
    localparam logic [PLACE_BITS-1:0] LAST_PLACE = PLACE_BITS'(HOLDS - 1);

    function automatic logic [PLACE_BITS-1:0] after(input logic [PLACE_BITS-1:0] place);
        after = (place == LAST_PLACE) ? '0 : place + 1'b1;
    endfunction

    // A clock of its own: it stands still with the core's, and 64 bits never wrap around.
    logic [63:0] now, pace;
    logic take, first, last, called, z_taken, f_last;
    logic [BEAT_BITS-1:0] beat;
    logic [F_BEAT_BITS-1:0] f_beat;

    // Results wait in rings, each with the cycle it is due. The counts hold samples from their first beat on.
    logic [FEATURE_BEATS*FEATURE_BITS-1:0] f_ring[HOLDS];
    logic [Z_BITS-1:0] z_ring[HOLDS];
    logic [63:0] f_due[HOLDS], z_due[HOLDS];
    logic [PLACE_BITS-1:0] write_place, f_place, z_place;
    logic [COUNT_BITS-1:0] f_inside, z_inside, f_waiting, z_waiting;

    assign first = beat == '0;
    assign last = beat == BEAT_BITS'(IN_BEATS - 1);
    assign s_ready = ~first | ((now >= pace) & (f_inside != COUNT_BITS'(HOLDS)) & (z_inside != COUNT_BITS'(HOLDS)));
    assign take = s_valid & s_ready;
    assign call = take & last & rst_n;
    assign busy = (f_inside != '0) | (z_inside != '0);

    if (IN_BEATS == 1) begin : g_one_beat
        assign sample = s_data;
    end else begin : g_beats
        logic [(IN_BEATS-1)*IN_BITS-1:0] taken;
        always_ff @(posedge clk) if (take && !last) taken[beat*IN_BITS+:IN_BITS] <= s_data;
        assign sample = {s_data, taken};
    end

    // The results of a call are due from the cycle after it on, the one in which they are written: pass them by.
    logic f_new, z_new;
    logic [FEATURE_BEATS*FEATURE_BITS-1:0] f_sample;
    assign f_new = called & (f_waiting == '0);
    assign z_new = called & (z_waiting == '0);
    assign f_sample = f_new ? features : f_ring[f_place];
    assign f_data = f_sample[f_beat*FEATURE_BITS+:FEATURE_BITS];
    assign f_valid = f_new ? FEATURE_DELAY == 1 : (f_waiting != '0) & (now >= f_due[f_place]);
    assign f_last = f_valid & (f_beat == F_BEAT_BITS'(FEATURE_BEATS - 1));
    assign z_data = z_new ? z : z_ring[z_place];
    assign z_valid = z_new ? LOGIT_DELAY == 1 : (z_waiting != '0) & (now >= z_due[z_place]);
    assign z_taken = z_valid & z_ready;

    always_ff @(posedge clk) begin
        if (called) begin
            f_ring[write_place] <= features;
            z_ring[write_place] <= z;
            f_due[write_place] <= now + 64'(FEATURE_DELAY - 1);
            z_due[write_place] <= now + 64'(LOGIT_DELAY - 1);
        end
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            now <= '0;
            pace <= '0;
            beat <= '0;
            f_beat <= '0;
            called <= 1'b0;
            {write_place, f_place, z_place} <= '0;
            {f_inside, z_inside, f_waiting, z_waiting} <= '0;
        end else begin
            now <= now + 64'd1;
            called <= call;
            if (take) beat <= last ? '0 : beat + 1'b1;
            if (take && first) pace <= now + 64'(INTERVAL);
            if (called) write_place <= after(write_place);
            if (f_valid) f_beat <= f_last ? '0 : f_beat + 1'b1;
            if (f_last) f_place <= after(f_place);
            if (z_taken) z_place <= after(z_place);
            f_inside <= f_inside + COUNT_BITS'(take & first) - COUNT_BITS'(f_last);
            z_inside <= z_inside + COUNT_BITS'(take & first) - COUNT_BITS'(z_taken);
            f_waiting <= f_waiting + COUNT_BITS'(called) - COUNT_BITS'(f_last);
            z_waiting <= z_waiting + COUNT_BITS'(called) - COUNT_BITS'(z_taken);
        end
    end
endmodule

`default_nettype wire
