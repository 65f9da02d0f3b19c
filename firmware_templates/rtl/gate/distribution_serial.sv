// Criterion distribution, one logit per cycle.
//
// Contract  As distribution.sv, but with a handshake of its own (AXI-Stream's rules): s_* stand still until they are
//           taken, which is when m_* are, and are read in place. From s_valid to m_valid rank_serial.sv, or, by
//           class, scan_serial.sv, then compare_serial.sv: 131 or 41 cycles with the parameters below. One cycle more
//           to the next sample.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup), 1,421
//           entries: by rank 225 LUT, 1 more as shift register, 208 FF, 1 DSP, 1 BRAM of 36 kbit; by class 227 LUT,
//           177 FF, 1 DSP, 1 BRAM.
// Not here  Enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_distribution_serial #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 16,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 3,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int SUM_BITS             = 20,
    parameter int MONITOR_FRACTION     = 8,
    parameter int MONITOR_INPUTS       = 10,
    parameter int MONITOR_BY_RANK      = 1,
    parameter int MONITOR_WEIGHTS_BITS = 8,
    parameter logic [MONITOR_INPUTS*MONITOR_WEIGHTS_BITS-1:0] MONITOR_WEIGHTS = 80'h0
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
    localparam int WEIGHED = SUM_BITS + MONITOR_WEIGHTS_BITS;

    logic                                          summed;
    logic                                          clears;
    logic                                          adds;
    logic [                        CLASS_BITS-1:0] number;
    logic [                          SUM_BITS-1:0] sum;
    logic [              MONITOR_WEIGHTS_BITS-1:0] weight;
    logic [2**CLASS_BITS*MONITOR_WEIGHTS_BITS-1:0] weights;
    logic [                           WEIGHED-1:0] weighed;
    logic                                          below;
    logic                                          unused_equal;

    if (MONITOR_BY_RANK != 0) begin : g_rank
        hwgen_rank_serial #(
            .CLASSES             (CLASSES),
            .LOGIT_BITS          (LOGIT_BITS),
            .SIGNED              (SIGNED),
            .CLASS_BITS          (CLASS_BITS),
            .TABLE_SHIFT         (TABLE_SHIFT),
            .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS),
            .RANKS               (MONITOR_INPUTS)
        ) scan (
            .clk,
            .rst_n,
            .s_valid,
            .taken   (s_ready),
            .s_logits,
            .exp_table_load,
            .exp_table_index,
            .m_clears(clears),
            .m_adds  (adds),
            .m_rank  (number),
            .m_valid (summed),
            .m_class
        );
    end else begin : g_number
        logic [LOGIT_BITS-1:0] unused_first;
        logic unused_apart;

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
    end
    hwgen_compare_serial #(
        .A_BITS     (WEIGHED),
        .FACTOR_BITS(THRESHOLD_BITS),
        .SUM_BITS   (SUM_BITS),
        .FRACTION   (MONITOR_FRACTION)
    ) compare (
        .clk,
        .rst_n,
        .s_valid (summed),
        .taken   (s_ready),
        .s_a     (weighed),
        .s_factor(s_threshold),
        .s_sum   (sum),
        .m_valid,
        .m_below (below),
        .m_equal (unused_equal)
    );

    assign weights = (2 ** CLASS_BITS * MONITOR_WEIGHTS_BITS)'(MONITOR_WEIGHTS);
    assign weight  = weights[number*MONITOR_WEIGHTS_BITS+:MONITOR_WEIGHTS_BITS];
    always_ff @(posedge clk) begin
        if (clears) begin
            sum     <= '0;
            weighed <= '0;
        end else if (adds) begin
            sum     <= sum + SUM_BITS'(exp_table_entry);
            weighed <= weighed + WEIGHED'(exp_table_entry) * WEIGHED'(weight);
        end
    end
    assign s_ready   = m_valid && m_ready;
    assign m_reached = !below;
endmodule

`default_nettype wire
