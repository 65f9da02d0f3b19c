// What is proven of exit_router.sv: each decision becomes one result if its sample leaves and none else, and one word to
// the buffer that says the opposite; never twice, whichever side is ready first; contents as given.
`default_nettype none

module formal_exit_router #(
    parameter int unsigned LAST = 0
) (
    input wire logic       clk,
    input wire logic       rst_n,
    input wire logic       d_valid,
    input wire logic       d_class,
    input wire logic       d_leave,
    input wire logic       d_enable,
    input wire logic       d_meta,
    input wire logic [1:0] d_keep_meta,
    input wire logic       r_ready,
    input wire logic       k_ready
);
    logic d_ready, r_valid, k_valid, k_keep, fault, taken, result, word, had_result, had_word, leaves;
    logic [4:0] r_data;
    logic [1:0] k_meta;

    hwgen_exit_router #(
        .EXIT(2), .EXIT_BITS(2), .LAST(LAST), .CLASS_BITS(1), .META_BITS(1), .KEEP_META_BITS(2), .PARITY(1)
    ) dut (
        .clk, .rst_n, .d_valid, .d_ready, .d_class, .d_leave, .d_enable, .d_meta, .d_keep_meta,
        .r_valid, .r_ready, .r_data, .k_valid, .k_ready, .k_keep, .k_meta, .fault
    );

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(6), .ASSUME(1)) in_i (
        .clk, .rst_n, .valid(d_valid), .ready(d_ready), .data({d_class, d_leave, d_enable, d_meta, d_keep_meta})
    );
    formal_stream #(.WIDTH(5)) result_i (.clk, .rst_n, .valid(r_valid), .ready(r_ready), .data(r_data));
    formal_stream #(.WIDTH(3)) word_i (.clk, .rst_n, .valid(k_valid), .ready(k_ready), .data({k_keep, k_meta}));

    assign taken = d_valid & d_ready;
    assign result = r_valid & r_ready;
    assign word = k_valid & k_ready;
    assign leaves = d_leave | (LAST != 0);

    // had_*: done for the decision that still waits.
    always_ff @(posedge clk) begin
        had_result <= rst_n & (had_result | result) & ~taken;
        had_word <= rst_n & (had_word | word) & ~taken;
    end

    always_comb begin
        if (rst_n) begin
            no_fault: assert (!fault);
            never_twice: assert (!(had_result && r_valid) && !(had_word && k_valid));
            of_a_decision: assert (d_valid || !(r_valid || k_valid));
            result_iff_it_leaves: assert (!taken || (had_result || result) == leaves);
            no_result_if_it_stays: assert (!r_valid || leaves);
            word_for_each: assert (!taken || (had_word || word) == (LAST == 0));
            opposite: assert (!k_valid || k_keep == !d_leave);
            contents: assert (r_data == {d_meta, (LAST != 0) & d_enable & ~d_leave, 2'd2, d_class});
            meta: assert (k_meta == d_keep_meta);
            never_waits_for_nothing: assert (!d_valid || taken || (r_valid && !r_ready) || (k_valid && !k_ready));
        end
    end
endmodule

`default_nettype wire
