// Entropy of a softmax, and the reciprocal of its sum of exponentials, a sample per cycle.
//
// Contract  d_j is s_first - logit j, twice that if DOUBLED; S and G the sums of exp_table and heat_table at d_j over
//           all classes, Q = TABLE_FRACTION. Counted from the register that loads with load[0], after register
//             0              m_index, of all classes (bin_index.sv); both tables lie outside, their registers are 1
//             DIVIDED - 1    m_scale = floor(2^(2 Q) / S); DIVIDED = 2 + SUM_LEVELS + DIVISION
//             DIVIDED + 1    m_entropy = l(S) + floor(G * m_scale / 2^Q), l of logarithm.sv
//           Two entries of log_table are read, log_table_load is theirs. DIVISION = Q / 2 + 1; register i loads with
//           load[i] (pace.sv).
// Cost      With the parameters below: 1,564 LUT, 1 MUXF, 1,049 FF, 2 DSP (Yosys, synth_xilinx -family xcup); besides
//           the tables. The reciprocal is about 1,025 LUT of it.
`default_nettype none

module hwgen_softmax_entropy #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit DOUBLED              = 0,
    parameter int TABLE_SHIFT          = 3,
    parameter int TABLE_FRACTION       = 16,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int HEAT_TABLE_BITS      = 15,
    parameter int SUM_BITS             = 20,
    parameter int HEAT_BITS            = 18,
    parameter int ENTROPY_BITS         = 18,
    parameter int LOG_OCTAVES          = 4,
    parameter int LOG_INDEX_BITS       = 7,
    parameter int LOG_TABLE_INDEX_BITS = 9,
    parameter int LOG_TABLE_BITS       = 18,
    parameter int LOG_SLOPE_BITS       = 10,
    parameter int SUM_LEVELS           = 2,
    parameter int DIVISION             = 9
) (
    input  wire                                     clk,
    input  wire  [         SUM_LEVELS+DIVISION+3:0] load,
    input  wire  [                  LOGIT_BITS-1:0] s_first,
    input  wire  [          CLASSES*LOGIT_BITS-1:0] s_logits,
    output logic [CLASSES*EXP_TABLE_INDEX_BITS-1:0] m_index,
    input  wire  [      CLASSES*EXP_TABLE_BITS-1:0] exp_table_entry,
    input  wire  [     CLASSES*HEAT_TABLE_BITS-1:0] heat_table_entry,
    output logic                                    log_table_load,
    output logic [      2*LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [            2*LOG_TABLE_BITS-1:0] log_table_entry,
    output logic [                TABLE_FRACTION:0] m_scale,
    output logic [                ENTROPY_BITS-1:0] m_entropy
);
    localparam int SUMMED = 2 + SUM_LEVELS;
    localparam int DIVIDED = SUMMED + DIVISION;
    localparam int MEAN_BITS = HEAT_BITS + TABLE_FRACTION + 1;

    logic [       CLASSES-1:0] unused_apart;
    logic [      SUM_BITS-1:0] weight;
    logic [     HEAT_BITS-1:0] heat;
    logic [     HEAT_BITS-1:0] heat_held;
    logic [LOG_TABLE_BITS-1:0] log;
    logic [LOG_TABLE_BITS-1:0] log_held;
    logic [     MEAN_BITS-1:0] mean;

    hwgen_bins #(
        .COUNT     (CLASSES),
        .BITS      (LOGIT_BITS),
        .SHIFT     (TABLE_SHIFT),
        .INDEX_BITS(EXP_TABLE_INDEX_BITS),
        .DOUBLED   (DOUBLED)
    ) places (
        .clk,
        .load    (load[0]),
        .s_first,
        .s_values(s_logits),
        .m_index,
        .m_apart (unused_apart)
    );
    hwgen_sum #(
        .COUNT   (CLASSES),
        .BITS    (EXP_TABLE_BITS),
        .SUM_BITS(SUM_BITS),
        .LEVELS  (SUM_LEVELS)
    ) weight_sum (
        .clk,
        .load    (load[2+:SUM_LEVELS]),
        .s_values(exp_table_entry),
        .m_sum   (weight)
    );
    hwgen_sum #(
        .COUNT   (CLASSES),
        .BITS    (HEAT_TABLE_BITS),
        .SUM_BITS(HEAT_BITS),
        .LEVELS  (SUM_LEVELS)
    ) heat_sum (
        .clk,
        .load    (load[2+:SUM_LEVELS]),
        .s_values(heat_table_entry),
        .m_sum   (heat)
    );
    hwgen_reciprocal #(
        .FRACTION(TABLE_FRACTION),
        .SUM_BITS(SUM_BITS),
        .STAGES  (DIVISION)
    ) reciprocal (
        .clk,
        .load      (load[SUMMED+:DIVISION]),
        .s_sum     (weight),
        .m_quotient(m_scale)
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
        .s_sum(weight),
        .log_table_load,
        .log_table_index,
        .log_table_entry,
        .m_log(log)
    );
    hwgen_delay #(
        .WIDTH (LOG_TABLE_BITS),
        .STAGES(DIVISION - 3)
    ) log_delay (
        .clk,
        .load  (load[SUMMED+4+:DIVISION-3]),
        .s_data(log),
        .m_data(log_held)
    );
    hwgen_delay #(
        .WIDTH (HEAT_BITS),
        .STAGES(DIVISION)
    ) heat_delay (
        .clk,
        .load  (load[SUMMED+:DIVISION]),
        .s_data(heat),
        .m_data(heat_held)
    );

    always_ff @(posedge clk) begin
        if (load[DIVIDED]) mean <= MEAN_BITS'(heat_held) * MEAN_BITS'(m_scale);
        if (load[DIVIDED+1]) m_entropy <= ENTROPY_BITS'(log_held) + ENTROPY_BITS'(mean >> TABLE_FRACTION);
    end
endmodule

`default_nettype wire
