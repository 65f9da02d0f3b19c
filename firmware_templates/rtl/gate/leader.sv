// The class: lowest index among the largest logits.
//
// Contract  m_index is the lowest index among the largest of COUNT unsigned values, m_first that value; they leave
//           register LEVELS - 1. Level i loads with load[i] (pace.sv). LEVELS is `leader_levels(COUNT)` of hwgen:
//           groups of three until at most four values are left. s_index holds the number of each value.
// Cost      10 values of 16 bits, 2 levels: 255 LUT, 80 FF (Yosys, synth_xilinx -family xcup).
// Not here  The runner-up: top_two.sv.
`default_nettype none

module hwgen_leader #(
    parameter int COUNT      = 3,
    parameter int BITS       = 16,
    parameter int INDEX_BITS = 4,
    parameter int LEVELS     = 1
) (
    input  wire                         clk,
    input  wire  [          LEVELS-1:0] load,
    input  wire  [      COUNT*BITS-1:0] s_values,
    input  wire  [COUNT*INDEX_BITS-1:0] s_index,
    output logic [            BITS-1:0] m_first,
    output logic [      INDEX_BITS-1:0] m_index
);
    localparam int GROUPS = COUNT <= 4 ? 1 : (COUNT + 1) / 3;

    logic [      GROUPS*BITS-1:0] first;
    logic [GROUPS*INDEX_BITS-1:0] index;

    for (genvar g = 0; g < GROUPS; g++) begin : g_group
        localparam int SIZE = g < GROUPS - 1 ? 3 : COUNT - 3 * (GROUPS - 1);
        logic [           1:0] place;
        logic [      BITS-1:0] best;
        logic [      BITS-1:0] unused_second;
        logic [INDEX_BITS-1:0] number;

        hwgen_leader_node #(
            .COUNT(SIZE),
            .BITS (BITS)
        ) node (
            .s_values(s_values[3*g*BITS+:SIZE*BITS]),
            .m_place (place),
            .m_first (best),
            .m_second(unused_second)
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
                index[g*INDEX_BITS+:INDEX_BITS] <= number;
            end
        end
    end

    if (GROUPS == 1) begin : g_last
        assign m_first = first;
        assign m_index = index;
    end else begin : g_next
        hwgen_leader #(
            .COUNT     (GROUPS),
            .BITS      (BITS),
            .INDEX_BITS(INDEX_BITS),
            .LEVELS    (LEVELS - 1)
        ) level (
            .clk,
            .load    (load[LEVELS-1:1]),
            .s_values(first),
            .s_index (index),
            .m_first,
            .m_index
        );
    end
endmodule

`default_nettype wire
