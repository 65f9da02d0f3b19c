// Criterion learned, one logit per cycle.
//
// Contract  As learned.sv, but with a handshake of its own (AXI-Stream's rules): s_* stand still until they are
//           taken, which is when m_* are, and are read in place. Two turns, first of the doubled distances, then of
//           the plain ones: scan_serial.sv, reciprocal_serial.sv, product_serial.sv, and beside the last two
//           logarithm_serial.sv, which takes less; one cycle between them. Then weigh_serial.sv: 148 cycles with the
//           parameters below. One cycle more to the next sample.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup), 1,870
//           entries: 470 LUT, 1 MUXF, 345 FF, no DSP, 2.5 BRAM of 36 kbit.
// Not here  Enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_learned_serial #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 28,
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
    parameter int HEAT_TABLE_BITS      = 15,
    parameter int HEAT_BITS            = 18,
    parameter int ENTROPY_BITS         = 18,
    parameter int LEARNED_WEIGHTS_BITS = 12,
    parameter logic [4*LEARNED_WEIGHTS_BITS-1:0] LEARNED_WEIGHTS = '0,
    parameter logic signed [63:0] LEARNED_OFFSET = 0
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
    output logic                            heat_table_load,
    output logic [EXP_TABLE_INDEX_BITS-1:0] heat_table_index,
    input  wire  [     HEAT_TABLE_BITS-1:0] heat_table_entry,
    output logic                            log_table_load,
    output logic [LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [      LOG_TABLE_BITS-1:0] log_table_entry,
    output logic [          CLASS_BITS-1:0] m_class,
    output logic                            m_reached
);
    localparam int SCALE_BITS = TABLE_FRACTION + 1;
    localparam int STATISTIC_BITS = ENTROPY_BITS > SCALE_BITS ? ENTROPY_BITS : SCALE_BITS;

    logic                        plain;  // the second turn
    logic                        turned;  // the first turn is over
    logic                        again;
    logic                        summed;
    logic                        divided;
    logic                        multiplied;
    logic                        found;
    logic                        unused_margin_valid;
    logic                        clears;
    logic                        adds;
    logic [      CLASS_BITS-1:0] number;
    logic                        unused_apart;
    logic [      LOGIT_BITS-1:0] unused_first;
    logic [        SUM_BITS-1:0] sum;
    logic [       HEAT_BITS-1:0] heat;
    logic [  LOG_TABLE_BITS-1:0] log;
    logic [      SCALE_BITS-1:0] scale;
    logic [         HEAT_BITS:0] mean;
    logic [  EXP_TABLE_BITS-1:0] apart;
    logic [    EXP_TABLE_BITS:0] margin;
    logic [    ENTROPY_BITS-1:0] entropy;
    logic [    ENTROPY_BITS-1:0] squared_entropy;
    logic [4*STATISTIC_BITS-1:0] statistics;

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
        .taken    (again),
        .s_logits,
        .s_doubled(!plain),
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
        .taken  (again),
        .s_sum  (sum),
        .log_table_load,
        .log_table_index,
        .log_table_entry,
        .m_valid(found),
        .m_log  (log)
    );
    hwgen_reciprocal_serial #(
        .FRACTION(TABLE_FRACTION),
        .SUM_BITS(SUM_BITS)
    ) reciprocal (
        .clk,
        .rst_n,
        .s_valid   (summed),
        .taken     (again),
        .s_sum     (sum),
        .m_valid   (divided),
        .m_quotient(scale)
    );
    hwgen_product_serial #(
        .A_BITS(HEAT_BITS),
        .B_BITS(SCALE_BITS),
        .DROP  (TABLE_FRACTION)
    ) mean_product (
        .clk,
        .rst_n,
        .s_valid  (divided),
        .taken    (again),
        .s_a      (heat),
        .s_b      (scale),
        .m_valid  (multiplied),
        .m_product(mean)
    );
    hwgen_product_serial #(
        .A_BITS(EXP_TABLE_BITS),
        .B_BITS(SCALE_BITS),
        .DROP  (TABLE_FRACTION)
    ) margin_product (
        .clk,
        .rst_n,
        .s_valid  (divided && plain),
        .taken    (again),
        .s_a      (apart),
        .s_b      (scale),
        .m_valid  (unused_margin_valid),
        .m_product(margin)
    );
    hwgen_weigh_serial #(
        .STATISTIC_BITS(STATISTIC_BITS),
        .THRESHOLD_BITS(THRESHOLD_BITS),
        .WEIGHT_BITS   (LEARNED_WEIGHTS_BITS),
        .WEIGHTS       (LEARNED_WEIGHTS),
        .OFFSET        (LEARNED_OFFSET)
    ) weigh (
        .clk,
        .rst_n,
        .s_valid     (multiplied && found && plain),
        .taken       (s_ready),
        .s_statistics(statistics),
        .s_threshold,
        .m_valid,
        .m_reached
    );

    assign s_ready          = m_valid && m_ready;
    assign turned           = multiplied && found && !plain;
    assign again            = turned || s_ready;
    assign entropy          = ENTROPY_BITS'(log) + ENTROPY_BITS'(mean);
    assign statistics       = {
        STATISTIC_BITS'(squared_entropy), STATISTIC_BITS'(margin), STATISTIC_BITS'(entropy), STATISTIC_BITS'(scale)
    };
    assign heat_table_load  = exp_table_load;
    assign heat_table_index = exp_table_index;
    always_ff @(posedge clk) begin
        if (!rst_n || s_ready) plain <= 1'b0;
        else if (turned) plain <= 1'b1;
    end
    always_ff @(posedge clk) begin
        if (clears) begin
            sum  <= '0;
            heat <= '0;
        end else if (adds) begin
            sum  <= sum + SUM_BITS'(exp_table_entry);
            heat <= heat + HEAT_BITS'(heat_table_entry);
        end
        if (turned) squared_entropy <= entropy;
    end
endmodule

`default_nettype wire
