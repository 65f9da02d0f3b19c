// What is proven of fifo.sv: words come out in order, once and unchanged; s_ready is low only when DEPTH are inside
// and then nothing is written; what is inside is offered at once; the handshake keeps its rules.
//
// WORDS 0 leaves the words out: counts and handshake alone, for depths at which words take too long.
`default_nettype none

module formal_fifo #(
    parameter int unsigned WIDTH = 2,
    parameter int unsigned DEPTH = 3,
    parameter int unsigned WORDS = 1
) (
    input wire logic             clk,
    input wire logic             rst_n,
    input wire logic             s_valid,
    input wire logic [WIDTH-1:0] s_data,
    input wire logic             m_ready,
    input wire logic             pick
);
    logic s_ready, m_valid, watching, picks, fault;
    logic [WIDTH-1:0] m_data, shown;
    logic [$clog2(DEPTH+1)-1:0] count;
    logic [$clog2(DEPTH+2)-1:0] held;

    hwgen_fifo #(.WIDTH(WIDTH), .DEPTH(DEPTH), .PARITY(1)) dut (
        .clk, .rst_n, .s_valid, .s_ready, .s_data, .m_valid, .m_ready, .m_data, .count, .fault
    );

    assign shown = WORDS != 0 ? m_data : '0;
    assign picks = pick && WORDS != 0;

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(WIDTH)) out_i (.clk, .rst_n, .valid(m_valid), .ready(m_ready), .data(shown));
    formal_watch #(.WIDTH(WIDTH), .MOST(DEPTH)) watch_i (
        .clk, .rst_n, .pick(picks),
        .enters(s_valid & s_ready), .word_in(s_data),
        .leaves(m_valid & m_ready), .word_out(m_data),
        .held, .watching
    );

    always_comb begin
        if (rst_n) begin
            no_fault: assert (!fault);
            counts: assert (count == held);
            low_only_when_full: assert (s_ready == (held != DEPTH));
            offered_at_once: assert (m_valid == (held != 0));
        end
    end
endmodule

`default_nettype wire
