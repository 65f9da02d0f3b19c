// Result merge: the results of all exits on one output, sample by sample.
//
// Contract  Every exit has a FIFO of EXIT_DEPTH results, the output one of OUT_DEPTH. One result per cycle moves
//           from exits to output, round robin: an exit with a result waits for at most EXITS - 1 others. The
//           results of one exit keep their order; between exits there is none. One result per cycle from
//           OUT_DEPTH 2 on.
// fault     With PARITY: a FIFO reports one. The turn of the exits has no parity: whatever it is, every exit has its turn.
// Cost      99 LUT, 31 FF, 6 RAM32M16 (EXITS 2, WIDTH 27, EXIT_DEPTH 4, OUT_DEPTH 16, PARITY 1)
// Does not  Put results into the order of the samples: reorder.sv does.
`default_nettype none

module hwgen_result_merge #(
    parameter int unsigned EXITS      = 2,
    parameter int unsigned WIDTH      = 8,
    parameter int unsigned EXIT_DEPTH = 2,
    parameter int unsigned OUT_DEPTH  = 2,
    parameter int unsigned PARITY     = 0
) (
    input  wire logic                   clk,
    input  wire logic                   rst_n,
    input  wire logic [EXITS-1:0]       s_valid,
    output logic      [EXITS-1:0]       s_ready,
    input  wire logic [EXITS*WIDTH-1:0] s_data,
    output logic                        m_valid,
    input  wire logic                   m_ready,
    output logic      [WIDTH-1:0]       m_data,
    output logic                        fault
);
    logic [EXITS-1:0] waiting, after, grant, exit_fault;
    logic [EXITS*WIDTH-1:0] words;
    logic [WIDTH-1:0] word;
    logic any, ready, out_fault;
    logic [$clog2(OUT_DEPTH+1)-1:0] unused_count;

    for (genvar k = 0; k < EXITS; k++) begin : g_exit
        logic [$clog2(EXIT_DEPTH+1)-1:0] unused_exit_count;
        hwgen_fifo #(.WIDTH(WIDTH), .DEPTH(EXIT_DEPTH), .PARITY(PARITY)) exit_i (
            .clk, .rst_n,
            .s_valid(s_valid[k]), .s_ready(s_ready[k]), .s_data(s_data[k*WIDTH+:WIDTH]),
            .m_valid(waiting[k]), .m_ready(grant[k] & ready), .m_data(words[k*WIDTH+:WIDTH]),
            .count(unused_exit_count), .fault(exit_fault[k])
        );
    end

    assign fault = out_fault | (exit_fault != '0);

    // The first exit behind the one served last, else the first of all.
    always_comb begin
        grant = '0;
        for (int unsigned k = EXITS; k > 0; k--) if (waiting[k-1]) grant = EXITS'(1) << (k - 1);
        for (int unsigned k = EXITS; k > 0; k--) if (waiting[k-1] & after[k-1]) grant = EXITS'(1) << (k - 1);
        any = waiting != '0;
        word = '0;
        for (int unsigned k = 0; k < EXITS; k++) if (grant[k]) word = word | words[k*WIDTH+:WIDTH];
    end

    // after: the exits behind the one served last.
    always_ff @(posedge clk) begin
        if (!rst_n) after <= '0;
        else if (any && ready) after <= ~((grant << 1) - EXITS'(1));
    end

    hwgen_fifo #(.WIDTH(WIDTH), .DEPTH(OUT_DEPTH), .PARITY(PARITY)) out_i (
        .clk, .rst_n,
        .s_valid(any), .s_ready(ready), .s_data(word),
        .m_valid, .m_ready, .m_data,
        .count(unused_count), .fault(out_fault)
    );
endmodule

`default_nettype wire
