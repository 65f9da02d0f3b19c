// What is proven of stage_shell.sv with a gated clock (GATING 1), step by step: a register of the core behind core_clk does what
// one behind clk does that takes core_clk_on for its enable (GATING 2), and both shells answer alike. So what is proven
// with GATING 2 holds with GATING 1: no beat is lost to a clock that is off.
//
// Inputs change when they like but not at the rising edge: they come from registers of clk.
`default_nettype none

module formal_shell_clock #(
    parameter int unsigned WAKE       = 1,
    parameter int unsigned HYSTERESIS = 1
) (
    input wire logic       clk,
    input wire logic       rst_n,
    input wire logic [5:0] inputs
);
    logic s_valid, reserve_ready, core_s_ready, core_z_valid, core_busy, z_ready;
    logic [1:0] s_ready, reserve_valid, core_clk, on, core_rst_n, core_s_valid, core_s_data, core_z_ready, z_valid, z_meta;
    logic [1:0] active, gated, fault;
    logic behind_the_gate, with_an_enable;

    assign {s_valid, reserve_ready, core_s_ready, core_z_valid, core_busy, z_ready} = inputs;

    for (genvar i = 0; i < 2; i++) begin : g_shell
        hwgen_stage_shell #(
            .IN_BEATS(1), .IN_BITS(1), .META_BITS(1), .IN_FLIGHT(1), .GATING(i + 1), .WAKE(WAKE), .HYSTERESIS(HYSTERESIS)
        ) shell (
            .clk, .clk_source(clk), .rst_n, .s_valid, .s_ready(s_ready[i]), .s_data(1'b0), .s_meta(1'b0),
            .reserve_valid(reserve_valid[i]), .reserve_ready,
            .core_clk(core_clk[i]), .core_clk_on(on[i]), .core_rst_n(core_rst_n[i]), .core_s_valid(core_s_valid[i]),
            .core_s_ready, .core_s_data(core_s_data[i]), .core_z_valid, .core_z_ready(core_z_ready[i]), .core_busy,
            .z_valid(z_valid[i]), .z_ready, .z_meta(z_meta[i]), .active(active[i]), .gated(gated[i]), .fault(fault[i])
        );
    end

    // A register that changes at every edge shows every edge.
    always_ff @(posedge core_clk[0]) behind_the_gate <= core_rst_n[0] & ~behind_the_gate;
    always_ff @(posedge clk) if (on[1]) with_an_enable <= core_rst_n[1] & ~with_an_enable;

    // Two rising edges in reset: the latch of the gate has seen that the clock is to run.
    logic clk_before = 1'b1;
    logic [1:0] edges = 2'd0;
    logic [6:0] inputs_before;
    always @($global_clock) begin
        clk_before <= clk;
        inputs_before <= {rst_n, inputs};
        if (clk && !clk_before && edges != 2'd3) edges <= edges + 1'b1;
    end
    always_comb begin
        assume (!(clk && !clk_before) || {rst_n, inputs} == inputs_before);
        assume (edges == 2'd3 || !rst_n);
        if (edges == 2'd3) begin
            same_register: assert (behind_the_gate == with_an_enable);
            same_clock: assert (on[0] == on[1] && core_s_valid[0] == core_s_valid[1] && s_ready[0] == s_ready[1]);
        end
    end
endmodule

`default_nettype wire
