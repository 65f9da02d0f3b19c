// The leader of the logits, and all logits beside it: the first part of the gates that look up exponentials.
//
// Contract  STAGES cycles after s_logits: m_class, the lowest index among the largest; m_first, that logit; m_second,
//           the largest of the others, if SECOND; m_logits, what s_logits was. Register i loads with load[i]
//           (pace.sv). STAGES is leader_levels(CLASSES), with SECOND twice that less 1.
// Cost      leader.sv or top_two.sv, and CLASSES * LOGIT_BITS * STAGES FF.
`default_nettype none

module hwgen_front #(
    parameter int CLASSES    = 10,
    parameter int LOGIT_BITS = 16,
    parameter bit SIGNED     = 1,
    parameter int CLASS_BITS = 4,
    parameter bit SECOND     = 0,
    parameter int STAGES     = 2
) (
    input  wire                           clk,
    input  wire  [            STAGES-1:0] load,
    input  wire  [CLASSES*LOGIT_BITS-1:0] s_logits,
    output logic [        CLASS_BITS-1:0] m_class,
    output logic [        LOGIT_BITS-1:0] m_first,
    output logic [        LOGIT_BITS-1:0] m_second,
    output logic [CLASSES*LOGIT_BITS-1:0] m_logits
);
    // The tree compares unsigned values: the top bit of signed ones is flipped on the way in and out.
    localparam logic [LOGIT_BITS-1:0] FLIP = {SIGNED, {(LOGIT_BITS - 1) {1'b0}}};

    logic [CLASSES*LOGIT_BITS-1:0] values;
    logic [CLASSES*CLASS_BITS-1:0] numbers;
    logic [        LOGIT_BITS-1:0] first;

    for (genvar j = 0; j < CLASSES; j++) begin : g_value
        assign values[j*LOGIT_BITS+:LOGIT_BITS]  = s_logits[j*LOGIT_BITS+:LOGIT_BITS] ^ FLIP;
        assign numbers[j*CLASS_BITS+:CLASS_BITS] = CLASS_BITS'(j);
    end
    if (SECOND) begin : g_two
        logic [LOGIT_BITS-1:0] second;

        hwgen_top_two #(
            .COUNT     (CLASSES),
            .BITS      (LOGIT_BITS),
            .INDEX_BITS(CLASS_BITS),
            .STAGES    (STAGES)
        ) top_two (
            .clk,
            .load,
            .s_values(values),
            .s_index (numbers),
            .m_first (first),
            .m_second(second),
            .m_index (m_class)
        );
        assign m_second = second ^ FLIP;
    end else begin : g_one
        hwgen_leader #(
            .COUNT     (CLASSES),
            .BITS      (LOGIT_BITS),
            .INDEX_BITS(CLASS_BITS),
            .LEVELS    (STAGES)
        ) leader (
            .clk,
            .load,
            .s_values(values),
            .s_index (numbers),
            .m_first (first),
            .m_index (m_class)
        );
        assign m_second = '0;
    end
    assign m_first = first ^ FLIP;

    hwgen_delay #(
        .WIDTH (CLASSES * LOGIT_BITS),
        .STAGES(STAGES)
    ) logits_delay (
        .clk,
        .load,
        .s_data(s_logits),
        .m_data(m_logits)
    );
endmodule

`default_nettype wire
