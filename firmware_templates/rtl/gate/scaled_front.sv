// front.sv for laplace: the leader, and all logits as far below it as the embedding's variance leaves them.
//
// Contract  As front.sv, STAGES = 9 + ROW_LEVELS cycles after the last part of a sample was read, but m_first -
//           m_logits_j = (d_j * kappa) >> KAPPA_FRACTION, d_j = largest logit - logit j; m_apart_j: d_j > 0. kappa is
//           the entry that variance.sv names; register i loads with load[i] (steps.sv, AHEAD = 3). The table of kappa
//           lies outside, as that of exponentials in score.sv. ROW_LEVELS = ceil(log4(LAPLACE_RANK)), LEADER_STAGES =
//           leader_levels(CLASSES), at most 8 (9,841 classes).
// Cost      variance.sv, leader.sv, and CLASSES multipliers; the logits wait in a ring.
`default_nettype none

module hwgen_scaled_front #(
    parameter int CLASSES                 = 10,
    parameter int LOGIT_BITS              = 16,
    parameter bit SIGNED                  = 1,
    parameter int CLASS_BITS              = 4,
    parameter int EMBEDDING_SIZE          = 7,
    parameter int EMBEDDING_BITS          = 6,
    parameter bit EMBEDDING_SIGNED        = 0,
    parameter int EMBEDDING_DROPPED       = 0,
    parameter int ELEMENTS                = 7,
    parameter int STEPS                   = 1,
    parameter int STEP_BITS               = 1,
    parameter int LAPLACE_RANK            = 8,
    parameter logic [STEPS*ELEMENTS*LAPLACE_RANK*8-1:0] LAPLACE_PARTS = '0,
    parameter int LAPLACE_SUM_BITS        = 18,
    parameter logic [LAPLACE_RANK*LAPLACE_SUM_BITS-1:0] LAPLACE_BIAS = '0,
    parameter logic [LAPLACE_RANK*6-1:0] LAPLACE_SHIFT = '0,
    parameter int LAPLACE_PROJECTION_BITS = 18,
    parameter int LAPLACE_NORM_BITS       = 15,
    parameter int LAPLACE_NORM_UP         = 0,
    parameter int LAPLACE_NORM_DOWN       = 0,
    parameter logic signed [63:0] LAPLACE_NORM_OFFSET = 0,
    parameter int LAPLACE_VARIANCE_BITS   = 40,
    parameter int LAPLACE_VARIANCE_SHIFT  = 0,
    parameter int KAPPA_INDEX_BITS        = 8,
    parameter int KAPPA_BITS              = 11,
    parameter int KAPPA_FRACTION          = 10,
    parameter int ROW_LEVELS              = 2,
    parameter int LEADER_STAGES           = 2,
    parameter int STAGES                  = 11
) (
    input  wire                                      clk,
    input  wire                                      rst_n,
    input  wire  [                    STEP_BITS-1:0] step,
    input  wire  [                              3:0] step_load,
    input  wire                                      step_first,
    input  wire  [                       STAGES-1:0] load,
    input  wire  [           CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [EMBEDDING_SIZE*EMBEDDING_BITS-1:0] s_embedding,
    output logic                                     kappa_load,
    output logic [             KAPPA_INDEX_BITS-1:0] kappa_index,
    input  wire  [                   KAPPA_BITS-1:0] kappa_entry,
    output logic [                   CLASS_BITS-1:0] m_class,
    output logic [                   LOGIT_BITS-1:0] m_first,
    output logic [           CLASSES*LOGIT_BITS-1:0] m_logits,
    output logic [                      CLASSES-1:0] m_apart
);
    localparam int LAST = STAGES - 1;
    localparam int BEGIN = LAST - LEADER_STAGES;  // the first register of the leader's tree
    localparam int PRODUCT = LOGIT_BITS + KAPPA_BITS;

    logic [CLASSES*LOGIT_BITS-1:0] waited;
    logic [CLASSES*LOGIT_BITS-1:0] logits;
    logic [        LOGIT_BITS-1:0] first;
    logic [        LOGIT_BITS-1:0] unused_second;
    logic [        CLASS_BITS-1:0] leader;

    hwgen_variance #(
        .EMBEDDING_SIZE         (EMBEDDING_SIZE),
        .EMBEDDING_BITS         (EMBEDDING_BITS),
        .EMBEDDING_SIGNED       (EMBEDDING_SIGNED),
        .EMBEDDING_DROPPED      (EMBEDDING_DROPPED),
        .ELEMENTS               (ELEMENTS),
        .STEPS                  (STEPS),
        .STEP_BITS              (STEP_BITS),
        .LAPLACE_RANK           (LAPLACE_RANK),
        .LAPLACE_PARTS           (LAPLACE_PARTS),
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
        .INDEX_BITS             (KAPPA_INDEX_BITS),
        .SUM_LEVELS             (ROW_LEVELS)
    ) uncertainty (
        .clk,
        .step,
        .step_load,
        .step_first,
        .load   (load[4+:ROW_LEVELS+3]),
        .s_embedding,
        .m_index(kappa_index)
    );
    assign kappa_load = load[LAST-1];

    // The logits wait for kappa.
    hwgen_ring #(
        .WIDTH (CLASSES * LOGIT_BITS),
        .STAGES(BEGIN)
    ) wait_for_kappa (
        .clk,
        .rst_n,
        .enter (load[0]),
        .leave (load[BEGIN]),
        .s_data(s_logits),
        .m_data(waited)
    );
    hwgen_front #(
        .CLASSES   (CLASSES),
        .LOGIT_BITS(LOGIT_BITS),
        .SIGNED    (SIGNED),
        .CLASS_BITS(CLASS_BITS),
        .STAGES    (LEADER_STAGES)
    ) front (
        .clk,
        .load    (load[BEGIN+:LEADER_STAGES]),
        .s_logits(waited),
        .m_class (leader),
        .m_first (first),
        .m_second(unused_second),
        .m_logits(logits)
    );

    // What stands in registers 1 to 3 is parts.
    logic unused_load;
    assign unused_load = &{1'b0, load[3:1]};

    always_ff @(posedge clk) if (load[LAST]) m_class <= leader;
    // Who takes the difference to all ones of an inverted distance gets the distance.
    assign m_first = '1;
    for (genvar j = 0; j < CLASSES; j++) begin : g_class
        logic [LOGIT_BITS-1:0] distance;
        logic [LOGIT_BITS-1:0] scaled;
        logic apart;

        assign distance = first - logits[j*LOGIT_BITS+:LOGIT_BITS];
        always_ff @(posedge clk) begin
            if (load[LAST]) begin
                scaled <= LOGIT_BITS'(PRODUCT'(distance) * PRODUCT'(kappa_entry) >> KAPPA_FRACTION);
                apart  <= distance != '0;
            end
        end
        assign m_logits[j*LOGIT_BITS+:LOGIT_BITS] = ~scaled;
        assign m_apart[j] = apart;
    end
endmodule

`default_nettype wire
