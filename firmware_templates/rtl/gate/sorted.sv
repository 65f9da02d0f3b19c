// Exponentials by rank, the last ones added up.
//
// Contract  s_entry and s_rank (ranks.sv) stand behind the register before load[0]. m_largest_i, behind load[0], is the
//           entry of rank i < KEPT; m_rest, behind load[LEVELS-1], the sum of all others, which must fit SUM_BITS.
//           LEVELS as in sum.sv.
// Cost      KEPT one-hot selectors of COUNT entries, and sum.sv; see distribution_mlp.sv for a whole gate.
`default_nettype none

module hwgen_sorted #(
    parameter int COUNT     = 10,
    parameter int BITS      = 17,
    parameter int RANK_BITS = 4,
    parameter int KEPT      = 9,
    parameter int SUM_BITS  = 20,
    parameter int LEVELS    = 2
) (
    input  wire                        clk,
    input  wire  [         LEVELS-1:0] load,
    input  wire  [     COUNT*BITS-1:0] s_entry,
    input  wire  [COUNT*RANK_BITS-1:0] s_rank,
    output logic [      KEPT*BITS-1:0] m_largest,
    output logic [       SUM_BITS-1:0] m_rest
);
    logic [COUNT*BITS-1:0] others;

    for (genvar i = 0; i < KEPT; i++) begin : g_rank
        logic [BITS-1:0] entry;

        always_comb begin
            entry = '0;
            for (int j = 0; j < COUNT; j++) begin
                if (s_rank[j*RANK_BITS+:RANK_BITS] == RANK_BITS'(i)) entry = entry | s_entry[j*BITS+:BITS];
            end
        end
        always_ff @(posedge clk) if (load[0]) m_largest[i*BITS+:BITS] <= entry;
    end
    for (genvar j = 0; j < COUNT; j++) begin : g_class
        assign others[j*BITS+:BITS] =
            s_rank[j*RANK_BITS+:RANK_BITS] < RANK_BITS'(KEPT) ? '0 : s_entry[j*BITS+:BITS];
    end
    hwgen_sum #(
        .COUNT   (COUNT),
        .BITS    (BITS),
        .SUM_BITS(SUM_BITS),
        .LEVELS  (LEVELS)
    ) rest (
        .clk,
        .load,
        .s_values(others),
        .m_sum   (m_rest)
    );
endmodule

`default_nettype wire
