// Criterion distribution: leave iff a weighted sum of all probabilities reaches the threshold.
//
// Contract  m_reached iff (sum_j U E_j) * 2^R >= threshold * S, E and S as in score.sv, R = MONITOR_FRACTION. U is
//           MONITOR_WEIGHTS of the class, or, by rank, of the number of classes in front of it, the last weight for
//           all that follow: that is the sum over ranks without sorting anything. A larger threshold is stricter; the
//           largest never leaves, 0 always. Both sides are exact. LATENCY = FRONT_STAGES + 4 + SUM_LEVELS.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): by
//           rank, with 1,421 entries 1,378 LUT, 1,169 FF, 11 DSP, 5 BRAM of 36 kbit.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_distribution #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 17,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 3,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int SUM_BITS             = 20,
    parameter int MONITOR_FRACTION     = 8,
    parameter int MONITOR_INPUTS       = 10,
    parameter int MONITOR_BY_RANK      = 1,
    parameter int MONITOR_WEIGHTS_BITS = 8,
    parameter logic [MONITOR_INPUTS*MONITOR_WEIGHTS_BITS-1:0] MONITOR_WEIGHTS = 80'h0,
    parameter int FRONT_STAGES         = 2,
    parameter int SUM_LEVELS           = 2,
    parameter int LATENCY              = 8
) (
    input  wire                                 clk,
    input  wire  [LATENCY-1:0]                  load,
    input  wire  [CLASSES*LOGIT_BITS-1:0]       s_logits,
    input  wire  [THRESHOLD_BITS-1:0]           s_threshold,
    output logic                                exp_table_load,
    output logic [CLASSES*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [CLASSES*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic [CLASS_BITS-1:0]               m_class,
    output logic                                m_reached
);
    localparam int LAST = LATENCY - 1;
    localparam int SUMMED = FRONT_STAGES + 2 + SUM_LEVELS;
    localparam int SHARE = EXP_TABLE_BITS + MONITOR_WEIGHTS_BITS;
    localparam int WEIGHED = SUM_BITS + MONITOR_WEIGHTS_BITS;
    localparam int WIDTH = WEIGHED + MONITOR_FRACTION > THRESHOLD_BITS + SUM_BITS ?
        WEIGHED + MONITOR_FRACTION : THRESHOLD_BITS + SUM_BITS;

    logic [        LOGIT_BITS-1:0] unused_first;
    logic [           CLASSES-1:0] unused_apart;
    logic [          SUM_BITS-1:0] sum;
    logic [    THRESHOLD_BITS-1:0] threshold;
    logic [CLASSES*MONITOR_WEIGHTS_BITS-1:0] weights;
    logic [     CLASSES*SHARE-1:0] shares;
    logic [           WEIGHED-1:0] weighed;
    logic [             WIDTH-1:0] needed;

    hwgen_exp_sum #(
        .CLASSES             (CLASSES),
        .LOGIT_BITS          (LOGIT_BITS),
        .SIGNED              (SIGNED),
        .THRESHOLD_BITS      (THRESHOLD_BITS),
        .CLASS_BITS          (CLASS_BITS),
        .TABLE_SHIFT         (TABLE_SHIFT),
        .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS),
        .EXP_TABLE_BITS      (EXP_TABLE_BITS),
        .SUM_BITS            (SUM_BITS),
        .FRONT_STAGES        (FRONT_STAGES),
        .SUM_LEVELS          (SUM_LEVELS),
        .THRESHOLD_STAGES    (SUMMED),
        .LATENCY             (LATENCY)
    ) exp_sum (
        .clk,
        .load,
        .s_logits,
        .s_threshold,
        .exp_table_load,
        .exp_table_index,
        .exp_table_entry,
        .m_first    (unused_first),
        .m_apart    (unused_apart),
        .m_sum      (sum),
        .m_threshold(threshold),
        .m_class
    );
    if (MONITOR_BY_RANK != 0) begin : g_rank
        hwgen_rank_weights #(
            .COUNT      (CLASSES),
            .BITS       (EXP_TABLE_INDEX_BITS),
            .INPUTS     (MONITOR_INPUTS),
            .WEIGHT_BITS(MONITOR_WEIGHTS_BITS),
            .WEIGHTS    (MONITOR_WEIGHTS)
        ) ranks (
            .clk,
            .load     (exp_table_load),
            .s_index  (exp_table_index),
            .m_weights(weights)
        );
    end else begin : g_number
        assign weights = MONITOR_WEIGHTS;
    end
    for (genvar j = 0; j < CLASSES; j++) begin : g_class
        always_ff @(posedge clk) begin
            if (load[FRONT_STAGES+2]) begin
                shares[j*SHARE+:SHARE] <=
                    SHARE'(exp_table_entry[j*EXP_TABLE_BITS+:EXP_TABLE_BITS]) *
                    SHARE'(weights[j*MONITOR_WEIGHTS_BITS+:MONITOR_WEIGHTS_BITS]);
            end
        end
    end
    hwgen_sum #(
        .COUNT   (CLASSES),
        .BITS    (SHARE),
        .SUM_BITS(WEIGHED),
        .LEVELS  (SUM_LEVELS)
    ) weighed_sum (
        .clk,
        .load    (load[FRONT_STAGES+3+:SUM_LEVELS]),
        .s_values(shares),
        .m_sum   (weighed)
    );

    always_ff @(posedge clk) if (load[SUMMED]) needed <= WIDTH'(threshold) * WIDTH'(sum);

    always_ff @(posedge clk) if (load[LAST]) m_reached <= WIDTH'(weighed) << MONITOR_FRACTION >= needed;
endmodule

`default_nettype wire
