// Criterion margin: leave iff the two largest softmax probabilities lie at least the threshold apart.
//
// Contract  m_reached iff (2^Q - E_(2)) * 2^R >= threshold * S, S and E as in score.sv, E_(2) that of the runner-up,
//           the last of the entries that are read; Q = TABLE_FRACTION, R = MARGIN_FRACTION. A larger threshold is
//           stricter; above 2^R - 1 nothing leaves, 0 always leaves. Both sides are exact. LATENCY = FRONT_STAGES + 4
//           + SUM_LEVELS, FRONT_STAGES that of top_two.sv.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): with
//           1,421 entries 781 LUT, 1,137 FF, 1 DSP, 6 BRAM of 36 kbit.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_margin #(
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
    parameter int MARGIN_FRACTION      = 16,
    parameter int FRONT_STAGES         = 3,
    parameter int SUM_LEVELS           = 2,
    parameter int LATENCY              = 9
) (
    input  wire                                 clk,
    input  wire  [LATENCY-1:0]                  load,
    input  wire  [CLASSES*LOGIT_BITS-1:0]       s_logits,
    input  wire  [THRESHOLD_BITS-1:0]           s_threshold,
    output logic                                exp_table_load,
    output logic [(CLASSES+1)*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [(CLASSES+1)*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic [CLASS_BITS-1:0]               m_class,
    output logic                                m_reached
);
    localparam int LAST = LATENCY - 1;
    localparam int SUMMED = FRONT_STAGES + 2 + SUM_LEVELS;
    localparam int WIDTH = THRESHOLD_BITS + SUM_BITS;

    logic [        LOGIT_BITS-1:0] unused_first;
    logic [             CLASSES:0] unused_apart;
    logic [          SUM_BITS-1:0] sum;
    logic [    THRESHOLD_BITS-1:0] threshold;
    logic [    EXP_TABLE_BITS-1:0] apart;
    logic [    EXP_TABLE_BITS-1:0] apart_held;
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
        .SECOND              (1),
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
        .exp_table_entry(exp_table_entry[CLASSES*EXP_TABLE_BITS-1:0]),
        .m_first        (unused_first),
        .m_apart        (unused_apart),
        .m_sum          (sum),
        .m_threshold    (threshold),
        .m_class
    );
    assign apart = (EXP_TABLE_BITS'(1) << TABLE_FRACTION) - exp_table_entry[CLASSES*EXP_TABLE_BITS+:EXP_TABLE_BITS];
    hwgen_delay #(
        .WIDTH (EXP_TABLE_BITS),
        .STAGES(SUM_LEVELS + 1)
    ) apart_delay (
        .clk,
        .load  (load[FRONT_STAGES+2+:SUM_LEVELS+1]),
        .s_data(apart),
        .m_data(apart_held)
    );

    always_ff @(posedge clk) if (load[SUMMED]) needed <= WIDTH'(threshold) * WIDTH'(sum);

    always_ff @(posedge clk) if (load[LAST]) m_reached <= WIDTH'(apart_held) << MARGIN_FRACTION >= needed;
endmodule

`default_nettype wire
