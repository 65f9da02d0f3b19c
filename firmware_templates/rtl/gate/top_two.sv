// The class, the largest logit and the runner-up.
//
// Contract  As leader.sv; m_second is the largest of the other values, equal to m_first if the maximum is tied.
//           STAGES is 2 * leader_levels(COUNT) - 1: every level after the first takes two cycles (top_two_merge.sv).
// Cost      10 values of 16 bits, 3 stages: 427 LUT, 57 MUXF, 196 FF; 8 LUT a bit less if s_index is constant (Yosys,
//           synth_xilinx -family xcup).
`default_nettype none

module hwgen_top_two #(
    parameter int COUNT      = 10,
    parameter int BITS       = 16,
    parameter int INDEX_BITS = 4,
    parameter int STAGES     = 3
) (
    input  wire                         clk,
    input  wire  [          STAGES-1:0] load,
    input  wire  [      COUNT*BITS-1:0] s_values,
    input  wire  [COUNT*INDEX_BITS-1:0] s_index,
    output logic [            BITS-1:0] m_first,
    output logic [            BITS-1:0] m_second,
    output logic [      INDEX_BITS-1:0] m_index
);
    localparam int GROUPS = COUNT <= 4 ? 1 : (COUNT + 1) / 3;

    logic [      GROUPS*BITS-1:0] first;
    logic [      GROUPS*BITS-1:0] second;
    logic [GROUPS*INDEX_BITS-1:0] index;

    for (genvar g = 0; g < GROUPS; g++) begin : g_group
        localparam int SIZE = g < GROUPS - 1 ? 3 : COUNT - 3 * (GROUPS - 1);
        logic [           1:0] place;
        logic [      BITS-1:0] best;
        logic [      BITS-1:0] next;
        logic [INDEX_BITS-1:0] number;

        hwgen_leader_node #(
            .COUNT(SIZE),
            .BITS (BITS)
        ) node (
            .s_values(s_values[3*g*BITS+:SIZE*BITS]),
            .m_place (place),
            .m_first (best),
            .m_second(next)
        );
        hwgen_pick #(
            .COUNT(SIZE),
            .BITS (INDEX_BITS)
        ) pick_number (
            .place,
            .s_values(s_index[3*g*INDEX_BITS+:SIZE*INDEX_BITS]),
            .m_value (number)
        );
        always_ff @(posedge clk) begin
            if (load[0]) begin
                first[g*BITS+:BITS]             <= best;
                second[g*BITS+:BITS]            <= next;
                index[g*INDEX_BITS+:INDEX_BITS] <= number;
            end
        end
    end

    if (GROUPS == 1) begin : g_last
        assign m_first  = first;
        assign m_second = second;
        assign m_index  = index;
    end else begin : g_next
        hwgen_top_two_merge #(
            .COUNT     (GROUPS),
            .BITS      (BITS),
            .INDEX_BITS(INDEX_BITS),
            .STAGES    (STAGES - 1)
        ) merge (
            .clk,
            .load     (load[STAGES-1:1]),
            .s_values (first),
            .s_seconds(second),
            .s_index  (index),
            .m_first,
            .m_second,
            .m_index
        );
    end
endmodule

`default_nettype wire
