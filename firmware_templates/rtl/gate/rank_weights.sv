// The weight of each class by how many stand in front of it.
//
// Contract  One cycle after load: m_weights = per class, WEIGHTS of its rank, the last weight from rank INPUTS - 1
//           on. Ranks count from 0: a smaller s_index of the table is a larger logit. Classes that share an index
//           share their exponential, so the order among them does not matter; the lower number stands in front.
// Cost      COUNT * (COUNT - 1) / 2 comparators of BITS, COUNT counters; see distribution.sv for a whole gate.
`default_nettype none

module hwgen_rank_weights #(
    parameter int COUNT       = 10,
    parameter int BITS        = 11,
    parameter int INPUTS      = 10,
    parameter int WEIGHT_BITS = 8,
    parameter logic [INPUTS*WEIGHT_BITS-1:0] WEIGHTS = '0
) (
    input  wire                          clk,
    input  wire                          load,
    input  wire  [       COUNT*BITS-1:0] s_index,
    output logic [COUNT*WEIGHT_BITS-1:0] m_weights
);
    localparam int RANK_BITS = $clog2(COUNT);

    logic [COUNT*COUNT-1:0] ahead;  // bit COUNT * i + j: j stands in front of i

    for (genvar i = 0; i < COUNT; i++) begin : g_class
        logic [  RANK_BITS-1:0] rank;
        logic [  RANK_BITS-1:0] rank_held;
        logic [WEIGHT_BITS-1:0] weight;

        assign ahead[COUNT*i+i] = 1'b0;
        for (genvar j = i + 1; j < COUNT; j++) begin : g_pair
            assign ahead[COUNT*i+j] = s_index[j*BITS+:BITS] < s_index[i*BITS+:BITS];
            assign ahead[COUNT*j+i] = !ahead[COUNT*i+j];
        end
        always_comb begin
            rank = '0;
            for (int j = 0; j < COUNT; j++) rank = rank + RANK_BITS'(ahead[COUNT*i+j]);
        end
        always_ff @(posedge clk) if (load) rank_held <= rank;
        always_comb begin
            weight = WEIGHTS[(INPUTS-1)*WEIGHT_BITS+:WEIGHT_BITS];
            for (int r = 0; r < INPUTS - 1; r++) begin
                if (rank_held == RANK_BITS'(r)) weight = WEIGHTS[r*WEIGHT_BITS+:WEIGHT_BITS];
            end
        end
        assign m_weights[i*WEIGHT_BITS+:WEIGHT_BITS] = weight;
    end
endmodule

`default_nettype wire
