// What is proven of element_join.sv behind sample_count.sv: at the depth that is planned, HOLDS, no FIFO of an element ever
// overflows, though nobody can be asked to wait; samples come out in order, once each, with their own elements.
//
// The core between the two gives each element once per sample it took, in any cycle; the environment sends beats only
// when there is room, as the wrapper of a vendor core does.
`default_nettype none

module formal_element_join #(
    parameter int unsigned HOLDS    = 2,
    parameter int unsigned IN_BEATS = 1
) (
    input wire logic       clk,
    input wire logic       rst_n,
    input wire logic       s_valid,
    input wire logic [1:0] valid,
    input wire logic [1:0] data,
    input wire logic       z_ready,
    input wire logic       pick
);
    localparam int unsigned BITS = $clog2(HOLDS + 2);
    logic room, busy, take, last, z_valid, answer;
    logic [1:0] z_data, watching;
    logic [7:0] beat;
    logic [1:0][BITS-1:0] owed, held;  // by element: to be given, and waiting in the join

    assign take = s_valid & room;
    assign last = take & (beat == 8'(IN_BEATS - 1));
    assign answer = z_valid & z_ready;

    hwgen_sample_count #(.IN_BEATS(IN_BEATS), .FEATURE_BEATS(0), .HOLDS(HOLDS)) samples (
        .clk, .rst_n, .take, .feature(1'b0), .answer, .room, .busy
    );
    hwgen_element_join #(.ELEMENTS(2), .BITS(1), .DEPTH(HOLDS)) dut (
        .clk, .rst_n, .valid, .data, .m_valid(z_valid), .m_ready(z_ready), .m_data(z_data)
    );

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(2)) out_i (.clk, .rst_n, .valid(z_valid), .ready(z_ready), .data(z_data));

    always_ff @(posedge clk) begin
        if (!rst_n) beat <= '0;
        else if (take) beat <= last ? '0 : beat + 1'b1;
    end

    for (genvar i = 0; i < 2; i++) begin : g_element
        // Elements that the core still has to give: one for each sample it has taken whole.
        always_ff @(posedge clk) begin
            if (!rst_n) owed[i] <= '0;
            else owed[i] <= owed[i] + BITS'(last) - BITS'(valid[i]);
        end
        always_comb assume (!valid[i] || owed[i] != 0);
        logic [BITS-1:0] waits;
        assign held[i] = waits;
        formal_watch #(.WIDTH(1), .MOST(HOLDS)) watch_i (
            .clk, .rst_n, .pick, .enters(valid[i]), .word_in(data[i]), .leaves(answer), .word_out(z_data[i]),
            .held(waits), .watching(watching[i])
        );
    end
    always_comb begin
        if (rst_n) begin
            inside_at_most: assert (32'(owed[0]) + 32'(held[0]) <= HOLDS && 32'(owed[1]) + 32'(held[1]) <= HOLDS);
            tells: assert (busy || (owed[0] == 0 && owed[1] == 0 && held[0] == 0 && held[1] == 0));
            offered_when_complete: assert (z_valid == (held[0] != 0 && held[1] != 0));
        end
    end
endmodule

`default_nettype wire
