// How far the runner-up's exponential lies below 1, from entries that come one by one.
//
// Contract  m_apart = 2^FRACTION - the largest s_entry that came with s_adds since s_clears; s_entry <= 2^FRACTION.
// Cost      With the parameters below: 29 LUT, 17 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_runner_up_serial #(
    parameter int FRACTION = 16
) (
    input  wire               clk,
    input  wire               s_clears,
    input  wire               s_adds,
    input  wire  [FRACTION:0] s_entry,
    output logic [FRACTION:0] m_apart
);
    logic [FRACTION:0] largest;

    always_ff @(posedge clk) begin
        if (s_clears) largest <= '0;
        else if (s_adds && s_entry > largest) largest <= s_entry;
    end
    assign m_apart = {1'b1, {FRACTION{1'b0}}} - largest;
endmodule

`default_nettype wire
