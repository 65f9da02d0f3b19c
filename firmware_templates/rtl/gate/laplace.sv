// Criterion laplace: score on logits scaled by what the embedding says about their uncertainty.
//
// Contract  As score.sv, but every distance counts as (d_j * kappa) >> KAPPA_FRACTION, kappa by the variance of
//           s_embedding (variance.sv), element 0 lowest. A sample is read in STEPS parts of ELEMENTS elements
//           (steps.sv); FRONT_STAGES = 9 + ROW_LEVELS (scaled_front.sv), LATENCY = FRONT_STAGES + 3 + SUM_LEVELS
//           registers.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): with
//           1,421 entries, 32 values of 8 bits, 8 rows and 4 parts 2,822 LUT, 112 more as memory, 2,774 FF, 90 DSP, 5
//           BRAM of 36 kbit. Of the DSP, (rows + 1) * ELEMENTS = 72 read the embedding.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate. No divider.
`default_nettype none

module hwgen_laplace #(
    parameter int CLASSES                  = 10,
    parameter int LOGIT_BITS               = 16,
    parameter bit SIGNED                   = 1,
    parameter int THRESHOLD_BITS           = 20,
    parameter int CLASS_BITS               = 4,
    parameter int TABLE_SHIFT              = 0,
    parameter int EXP_TABLE_INDEX_BITS     = 11,
    parameter int EXP_TABLE_BITS           = 17,
    parameter int SUM_BITS                 = 20,
    parameter int EMBEDDING_SIZE           = 7,
    parameter int EMBEDDING_BITS           = 6,
    parameter bit EMBEDDING_SIGNED         = 0,
    parameter int EMBEDDING_DROPPED        = 0,
    parameter int ELEMENTS                 = 7,
    parameter int STEPS                    = 1,
    parameter int STEP_BITS                = 1,
    parameter int LAPLACE_RANK             = 8,
    parameter logic [STEPS*ELEMENTS*LAPLACE_RANK*8-1:0] LAPLACE_PARTS = '0,
    parameter int LAPLACE_SUM_BITS         = 18,
    parameter logic [LAPLACE_RANK*LAPLACE_SUM_BITS-1:0] LAPLACE_BIAS = '0,
    parameter logic [LAPLACE_RANK*6-1:0] LAPLACE_SHIFT = '0,
    parameter int LAPLACE_PROJECTION_BITS  = 18,
    parameter int LAPLACE_NORM_BITS        = 15,
    parameter int LAPLACE_NORM_UP          = 0,
    parameter int LAPLACE_NORM_DOWN        = 0,
    parameter logic signed [63:0] LAPLACE_NORM_OFFSET = 0,
    parameter int LAPLACE_VARIANCE_BITS    = 40,
    parameter int LAPLACE_VARIANCE_SHIFT   = 0,
    parameter int LAPLACE_KAPPA_INDEX_BITS = 8,
    parameter int LAPLACE_KAPPA_BITS       = 11,
    parameter int KAPPA_FRACTION           = 10,
    parameter int ROW_LEVELS               = 2,
    parameter int LEADER_STAGES            = 2,
    parameter int FRONT_STAGES             = 11,
    parameter int SUM_LEVELS               = 2,
    parameter int LATENCY                  = 16
) (
    input  wire                                      clk,
    input  wire                                      rst_n,
    input  wire  [                    STEP_BITS-1:0] step,
    input  wire  [                              3:0] step_load,
    input  wire                                      step_first,
    input  wire  [                      LATENCY-1:0] load,
    input  wire  [           CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [EMBEDDING_SIZE*EMBEDDING_BITS-1:0] s_embedding,
    input  wire  [               THRESHOLD_BITS-1:0] s_threshold,
    output logic                                     laplace_kappa_load,
    output logic [     LAPLACE_KAPPA_INDEX_BITS-1:0] laplace_kappa_index,
    input  wire  [           LAPLACE_KAPPA_BITS-1:0] laplace_kappa_entry,
    output logic                                     exp_table_load,
    output logic [ CLASSES*EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [       CLASSES*EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic [                   CLASS_BITS-1:0] m_class,
    output logic                                     m_reached
);
    localparam int LAST = LATENCY - 1;

    logic [CLASSES*LOGIT_BITS-1:0] logits;
    logic [        LOGIT_BITS-1:0] first;
    logic [           CLASSES-1:0] unused_apart;
    logic [           CLASSES-1:0] unused_scaled_apart;
    logic [          SUM_BITS-1:0] sum;
    logic [        CLASS_BITS-1:0] leader;
    logic [        CLASS_BITS-1:0] index;
    logic [    THRESHOLD_BITS-1:0] threshold;

    hwgen_scaled_front #(
        .CLASSES                (CLASSES),
        .LOGIT_BITS             (LOGIT_BITS),
        .SIGNED                 (SIGNED),
        .CLASS_BITS             (CLASS_BITS),
        .EMBEDDING_SIZE         (EMBEDDING_SIZE),
        .EMBEDDING_BITS         (EMBEDDING_BITS),
        .EMBEDDING_SIGNED       (EMBEDDING_SIGNED),
        .EMBEDDING_DROPPED      (EMBEDDING_DROPPED),
        .ELEMENTS               (ELEMENTS),
        .STEPS                  (STEPS),
        .STEP_BITS              (STEP_BITS),
        .LAPLACE_RANK           (LAPLACE_RANK),
        .LAPLACE_PARTS          (LAPLACE_PARTS),
        .LAPLACE_SUM_BITS       (LAPLACE_SUM_BITS),
        .LAPLACE_BIAS           (LAPLACE_BIAS),
        .LAPLACE_SHIFT          (LAPLACE_SHIFT),
        .LAPLACE_PROJECTION_BITS(LAPLACE_PROJECTION_BITS),
        .LAPLACE_NORM_BITS      (LAPLACE_NORM_BITS),
        .LAPLACE_NORM_UP        (LAPLACE_NORM_UP),
        .LAPLACE_NORM_DOWN      (LAPLACE_NORM_DOWN),
        .LAPLACE_NORM_OFFSET    (LAPLACE_NORM_OFFSET),
        .LAPLACE_VARIANCE_BITS  (LAPLACE_VARIANCE_BITS),
        .LAPLACE_VARIANCE_SHIFT (LAPLACE_VARIANCE_SHIFT),
        .KAPPA_INDEX_BITS       (LAPLACE_KAPPA_INDEX_BITS),
        .KAPPA_BITS             (LAPLACE_KAPPA_BITS),
        .KAPPA_FRACTION         (KAPPA_FRACTION),
        .ROW_LEVELS             (ROW_LEVELS),
        .LEADER_STAGES          (LEADER_STAGES),
        .STAGES                 (FRONT_STAGES)
    ) front (
        .clk,
        .rst_n,
        .step,
        .step_load,
        .step_first,
        .load       (load[FRONT_STAGES-1:0]),
        .s_logits,
        .s_embedding,
        .kappa_load (laplace_kappa_load),
        .kappa_index(laplace_kappa_index),
        .kappa_entry(laplace_kappa_entry),
        .m_class    (leader),
        .m_first    (first),
        .m_logits   (logits),
        .m_apart    (unused_scaled_apart)
    );
    hwgen_bins #(
        .COUNT     (CLASSES),
        .BITS      (LOGIT_BITS),
        .SHIFT     (TABLE_SHIFT),
        .INDEX_BITS(EXP_TABLE_INDEX_BITS)
    ) places (
        .clk,
        .load    (load[FRONT_STAGES]),
        .s_first (first),
        .s_values(logits),
        .m_index (exp_table_index),
        .m_apart (unused_apart)
    );
    assign exp_table_load = load[FRONT_STAGES+1];
    hwgen_sum #(
        .COUNT   (CLASSES),
        .BITS    (EXP_TABLE_BITS),
        .SUM_BITS(SUM_BITS),
        .LEVELS  (SUM_LEVELS)
    ) exp_sum (
        .clk,
        .load    (load[FRONT_STAGES+2+:SUM_LEVELS]),
        .s_values(exp_table_entry),
        .m_sum   (sum)
    );
    hwgen_delay #(
        .WIDTH (CLASS_BITS),
        .STAGES(LAST - FRONT_STAGES)
    ) class_delay (
        .clk,
        .load  (load[LAST-1:FRONT_STAGES]),
        .s_data(leader),
        .m_data(index)
    );
    hwgen_ring #(
        .WIDTH (THRESHOLD_BITS),
        .STAGES(LAST)
    ) threshold_ring (
        .clk,
        .rst_n,
        .enter (load[0]),
        .leave (load[LAST]),
        .s_data(s_threshold),
        .m_data(threshold)
    );

    always_ff @(posedge clk) begin
        if (load[LAST]) begin
            m_class   <= index;
            m_reached <= sum <= threshold;
        end
    end
endmodule

`default_nettype wire
