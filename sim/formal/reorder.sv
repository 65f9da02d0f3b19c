// What is proven of reorder.sv: results leave in the order of admission, once each and unchanged; no number is given twice at
// a time; admission is refused only when DEPTH are in flight; there is always a place for a result.
//
// The environment returns one result for each number that is out.
`default_nettype none

module formal_reorder #(
    parameter int unsigned DEPTH = 2
) (
    input wire logic       clk,
    input wire logic       rst_n,
    input wire logic       admit_valid,
    input wire logic       s_valid,
    input wire logic [1:0] s_seq,
    input wire logic       s_data,
    input wire logic       m_ready,
    input wire logic       pick
);
    localparam int unsigned BITS = $clog2(DEPTH + 2);
    logic admit_ready, s_ready, m_valid, m_data, fault, admits, leaves;
    logic [1:0] admit_seq;

    hwgen_reorder #(.DEPTH(DEPTH), .WIDTH(1), .SEQ_BITS(2), .PARITY(1)) dut (
        .clk, .rst_n, .admit_valid, .admit_ready, .admit_seq, .s_valid, .s_ready, .s_seq, .s_data,
        .m_valid, .m_ready, .m_data, .fault
    );

    assign admits = admit_valid & admit_ready;
    assign leaves = m_valid & m_ready;

    logic [3:0] away;  // numbers that are out and whose result is not back
    logic [BITS-1:0] held, ahead;
    logic watching, back, word;
    logic [1:0] number;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            away <= '0;
            held <= '0;
            watching <= 1'b0;
        end else begin
            if (admits) away[admit_seq] <= 1'b1;
            if (s_valid) away[s_seq] <= 1'b0;
            held <= held + BITS'(admits) - BITS'(leaves);
            if (!watching) begin
                watching <= pick & admits;
                number <= admit_seq;
                ahead <= held - BITS'(leaves);
                back <= 1'b0;
            end else begin
                if (s_valid && s_seq == number) begin
                    back <= 1'b1;
                    word <= s_data;
                end
                if (leaves && ahead != 0) ahead <= ahead - 1'b1;
                if (leaves && ahead == 0) watching <= 1'b0;
            end
        end
    end

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(1)) out_i (.clk, .rst_n, .valid(m_valid), .ready(m_ready), .data(m_data));
    formal_stream #(.WIDTH(2)) admit_i (.clk, .rst_n, .valid(admit_ready), .ready(admit_valid), .data(admit_seq));

    always_comb begin
        assume (!s_valid || away[s_seq]);
        if (rst_n) begin
            no_fault: assert (!fault && s_ready);
            refused_only_when_full: assert (admit_ready == (held != DEPTH));
            no_overflow: assert (held <= DEPTH);
            number_is_free: assert (!admits || !away[admit_seq]);
            number_is_its_own: assert (!(admits && watching) || admit_seq != number);
            nothing_from_nothing: assert (!m_valid || held != 0);
            in_order_unchanged: assert (!(watching && ahead == 0 && m_valid) || (back && m_data == word));
            at_once: assert (!(watching && ahead == 0 && back) || m_valid);
        end
    end
endmodule

`default_nettype wire
