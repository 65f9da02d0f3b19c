// What is proven of a generated gate, in time: each sample gets one decision, in order, beside its own meta and by the
// rule of its criterion, whatever stalls; what is offered stands; a decision comes in bounded time.
//
// One sample, chosen freely, carries meta = 1; its logits, threshold and enable are constants that may be anything. All
// other samples are anything. SERIAL: a sample is taken when its decision is.
`default_nettype none

module formal_gate #(
    parameter int CLASSES  = 3,
    parameter int BITS     = 5,
    parameter int SIGNED   = 1,
    parameter int RULE     = 0,
    parameter int ENTRIES  = 1,
    parameter int RAW_BITS = 6,
    parameter int Q = 16,
    parameter int SERIAL   = 0,
    parameter int LATENCY  = 2,
    parameter int DECISION = 1  // 0: the handshake alone
) (
    input wire logic                    clk,
    input wire logic                    rst_n,
    input wire logic                    s_valid,
    input wire logic [CLASSES*BITS-1:0] s_logits,
    input wire logic [            63:0] s_threshold,
    input wire logic                    s_enable,
    input wire logic                    s_meta,
    input wire logic                    m_ready,
    input wire logic                    pick
);
    localparam int CLASS_BITS = CLASSES > 2 ? $clog2(CLASSES) : 1;

    logic s_ready, m_valid, m_leave, m_enable, m_meta, leave;
    logic [CLASS_BITS-1:0] m_class, class_number;

    (* anyconst *) logic [CLASSES*BITS-1:0] logits;
    (* anyconst *) logic [63:0] threshold;
    (* anyconst *) logic enable;

    gate dut (
        .clk, .rst_n, .s_valid, .s_ready, .s_logits, .s_threshold, .s_enable, .s_meta,
        .m_valid, .m_ready, .m_class, .m_leave, .m_enable, .m_meta
    );
    formal_gate_rule #(
        .CLASSES(CLASSES), .BITS(BITS), .SIGNED(SIGNED), .RULE(RULE), .RAW_BITS(RAW_BITS), .ENTRIES(ENTRIES), .Q(Q)
    ) rule (.logits, .threshold, .enable, .class_number, .leave);

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(CLASSES * BITS + 66), .ASSUME(1)) in_i (
        .clk, .rst_n, .valid(s_valid), .ready(s_ready), .data({s_logits, s_threshold, s_enable, s_meta})
    );
    formal_stream #(.WIDTH(CLASS_BITS + 3)) out_i (
        .clk, .rst_n, .valid(m_valid), .ready(m_ready), .data({m_class, m_leave, m_enable, m_meta})
    );
    formal_progress #(.LIMIT(LATENCY + 1)) in_time_i (
        .clk, .rst_n, .waits(s_valid), .happens(s_valid & s_ready), .helped(m_ready)
    );

    if (SERIAL != 0) begin : g_serial
        always_comb begin
            if (rst_n) begin
                taken_with_its_decision: assert ((s_valid & s_ready) == (m_valid & m_ready));
                of_a_sample: assert (!m_valid || (s_valid && m_meta == s_meta));
            end
        end
    end else begin : g_parallel
        logic watching;
        logic [$clog2(LATENCY+2)-1:0] held;

        formal_watch #(.WIDTH(1), .MOST(LATENCY)) watch_i (
            .clk, .rst_n, .pick, .enters(s_valid & s_ready), .word_in(s_meta),
            .leaves(m_valid & m_ready), .word_out(m_meta), .held, .watching
        );
        formal_progress #(.LIMIT(LATENCY)) out_in_time_i (
            .clk, .rst_n, .waits(held != 0), .happens(m_valid & m_ready), .helped(m_ready)
        );
        always_comb begin
            if (rst_n) begin
                refused_only_when_full: assert (s_ready || (held == LATENCY && !m_ready));
            end
        end
    end

    always_comb begin
        assume (!(s_valid && s_meta) || {s_logits, s_threshold, s_enable} == {logits, threshold, enable});
        if (rst_n && DECISION != 0) begin
            right_class: assert (!(m_valid && m_meta) || m_class == class_number);
            right_decision: assert (!(m_valid && m_meta) || m_leave == leave);
            right_enable: assert (!(m_valid && m_meta) || m_enable == enable);
        end
    end
endmodule

`default_nettype wire
