// Criterion score, one logit per cycle.
//
// Contract  As score.sv, but with a handshake of its own (AXI-Stream's rules): s_* stand still until they are taken,
//           which is when m_* are, and are read in place. 2 * CLASSES + 3 cycles from s_valid to m_valid, one more to
//           the next sample.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup):
//           64 entries of 8 bits: 142 LUT, 98 FF, no DSP, no BRAM; 1,421 of 17 bits: 144 LUT, 104 FF, 1 BRAM.
// Not here  Enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_score_serial #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 12,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 0,
    parameter int EXP_TABLE_INDEX_BITS = 6,
    parameter int EXP_TABLE_BITS       = 8,
    parameter int SUM_BITS             = 12
) (
    input  wire                             clk,
    input  wire                             rst_n,
    input  wire                             s_valid,
    output logic                            s_ready,
    output logic                            m_valid,
    input  wire                             m_ready,
    input  wire  [  CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [      THRESHOLD_BITS-1:0] s_threshold,
    output logic                            exp_table_load,
    output logic [EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [      EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic [          CLASS_BITS-1:0] m_class,
    output logic                            m_reached
);
    logic [LOGIT_BITS-1:0] unused_first;
    logic [  SUM_BITS-1:0] sum;

    hwgen_exp_sum_serial #(
        .CLASSES             (CLASSES),
        .LOGIT_BITS          (LOGIT_BITS),
        .SIGNED              (SIGNED),
        .CLASS_BITS          (CLASS_BITS),
        .TABLE_SHIFT         (TABLE_SHIFT),
        .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS),
        .EXP_TABLE_BITS      (EXP_TABLE_BITS),
        .SUM_BITS            (SUM_BITS)
    ) exp_sum (
        .clk,
        .rst_n,
        .s_valid,
        .taken  (s_ready),
        .s_logits,
        .exp_table_load,
        .exp_table_index,
        .exp_table_entry,
        .m_valid,
        .m_class,
        .m_first(unused_first),
        .m_sum  (sum)
    );

    assign s_ready   = m_valid && m_ready;
    assign m_reached = sum <= s_threshold;
endmodule

`default_nettype wire
