// Clock gate: passes a clock edge in the cycles in which it is enabled.
//
// Contract  enable comes from registers of clk. The rising edge that ends a cycle with enable = 1 appears on
//           gclk, the one that ends a cycle with enable = 0 does not; gclk has no other edges and no short
//           pulses. That is what a clock enable on every register behind it would do.
// MODE      0  no cell: gclk is clk, and the registers behind it take enable as their clock enable, or have
//              enables of their own. For parts with few clock buffers, and for FPGA prototypes of an ASIC.
//           1  a cell: BUFGCE if HWGEN_XILINX is defined, else a latch and an AND gate, for simulation and
//              as the model of an ASIC library's integrated clock gate.
// Cost      MODE 0: nothing. MODE 1: one BUFGCE, of which a part has few (24 per clock region of UltraScale+).
// Does not  Know when it may stop: stage_shell.sv decides. A latch made of logic is no clock gate for an FPGA:
//           define HWGEN_XILINX there, or take MODE 0. Put it beside the buffer of the ungated clock, not behind it.
`default_nettype none

module hwgen_clock_gate #(
    parameter int unsigned MODE = 1
) (
    input  wire logic clk,
    input  wire logic enable,
    output logic      gclk
);
    if (MODE == 0) begin : g_enable
        logic unused_enable;
        assign unused_enable = enable;
        assign gclk = clk;
    end else begin : g_cell
`ifdef HWGEN_XILINX
        BUFGCE #(.CE_TYPE("SYNC")) cell_i (.I(clk), .CE(enable), .O(gclk));
`else
        logic open;
        // Transparent while the clock is low: enable may still settle then, and cannot cut a high phase.
        always_latch if (!clk) open = enable;
        assign gclk = clk & open;
`endif
    end
endmodule

`default_nettype wire
