// What is proven of a generated parallel gate beside time: its registers taken for wires, class and decision are those
// of the rule, for all logits, thresholds of 64 bits and enables; meta passes.
`default_nettype none

module formal_gate_decision #(
    parameter int CLASSES = 3,
    parameter int BITS    = 5,
    parameter int SIGNED  = 1,
    parameter int RULE    = 0,
    parameter int ENTRIES = 1,
    parameter int RAW_BITS = 6,
    parameter int Q = 16
) (
    input wire logic                    clk,
    input wire logic                    rst_n,
    input wire logic                    s_valid,
    input wire logic                    m_ready,
    input wire logic [CLASSES*BITS-1:0] s_logits,
    input wire logic [            63:0] s_threshold,
    input wire logic                    s_enable,
    input wire logic                    s_meta
);
    localparam int CLASS_BITS = CLASSES > 2 ? $clog2(CLASSES) : 1;

    logic unused_ready, unused_valid, m_leave, m_enable, m_meta, leave;
    logic [CLASS_BITS-1:0] m_class, class_number;

    gate dut (
        .clk, .rst_n, .s_valid, .s_ready(unused_ready), .s_logits, .s_threshold, .s_enable, .s_meta,
        .m_valid(unused_valid), .m_ready, .m_class, .m_leave, .m_enable, .m_meta
    );
    formal_gate_rule #(
        .CLASSES(CLASSES), .BITS(BITS), .SIGNED(SIGNED), .RULE(RULE), .RAW_BITS(RAW_BITS), .ENTRIES(ENTRIES), .Q(Q)
    ) rule (.logits(s_logits), .threshold(s_threshold), .enable(s_enable), .class_number, .leave);

    always_comb begin
        right_class: assert (m_class == class_number);
        right_decision: assert (m_leave == leave);
        passes: assert (m_enable == s_enable && m_meta == s_meta);
    end
endmodule

`default_nettype wire
