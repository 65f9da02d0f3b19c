// Reciprocal of a sum: floor(2^(2 Q) / S).
//
// Contract  m_quotient = floor(2^(2 Q) / s_sum) for s_sum >= 2^Q, Q = FRACTION; at most 2^Q. Restoring division, two
//           bits of the quotient a cycle: STAGES = Q / 2 + 1; register i loads with load[i] (pace.sv).
// Cost      With the parameters below: 1,027 LUT, 401 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_reciprocal #(
    parameter int FRACTION = 16,
    parameter int SUM_BITS = 20,
    parameter int STAGES   = 9
) (
    input  wire                 clk,
    input  wire  [  STAGES-1:0] load,
    input  wire  [SUM_BITS-1:0] s_sum,
    output logic [  FRACTION:0] m_quotient
);
    // After each step the rest is below the sum; all bits of the dividend but the first are 0.
    localparam int STEPS = 2 * STAGES;
    localparam int UNUSED = STEPS - FRACTION - 1;

    logic [SUM_BITS-1:0] sum[STAGES+1];
    logic [SUM_BITS-1:0] rest[STAGES+1];
    logic [   STEPS-1:0] quotient[STAGES+1];

    assign sum[0]      = s_sum;
    assign rest[0]     = SUM_BITS'(1) << (FRACTION - 1 - UNUSED);
    assign quotient[0] = '0;

    for (genvar i = 0; i < STAGES; i++) begin : g_stage
        logic [SUM_BITS:0] first;
        logic [SUM_BITS:0] second;
        logic [SUM_BITS-1:0] between;
        logic high;
        logic low;

        assign first   = {rest[i], 1'b0};
        assign high    = first >= {1'b0, sum[i]};
        assign between = high ? SUM_BITS'(first - {1'b0, sum[i]}) : first[SUM_BITS-1:0];
        assign second  = {between, 1'b0};
        assign low     = second >= {1'b0, sum[i]};
        always_ff @(posedge clk) begin
            if (load[i]) begin
                sum[i+1]      <= sum[i];
                rest[i+1]     <= low ? SUM_BITS'(second - {1'b0, sum[i]}) : second[SUM_BITS-1:0];
                quotient[i+1] <= {quotient[i][STEPS-3:0], high, low};
            end
        end
    end
    assign m_quotient = quotient[STAGES][FRACTION:0];
endmodule

`default_nettype wire
