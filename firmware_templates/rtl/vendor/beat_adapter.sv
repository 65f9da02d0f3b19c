// Beat adapter: the same sample in other beats: as they are, gathered into one, or one split into many.
//
// Contract  A sample enters as S_BEATS beats on s_* and leaves as M_BEATS beats on m_*, first element lowest in the
//           first beat of both. Equal numbers: wires. M_BEATS = 1: one register for the sample, no cycle lost between
//           samples while m_ready is high; then s_ready never falls. S_BEATS = 1: one register, the next sample is
//           taken with the last beat of the one before.
// Cost      4 beats of 24 bits into one: 8 LUT, 99 FF; one into 4: 79 LUT, 99 FF; nothing if the numbers are equal.
// Does not  Adapt other pairs of numbers, or elements that straddle beats: the generator refuses them.
`default_nettype none

module hwgen_beat_adapter #(
    parameter int unsigned S_BEATS     = 1,
    parameter int unsigned M_BEATS     = 1,
    parameter int unsigned SAMPLE_BITS = 8
) (
    input  wire logic                           clk,
    input  wire logic                           rst_n,
    input  wire logic                           s_valid,
    output logic                                s_ready,
    input  wire logic [SAMPLE_BITS/S_BEATS-1:0] s_data,
    output logic                                m_valid,
    input  wire logic                           m_ready,
    output logic      [SAMPLE_BITS/M_BEATS-1:0] m_data
);
    if (S_BEATS == M_BEATS) begin : g_wires
        logic unused_clk;
        assign unused_clk = &{1'b0, clk, rst_n};
        assign m_valid = s_valid;
        assign s_ready = m_ready;
        assign m_data = s_data;
    end else if (M_BEATS == 1) begin : g_gather
        localparam int unsigned BITS = SAMPLE_BITS / S_BEATS;
        localparam int unsigned BEAT_BITS = $clog2(S_BEATS);
        logic [BEAT_BITS-1:0] beat;
        logic take, last;
        assign s_ready = ~m_valid | m_ready;
        assign take = s_valid & s_ready;
        assign last = beat == BEAT_BITS'(S_BEATS - 1);
        for (genvar i = 0; i < S_BEATS; i++) begin : g_part
            always_ff @(posedge clk) if (take && beat == BEAT_BITS'(i)) m_data[i*BITS+:BITS] <= s_data;
        end
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                beat <= '0;
                m_valid <= 1'b0;
            end else begin
                if (take) beat <= last ? '0 : beat + 1'b1;
                m_valid <= (take & last) | (m_valid & ~m_ready);
            end
        end
    end else begin : g_split
        localparam int unsigned BITS = SAMPLE_BITS / M_BEATS;
        localparam int unsigned BEAT_BITS = $clog2(M_BEATS);
        logic [BEAT_BITS-1:0] beat;
        logic [SAMPLE_BITS-1:0] sample;
        logic give, last;
        assign give = m_valid & m_ready;
        assign last = beat == BEAT_BITS'(M_BEATS - 1);
        assign s_ready = ~m_valid | (give & last);
        assign m_data = sample[BITS-1:0];
        always_ff @(posedge clk) begin
            if (s_valid && s_ready) sample <= s_data;
            else if (give) sample <= sample >> BITS;
            if (!rst_n) begin
                beat <= '0;
                m_valid <= 1'b0;
            end else begin
                if (give) beat <= last ? '0 : beat + 1'b1;
                m_valid <= (s_valid & s_ready) | (m_valid & ~(give & last));
            end
        end
    end
endmodule

`default_nettype wire
