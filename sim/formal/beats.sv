// What is proven of beat_adapter.sv and beat_fork.sv: what is offered stands; each beat goes to each taker exactly once,
// whichever is ready first; a sample leaves with its own beats in their order, and the next is taken without a gap.
`default_nettype none

module formal_beats #(
    parameter int unsigned S_BEATS = 2,
    parameter int unsigned M_BEATS = 1
) (
    input wire logic                         clk,
    input wire logic                         rst_n,
    input wire logic                         s_valid,
    input wire logic [        4/S_BEATS-1:0] s_data,
    input wire logic [                  1:0] ready,
    input wire logic                         pick
);
    localparam int unsigned IN = 4 / S_BEATS;
    localparam int unsigned OUT = 4 / M_BEATS;
    logic s_ready, m_valid, m_ready, takes, gives, whole, watching;
    logic [OUT-1:0] m_data;
    logic [1:0] offered, had;
    logic [2:0] s_beat, m_beat;
    logic [3:0] word, sample, seen;
    logic [1:0] inside;

    hwgen_beat_adapter #(.S_BEATS(S_BEATS), .M_BEATS(M_BEATS), .SAMPLE_BITS(4)) adapter (
        .clk, .rst_n, .s_valid, .s_ready, .s_data, .m_valid, .m_ready, .m_data
    );
    hwgen_beat_fork #(.TAKERS(2)) fork_i (
        .clk, .rst_n, .s_valid(m_valid), .s_ready(m_ready), .m_valid(offered), .m_ready(ready)
    );

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(IN), .ASSUME(1)) in_i (.clk, .rst_n, .valid(s_valid), .ready(s_ready), .data(s_data));
    formal_stream #(.WIDTH(OUT)) out_i (.clk, .rst_n, .valid(m_valid), .ready(m_ready), .data(m_data));
    for (genvar i = 0; i < 2; i++) begin : g_taker
        formal_stream #(.WIDTH(OUT)) taker_i (.clk, .rst_n, .valid(offered[i]), .ready(ready[i]), .data(m_data));
    end

    assign takes = s_valid & s_ready;
    assign gives = m_valid & m_ready;
    assign whole = takes & (s_beat == 3'(S_BEATS - 1));
    // The beats of a sample that enters, and of one that leaves, so far.
    always_comb begin
        word = sample;
        word[s_beat*IN+:IN] = s_data;
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            s_beat <= '0;
            m_beat <= '0;
            inside <= '0;
            had <= '0;
            watching <= 1'b0;
        end else begin
            if (takes) s_beat <= whole ? '0 : s_beat + 1'b1;
            if (gives) m_beat <= (m_beat == 3'(M_BEATS - 1)) ? '0 : m_beat + 1'b1;
            inside <= inside + 2'(whole) - 2'(gives && m_beat == 3'(M_BEATS - 1));
            had <= gives ? '0 : had | (offered & ready);
            if (!watching && whole && pick) begin
                watching <= 1'b1;
                seen <= word;
            end else if (watching && gives && m_beat == 3'(M_BEATS - 1)) watching <= 1'b0;
        end
        if (takes) sample <= word;
    end

    always_comb begin
        if (rst_n) begin
            at_most_one_inside: assert (inside <= 1);
            never_twice: assert ((offered & had) == '0);
            to_all: assert (!gives || (had | (offered & ready)) == 2'b11);
            offered_at_once: assert (m_valid == (inside != 0));
            own_beats: assert (!(watching && m_valid) || m_data == seen[m_beat*OUT+:OUT]);
            no_gap: assert (!gives || m_beat != 3'(M_BEATS - 1) || s_ready);
        end
    end
endmodule

`default_nettype wire
