// Rules of a handshake: what is offered stays, unchanged, until it is taken. Reset ends an offer.
//
// ASSUME = 1: the environment keeps them, for what goes into a block. ASSUME = 0: proven, for what comes out.
`default_nettype none

module formal_stream #(
    parameter int unsigned WIDTH  = 1,
    parameter int unsigned ASSUME = 0
) (
    input wire logic             clk,
    input wire logic             rst_n,
    input wire logic             valid,
    input wire logic             ready,
    input wire logic [WIDTH-1:0] data
);
    logic offered;
    logic [WIDTH-1:0] word;
    logic kept;

    always_ff @(posedge clk) begin
        offered <= rst_n & valid & ~ready;
        word <= data;
    end

    assign kept = ~offered | ~rst_n | (valid & (data == word));

    if (ASSUME != 0) begin : g_assume
        always_comb assume (kept);
    end else begin : g_assert
        always_comb begin
            offer_stands: assert (kept);
        end
    end
endmodule

// The first cycle is one of reset, from any state at all; later resets come when they like.
module formal_reset (
    input wire logic clk,
    input wire logic rst_n
);
    logic started = 1'b0;
    always_ff @(posedge clk) started <= 1'b1;
    always_comb assume (started | ~rst_n);
endmodule

// Follows one word, chosen freely, through a queue: it comes out in its turn, once, and unchanged.
//
// pick chooses the word in the cycle in which it enters. ahead counts what went in before it and is not out.
module formal_watch #(
    parameter int unsigned WIDTH = 1,
    parameter int unsigned MOST  = 4  // words in flight, at most
) (
    input  wire logic             clk,
    input  wire logic             rst_n,
    input  wire logic             pick,
    input  wire logic             enters,
    input  wire logic [WIDTH-1:0] word_in,
    input  wire logic             leaves,
    input  wire logic [WIDTH-1:0] word_out,
    output logic [$clog2(MOST+2)-1:0] held,  // words in flight
    output logic                  watching     // the chosen word is in flight
);
    localparam int unsigned BITS = $clog2(MOST + 2);
    logic [BITS-1:0] ahead;
    logic [WIDTH-1:0] word;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            held <= '0;
            watching <= 1'b0;
        end else begin
            held <= held + BITS'(enters) - BITS'(leaves);
            if (!watching && pick && enters) begin
                watching <= 1'b1;
                word <= word_in;
                ahead <= held - BITS'(leaves);
            end else if (watching && leaves) begin
                if (ahead == '0) watching <= 1'b0;
                else ahead <= ahead - 1'b1;
            end
        end
    end

    always_comb begin
        if (rst_n) begin
            no_overflow: assert (held <= BITS'(MOST));
            nothing_from_nothing: assert (!(leaves && held == '0));
            in_order_unchanged: assert (!(watching && leaves && ahead == '0) || word_out == word);
        end
    end
endmodule

`default_nettype wire
