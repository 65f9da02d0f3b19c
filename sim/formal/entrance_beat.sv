// What is proven of entrance_beat.sv: it knows the beat of every sample whatever flushes and early ends come between,
// says when a sample is cut short, drops the rest of a sample that a flush broke, and its parity never complains.
`default_nettype none

module formal_entrance_beat #(
    parameter int unsigned BEATS = 3
) (
    input wire logic clk,
    input wire logic rst_n,
    input wire logic flush,
    input wire logic taken,
    input wire logic tlast
);
    logic first_beat, dropping, cut_short, fault, ends, broken;
    logic [$clog2(BEATS+1)-1:0] seen;

    hwgen_entrance_beat #(.BEATS(BEATS), .PARITY(1)) dut (
        .clk, .rst_n, .flush, .taken, .tlast, .first_beat, .dropping, .cut_short, .fault
    );

    formal_reset reset_i (.clk, .rst_n);

    // seen: beats of the present sample that have been taken. broken: a flush came between its beats.
    assign ends = taken & (tlast | (int'(seen) == BEATS - 1));
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            seen <= '0;
            broken <= 1'b0;
        end else begin
            if (ends) seen <= '0;
            else if (taken) seen <= seen + 1'b1;
            if (flush) broken <= seen != '0;
            else if (ends) broken <= 1'b0;
        end
    end

    always_comb begin
        assume (!(flush && taken)); // the top closes its door while it is cleared
        if (rst_n) begin
            no_fault: assert (!fault);
            knows_the_beat: assert (first_beat == (seen == '0));
            cut_short_if_early: assert (cut_short == (taken && tlast && int'(seen) != BEATS - 1));
            drops_what_is_broken: assert (dropping == broken);
        end
    end
endmodule

`default_nettype wire
