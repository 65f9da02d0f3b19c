// The largest of 1 to 4 values, its place, and the runner-up.
//
// Contract  Combinational. m_place is the lowest index among the largest values, m_first that value. m_second is the
//           largest of the others, equal to m_first if the maximum is tied, and 0 for COUNT = 1. Values are unsigned.
// Cost      16 bits, two, three, four values: 43, 67, 102 LUT (Yosys, synth_xilinx -family xcup): every pair is
//           compared at once, so a group of three costs less than two nodes of two, and half the levels.
// Not here  Registers. Signed values: flip their top bit before.
`default_nettype none

module hwgen_leader_node #(
    parameter int COUNT = 3,
    parameter int BITS  = 16
) (
    input  wire  [COUNT*BITS-1:0] s_values,
    output logic [           1:0] m_place,
    output logic [      BITS-1:0] m_first,
    output logic [      BITS-1:0] m_second
);
    // Four places; what COUNT does not fill stands behind all others.
    logic [3:0][BITS-1:0] value;
    logic [3:0][3:0] beats;  // beats[i][j]: i stands before j
    logic [3:0][1:0] losses;
    logic [1:0] runner_up;

    for (genvar i = 0; i < 4; i++) begin : g_value
        if (i < COUNT) begin : g_given
            assign value[i] = s_values[i*BITS+:BITS];
        end else begin : g_absent
            assign value[i] = '0;
        end
        assign beats[i][i] = 1'b0;
        for (genvar j = i + 1; j < 4; j++) begin : g_pair
            // Strictly larger: among equals the lower index stays in front.
            if (j < COUNT) begin : g_given
                assign beats[j][i] = value[j] > value[i];
            end else begin : g_absent
                assign beats[j][i] = 1'b0;
            end
            assign beats[i][j] = !beats[j][i];
        end
    end

    always_comb begin
        for (int i = 0; i < 4; i++) begin
            losses[i] = 2'd0;
            for (int j = 0; j < 4; j++) losses[i] = losses[i] + {1'b0, beats[j][i]};
        end
        // The places are a strict order: one value loses to none, one to a single other.
        m_place   = {losses[2] == 2'd0 || losses[3] == 2'd0, losses[1] == 2'd0 || losses[3] == 2'd0};
        runner_up = {losses[2] == 2'd1 || losses[3] == 2'd1, losses[1] == 2'd1 || losses[3] == 2'd1};
        m_first   = value[m_place];
        m_second  = value[runner_up];
    end
endmodule

`default_nettype wire
