// What is proven of leader_node.sv, for every width from LEAST to MOST at once: the place is the lowest index among the
// largest values, the runner-up is a largest one of the others, or 0 if there are none.
//
// One value, chosen freely, is looked at: what holds for it holds for all.
`default_nettype none

module formal_leader_node #(
    parameter int COUNT = 3,
    parameter int LEAST = 1,
    parameter int MOST  = 52
) (
    input wire logic [4*MOST-1:0] values,
    input wire logic [       1:0] pick
);
    for (genvar w = LEAST; w <= MOST; w++) begin : g_width
        formal_leader_node_of #(.COUNT(COUNT), .BITS(w)) width_i (.values(values[COUNT*w-1:0]), .pick);
    end
endmodule

module formal_leader_node_of #(
    parameter int COUNT = 3,
    parameter int BITS  = 16
) (
    input wire logic [COUNT*BITS-1:0] values,
    input wire logic [           1:0] pick
);
    logic [1:0] place;
    logic [BITS-1:0] first, second, value;
    logic legal, others;

    hwgen_leader_node #(.COUNT(COUNT), .BITS(BITS)) dut (
        .s_values(values), .m_place(place), .m_first(first), .m_second(second)
    );

    always_comb begin
        legal = pick < COUNT;
        value = '0;
        others = COUNT == 1 && second == '0;
        for (int j = 0; j < COUNT; j++) begin
            if (pick == j) value = values[j*BITS+:BITS];
            if (place != j && values[j*BITS+:BITS] == second) others = 1'b1;
        end
        is_its_value: assert (!(legal && pick == place) || value == first);
        in_range: assert (place < COUNT);
        largest: assert (!legal || value <= first);
        lowest_index: assert (!(legal && pick < place) || value != first);
        second_to_none: assert (!(legal && pick != place) || value <= second);
        second_is_another: assert (others);
    end
endmodule

`default_nettype wire
