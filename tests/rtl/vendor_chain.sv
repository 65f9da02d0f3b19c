// The blocks around vendor IPs in a row: four beats gathered into one, split again, forked into halves that wait in
// FIFOs of different depth, and joined per element. What comes out is what went in.
`default_nettype none

module vendor_chain (
    input  wire logic       clk,
    input  wire logic       rst_n,
    input  wire logic       s_valid,
    output logic            s_ready,
    input  wire logic [7:0] s_data,
    output logic            m_valid,
    input  wire logic       m_ready,
    output logic      [7:0] m_data,
    output logic            busy
);
    logic whole_valid, whole_ready, part_valid, part_ready, room, in_ready;
    logic [31:0] whole;
    logic [7:0] part, halves;
    logic [1:0] half_valid, half_ready, out_valid;
    logic [3:0] low, high;
    logic [0:0] low_count;
    logic [1:0] high_count;

    assign s_ready = in_ready & room;
    hwgen_sample_count #(.IN_BEATS(4), .FEATURE_BEATS(4), .HOLDS(3)) samples (
        .clk, .rst_n, .take(s_valid & s_ready), .feature(m_valid & m_ready), .answer(whole_valid & whole_ready), .room, .busy
    );
    hwgen_beat_adapter #(.S_BEATS(4), .M_BEATS(1), .SAMPLE_BITS(32)) gather (
        .clk, .rst_n, .s_valid(s_valid & room), .s_ready(in_ready), .s_data, .m_valid(whole_valid), .m_ready(whole_ready), .m_data(whole)
    );
    hwgen_beat_adapter #(.S_BEATS(1), .M_BEATS(4), .SAMPLE_BITS(32)) split (
        .clk, .rst_n, .s_valid(whole_valid), .s_ready(whole_ready), .s_data(whole), .m_valid(part_valid), .m_ready(part_ready), .m_data(part)
    );
    hwgen_beat_fork #(.TAKERS(2)) fork_i (
        .clk, .rst_n, .s_valid(part_valid), .s_ready(part_ready), .m_valid(half_valid), .m_ready(half_ready)
    );
    logic [1:0] unused_fault;
    hwgen_fifo #(.WIDTH(4), .DEPTH(1)) low_i (
        .clk, .rst_n, .s_valid(half_valid[0]), .s_ready(half_ready[0]), .s_data(part[3:0]),
        .m_valid(out_valid[0]), .m_ready(1'b1), .m_data(low), .count(low_count), .fault(unused_fault[0])
    );
    hwgen_fifo #(.WIDTH(4), .DEPTH(3)) high_i (
        .clk, .rst_n, .s_valid(half_valid[1]), .s_ready(half_ready[1]), .s_data(part[7:4]),
        .m_valid(out_valid[1]), .m_ready(1'b1), .m_data(high), .count(high_count), .fault(unused_fault[1])
    );
    assign halves = {high, low};
    hwgen_element_join #(.ELEMENTS(2), .BITS(4), .DEPTH(12)) join_i (
        .clk, .rst_n, .valid(out_valid), .data(halves), .m_valid, .m_ready, .m_data
    );
    logic unused;
    assign unused = &{1'b0, low_count, high_count};
endmodule

`default_nettype wire
