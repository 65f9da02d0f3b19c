// What is proven of one level of top_two_merge.sv, for every width from LEAST to MOST at once: if every
// group below tells the truth about its values, so does the level about all of them. That is the step of the induction
// over the tournament (docs/proofs.md).
//
// A group hands up the largest of its values, the number of the lowest that is as large, and the largest of the others.
// One value x of one group, with its number, is chosen freely: what its group says of it is assumed, what the level
// says of it is proven. Numbers ascend from group to group.
`default_nettype none

module formal_top_two_merge #(
    parameter int COUNT = 3,
    parameter int LEAST = 1,
    parameter int MOST  = 52
) (
    input wire logic              clk,
    input wire logic [       1:0] load,
    input wire logic [4*MOST-1:0] values,
    input wire logic [4*MOST-1:0] seconds,
    input wire logic [      63:0] numbers,
    input wire logic [       1:0] pick,
    input wire logic [  MOST-1:0] x,
    input wire logic [      15:0] number
);
    for (genvar w = LEAST; w <= MOST; w++) begin : g_width
        localparam int INDEX_BITS = 2 + (w - LEAST) % 15;
        formal_top_two_merge_of #(.COUNT(COUNT), .BITS(w), .INDEX_BITS(INDEX_BITS)) width_i (
            .clk, .load, .values(values[COUNT*w-1:0]), .seconds(seconds[COUNT*w-1:0]),
            .numbers(numbers[COUNT*INDEX_BITS-1:0]), .pick, .x(x[w-1:0]), .number(number[INDEX_BITS-1:0])
        );
    end
endmodule

module formal_top_two_merge_of #(
    parameter int COUNT      = 3,
    parameter int BITS       = 16,
    parameter int INDEX_BITS = 4
) (
    input wire logic                        clk,
    input wire logic [                 1:0] load,
    input wire logic [      COUNT*BITS-1:0] values,
    input wire logic [      COUNT*BITS-1:0] seconds,
    input wire logic [COUNT*INDEX_BITS-1:0] numbers,
    input wire logic [                 1:0] pick,
    input wire logic [            BITS-1:0] x,
    input wire logic [      INDEX_BITS-1:0] number
);
    logic [BITS-1:0] first, second, best, next;
    logic [INDEX_BITS-1:0] index, leader;
    logic truth, is_first, is_second;

    hwgen_top_two_merge #(.COUNT(COUNT), .BITS(BITS), .INDEX_BITS(INDEX_BITS), .STAGES(2)) dut (
        .clk, .load, .s_values(values), .s_seconds(seconds), .s_index(numbers),
        .m_first(first), .m_second(second), .m_index(index)
    );

    always_comb begin
        truth = pick < COUNT;
        best = '0;
        next = '0;
        leader = '0;
        is_first = 1'b0;
        is_second = 1'b0;
        for (int g = 0; g < COUNT; g++) begin
            logic [INDEX_BITS-1:0] of_group;
            of_group = numbers[g*INDEX_BITS+:INDEX_BITS];
            if (g > 0 && of_group <= numbers[(g > 0 ? g - 1 : 0)*INDEX_BITS+:INDEX_BITS]) truth = 1'b0;
            if (g < pick && of_group >= number) truth = 1'b0;
            if (g > pick && of_group <= number) truth = 1'b0;
            if (g == pick) begin
                best = values[g*BITS+:BITS];
                next = seconds[g*BITS+:BITS];
                leader = of_group;
            end
            is_first |= of_group == index;
            is_second |= (of_group == index ? seconds[g*BITS+:BITS] : values[g*BITS+:BITS]) == second;
        end
        // What the group of x says of it, and that its own second is not above its first.
        if (number == leader ? x != best : x > next) truth = 1'b0;
        if (next > best || (x == best && number < leader)) truth = 1'b0;

        largest: assert (!truth || x <= first);
        lowest_index: assert (!(truth && x == first) || index <= number);
        is_its_value: assert (!(truth && index == number) || x == first);
        second_to_none: assert (!(truth && index != number) || x <= second);
        one_that_came: assert (!truth || (is_first && is_second));
    end
endmodule

`default_nettype wire
