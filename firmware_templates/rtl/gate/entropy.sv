// Criterion entropy: leave iff the entropy of the softmax is at most the threshold.
//
// Contract  m_reached iff X >= l(S) and (X - l(S)) * S >= G * 2^Q: X = threshold << THRESHOLD_SHIFT, S as in
//           score.sv, l of logarithm.sv, G the sum of gain_table at the same index over the classes at a distance >
//           0, Q = TABLE_FRACTION. A smaller threshold is stricter; 0 never leaves. Both sides are exact. LATENCY =
//           FRONT_STAGES + 9 + SUM_LEVELS.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): with
//           1,953 entries 1,512 LUT, 53 MUXF, 1,385 FF, 3 DSP, 12.5 BRAM of 36 kbit.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_entropy #(
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
    parameter int GAIN_BITS            = 20,
    parameter int FRONT_STAGES         = 2,
    parameter int SUM_LEVELS           = 2,
    parameter int LATENCY              = 13
) (
    input  wire                                 clk,
    input  wire  [LATENCY-1:0]                  load,
    input  wire  [CLASSES*LOGIT_BITS-1:0]       s_logits,
    input  wire  [THRESHOLD_BITS-1:0]           s_threshold,
    output logic                                exp_table_load,
    output logic [CLASSES*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [CLASSES*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic                                gain_table_load,
    output logic [CLASSES*EXP_TABLE_INDEX_BITS-1:0] gain_table_index,
    input  wire  [CLASSES*GAIN_TABLE_BITS-1:0] gain_table_entry,
    output logic                                log_table_load,
    output logic [2*LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [2*LOG_TABLE_BITS-1:0] log_table_entry,
    output logic [CLASS_BITS-1:0]               m_class,
    output logic                                m_reached
);
    localparam int LAST = LATENCY - 1;
    localparam int SUMMED = FRONT_STAGES + 2 + SUM_LEVELS;
    localparam int LEFT = THRESHOLD_BITS + THRESHOLD_SHIFT;
    localparam int NEEDED = GAIN_BITS + TABLE_FRACTION;
    localparam int WIDTH = LEFT + SUM_BITS > NEEDED ? LEFT + SUM_BITS : NEEDED;

    logic [        LOGIT_BITS-1:0] unused_first;
    logic [           CLASSES-1:0] apart;
    logic [          SUM_BITS-1:0] sum;
    logic [    THRESHOLD_BITS-1:0] threshold;
    logic [           CLASSES-1:0] apart_held;
    logic [CLASSES*GAIN_TABLE_BITS-1:0] gains;
    logic [         GAIN_BITS-1:0] gain;
    logic [         GAIN_BITS-1:0] gain_held;
    logic [          SUM_BITS-1:0] sum_held;
    logic [    LOG_TABLE_BITS-1:0] log;
    logic [              LEFT-1:0] limit;
    logic [              LEFT-1:0] left;
    logic                          above;
    logic                          above_held;
    logic [             WIDTH-1:0] allowed;

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
        .THRESHOLD_STAGES    (SUMMED + 4),
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
        .m_apart    (apart),
        .m_sum      (sum),
        .m_threshold(threshold),
        .m_class
    );
    assign gain_table_load  = exp_table_load;
    assign gain_table_index = exp_table_index;
    always_ff @(posedge clk) if (load[FRONT_STAGES+1]) apart_held <= apart;
    for (genvar j = 0; j < CLASSES; j++) begin : g_gain
        // The first bin may hold more than distance 0, which has no gain.
        assign gains[j*GAIN_TABLE_BITS+:GAIN_TABLE_BITS] =
            apart_held[j] ? gain_table_entry[j*GAIN_TABLE_BITS+:GAIN_TABLE_BITS] : '0;
    end
    hwgen_sum #(
        .COUNT   (CLASSES),
        .BITS    (GAIN_TABLE_BITS),
        .SUM_BITS(GAIN_BITS),
        .LEVELS  (SUM_LEVELS)
    ) gain_sum (
        .clk,
        .load    (load[FRONT_STAGES+2+:SUM_LEVELS]),
        .s_values(gains),
        .m_sum   (gain)
    );
    hwgen_logarithm #(
        .TABLE_FRACTION      (TABLE_FRACTION),
        .SUM_BITS            (SUM_BITS),
        .LOG_OCTAVES         (LOG_OCTAVES),
        .LOG_INDEX_BITS      (LOG_INDEX_BITS),
        .LOG_TABLE_INDEX_BITS(LOG_TABLE_INDEX_BITS),
        .LOG_TABLE_BITS      (LOG_TABLE_BITS),
        .LOG_SLOPE_BITS      (LOG_SLOPE_BITS)
    ) logarithm (
        .clk,
        .load (load[SUMMED+:4]),
        .s_sum(sum),
        .log_table_load,
        .log_table_index,
        .log_table_entry,
        .m_log(log)
    );
    hwgen_delay #(
        .WIDTH (SUM_BITS),
        .STAGES(5)
    ) sum_delay (
        .clk,
        .load  (load[SUMMED+:5]),
        .s_data(sum),
        .m_data(sum_held)
    );
    hwgen_delay #(
        .WIDTH (GAIN_BITS),
        .STAGES(6)
    ) gain_delay (
        .clk,
        .load  (load[SUMMED+:6]),
        .s_data(gain),
        .m_data(gain_held)
    );

    assign limit = LEFT'(threshold) << THRESHOLD_SHIFT;
    always_ff @(posedge clk) begin
        if (load[SUMMED+4]) begin
            left  <= limit - LEFT'(log);
            above <= limit >= LEFT'(log);
        end
        if (load[SUMMED+5]) begin
            allowed    <= WIDTH'(left) * WIDTH'(sum_held);
            above_held <= above;
        end
    end

    always_ff @(posedge clk) if (load[LAST]) m_reached <= above_held && allowed >= WIDTH'(gain_held) << TABLE_FRACTION;
endmodule

`default_nettype wire
