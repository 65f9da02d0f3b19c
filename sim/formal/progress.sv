// Bounded progress: what waits is done within LIMIT cycles in which the environment does its part.
`default_nettype none

module formal_progress #(
    parameter int unsigned LIMIT = 4
) (
    input wire logic clk,
    input wire logic rst_n,
    input wire logic waits,    // something has to happen
    input wire logic happens,  // it does, in this cycle
    input wire logic helped    // the environment does its part in this cycle
);
    localparam int unsigned BITS = $clog2(LIMIT + 2);
    logic [BITS-1:0] cycles;

    always_ff @(posedge clk) begin
        if (!rst_n || !waits || happens || !helped) cycles <= '0;
        else if (cycles <= BITS'(LIMIT)) cycles <= cycles + 1'b1;
    end

    always_comb begin
        in_time: assert (!rst_n || cycles <= BITS'(LIMIT));
    end
endmodule

`default_nettype wire
