// What is proven of result_merge.sv: results of an exit come out once each, unchanged and in their order; each leaves within a
// bounded time when the output is taken, whatever the other exits send (fairness).
//
// The lowest bits of a result are the number of its exit, so that the output shows where it came from.
`default_nettype none

module formal_result_merge #(
    parameter int unsigned EXITS      = 2,
    parameter int unsigned EXIT_DEPTH = 1,
    parameter int unsigned OUT_DEPTH  = 1
) (
    input wire logic             clk,
    input wire logic             rst_n,
    input wire logic [EXITS-1:0] s_valid,
    input wire logic [EXITS-1:0] s_bit,
    input wire logic             m_ready,
    input wire logic             pick
);
    localparam int unsigned WIDTH = 3;
    localparam int unsigned MOST = EXIT_DEPTH + OUT_DEPTH;

    logic [EXITS-1:0] s_ready;
    logic [EXITS*WIDTH-1:0] s_data;
    logic m_valid, watching, fault;
    logic [WIDTH-1:0] m_data;
    logic [$clog2(MOST+2)-1:0] held;
    (* anyconst *) logic [1:0] number;

    for (genvar k = 0; k < EXITS; k++) begin : g_in
        assign s_data[k*WIDTH+:WIDTH] = {s_bit[k], 2'(k)};
        formal_stream #(.WIDTH(1), .ASSUME(1)) in_i (
            .clk, .rst_n, .valid(s_valid[k]), .ready(s_ready[k]), .data(s_bit[k])
        );
    end

    hwgen_result_merge #(.EXITS(EXITS), .WIDTH(WIDTH), .EXIT_DEPTH(EXIT_DEPTH), .OUT_DEPTH(OUT_DEPTH), .PARITY(1)) dut (
        .clk, .rst_n, .s_valid, .s_ready, .s_data, .m_valid, .m_ready, .m_data, .fault
    );

    logic enters, leaves, bit_in;
    always_comb begin
        enters = 1'b0;
        bit_in = 1'b0;
        for (int unsigned k = 0; k < EXITS; k++) begin
            if (number == 2'(k)) begin
                enters = s_valid[k] & s_ready[k];
                bit_in = s_bit[k];
            end
        end
    end
    assign leaves = m_valid & m_ready & (m_data[1:0] == number);

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(WIDTH)) out_i (.clk, .rst_n, .valid(m_valid), .ready(m_ready), .data(m_data));
    formal_watch #(.WIDTH(1), .MOST(MOST)) watch_i (
        .clk, .rst_n, .pick, .enters, .word_in(bit_in), .leaves, .word_out(m_data[2]), .held, .watching
    );
    // In front of it: its exit's FIFO, as many of every other exit in between, the output FIFO (at depth 1 a result takes
    // two cycles there).
    formal_progress #(.LIMIT((EXITS * EXIT_DEPTH + OUT_DEPTH) * (OUT_DEPTH == 1 ? 2 : 1) + 1)) leaves_i (
        .clk, .rst_n, .waits(held != 0), .happens(leaves), .helped(m_ready)
    );

    always_comb begin
        assume (number < EXITS);
        no_fault: assert (!rst_n || !fault);
        no_stranger: assert (!rst_n || !m_valid || m_data[1:0] < EXITS);
    end
endmodule

`default_nettype wire
