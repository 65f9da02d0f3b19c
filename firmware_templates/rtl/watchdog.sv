// Watchdog: sees that something stands still that should move, says so, and clears the pipeline.
//
// Contract  Watches UNITS units. A unit is stuck when it holds a sample (busy), nothing moves (moved: a
//           handshake in or out) and no consumer is to blame (blocked: an output of it is valid and not
//           ready), in every cycle of a stretch. After a stretch of at least LIMIT and at most 2 * LIMIT cycles,
//           or at once when a unit reports what cannot happen (fault), flush is high for one cycle, and error
//           is high until reset or clear; stuck and faulty hold, per unit, what was the reason. A flush without
//           one (its register was upset) sets all of faulty: none is silent.
//           flush is for the reset of everything a sample passes through: samples in flight are lost, and the
//           pipeline goes on. LIMIT must be above the longest time a unit works without a handshake.
// Cost      21 LUT, 20 FF, 0 RAM32M16 (UNITS 3, LIMIT 1024)
// Does not  Restore the lost samples, or stop the input: that a sample was cut in two is the top's affair.
`default_nettype none

module hwgen_watchdog #(
    parameter int unsigned UNITS = 2,
    parameter int unsigned LIMIT = 1024
) (
    input  wire logic             clk,
    input  wire logic             rst_n,
    input  wire logic             clear,
    input  wire logic [UNITS-1:0] busy,
    input  wire logic [UNITS-1:0] moved,
    input  wire logic [UNITS-1:0] blocked,
    input  wire logic [UNITS-1:0] fault,
    output logic                  flush,
    output logic                  error,
    output logic      [UNITS-1:0] stuck,
    output logic      [UNITS-1:0] faulty
);
    localparam int unsigned TIMER_BITS = (LIMIT > 1) ? $clog2(LIMIT) : 1;

    // One timer for all: a unit that was still from one tick to the next was still for LIMIT cycles.
    logic [TIMER_BITS-1:0] timer;
    logic [UNITS-1:0] still, quiet, late;
    logic tick;

    assign tick = timer == TIMER_BITS'(LIMIT - 1);
    assign still = busy & ~moved & ~blocked;
    assign late = tick ? (quiet & still) : '0;
    assign error = (stuck | faulty) != '0;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            timer <= '0;
            quiet <= '0;
            flush <= 1'b0;
            stuck <= '0;
            faulty <= '0;
        end else begin
            timer <= tick ? '0 : timer + 1'b1;
            quiet <= flush ? '0 : (quiet | {UNITS{tick}}) & still;
            flush <= ~flush & ((late | fault) != '0);
            stuck <= (clear ? '0 : stuck) | (flush ? '0 : late);
            faulty <= (clear ? '0 : faulty) | (flush ? {UNITS{~error}} : fault);
        end
    end
endmodule

`default_nettype wire
