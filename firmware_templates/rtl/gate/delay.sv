// Data that travels beside a pipeline: one register per stage, each loading when its stage does.
//
// Contract  m_data is what s_data was when the sample that is now behind the last stage entered the first one. `load`
//           comes from hwgen_pace: register i loads when load[i] is high and keeps still otherwise.
// Cost      WIDTH * STAGES FF, no LUT.
// Not here  Shift registers in LUTs: every stage may wait by itself.
`default_nettype none

module hwgen_delay #(
    parameter int WIDTH  = 8,
    parameter int STAGES = 1
) (
    input  wire               clk,
    input  wire  [STAGES-1:0] load,
    input  wire  [ WIDTH-1:0] s_data,
    output logic [ WIDTH-1:0] m_data
);
    logic [STAGES-1:0][WIDTH-1:0] held;

    for (genvar i = 0; i < STAGES; i++) begin : g_stage
        if (i == 0) begin : g_first
            always_ff @(posedge clk) if (load[0]) held[0] <= s_data;
        end else begin : g_next
            always_ff @(posedge clk) if (load[i]) held[i] <= held[i-1];
        end
    end
    assign m_data = held[STAGES-1];
endmodule

`default_nettype wire
