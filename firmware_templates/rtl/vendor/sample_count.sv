// Sample count: which samples are inside a core that does not tell, and whether one more may enter.
//
// Contract  take: a beat of a sample enters, IN_BEATS of them make one. feature: a beat of its features leaves,
//           FEATURE_BEATS of them (0: the core gives none). answer: its logits leave. Samples leave in order.
//           room: the next beat may enter: it continues a sample, or fewer than HOLDS are inside. Once high it stays
//           until a beat enters. busy: a sample is inside from its first beat until features and logits have left.
// Cost      27 LUT, 16 FF (IN_BEATS 36, FEATURE_BEATS 9, HOLDS 4)
// Does not  See work that a core still does for a sample after its last output: that stands still with the clock and
//           goes on with the next sample.
`default_nettype none

module hwgen_sample_count #(
    parameter int unsigned IN_BEATS      = 1,
    parameter int unsigned FEATURE_BEATS = 0,
    parameter int unsigned HOLDS         = 4
) (
    input  wire logic clk,
    input  wire logic rst_n,
    input  wire logic take,
    input  wire logic feature,
    input  wire logic answer,
    output logic      room,
    output logic      busy
);
    localparam int unsigned COUNT_BITS = $clog2(HOLDS + 1);
    localparam int unsigned IN_BITS = (IN_BEATS > 1) ? $clog2(IN_BEATS) : 1;
    localparam int unsigned F_BITS = (FEATURE_BEATS > 1) ? $clog2(FEATURE_BEATS) : 1;
    logic [IN_BITS-1:0] beat;
    logic [COUNT_BITS-1:0] answers, features;
    logic first, enters;

    assign first = beat == '0;
    assign enters = take & first;
    assign room = ~first | ((answers != COUNT_BITS'(HOLDS)) & (features != COUNT_BITS'(HOLDS)));
    assign busy = ~first | (answers != '0) | (features != '0);

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            beat <= '0;
            answers <= '0;
        end else begin
            if (take) beat <= (beat == IN_BITS'(IN_BEATS - 1)) ? '0 : beat + 1'b1;
            answers <= answers + COUNT_BITS'(enters) - COUNT_BITS'(answer);
        end
    end

    if (FEATURE_BEATS == 0) begin : g_last_stage
        logic unused_feature;
        assign unused_feature = feature;
        assign features = '0;
    end else begin : g_features
        logic [F_BITS-1:0] f_beat;
        logic f_last;
        assign f_last = feature & (f_beat == F_BITS'(FEATURE_BEATS - 1));
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                f_beat <= '0;
                features <= '0;
            end else begin
                if (feature) f_beat <= f_last ? '0 : f_beat + 1'b1;
                features <= features + COUNT_BITS'(enters) - COUNT_BITS'(f_last);
            end
        end
    end
endmodule

`default_nettype wire
