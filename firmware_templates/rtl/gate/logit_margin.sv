// Criterion logit_margin: leave iff the two largest logits lie at least the threshold apart.
//
// Contract  m_reached iff d_(2) >= threshold, d_(2) = largest minus second largest logit in LSBs. A larger threshold
//           is stricter; 2^LOGIT_BITS never leaves. m_class is the lowest index among the largest. Exact. LATENCY = 2
//           * leader_levels(CLASSES) cycles; register i loads with load[i] (pace.sv).
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): 414
//           LUT, 264 FF, no DSP, no BRAM.
// Not here  Handshake, enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_logit_margin #(
    parameter int CLASSES        = 10,
    parameter int LOGIT_BITS     = 16,
    parameter bit SIGNED         = 1,
    parameter int THRESHOLD_BITS = 17,
    parameter int CLASS_BITS     = 4,
    parameter int LATENCY        = 4
) (
    input  wire                           clk,
    input  wire  [           LATENCY-1:0] load,
    input  wire  [CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [    THRESHOLD_BITS-1:0] s_threshold,
    output logic [        CLASS_BITS-1:0] m_class,
    output logic                          m_reached
);
    localparam int TREE = LATENCY - 1;

    logic [CLASSES*LOGIT_BITS-1:0] values;
    logic [CLASSES*CLASS_BITS-1:0] numbers;
    logic [        LOGIT_BITS-1:0] first;
    logic [        LOGIT_BITS-1:0] second;
    logic [        LOGIT_BITS-1:0] distance;
    logic [        CLASS_BITS-1:0] index;
    logic [    THRESHOLD_BITS-1:0] threshold;

    for (genvar j = 0; j < CLASSES; j++) begin : g_class
        assign values[j*LOGIT_BITS+:LOGIT_BITS] =
            s_logits[j*LOGIT_BITS+:LOGIT_BITS] ^ {SIGNED, {(LOGIT_BITS - 1) {1'b0}}};
        assign numbers[j*CLASS_BITS+:CLASS_BITS] = CLASS_BITS'(j);
    end

    hwgen_top_two #(
        .COUNT     (CLASSES),
        .BITS      (LOGIT_BITS),
        .INDEX_BITS(CLASS_BITS),
        .STAGES    (TREE)
    ) top_two (
        .clk,
        .load    (load[TREE-1:0]),
        .s_values(values),
        .s_index (numbers),
        .m_first (first),
        .m_second(second),
        .m_index (index)
    );
    hwgen_delay #(
        .WIDTH (THRESHOLD_BITS),
        .STAGES(TREE)
    ) threshold_delay (
        .clk,
        .load  (load[TREE-1:0]),
        .s_data(s_threshold),
        .m_data(threshold)
    );

    assign distance = first - second;

    always_ff @(posedge clk) begin
        if (load[LATENCY-1]) begin
            m_class   <= index;
            m_reached <= THRESHOLD_BITS'(distance) >= threshold;
        end
    end
endmodule

`default_nettype wire
