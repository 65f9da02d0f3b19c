// Table exponentials and their sum, one logit per cycle: first for the leader, then for the sum.
//
// Contract  As scan_serial.sv; m_sum, SUM_START and all entries, stands with m_valid too.
// Cost      With the parameters below 112 LUT, 91 FF (Yosys, synth_xilinx -family xcup); besides the table.
`default_nettype none

module hwgen_exp_sum_serial #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 0,
    parameter int EXP_TABLE_INDEX_BITS = 6,
    parameter int EXP_TABLE_BITS       = 8,
    parameter int SUM_BITS             = 12,
    parameter int SUM_START            = 0
) (
    input  wire                             clk,
    input  wire                             rst_n,
    input  wire                             s_valid,
    input  wire                             taken,
    input  wire  [  CLASSES*LOGIT_BITS-1:0] s_logits,
    output logic                            exp_table_load,
    output logic [EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [      EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic                            m_valid,
    output logic [          CLASS_BITS-1:0] m_class,
    output logic [          LOGIT_BITS-1:0] m_first,
    output logic [            SUM_BITS-1:0] m_sum
);
    logic                  clears;
    logic                  adds;
    logic [CLASS_BITS-1:0] unused_number;
    logic                  unused_apart;

    hwgen_scan_serial #(
        .CLASSES             (CLASSES),
        .LOGIT_BITS          (LOGIT_BITS),
        .SIGNED              (SIGNED),
        .CLASS_BITS          (CLASS_BITS),
        .TABLE_SHIFT         (TABLE_SHIFT),
        .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS)
    ) scan (
        .clk,
        .rst_n,
        .s_valid,
        .taken,
        .s_logits,
        .s_doubled(1'b0),
        .exp_table_load,
        .exp_table_index,
        .m_clears (clears),
        .m_adds   (adds),
        .m_number (unused_number),
        .m_apart  (unused_apart),
        .m_valid,
        .m_class,
        .m_first
    );

    always_ff @(posedge clk) begin
        if (clears) m_sum <= SUM_BITS'(SUM_START);
        else if (adds) m_sum <= m_sum + SUM_BITS'(exp_table_entry);
    end
endmodule

`default_nettype wire
