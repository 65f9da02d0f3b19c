// Criterion learned: leave iff a weighted sum of four statistics of the output reaches the threshold.
//
// Contract  m_reached iff sum_i W_i A_i + LEARNED_OFFSET >= threshold, W = LEARNED_WEIGHTS, A = (p_max, entropy,
//           margin, entropy of the squared probabilities) in steps of 2^-Q, Q = TABLE_FRACTION. With S, G the sums of
//           exp_table and heat_table at the distances d_j, S', G' at 2 d_j, r = floor(2^(2 Q) / S), r' = floor(2^(2
//           Q) / S'), l of logarithm.sv: A = (r, l(S) + (G r >> Q), (2^Q - E_(2)) r >> Q, l(S') + (G' r' >> Q)). A
//           larger threshold is stricter; the largest never leaves, 0 always. Read are, of exp_table, all classes
//           plain, all doubled and the runner-up; of heat_table the same without the runner-up; of log_table two
//           entries for each sum. LATENCY = FRONT_STAGES + 7 + SUM_LEVELS + DIVISION, DIVISION = Q / 2 + 1,
//           FRONT_STAGES that of top_two.sv.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1, 1,870 entries (Yosys, synth_xilinx
//           -family xcup): 3,568 LUT, 3,947 FF, 9 DSP, 22 BRAM of 36 kbit; about 2,050 LUT of them are the two
//           dividers.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_learned #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 28,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 3,
    parameter int TABLE_FRACTION       = 16,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int HEAT_TABLE_BITS      = 15,
    parameter int SUM_BITS             = 20,
    parameter int HEAT_BITS            = 18,
    parameter int ENTROPY_BITS         = 18,
    parameter int LOG_OCTAVES          = 4,
    parameter int LOG_INDEX_BITS       = 7,
    parameter int LOG_TABLE_INDEX_BITS = 9,
    parameter int LOG_TABLE_BITS       = 18,
    parameter int LOG_SLOPE_BITS       = 10,
    parameter int LEARNED_WEIGHTS_BITS = 12,
    parameter logic [4*LEARNED_WEIGHTS_BITS-1:0] LEARNED_WEIGHTS = '0,
    parameter logic signed [63:0] LEARNED_OFFSET = 0,
    parameter int FRONT_STAGES         = 3,
    parameter int SUM_LEVELS           = 2,
    parameter int DIVISION             = 9,
    parameter int LATENCY              = 21
) (
    input  wire                                           clk,
    input  wire  [                           LATENCY-1:0] load,
    input  wire  [                CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [                    THRESHOLD_BITS-1:0] s_threshold,
    output logic                                          exp_table_load,
    output logic [(2*CLASSES+1)*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [      (2*CLASSES+1)*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic                                          heat_table_load,
    output logic [    2*CLASSES*EXP_TABLE_INDEX_BITS-1:0] heat_table_index,
    input  wire  [         2*CLASSES*HEAT_TABLE_BITS-1:0] heat_table_entry,
    output logic                                          log_table_load,
    output logic [            4*LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [                  4*LOG_TABLE_BITS-1:0] log_table_entry,
    output logic [                        CLASS_BITS-1:0] m_class,
    output logic                                          m_reached
);
    localparam int LAST = LATENCY - 1;
    localparam int DIVIDED = FRONT_STAGES + 2 + SUM_LEVELS + DIVISION;
    localparam int SCALE_BITS = TABLE_FRACTION + 1;
    localparam int MARGIN_BITS = EXP_TABLE_BITS + SCALE_BITS;
    localparam int STATISTIC_BITS = ENTROPY_BITS > SCALE_BITS ? ENTROPY_BITS : SCALE_BITS;
    localparam int TOTAL_BITS = THRESHOLD_BITS + 2;

    logic [  CLASSES*LOGIT_BITS-1:0] logits;
    logic [          LOGIT_BITS-1:0] first;
    logic [          LOGIT_BITS-1:0] second;
    logic                            unused_second_apart;
    logic                            unused_log_table_load;
    logic [EXP_TABLE_INDEX_BITS-1:0] second_index;
    logic [        ENTROPY_BITS-1:0] plain_entropy;
    logic [        ENTROPY_BITS-1:0] squared_entropy;
    logic [          SCALE_BITS-1:0] scale;
    logic [          SCALE_BITS-1:0] unused_squared_scale;
    logic [      EXP_TABLE_BITS-1:0] apart;
    logic [      EXP_TABLE_BITS-1:0] apart_held;
    logic [         MARGIN_BITS-1:0] margin;
    logic [          SCALE_BITS-1:0] margin_held;
    logic [          SCALE_BITS-1:0] top;
    logic [    4*STATISTIC_BITS-1:0] statistics;
    logic [        4*TOTAL_BITS-1:0] products;
    logic signed [   TOTAL_BITS-1:0] total;
    logic [          CLASS_BITS-1:0] leader;
    logic [      THRESHOLD_BITS-1:0] threshold;

    hwgen_front #(
        .CLASSES   (CLASSES),
        .LOGIT_BITS(LOGIT_BITS),
        .SIGNED    (SIGNED),
        .CLASS_BITS(CLASS_BITS),
        .SECOND    (1),
        .STAGES    (FRONT_STAGES)
    ) front (
        .clk,
        .load    (load[FRONT_STAGES-1:0]),
        .s_logits,
        .m_class (leader),
        .m_first (first),
        .m_second(second),
        .m_logits(logits)
    );
    hwgen_bins #(
        .COUNT     (1),
        .BITS      (LOGIT_BITS),
        .SHIFT     (TABLE_SHIFT),
        .INDEX_BITS(EXP_TABLE_INDEX_BITS)
    ) second_bin (
        .clk,
        .load    (load[FRONT_STAGES]),
        .s_first (first),
        .s_values(second),
        .m_index (second_index),
        .m_apart (unused_second_apart)
    );
    assign exp_table_load  = load[FRONT_STAGES+1];
    assign exp_table_index = {second_index, heat_table_index};
    assign heat_table_load = load[FRONT_STAGES+1];
    hwgen_softmax_entropy #(
        .CLASSES             (CLASSES),
        .LOGIT_BITS          (LOGIT_BITS),
        .DOUBLED             (0),
        .TABLE_SHIFT         (TABLE_SHIFT),
        .TABLE_FRACTION      (TABLE_FRACTION),
        .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS),
        .EXP_TABLE_BITS      (EXP_TABLE_BITS),
        .HEAT_TABLE_BITS     (HEAT_TABLE_BITS),
        .SUM_BITS            (SUM_BITS),
        .HEAT_BITS           (HEAT_BITS),
        .ENTROPY_BITS        (ENTROPY_BITS),
        .LOG_OCTAVES         (LOG_OCTAVES),
        .LOG_INDEX_BITS      (LOG_INDEX_BITS),
        .LOG_TABLE_INDEX_BITS(LOG_TABLE_INDEX_BITS),
        .LOG_TABLE_BITS      (LOG_TABLE_BITS),
        .LOG_SLOPE_BITS      (LOG_SLOPE_BITS),
        .SUM_LEVELS          (SUM_LEVELS),
        .DIVISION            (DIVISION)
    ) plain (
        .clk,
        .load            (load[DIVIDED+1:FRONT_STAGES]),
        .s_first         (first),
        .s_logits        (logits),
        .m_index         (heat_table_index[0*CLASSES*EXP_TABLE_INDEX_BITS+:CLASSES*EXP_TABLE_INDEX_BITS]),
        .exp_table_entry (exp_table_entry[0*CLASSES*EXP_TABLE_BITS+:CLASSES*EXP_TABLE_BITS]),
        .heat_table_entry(heat_table_entry[0*CLASSES*HEAT_TABLE_BITS+:CLASSES*HEAT_TABLE_BITS]),
        .log_table_load  (log_table_load),
        .log_table_index (log_table_index[0*2*LOG_TABLE_INDEX_BITS+:2*LOG_TABLE_INDEX_BITS]),
        .log_table_entry (log_table_entry[0*2*LOG_TABLE_BITS+:2*LOG_TABLE_BITS]),
        .m_scale         (scale),
        .m_entropy       (plain_entropy)
    );
    hwgen_softmax_entropy #(
        .CLASSES             (CLASSES),
        .LOGIT_BITS          (LOGIT_BITS),
        .DOUBLED             (1),
        .TABLE_SHIFT         (TABLE_SHIFT),
        .TABLE_FRACTION      (TABLE_FRACTION),
        .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS),
        .EXP_TABLE_BITS      (EXP_TABLE_BITS),
        .HEAT_TABLE_BITS     (HEAT_TABLE_BITS),
        .SUM_BITS            (SUM_BITS),
        .HEAT_BITS           (HEAT_BITS),
        .ENTROPY_BITS        (ENTROPY_BITS),
        .LOG_OCTAVES         (LOG_OCTAVES),
        .LOG_INDEX_BITS      (LOG_INDEX_BITS),
        .LOG_TABLE_INDEX_BITS(LOG_TABLE_INDEX_BITS),
        .LOG_TABLE_BITS      (LOG_TABLE_BITS),
        .LOG_SLOPE_BITS      (LOG_SLOPE_BITS),
        .SUM_LEVELS          (SUM_LEVELS),
        .DIVISION            (DIVISION)
    ) squared (
        .clk,
        .load            (load[DIVIDED+1:FRONT_STAGES]),
        .s_first         (first),
        .s_logits        (logits),
        .m_index         (heat_table_index[1*CLASSES*EXP_TABLE_INDEX_BITS+:CLASSES*EXP_TABLE_INDEX_BITS]),
        .exp_table_entry (exp_table_entry[1*CLASSES*EXP_TABLE_BITS+:CLASSES*EXP_TABLE_BITS]),
        .heat_table_entry(heat_table_entry[1*CLASSES*HEAT_TABLE_BITS+:CLASSES*HEAT_TABLE_BITS]),
        .log_table_load  (unused_log_table_load),
        .log_table_index (log_table_index[1*2*LOG_TABLE_INDEX_BITS+:2*LOG_TABLE_INDEX_BITS]),
        .log_table_entry (log_table_entry[1*2*LOG_TABLE_BITS+:2*LOG_TABLE_BITS]),
        .m_scale         (unused_squared_scale),
        .m_entropy       (squared_entropy)
    );

    assign apart = (EXP_TABLE_BITS'(1) << TABLE_FRACTION) - exp_table_entry[2*CLASSES*EXP_TABLE_BITS+:EXP_TABLE_BITS];
    hwgen_delay #(
        .WIDTH (EXP_TABLE_BITS),
        .STAGES(SUM_LEVELS + DIVISION)
    ) apart_delay (
        .clk,
        .load  (load[DIVIDED-1:FRONT_STAGES+2]),
        .s_data(apart),
        .m_data(apart_held)
    );
    hwgen_delay #(
        .WIDTH (SCALE_BITS),
        .STAGES(2)
    ) top_delay (
        .clk,
        .load  (load[DIVIDED+1:DIVIDED]),
        .s_data(scale),
        .m_data(top)
    );
    hwgen_delay #(
        .WIDTH (CLASS_BITS),
        .STAGES(LATENCY - FRONT_STAGES)
    ) class_delay (
        .clk,
        .load  (load[LAST:FRONT_STAGES]),
        .s_data(leader),
        .m_data(m_class)
    );
    hwgen_delay #(
        .WIDTH (THRESHOLD_BITS),
        .STAGES(LAST)
    ) threshold_delay (
        .clk,
        .load  (load[LAST-1:0]),
        .s_data(s_threshold),
        .m_data(threshold)
    );

    assign statistics = {
        STATISTIC_BITS'(squared_entropy),
        STATISTIC_BITS'(margin_held),
        STATISTIC_BITS'(plain_entropy),
        STATISTIC_BITS'(top)
    };
    always_ff @(posedge clk) begin
        if (load[DIVIDED]) margin <= MARGIN_BITS'(apart_held) * MARGIN_BITS'(scale);
        if (load[DIVIDED+1]) margin_held <= SCALE_BITS'(margin >> TABLE_FRACTION);
        if (load[DIVIDED+3]) begin
            total <= (($signed(products[0*TOTAL_BITS+:TOTAL_BITS]) + $signed(products[1*TOTAL_BITS+:TOTAL_BITS])) +
                      ($signed(products[2*TOTAL_BITS+:TOTAL_BITS]) + $signed(products[3*TOTAL_BITS+:TOTAL_BITS]))) +
                     TOTAL_BITS'(LEARNED_OFFSET);
        end
        if (load[LAST]) m_reached <= total >= $signed({2'b00, threshold});
    end
    for (genvar i = 0; i < 4; i++) begin : g_product
        localparam logic signed [LEARNED_WEIGHTS_BITS-1:0] WEIGHT =
            LEARNED_WEIGHTS[i*LEARNED_WEIGHTS_BITS+:LEARNED_WEIGHTS_BITS];
        always_ff @(posedge clk) begin
            if (load[DIVIDED+2]) begin
                products[i*TOTAL_BITS+:TOTAL_BITS] <=
                    TOTAL_BITS'(WEIGHT) * $signed(TOTAL_BITS'(statistics[i*STATISTIC_BITS+:STATISTIC_BITS]));
            end
        end
    end
endmodule

`default_nettype wire
