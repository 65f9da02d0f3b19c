// Ensembling over exits on the probabilities of score: the class, and whether the largest mean reaches the threshold.
//
// Contract  ensemble_sums.sv behind the leader of the logits. s_carried, m_carried: a sum per class, class 0 lowest; at
//           the first exit s_carried is 0. A larger threshold is stricter. FRONT_STAGES = leader_levels(CLASSES),
//           LATENCY = FRONT_STAGES + SUMS_STAGES.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): a second
//           exit with 1,421 entries 2,504 LUT, 224 more as memory, 2,457 FF, 20 DSP, 10 BRAM of 36 kbit; about 1,030
//           LUT of them are the divider.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_ensemble_score #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
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
    parameter int FRONT_STAGES         = 2,
    parameter int SUM_LEVELS           = 2,
    parameter int DIVISION             = 9,
    parameter int LEADER_STAGES        = 2,
    parameter int SUMS_STAGES          = 18,
    parameter int LATENCY              = 20
) (
    input  wire                                     clk,
    input  wire                                     rst_n,
    input  wire  [                     LATENCY-1:0] load,
    input  wire  [          CLASSES*LOGIT_BITS-1:0] s_logits,
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
    logic [CLASSES*LOGIT_BITS-1:0] logits;
    logic [        LOGIT_BITS-1:0] first;
    logic [        LOGIT_BITS-1:0] unused_second;
    logic [        CLASS_BITS-1:0] unused_class;
    logic [           CLASSES-1:0] apart;

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
        .m_class (unused_class),
        .m_first (first),
        .m_second(unused_second),
        .m_logits(logits)
    );
    for (genvar j = 0; j < CLASSES; j++) begin : g_class
        assign apart[j] = logits[j*LOGIT_BITS+:LOGIT_BITS] != first;
    end
    hwgen_ensemble_sums #(
        .CLASSES             (CLASSES),
        .LOGIT_BITS          (LOGIT_BITS),
        .THRESHOLD_BITS      (THRESHOLD_BITS),
        .CLASS_BITS          (CLASS_BITS),
        .TABLE_SHIFT         (TABLE_SHIFT),
        .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS),
        .EXP_TABLE_BITS      (EXP_TABLE_BITS),
        .SUM_BITS            (SUM_BITS),
        .TABLE_FRACTION      (TABLE_FRACTION),
        .BEFORE_BITS         (BEFORE_BITS),
        .CARRIED_BITS        (CARRIED_BITS),
        .ENSEMBLE_WEIGHT     (ENSEMBLE_WEIGHT),
        .WAIT                (FRONT_STAGES),
        .SUM_LEVELS          (SUM_LEVELS),
        .DIVISION            (DIVISION),
        .LEADER_STAGES       (LEADER_STAGES),
        .STAGES              (SUMS_STAGES)
    ) sums (
        .clk,
        .rst_n,
        .enter   (load[0]),
        .load    (load[LATENCY-1:FRONT_STAGES]),
        .s_first (first),
        .s_logits(logits),
        .s_apart (apart),
        .s_carried,
        .s_threshold,
        .exp_table_load,
        .exp_table_index,
        .exp_table_entry,
        .lower_table_load,
        .lower_table_index,
        .lower_table_entry,
        .m_class,
        .m_reached,
        .m_carried
    );
endmodule

`default_nettype wire
