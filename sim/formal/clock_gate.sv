// What is proven of clock_gate.sv (MODE 1, the cell of simulation), step by step and not cycle by cycle: gclk is high exactly
// in the high phases of clk that began with enable = 1, from their first moment to their last.
//
// enable may change at any moment but the one of the rising edge: it comes from registers of clk.
`default_nettype none

module formal_clock_gate (
    input wire logic clk,
    input wire logic enable
);
    logic gclk;
    logic clk_before = 1'b1, enable_before, passes;

    hwgen_clock_gate #(.MODE(1)) dut (.clk, .enable, .gclk);

    always @($global_clock) begin
        clk_before <= clk;
        enable_before <= enable;
        if (clk && !clk_before) passes <= enable;
    end

    always_comb assume (!(clk && !clk_before) || enable == enable_before);

    logic begun = 1'b0;  // an edge was seen: before it, nothing is known of passes
    always @($global_clock) if (clk && !clk_before) begun <= 1'b1;

    always_comb begin
        low_when_clk_is: assert (clk || !gclk);
        passes_iff_enabled: assert (!(clk && !clk_before) || gclk == enable);
        whole_phase: assert (!(clk && clk_before && begun) || gclk == passes);
    end
endmodule

`default_nettype wire
