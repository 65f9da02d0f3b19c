// What is proven of watchdog.sv: it fires when a unit was stuck for 2 * LIMIT cycles and not before it was for LIMIT; a flush is
// one cycle; the error stays, and names the unit.
`default_nettype none

module formal_watchdog #(
    parameter int unsigned LIMIT = 3
) (
    input wire logic       clk,
    input wire logic       rst_n,
    input wire logic       clear,
    input wire logic [1:0] busy,
    input wire logic [1:0] moved,
    input wire logic [1:0] blocked,
    input wire logic [1:0] fault
);
    localparam int unsigned BITS = $clog2(2 * LIMIT + 3);
    logic flush, error, flushed, faults, named, reset;
    logic [1:0] stuck, faulty;
    (* anyconst *) logic unit;
    logic [BITS-1:0] cycles;  // for which the chosen unit has been stuck, up to now

    hwgen_watchdog #(.UNITS(2), .LIMIT(LIMIT)) dut (
        .clk, .rst_n, .clear, .busy, .moved, .blocked, .fault, .flush, .error, .stuck, .faulty
    );

    always_ff @(posedge clk) begin
        if (!rst_n || flush || !busy[unit] || moved[unit] || blocked[unit]) cycles <= '0;
        else if (cycles != '1) cycles <= cycles + 1'b1;
        flushed <= flush;
        faults <= rst_n & ~flush & fault[unit];
        named <= rst_n & ~clear & stuck[unit];
        reset <= ~rst_n | clear;
    end

    formal_reset reset_i (.clk, .rst_n);

    always_comb begin
        if (rst_n) begin
            in_time: assert (cycles <= 2 * LIMIT);
            not_too_early: assert (!(flush && stuck[unit] && !reset && !named) || cycles >= LIMIT);
            one_cycle: assert (!(flush && flushed));
            at_once_on_a_fault: assert (!faults || (faulty[unit] && flush));
            stays: assert (!named || (stuck[unit] && error));
            says_so: assert (!flush || error);
        end
    end
endmodule

`default_nettype wire
