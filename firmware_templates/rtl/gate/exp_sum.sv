// Table exponentials and their sum, a sample per cycle: what the gates that look up exponentials have in common.
//
// Contract  m_first, and the runner-up if SECOND, as of front.sv. E is the table's entry of the distance of a logit to
//           the largest one (bin_index.sv). After register
//             FRONT_STAGES - 1         m_first
//             FRONT_STAGES             exp_table_index and m_apart (bins.sv), of all classes, then of the runner-up
//             FRONT_STAGES + 1         exp_table_entry: the table lies outside, its registers load with exp_table_load
//             SUMMED - 1               m_sum, of E over all classes; SUMMED = FRONT_STAGES + 2 + SUM_LEVELS
//             THRESHOLD_STAGES - 1     m_threshold, what s_threshold was
//             LATENCY - 1              m_class
//           Register i loads with load[i] (pace.sv). FRONT_STAGES as STAGES of front.sv, SUM_LEVELS of sum.sv.
// Cost      With the parameters below: 542 LUT, 599 FF (Yosys, synth_xilinx -family xcup); besides the tables.
`default_nettype none

module hwgen_exp_sum #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 12,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 0,
    parameter int EXP_TABLE_INDEX_BITS = 6,
    parameter int EXP_TABLE_BITS       = 8,
    parameter int SUM_BITS             = 12,
    parameter bit SECOND               = 0,
    parameter int FRONT_STAGES         = 2,
    parameter int SUM_LEVELS           = 2,
    parameter int THRESHOLD_STAGES     = 6,
    parameter int LATENCY              = 7
) (
    input  wire                                                   clk,
    input  wire  [                                   LATENCY-1:0] load,
    input  wire  [                        CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [                            THRESHOLD_BITS-1:0] s_threshold,
    output logic                                                  exp_table_load,
    output logic [(CLASSES+32'(SECOND))*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [                    CLASSES*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic [                                LOGIT_BITS-1:0] m_first,
    output logic [                       CLASSES+32'(SECOND)-1:0] m_apart,
    output logic [                                  SUM_BITS-1:0] m_sum,
    output logic [                            THRESHOLD_BITS-1:0] m_threshold,
    output logic [                                CLASS_BITS-1:0] m_class
);
    localparam int READS = CLASSES + 32'(SECOND);

    logic [CLASSES*LOGIT_BITS-1:0] logits;
    logic [        LOGIT_BITS-1:0] second;
    logic [  READS*LOGIT_BITS-1:0] values;
    logic [        CLASS_BITS-1:0] leader;

    hwgen_front #(
        .CLASSES   (CLASSES),
        .LOGIT_BITS(LOGIT_BITS),
        .SIGNED    (SIGNED),
        .CLASS_BITS(CLASS_BITS),
        .SECOND    (SECOND),
        .STAGES    (FRONT_STAGES)
    ) front (
        .clk,
        .load    (load[FRONT_STAGES-1:0]),
        .s_logits,
        .m_class (leader),
        .m_first,
        .m_second(second),
        .m_logits(logits)
    );
    assign values = (READS * LOGIT_BITS)'({second, logits});
    hwgen_bins #(
        .COUNT     (READS),
        .BITS      (LOGIT_BITS),
        .SHIFT     (TABLE_SHIFT),
        .INDEX_BITS(EXP_TABLE_INDEX_BITS)
    ) places (
        .clk,
        .load    (load[FRONT_STAGES]),
        .s_first (m_first),
        .s_values(values),
        .m_index (exp_table_index),
        .m_apart
    );
    assign exp_table_load = load[FRONT_STAGES+1];
    hwgen_sum #(
        .COUNT   (CLASSES),
        .BITS    (EXP_TABLE_BITS),
        .SUM_BITS(SUM_BITS),
        .LEVELS  (SUM_LEVELS)
    ) entry_sum (
        .clk,
        .load    (load[FRONT_STAGES+2+:SUM_LEVELS]),
        .s_values(exp_table_entry),
        .m_sum
    );
    hwgen_delay #(
        .WIDTH (CLASS_BITS),
        .STAGES(LATENCY - FRONT_STAGES)
    ) class_delay (
        .clk,
        .load  (load[LATENCY-1:FRONT_STAGES]),
        .s_data(leader),
        .m_data(m_class)
    );
    hwgen_delay #(
        .WIDTH (THRESHOLD_BITS),
        .STAGES(THRESHOLD_STAGES)
    ) threshold_delay (
        .clk,
        .load  (load[THRESHOLD_STAGES-1:0]),
        .s_data(s_threshold),
        .m_data(m_threshold)
    );
endmodule

`default_nettype wire
