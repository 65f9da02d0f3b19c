// Criterion energy: leave iff the logits' free energy, z_max + T * ln(sum of exponentials), reaches the threshold.
//
// Contract  m_reached iff h + l(S) >= threshold: h = (z_max - z_min) << ENERGY_UP >> ENERGY_DOWN, z_min the smallest
//           logit of the format; S as in score.sv and SUM_START more; l of logarithm.sv. A larger threshold is
//           stricter; 0 always leaves. LATENCY = FRONT_STAGES + 7 + SUM_LEVELS.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): with
//           1,421 entries 1,042 LUT, 35 MUXF, 1,105 FF, 1 DSP, 5 BRAM of 36 kbit.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_energy #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 17,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 3,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int SUM_BITS             = 20,
    parameter int TABLE_FRACTION       = 16,
    parameter int LOG_OCTAVES          = 4,
    parameter int LOG_INDEX_BITS       = 7,
    parameter int LOG_TABLE_INDEX_BITS = 9,
    parameter int LOG_TABLE_BITS       = 18,
    parameter int LOG_SLOPE_BITS       = 10,
    parameter int SUM_START            = 0,
    parameter int ENERGY_UP            = 4,
    parameter int ENERGY_DOWN          = 0,
    parameter int FRONT_STAGES         = 2,
    parameter int SUM_LEVELS           = 2,
    parameter int LATENCY              = 11
) (
    input  wire                                 clk,
    input  wire  [LATENCY-1:0]                  load,
    input  wire  [CLASSES*LOGIT_BITS-1:0]       s_logits,
    input  wire  [THRESHOLD_BITS-1:0]           s_threshold,
    output logic                                exp_table_load,
    output logic [CLASSES*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [CLASSES*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic                                log_table_load,
    output logic [2*LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [2*LOG_TABLE_BITS-1:0] log_table_entry,
    output logic [CLASS_BITS-1:0]               m_class,
    output logic                                m_reached
);
    localparam int LAST = LATENCY - 1;
    localparam int SUMMED = FRONT_STAGES + 2 + SUM_LEVELS;

    logic [        LOGIT_BITS-1:0] first;
    logic [           CLASSES-1:0] unused_apart;
    logic [          SUM_BITS-1:0] sum;
    logic [    THRESHOLD_BITS-1:0] threshold;
    logic [        LOGIT_BITS-1:0] above;
    logic [LOGIT_BITS+ENERGY_UP-1:0] height;
    logic [    LOG_TABLE_BITS-1:0] log;
    logic [    THRESHOLD_BITS-1:0] value;

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
        .THRESHOLD_STAGES    (LAST),
        .LATENCY             (LATENCY)
    ) exp_sum (
        .clk,
        .load,
        .s_logits,
        .s_threshold,
        .exp_table_load,
        .exp_table_index,
        .exp_table_entry,
        .m_first    (first),
        .m_apart    (unused_apart),
        .m_sum      (sum),
        .m_threshold(threshold),
        .m_class
    );
    // z_max - z_min: z_min has but the top bit if logits are signed, and is 0 otherwise.
    hwgen_delay #(
        .WIDTH (LOGIT_BITS),
        .STAGES(LAST - FRONT_STAGES)
    ) above_delay (
        .clk,
        .load  (load[FRONT_STAGES+:LAST - FRONT_STAGES]),
        .s_data(first ^ {SIGNED, {(LOGIT_BITS - 1) {1'b0}}}),
        .m_data(above)
    );
    hwgen_logarithm #(
        .TABLE_FRACTION      (TABLE_FRACTION),
        .SUM_BITS            (SUM_BITS),
        .LOG_OCTAVES         (LOG_OCTAVES),
        .LOG_INDEX_BITS      (LOG_INDEX_BITS),
        .LOG_TABLE_INDEX_BITS(LOG_TABLE_INDEX_BITS),
        .LOG_TABLE_BITS      (LOG_TABLE_BITS),
        .LOG_SLOPE_BITS      (LOG_SLOPE_BITS)
    ) logarithm (
        .clk,
        .load (load[SUMMED+:4]),
        .s_sum(sum + SUM_BITS'(SUM_START)),
        .log_table_load,
        .log_table_index,
        .log_table_entry,
        .m_log(log)
    );

    assign height = {above, {ENERGY_UP{1'b0}}} >> ENERGY_DOWN;
    assign value  = THRESHOLD_BITS'(height) + THRESHOLD_BITS'(log);

    always_ff @(posedge clk) if (load[LAST]) m_reached <= value >= threshold;
endmodule

`default_nettype wire
