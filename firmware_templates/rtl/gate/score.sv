// Criterion score: leave iff the largest softmax probability reaches the threshold.
//
// Contract  m_reached iff S <= threshold, S = sum over all classes of E[min(d_j >> TABLE_SHIFT, N - 1)], d_j =
//           largest logit - logit j. A smaller threshold is stricter; 0 never leaves. m_class is the lowest index
//           among the largest. The table lies outside (gate_table.sv.j2): in the cycle after exp_table_load its
//           entries are expected, in registers that load with it. LATENCY = FRONT_STAGES + 3 + SUM_LEVELS,
//           FRONT_STAGES = leader_levels(CLASSES), SUM_LEVELS = ceil(log4(CLASSES)); register i loads with load[i]
//           (pace.sv).
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup), no DSP:
//             entries up to     64 x 8   64 x 17  128 x 17  256 x 17     512, 1024 x 17  2048 x 17
//             LUT (MUXF)        651      842      944 (37)  1,392 (50)   620             621
//             BRAM of 36 kbit   -        -        -         -            2.5             5
//             FF                691      871      881       891          731, 741        751
//           So with tables in block RAM it is some 620 LUT, and two classes share one; LUT tables add 22, 32, 77 a class.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate. No multiplier, no divider.
`default_nettype none

module hwgen_score #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 12,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 0,
    parameter int EXP_TABLE_INDEX_BITS = 6,
    parameter int EXP_TABLE_BITS       = 8,
    parameter int SUM_BITS             = 12,
    parameter int FRONT_STAGES         = 2,
    parameter int SUM_LEVELS           = 2,
    parameter int LATENCY              = 7
) (
    input  wire                                     clk,
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

    logic [        LOGIT_BITS-1:0] unused_first;
    logic [           CLASSES-1:0] unused_apart;
    logic [          SUM_BITS-1:0] sum;
    logic [    THRESHOLD_BITS-1:0] threshold;

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
        .m_first    (unused_first),
        .m_apart    (unused_apart),
        .m_sum      (sum),
        .m_threshold(threshold),
        .m_class
    );

    always_ff @(posedge clk) if (load[LAST]) m_reached <= sum <= threshold;
endmodule

`default_nettype wire
