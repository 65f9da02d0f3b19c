// Joins groups of which each has a leader and a runner-up; of top_two.sv.
//
// Contract  As top_two.sv, of COUNT groups. A level takes two cycles: first the leaders are compared, then the best
//           of the beaten leaders with the winner's own runner-up: nobody else can be second.
// Cost      Three groups of 16 bits: 113 LUT, 88 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_top_two_merge #(
    parameter int COUNT      = 3,
    parameter int BITS       = 16,
    parameter int INDEX_BITS = 4,
    parameter int STAGES     = 2
) (
    input  wire                         clk,
    input  wire  [          STAGES-1:0] load,
    input  wire  [      COUNT*BITS-1:0] s_values,
    input  wire  [      COUNT*BITS-1:0] s_seconds,
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
        logic [      BITS-1:0] beaten;
        logic [      BITS-1:0] own;
        logic [INDEX_BITS-1:0] number;
        logic [      BITS-1:0] best_held;
        logic [      BITS-1:0] beaten_held;
        logic [      BITS-1:0] own_held;
        logic [INDEX_BITS-1:0] number_held;

        hwgen_leader_node #(
            .COUNT(SIZE),
            .BITS (BITS)
        ) node (
            .s_values(s_values[3*g*BITS+:SIZE*BITS]),
            .m_place (place),
            .m_first (best),
            .m_second(beaten)
        );
        hwgen_pick #(
            .COUNT(SIZE),
            .BITS (BITS)
        ) pick_own (
            .place,
            .s_values(s_seconds[3*g*BITS+:SIZE*BITS]),
            .m_value (own)
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
                best_held   <= best;
                beaten_held <= beaten;
                own_held    <= own;
                number_held <= number;
            end
            if (load[1]) begin
                first[g*BITS+:BITS]             <= best_held;
                second[g*BITS+:BITS]            <= beaten_held > own_held ? beaten_held : own_held;
                index[g*INDEX_BITS+:INDEX_BITS] <= number_held;
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
            .STAGES    (STAGES - 2)
        ) merge (
            .clk,
            .load     (load[STAGES-1:2]),
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
