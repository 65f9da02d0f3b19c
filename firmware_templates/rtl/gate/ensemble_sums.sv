// Ensembling over exits: adds this exit's probabilities to the sums of the exits before, and decides on them.
//
// Contract  d_j = s_first - s_logits_j and s_apart_j are what front.sv gives (d_j > 0), behind the register before
//           load[0]. P_j = (F_j * floor(2^(2Q) / S)) >> Q, S as in score.sv, F_j = 2^Q where not s_apart_j and else
//           lower_table at the index of E_j; m_carried_j = s_carried_j + ENSEMBLE_WEIGHT * P_j; m_class is the lowest
//           index among the largest of them, m_reached: that one >= s_threshold. s_carried and s_threshold come with
//           the sample, when `enter` is high. Both tables lie outside, as in score.sv. Q = TABLE_FRACTION, DIVISION = Q
//           / 2 + 1, LEADER_STAGES = leader_levels(CLASSES), SUM_LEVELS as in sum.sv, WAIT registers come before
//           load[0]; STAGES = SUM_LEVELS + DIVISION + LEADER_STAGES + 5.
// Cost      See ensemble_score.sv for a whole gate: one divider, a multiplier of two (Q + 1)-bit numbers and one by a
//           constant per class.
// Not here  Wrapping: CARRIED_BITS hold 2^Q times the sum of all weights so far.
`default_nettype none

module hwgen_ensemble_sums #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter int THRESHOLD_BITS       = 24,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 0,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int SUM_BITS             = 20,
    parameter int TABLE_FRACTION       = 16,
    parameter int BEFORE_BITS          = 23,
    parameter int CARRIED_BITS         = 24,
    parameter int ENSEMBLE_WEIGHT      = 255,
    parameter int WAIT                 = 2,
    parameter int SUM_LEVELS           = 2,
    parameter int DIVISION             = 9,
    parameter int LEADER_STAGES        = 2,
    parameter int STAGES               = 18
) (
    input  wire                                     clk,
    input  wire                                     rst_n,
    input  wire                                     enter,
    input  wire  [                      STAGES-1:0] load,
    input  wire  [                  LOGIT_BITS-1:0] s_first,
    input  wire  [          CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [                     CLASSES-1:0] s_apart,
    input  wire  [         CLASSES*BEFORE_BITS-1:0] s_carried,
    input  wire  [              THRESHOLD_BITS-1:0] s_threshold,
    output logic                                    exp_table_load,
    output logic [CLASSES*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [      CLASSES*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic                                    lower_table_load,
    output logic [CLASSES*EXP_TABLE_INDEX_BITS-1:0] lower_table_index,
    input  wire  [      CLASSES*EXP_TABLE_BITS-1:0] lower_table_entry,
    output logic [                  CLASS_BITS-1:0] m_class,
    output logic                                    m_reached,
    output logic [        CLASSES*CARRIED_BITS-1:0] m_carried
);
    localparam int LAST = STAGES - 1;
    localparam int DIVIDED = 2 + SUM_LEVELS + DIVISION;
    localparam int ADDED = DIVIDED + 1;
    localparam int SHARE = TABLE_FRACTION + 1;

    logic [             CLASSES-1:0] unused_apart;
    logic [             CLASSES-1:0] apart;
    logic [             CLASSES-1:0] apart_waited;
    logic [             CLASSES-1:0] apart_held;
    logic [            SUM_BITS-1:0] sum;
    logic [               SHARE-1:0] reciprocal;
    logic [ CLASSES*BEFORE_BITS-1:0] earlier;
    logic [      THRESHOLD_BITS-1:0] threshold_waited;
    logic [      THRESHOLD_BITS-1:0] threshold;
    logic [CLASSES*CARRIED_BITS-1:0] after;
    logic [CLASSES*CARRIED_BITS-1:0] after_held;
    logic [  CLASSES*CLASS_BITS-1:0] numbers;
    logic [        CARRIED_BITS-1:0] largest;
    logic [          CLASS_BITS-1:0] index;

    hwgen_bins #(
        .COUNT     (CLASSES),
        .BITS      (LOGIT_BITS),
        .SHIFT     (TABLE_SHIFT),
        .INDEX_BITS(EXP_TABLE_INDEX_BITS)
    ) places (
        .clk,
        .load    (load[0]),
        .s_first,
        .s_values(s_logits),
        .m_index (exp_table_index),
        .m_apart (unused_apart)
    );
    always_ff @(posedge clk) if (load[0]) apart <= s_apart;
    assign exp_table_load = load[1];
    hwgen_sum #(
        .COUNT   (CLASSES),
        .BITS    (EXP_TABLE_BITS),
        .SUM_BITS(SUM_BITS),
        .LEVELS  (SUM_LEVELS)
    ) exp_sum (
        .clk,
        .load    (load[2+:SUM_LEVELS]),
        .s_values(exp_table_entry),
        .m_sum   (sum)
    );
    hwgen_reciprocal #(
        .FRACTION(TABLE_FRACTION),
        .SUM_BITS(SUM_BITS),
        .STAGES  (DIVISION)
    ) divider (
        .clk,
        .load      (load[2+SUM_LEVELS+:DIVISION]),
        .s_sum     (sum),
        .m_quotient(reciprocal)
    );

    // The second table is read when the reciprocal is there: an index is narrower than an entry.
    hwgen_ring #(
        .WIDTH (CLASSES * (EXP_TABLE_INDEX_BITS + 1)),
        .STAGES(DIVIDED - 2)
    ) index_ring (
        .clk,
        .rst_n,
        .enter (load[1]),
        .leave (load[DIVIDED-1]),
        .s_data({apart, exp_table_index}),
        .m_data({apart_waited, lower_table_index})
    );
    assign lower_table_load = load[DIVIDED-1];
    always_ff @(posedge clk) if (load[DIVIDED-1]) apart_held <= apart_waited;

    hwgen_ring #(
        .WIDTH (CLASSES * BEFORE_BITS + THRESHOLD_BITS),
        .STAGES(WAIT + ADDED)
    ) carried_ring (
        .clk,
        .rst_n,
        .enter,
        .leave (load[ADDED]),
        .s_data({s_threshold, s_carried}),
        .m_data({threshold_waited, earlier})
    );
    for (genvar j = 0; j < CLASSES; j++) begin : g_class
        logic [  SHARE-1:0] entry;
        logic [2*SHARE-1:0] product;
        logic [  SHARE-1:0] share;

        assign entry = apart_held[j] ? SHARE'(lower_table_entry[j*EXP_TABLE_BITS+:EXP_TABLE_BITS]) :
            SHARE'(1) << TABLE_FRACTION;
        assign product = (2 * SHARE)'(entry) * (2 * SHARE)'(reciprocal);
        always_ff @(posedge clk) begin
            if (load[DIVIDED]) share <= SHARE'(product >> TABLE_FRACTION);
            if (load[ADDED]) begin
                after[j*CARRIED_BITS+:CARRIED_BITS] <= CARRIED_BITS'(earlier[j*BEFORE_BITS+:BEFORE_BITS]) +
                    CARRIED_BITS'(share) * CARRIED_BITS'(ENSEMBLE_WEIGHT);
            end
        end
        assign numbers[j*CLASS_BITS+:CLASS_BITS] = CLASS_BITS'(j);
    end
    hwgen_leader #(
        .COUNT     (CLASSES),
        .BITS      (CARRIED_BITS),
        .INDEX_BITS(CLASS_BITS),
        .LEVELS    (LEADER_STAGES)
    ) leader (
        .clk,
        .load    (load[ADDED+1+:LEADER_STAGES]),
        .s_values(after),
        .s_index (numbers),
        .m_first (largest),
        .m_index (index)
    );
    hwgen_delay #(
        .WIDTH (CLASSES * CARRIED_BITS),
        .STAGES(LEADER_STAGES)
    ) after_delay (
        .clk,
        .load  (load[ADDED+1+:LEADER_STAGES]),
        .s_data(after),
        .m_data(after_held)
    );
    hwgen_delay #(
        .WIDTH (THRESHOLD_BITS),
        .STAGES(LEADER_STAGES + 1)
    ) threshold_delay (
        .clk,
        .load  (load[ADDED+:LEADER_STAGES+1]),
        .s_data(threshold_waited),
        .m_data(threshold)
    );

    always_ff @(posedge clk) begin
        if (load[LAST]) begin
            m_class   <= index;
            m_reached <= largest >= threshold;
            m_carried <= after_held;
        end
    end
endmodule

`default_nettype wire
