// How many classes stand in front of each one.
//
// Contract  One cycle after load: m_rank_i = number of classes with a smaller s_index of the table, which is a larger
//           logit, and of those with the same one and a lower number. Classes that share an index share their
//           exponential, so the order among them does not matter.
// Cost      COUNT * (COUNT - 1) / 2 comparators of BITS, COUNT counters; see distribution_mlp.sv for a whole gate.
`default_nettype none

module hwgen_ranks #(
    parameter int COUNT     = 10,
    parameter int BITS      = 11,
    parameter int RANK_BITS = 4
) (
    input  wire                        clk,
    input  wire                        load,
    input  wire  [     COUNT*BITS-1:0] s_index,
    output logic [COUNT*RANK_BITS-1:0] m_rank
);
    logic [COUNT*COUNT-1:0] ahead;  // bit COUNT * i + j: j stands in front of i

    for (genvar i = 0; i < COUNT; i++) begin : g_class
        logic [RANK_BITS-1:0] rank;

        assign ahead[COUNT*i+i] = 1'b0;
        for (genvar j = i + 1; j < COUNT; j++) begin : g_pair
            assign ahead[COUNT*i+j] = s_index[j*BITS+:BITS] < s_index[i*BITS+:BITS];
            assign ahead[COUNT*j+i] = !ahead[COUNT*i+j];
        end
        always_comb begin
            rank = '0;
            for (int j = 0; j < COUNT; j++) rank = rank + RANK_BITS'(ahead[COUNT*i+j]);
        end
        always_ff @(posedge clk) if (load) m_rank[i*RANK_BITS+:RANK_BITS] <= rank;
    end
endmodule

`default_nettype wire
