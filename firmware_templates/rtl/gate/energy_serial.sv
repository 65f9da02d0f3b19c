// Criterion energy, one logit per cycle.
//
// Contract  As energy.sv, but with a handshake of its own (AXI-Stream's rules): s_* stand still until they are taken,
//           which is when m_* are, and are read in place. From s_valid to m_valid scan_serial.sv, then
//           logarithm_serial.sv: 40 cycles with the parameters below. One cycle more to the next sample.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup), 1,421
//           entries: 625 LUT, 1 MUXF, 178 FF, no DSP, 1 BRAM of 36 kbit; the logarithm's table of 418 x 16 bits is in
//           LUTs, as Yosys finds it too short for a block RAM.
// Not here  Enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_energy_serial #(
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
    parameter int ENERGY_DOWN          = 0
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
    output logic                            log_table_load,
    output logic [LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [      LOG_TABLE_BITS-1:0] log_table_entry,
    output logic [          CLASS_BITS-1:0] m_class,
    output logic                            m_reached
);
    logic                            summed;
    logic [          LOGIT_BITS-1:0] first;
    logic [            SUM_BITS-1:0] sum;
    logic [LOGIT_BITS+ENERGY_UP-1:0] height;
    logic [      LOG_TABLE_BITS-1:0] log;
    logic [      THRESHOLD_BITS-1:0] value;

    hwgen_exp_sum_serial #(
        .CLASSES             (CLASSES),
        .LOGIT_BITS          (LOGIT_BITS),
        .SIGNED              (SIGNED),
        .CLASS_BITS          (CLASS_BITS),
        .TABLE_SHIFT         (TABLE_SHIFT),
        .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS),
        .EXP_TABLE_BITS      (EXP_TABLE_BITS),
        .SUM_BITS            (SUM_BITS),
        .SUM_START           (SUM_START)
    ) exp_sum (
        .clk,
        .rst_n,
        .s_valid,
        .taken  (s_ready),
        .s_logits,
        .exp_table_load,
        .exp_table_index,
        .exp_table_entry,
        .m_valid(summed),
        .m_class,
        .m_first(first),
        .m_sum  (sum)
    );
    hwgen_logarithm_serial #(
        .TABLE_FRACTION      (TABLE_FRACTION),
        .SUM_BITS            (SUM_BITS),
        .LOG_OCTAVES         (LOG_OCTAVES),
        .LOG_INDEX_BITS      (LOG_INDEX_BITS),
        .LOG_TABLE_INDEX_BITS(LOG_TABLE_INDEX_BITS),
        .LOG_TABLE_BITS      (LOG_TABLE_BITS),
        .LOG_SLOPE_BITS      (LOG_SLOPE_BITS)
    ) logarithm (
        .clk,
        .rst_n,
        .s_valid(summed),
        .taken  (s_ready),
        .s_sum  (sum),
        .log_table_load,
        .log_table_index,
        .log_table_entry,
        .m_valid,
        .m_log  (log)
    );

    // With the top bit of signed logits flipped the largest is z_max - z_min.
    assign height    = {first, {ENERGY_UP{1'b0}}} >> ENERGY_DOWN;
    assign value     = THRESHOLD_BITS'(height) + THRESHOLD_BITS'(log);
    assign s_ready   = m_valid && m_ready;
    assign m_reached = value >= s_threshold;
endmodule

`default_nettype wire
