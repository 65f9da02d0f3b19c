// Criterion mc_dropout: the head's last dense layer again and again with dropout, leave iff the intervals lie apart.
//
// Contract  PASSES times masked_sums.sv and shares_serial.sv, the register beginning afresh for every sample, then
//           intervals_serial.sv on the class of the largest logit. m_reached iff max(0, low + 2^BELOW_BITS high) *
//           2^RATIO_FRACTION >= threshold * high. A larger threshold is stricter; 0 always leaves. The handshake, of
//           AXI-Stream's rules, is the block's own: s_* stand still until they are taken, which is when m_* are, and
//           are read in place. PASSES * (EMBEDDING_SIZE + 3 * CLASSES + TABLE_FRACTION + 10) + CLASSES *
//           (ceil(VARIANCE_BITS / 2) + 4) + 2 cycles from s_valid to m_valid, one more to the next sample.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): with
//           1,066 entries, 32 values of 8 bits, 6-bit weights and 8 passes 1,521 LUT, 96 more as memory, 895 FF, 18
//           DSP, 1 BRAM of 36 kbit.
// Not here  Passes side by side. Enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_mc_dropout #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int THRESHOLD_BITS       = 29,
    parameter int CLASS_BITS           = 4,
    parameter int EMBEDDING_SIZE       = 7,
    parameter int EMBEDDING_BITS       = 6,
    parameter bit EMBEDDING_SIGNED     = 0,
    parameter int PASSES               = 8,
    parameter int LOG2_PASSES          = 3,
    parameter int DROP_BELOW           = 64,
    parameter int KERNEL_BITS          = 5,
    parameter bit KERNEL_SIGNED        = 1,
    parameter logic [EMBEDDING_SIZE*CLASSES*KERNEL_BITS-1:0] KERNEL = '0,
    parameter int MASKED_SUM_BITS      = 15,
    parameter int MASKED_SHIFT         = 2,
    parameter int MASKED_BITS          = 17,
    parameter logic [CLASSES*MASKED_BITS-1:0] BIAS = '0,
    parameter logic [PASSES*32-1:0] SEED = '1,
    parameter int TABLE_SHIFT          = 0,
    parameter int TABLE_FRACTION       = 16,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int SUM_BITS             = 20,
    parameter int VARIANCE_BITS        = 37,
    parameter int BOUND_BITS           = 24,
    parameter int Z                    = 16,
    parameter int Z_FRACTION           = 4,
    parameter int RATIO_FRACTION       = 12,
    parameter int BELOW_BITS           = 4,
    parameter int LEADER_STAGES        = 2
) (
    input  wire                                      clk,
    input  wire                                      rst_n,
    input  wire                                      s_valid,
    output logic                                     s_ready,
    output logic                                     m_valid,
    input  wire                                      m_ready,
    input  wire  [           CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [EMBEDDING_SIZE*EMBEDDING_BITS-1:0] s_embedding,
    input  wire  [               THRESHOLD_BITS-1:0] s_threshold,
    output logic                                     exp_table_load,
    output logic [         EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [               EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic [                   CLASS_BITS-1:0] m_class,
    output logic                                     m_reached
);
    localparam int PASS_BITS = LOG2_PASSES > 0 ? LOG2_PASSES : 1;
    localparam logic [PASS_BITS-1:0] LAST = PASS_BITS'(PASSES - 1);
    localparam int AHEAD = BOUND_BITS + BELOW_BITS + 2;
    localparam int LEFT = AHEAD + RATIO_FRACTION;
    localparam int WIDTH = LEFT > THRESHOLD_BITS + BOUND_BITS ? LEFT : THRESHOLD_BITS + BOUND_BITS;

    logic                               begun;
    logic                               sums_go;
    logic                               sums_done;
    logic                               share_valid;
    logic                               pass_done;
    logic                               all_go;
    logic                               all_done;
    logic [              PASS_BITS-1:0] pass;
    logic [CLASSES*MASKED_SUM_BITS-1:0] sums;
    logic [             CLASS_BITS-1:0] number;
    logic [           TABLE_FRACTION:0] share;
    logic [               BOUND_BITS:0] low;
    logic [             BOUND_BITS-1:0] high;
    logic [                  AHEAD-1:0] ahead;
    logic [                  WIDTH-1:0] left;
    logic [                  WIDTH-1:0] needed;
    logic [     CLASSES*LOGIT_BITS-1:0] unused_logits;
    logic [             LOGIT_BITS-1:0] unused_first;
    logic [             LOGIT_BITS-1:0] unused_second;

    // One pass after the other.
    assign s_ready = m_valid && m_ready;
    assign sums_go = (s_valid && !begun) || (pass_done && pass != LAST);
    assign all_go  = pass_done && pass == LAST;

    always_ff @(posedge clk) begin
        if (!rst_n || s_ready) begin
            begun     <= 1'b0;
            pass      <= '0;
            pass_done <= 1'b0;
            m_valid   <= 1'b0;
        end else begin
            begun     <= begun || s_valid;
            pass_done <= share_valid && number == CLASS_BITS'(CLASSES - 1);
            if (pass_done) pass <= pass + 1'b1;
            m_valid <= m_valid || all_done;
        end
    end

    hwgen_front #(
        .CLASSES   (CLASSES),
        .LOGIT_BITS(LOGIT_BITS),
        .SIGNED    (SIGNED),
        .CLASS_BITS(CLASS_BITS),
        .STAGES    (LEADER_STAGES)
    ) front (
        .clk,
        .load    ({LEADER_STAGES{s_valid}}),
        .s_logits,
        .m_class,
        .m_first (unused_first),
        .m_second(unused_second),
        .m_logits(unused_logits)
    );
    hwgen_masked_sums #(
        .CLASSES         (CLASSES),
        .EMBEDDING_SIZE  (EMBEDDING_SIZE),
        .EMBEDDING_BITS  (EMBEDDING_BITS),
        .EMBEDDING_SIGNED(EMBEDDING_SIGNED),
        .KERNEL_BITS     (KERNEL_BITS),
        .KERNEL_SIGNED   (KERNEL_SIGNED),
        .KERNEL          (KERNEL),
        .SEED            (SEED[31:0]),
        .DROP_BELOW      (DROP_BELOW),
        .SUM_BITS        (MASKED_SUM_BITS)
    ) layer (
        .clk,
        .rst_n,
        .go    (sums_go),
        .first (!begun),
        .s_embedding,
        .done  (sums_done),
        .m_sums(sums)
    );
    hwgen_shares_serial #(
        .CLASSES             (CLASSES),
        .CLASS_BITS          (CLASS_BITS),
        .MASKED_SUM_BITS     (MASKED_SUM_BITS),
        .MASKED_SHIFT        (MASKED_SHIFT),
        .MASKED_BITS         (MASKED_BITS),
        .BIAS                (BIAS),
        .TABLE_SHIFT         (TABLE_SHIFT),
        .TABLE_FRACTION      (TABLE_FRACTION),
        .EXP_TABLE_INDEX_BITS(EXP_TABLE_INDEX_BITS),
        .EXP_TABLE_BITS      (EXP_TABLE_BITS),
        .SUM_BITS            (SUM_BITS)
    ) shares (
        .clk,
        .rst_n,
        .go     (sums_done),
        .s_sums (sums),
        .exp_table_load,
        .exp_table_index,
        .exp_table_entry,
        .m_valid(share_valid),
        .m_class(number),
        .m_share(share)
    );
    hwgen_intervals_serial #(
        .CLASSES       (CLASSES),
        .CLASS_BITS    (CLASS_BITS),
        .PASSES        (PASSES),
        .LOG2_PASSES   (LOG2_PASSES),
        .TABLE_FRACTION(TABLE_FRACTION),
        .VARIANCE_BITS (VARIANCE_BITS),
        .BOUND_BITS    (BOUND_BITS),
        .Z             (Z),
        .Z_FRACTION    (Z_FRACTION)
    ) intervals (
        .clk,
        .rst_n,
        .s_valid (share_valid),
        .first   (pass == '0),
        .s_number(number),
        .s_share (share),
        .go      (all_go),
        .s_class (m_class),
        .done    (all_done),
        .m_low   (low),
        .m_high  (high)
    );

    assign ahead = AHEAD'($signed(low)) + (AHEAD'(high) << BELOW_BITS);
    always_ff @(posedge clk) begin
        if (all_done) begin
            left   <= ahead[AHEAD-1] ? '0 : WIDTH'(ahead) << RATIO_FRACTION;
            needed <= WIDTH'(s_threshold) * WIDTH'(high);
        end
    end
    assign m_reached = left >= needed;
endmodule

`default_nettype wire
