// Criterion margin, one logit per cycle.
//
// Contract  As margin.sv, but with a handshake of its own (AXI-Stream's rules): s_* stand still until they are taken,
//           which is when m_* are, and are read in place. From s_valid to m_valid scan_serial.sv, then
//           compare_serial.sv: 42 cycles with the parameters below. One cycle more to the next sample.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup), 1,421
//           entries: 208 LUT, 158 FF, no DSP, 1 BRAM of 36 kbit.
// Not here  Enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_margin_serial #(
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
    parameter int MARGIN_FRACTION      = 16
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
    logic                      summed;
    logic                      clears;
    logic                      adds;
    logic [    CLASS_BITS-1:0] number;
    logic                      unused_apart;
    logic [    LOGIT_BITS-1:0] unused_first;
    logic [      SUM_BITS-1:0] sum;
    logic [EXP_TABLE_BITS-1:0] apart;
    logic                      below;
    logic                      unused_equal;

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
        .taken    (s_ready),
        .s_logits,
        .s_doubled(1'b0),
        .exp_table_load,
        .exp_table_index,
        .m_clears (clears),
        .m_adds   (adds),
        .m_number (number),
        .m_apart  (unused_apart),
        .m_valid  (summed),
        .m_class,
        .m_first  (unused_first)
    );
    hwgen_runner_up_serial #(
        .FRACTION(TABLE_FRACTION)
    ) runner_up (
        .clk,
        .s_clears(clears),
        .s_adds  (adds && number != m_class),
        .s_entry (exp_table_entry),
        .m_apart (apart)
    );
    hwgen_compare_serial #(
        .A_BITS     (EXP_TABLE_BITS),
        .FACTOR_BITS(THRESHOLD_BITS),
        .SUM_BITS   (SUM_BITS),
        .FRACTION   (MARGIN_FRACTION)
    ) compare (
        .clk,
        .rst_n,
        .s_valid (summed),
        .taken   (s_ready),
        .s_a     (apart),
        .s_factor(s_threshold),
        .s_sum   (sum),
        .m_valid,
        .m_below (below),
        .m_equal (unused_equal)
    );

    always_ff @(posedge clk) begin
        if (clears) sum <= '0;
        else if (adds) sum <= sum + SUM_BITS'(exp_table_entry);
    end
    assign s_ready   = m_valid && m_ready;
    assign m_reached = !below;
endmodule

`default_nettype wire
