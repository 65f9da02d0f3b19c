// Criterion distribution with a small network: leave iff the network's output reaches the threshold.
//
// Contract  r = floor(2^(2Q) / S), P_i = (X_i * r) >> Q, o of perceptron.sv on them; m_reached iff o +
//           2^(THRESHOLD_BITS - 1) >= threshold. S as in score.sv, Q = TABLE_FRACTION. X_i is the exponential of class
//           i, or, by rank, the i-th largest one and the last X the sum of all that remain. A larger threshold is
//           stricter; the largest never leaves, 0 always. LATENCY = FRONT_STAGES + SUM_LEVELS + DIVISION + INPUT_LEVELS
//           + OUTPUT_LEVELS + 7, FRONT_STAGES that of leader.sv, DIVISION = Q / 2 + 1, INPUT_LEVELS and OUTPUT_LEVELS
//           as in sum.sv.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): by rank,
//           with 1,421 entries, 10 inputs and 8 neurons 5,257 LUT, 128 more as memory, 4,560 FF, 89 DSP, 5 BRAM of 36
//           kbit.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_distribution_mlp #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 27,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 3,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int SUM_BITS             = 20,
    parameter int TABLE_FRACTION       = 16,
    parameter int MONITOR_INPUTS       = 10,
    parameter int MONITOR_BY_RANK      = 1,
    parameter int MONITOR_NEURONS      = 8,
    parameter int HIDDEN_WEIGHTS_BITS  = 8,
    parameter logic [MONITOR_NEURONS*MONITOR_INPUTS*HIDDEN_WEIGHTS_BITS-1:0] HIDDEN_WEIGHTS = '0,
    parameter int HIDDEN_BIASES_BITS   = 24,
    parameter logic [MONITOR_NEURONS*HIDDEN_BIASES_BITS-1:0] HIDDEN_BIASES = '0,
    parameter logic [MONITOR_NEURONS*HIDDEN_WEIGHTS_BITS-1:0] OUTPUT_WEIGHTS = '0,
    parameter int NEURON_DROPPED       = 8,
    parameter int FRONT_STAGES         = 2,
    parameter int SUM_LEVELS           = 2,
    parameter int DIVISION             = 9,
    parameter int INPUT_LEVELS         = 2,
    parameter int OUTPUT_LEVELS        = 2,
    parameter int LATENCY              = 24
) (
    input  wire                                     clk,
    input  wire                                     rst_n,
    input  wire  [                     LATENCY-1:0] load,
    input  wire  [          CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [              THRESHOLD_BITS-1:0] s_threshold,
    output logic                                    exp_table_load,
    output logic [CLASSES*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [      CLASSES*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic [                  CLASS_BITS-1:0] m_class,
    output logic                                    m_reached
);
    localparam int LAST = LATENCY - 1;
    localparam int SUMMED = FRONT_STAGES + 2 + SUM_LEVELS;
    localparam int DIVIDED = SUMMED + DIVISION;
    localparam int SHARE = TABLE_FRACTION + 1;
    localparam int PRODUCT = SUM_BITS + SHARE;
    localparam int NET = INPUT_LEVELS + OUTPUT_LEVELS + 3;

    logic [       CLASSES*LOGIT_BITS-1:0] logits;
    logic [               LOGIT_BITS-1:0] first;
    logic [               LOGIT_BITS-1:0] unused_second;
    logic [                  CLASSES-1:0] unused_apart;
    logic [                 SUM_BITS-1:0] sum;
    logic [                    SHARE-1:0] reciprocal;
    logic [  MONITOR_INPUTS*SUM_BITS-1:0] values;
    logic [     MONITOR_INPUTS*SHARE-1:0] shares;
    logic [           THRESHOLD_BITS-1:0] total;
    logic [               CLASS_BITS-1:0] leader;
    logic [               CLASS_BITS-1:0] index;
    logic [           THRESHOLD_BITS-1:0] threshold;

    hwgen_front #(
        .CLASSES   (CLASSES),
        .LOGIT_BITS(LOGIT_BITS),
        .SIGNED    (SIGNED),
        .CLASS_BITS(CLASS_BITS),
        .STAGES    (FRONT_STAGES)
    ) front (
        .clk,
        .load    (load[FRONT_STAGES-1:0]),
        .s_logits,
        .m_class (leader),
        .m_first (first),
        .m_second(unused_second),
        .m_logits(logits)
    );
    hwgen_bins #(
        .COUNT     (CLASSES),
        .BITS      (LOGIT_BITS),
        .SHIFT     (TABLE_SHIFT),
        .INDEX_BITS(EXP_TABLE_INDEX_BITS)
    ) places (
        .clk,
        .load    (load[FRONT_STAGES]),
        .s_first (first),
        .s_values(logits),
        .m_index (exp_table_index),
        .m_apart (unused_apart)
    );
    assign exp_table_load = load[FRONT_STAGES+1];
    hwgen_sum #(
        .COUNT   (CLASSES),
        .BITS    (EXP_TABLE_BITS),
        .SUM_BITS(SUM_BITS),
        .LEVELS  (SUM_LEVELS)
    ) exp_sum (
        .clk,
        .load    (load[FRONT_STAGES+2+:SUM_LEVELS]),
        .s_values(exp_table_entry),
        .m_sum   (sum)
    );
    hwgen_reciprocal #(
        .FRACTION(TABLE_FRACTION),
        .SUM_BITS(SUM_BITS),
        .STAGES  (DIVISION)
    ) divider (
        .clk,
        .load      (load[SUMMED+:DIVISION]),
        .s_sum     (sum),
        .m_quotient(reciprocal)
    );

    // The inputs wait for the reciprocal.
    if (MONITOR_BY_RANK != 0) begin : g_rank
        localparam int KEPT = MONITOR_INPUTS - 1;
        localparam int RANK_BITS = $clog2(CLASSES);
        logic [  CLASSES*RANK_BITS-1:0] ranks;
        logic [KEPT*EXP_TABLE_BITS-1:0] largest;
        logic [KEPT*EXP_TABLE_BITS-1:0] largest_held;
        logic [           SUM_BITS-1:0] rest;
        logic [           SUM_BITS-1:0] rest_held;

        hwgen_ranks #(
            .COUNT    (CLASSES),
            .BITS     (EXP_TABLE_INDEX_BITS),
            .RANK_BITS(RANK_BITS)
        ) order (
            .clk,
            .load   (exp_table_load),
            .s_index(exp_table_index),
            .m_rank (ranks)
        );
        hwgen_sorted #(
            .COUNT    (CLASSES),
            .BITS     (EXP_TABLE_BITS),
            .RANK_BITS(RANK_BITS),
            .KEPT     (KEPT),
            .SUM_BITS (SUM_BITS),
            .LEVELS   (SUM_LEVELS)
        ) sorted (
            .clk,
            .load     (load[FRONT_STAGES+2+:SUM_LEVELS]),
            .s_entry  (exp_table_entry),
            .s_rank   (ranks),
            .m_largest(largest),
            .m_rest   (rest)
        );
        hwgen_ring #(
            .WIDTH (KEPT * EXP_TABLE_BITS),
            .STAGES(DIVIDED - FRONT_STAGES - 3)
        ) largest_ring (
            .clk,
            .rst_n,
            .enter (load[FRONT_STAGES+3]),
            .leave (load[DIVIDED]),
            .s_data(largest),
            .m_data(largest_held)
        );
        hwgen_ring #(
            .WIDTH (SUM_BITS),
            .STAGES(DIVISION)
        ) rest_ring (
            .clk,
            .rst_n,
            .enter (load[SUMMED]),
            .leave (load[DIVIDED]),
            .s_data(rest),
            .m_data(rest_held)
        );
        for (genvar i = 0; i < KEPT; i++) begin : g_value
            assign values[i*SUM_BITS+:SUM_BITS] = SUM_BITS'(largest_held[i*EXP_TABLE_BITS+:EXP_TABLE_BITS]);
        end
        assign values[KEPT*SUM_BITS+:SUM_BITS] = rest_held;
    end else begin : g_number
        logic [CLASSES*EXP_TABLE_BITS-1:0] entries;

        hwgen_ring #(
            .WIDTH (CLASSES * EXP_TABLE_BITS),
            .STAGES(DIVIDED - FRONT_STAGES - 2)
        ) entry_ring (
            .clk,
            .rst_n,
            .enter (load[FRONT_STAGES+2]),
            .leave (load[DIVIDED]),
            .s_data(exp_table_entry),
            .m_data(entries)
        );
        for (genvar i = 0; i < CLASSES; i++) begin : g_value
            assign values[i*SUM_BITS+:SUM_BITS] = SUM_BITS'(entries[i*EXP_TABLE_BITS+:EXP_TABLE_BITS]);
        end
    end
    for (genvar i = 0; i < MONITOR_INPUTS; i++) begin : g_share
        logic [PRODUCT-1:0] product;

        assign product = PRODUCT'(values[i*SUM_BITS+:SUM_BITS]) * PRODUCT'(reciprocal);
        always_ff @(posedge clk) begin
            if (load[DIVIDED]) shares[i*SHARE+:SHARE] <= SHARE'(product >> TABLE_FRACTION);
        end
    end
    hwgen_perceptron #(
        .INPUTS        (MONITOR_INPUTS),
        .NEURONS       (MONITOR_NEURONS),
        .SHARE_BITS    (SHARE),
        .WEIGHT_BITS   (HIDDEN_WEIGHTS_BITS),
        .BIAS_BITS     (HIDDEN_BIASES_BITS),
        .DROPPED       (NEURON_DROPPED),
        .OUTPUT_BITS   (THRESHOLD_BITS),
        .HIDDEN_WEIGHTS(HIDDEN_WEIGHTS),
        .HIDDEN_BIASES (HIDDEN_BIASES),
        .OUTPUT_WEIGHTS(OUTPUT_WEIGHTS),
        .INPUT_LEVELS  (INPUT_LEVELS),
        .OUTPUT_LEVELS (OUTPUT_LEVELS)
    ) net (
        .clk,
        .load    (load[DIVIDED+1+:NET]),
        .s_shares(shares),
        .m_output(total)
    );
    hwgen_ring #(
        .WIDTH (CLASS_BITS),
        .STAGES(LAST - FRONT_STAGES)
    ) class_ring (
        .clk,
        .rst_n,
        .enter (load[FRONT_STAGES]),
        .leave (load[LAST]),
        .s_data(leader),
        .m_data(index)
    );
    hwgen_ring #(
        .WIDTH (THRESHOLD_BITS),
        .STAGES(LAST)
    ) threshold_ring (
        .clk,
        .rst_n,
        .enter (load[0]),
        .leave (load[LAST]),
        .s_data(s_threshold),
        .m_data(threshold)
    );

    // Adding half the range to a two's complement number turns its sign bit over.
    always_ff @(posedge clk) begin
        if (load[LAST]) begin
            m_class   <= index;
            m_reached <= {!total[THRESHOLD_BITS-1], total[THRESHOLD_BITS-2:0]} >= threshold;
        end
    end
endmodule

`default_nettype wire
