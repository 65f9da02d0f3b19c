// Criterion entropy, one logit per cycle.
//
// Contract  As entropy.sv, but with a handshake of its own (AXI-Stream's rules): s_* stand still until they are
//           taken, which is when m_* are, and are read in place. From s_valid to m_valid scan_serial.sv, then
//           logarithm_serial.sv, then compare_serial.sv. One cycle more to the next sample.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup), 1,953
//           entries: 350 LUT, 228 FF, no DSP, 3 BRAM of 36 kbit.
// Not here  Enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_entropy_serial #(
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
    parameter int THRESHOLD_SHIFT      = 2,
    parameter int GAIN_TABLE_BITS      = 17,
    parameter int GAIN_BITS            = 20
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
    output logic                            gain_table_load,
    output logic [EXP_TABLE_INDEX_BITS-1:0] gain_table_index,
    input  wire  [     GAIN_TABLE_BITS-1:0] gain_table_entry,
    output logic                            log_table_load,
    output logic [LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [      LOG_TABLE_BITS-1:0] log_table_entry,
    output logic [          CLASS_BITS-1:0] m_class,
    output logic                            m_reached
);
    localparam int LEFT = THRESHOLD_BITS + THRESHOLD_SHIFT;

    logic                      summed;
    logic                      found;
    logic                      clears;
    logic                      adds;
    logic [    CLASS_BITS-1:0] unused_number;
    logic                      apart;
    logic [    LOGIT_BITS-1:0] unused_first;
    logic [      SUM_BITS-1:0] sum;
    logic [     GAIN_BITS-1:0] gain;
    logic [LOG_TABLE_BITS-1:0] log;
    logic [          LEFT-1:0] limit;
    logic [          LEFT-1:0] left;
    logic                      below;
    logic                      equal;

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
        .m_number (unused_number),
        .m_apart  (apart),
        .m_valid  (summed),
        .m_class,
        .m_first  (unused_first)
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
        .m_valid(found),
        .m_log  (log)
    );
    hwgen_compare_serial #(
        .A_BITS     (GAIN_BITS),
        .FACTOR_BITS(LEFT),
        .SUM_BITS   (SUM_BITS),
        .FRACTION   (TABLE_FRACTION)
    ) compare (
        .clk,
        .rst_n,
        .s_valid (found),
        .taken   (s_ready),
        .s_a     (gain),
        .s_factor(left),
        .s_sum   (sum),
        .m_valid,
        .m_below (below),
        .m_equal (equal)
    );

    assign gain_table_load  = exp_table_load;
    assign gain_table_index = exp_table_index;
    always_ff @(posedge clk) begin
        if (clears) begin
            sum  <= '0;
            gain <= '0;
        end else if (adds) begin
            sum <= sum + SUM_BITS'(exp_table_entry);
            // The first bin may hold more than distance 0, which has no gain.
            if (apart) gain <= gain + GAIN_BITS'(gain_table_entry);
        end
    end

    assign limit     = LEFT'(s_threshold) << THRESHOLD_SHIFT;
    assign left      = limit - LEFT'(log);
    assign s_ready   = m_valid && m_ready;
    assign m_reached = limit >= LEFT'(log) && (below || equal);
endmodule

`default_nettype wire
