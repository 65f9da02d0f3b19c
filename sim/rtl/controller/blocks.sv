// Every block of the controller by itself, for the bench blocks.cpp: their ports, with a prefix each.
`default_nettype none

module blocks #(
    parameter int unsigned DEPTH     = 3,
    parameter int unsigned SLOTS     = 3,
    parameter int unsigned BEATS     = 2,
    parameter int unsigned EXITS     = 3,
    parameter int unsigned OUT_DEPTH = 2,
    parameter int unsigned LIMIT     = 20
) (
    input  wire logic              clk,
    input  wire logic              rst_n,
    // fifo
    input  wire logic              fifo_s_valid,
    output logic                   fifo_s_ready,
    input  wire logic [15:0]       fifo_s_data,
    output logic                   fifo_m_valid,
    input  wire logic              fifo_m_ready,
    output logic      [15:0]       fifo_m_data,
    output logic      [$clog2(DEPTH+1)-1:0] fifo_count,
    // feature buffer
    input  wire logic              reserve_valid,
    output logic                   reserve_ready,
    input  wire logic              f_valid,
    input  wire logic [15:0]       f_data,
    input  wire logic              d_valid,
    output logic                   d_ready,
    input  wire logic              d_keep,
    input  wire logic [15:0]       d_meta,
    output logic                   b_valid,
    input  wire logic              b_ready,
    output logic      [15:0]       b_data,
    output logic                   b_last,
    output logic      [15:0]       b_meta,
    output logic      [$clog2(SLOTS+1)-1:0] b_count,
    output logic                   b_full,
    output logic                   b_fault,
    // router
    input  wire logic              x_valid,
    output logic                   x_ready,
    input  wire logic [15:0]       x_word,    // {meta, enable, leave, class[3:0]}
    output logic                   r_valid,
    input  wire logic              r_ready,
    output logic      [16:0]       r_data,
    output logic                   k_valid,
    input  wire logic              k_ready,
    output logic      [10:0]       k_word,    // {keep, meta}
    // merge
    input  wire logic [EXITS-1:0]  e_valid,
    output logic      [EXITS-1:0]  e_ready,
    input  wire logic [63:0]       e_data,    // 16 bits each
    output logic                   g_valid,
    input  wire logic              g_ready,
    output logic      [15:0]       g_data,
    // reorder
    input  wire logic              admit_valid,
    output logic                   admit_ready,
    output logic      [3:0]        admit_seq,
    input  wire logic              o_s_valid,
    output logic                   o_s_ready,
    input  wire logic [3:0]        o_s_seq,
    input  wire logic [15:0]       o_s_data,
    output logic                   o_valid,
    input  wire logic              o_ready,
    output logic      [15:0]       o_data,
    output logic                   o_fault,
    // watchdog
    input  wire logic              clear,
    input  wire logic [1:0]        busy,
    input  wire logic [1:0]        moved,
    input  wire logic [1:0]        blocked,
    input  wire logic [1:0]        fault,
    output logic                   flush,
    output logic                   error,
    output logic      [1:0]        stuck,
    output logic      [1:0]        faulty,
    // clock gate
    input  wire logic              enable,
    output logic                   gclk,
    output logic                   not_gated
);
    logic fifo_fault, buffer_fault, router_fault, merge_fault;
    assign b_fault = fifo_fault | buffer_fault | router_fault | merge_fault;
    hwgen_fifo #(.WIDTH(16), .DEPTH(DEPTH)) fifo (
        .clk, .rst_n, .s_valid(fifo_s_valid), .s_ready(fifo_s_ready), .s_data(fifo_s_data), .m_valid(fifo_m_valid),
        .m_ready(fifo_m_ready), .m_data(fifo_m_data), .count(fifo_count), .fault(fifo_fault)
    );
    hwgen_feature_buffer #(.BEATS(BEATS), .BITS(16), .SLOTS(SLOTS), .META_BITS(16)) buffer (
        .clk, .rst_n, .reserve_valid, .reserve_ready, .f_valid, .f_data, .d_valid, .d_ready, .d_keep, .d_meta,
        .m_valid(b_valid), .m_ready(b_ready), .m_data(b_data), .m_last(b_last), .m_meta(b_meta), .count(b_count),
        .full(b_full), .fault(buffer_fault)
    );
    hwgen_exit_router #(.EXIT(2), .EXIT_BITS(2), .LAST(0), .CLASS_BITS(4), .META_BITS(10), .KEEP_META_BITS(10)) router (
        .clk, .rst_n, .d_valid(x_valid), .d_ready(x_ready), .d_class(x_word[3:0]), .d_leave(x_word[4]), .d_enable(x_word[5]),
        .d_meta(x_word[15:6]), .d_keep_meta(x_word[15:6]), .r_valid, .r_ready, .r_data, .k_valid, .k_ready,
        .k_keep(k_word[10]), .k_meta(k_word[9:0]), .fault(router_fault)
    );
    hwgen_result_merge #(.EXITS(EXITS), .WIDTH(16), .EXIT_DEPTH(DEPTH), .OUT_DEPTH(OUT_DEPTH)) merge (
        .clk, .rst_n, .s_valid(e_valid), .s_ready(e_ready), .s_data(e_data[EXITS*16-1:0]), .m_valid(g_valid),
        .m_ready(g_ready), .m_data(g_data), .fault(merge_fault)
    );
    hwgen_reorder #(.DEPTH(DEPTH), .WIDTH(16), .SEQ_BITS(4)) reorder (
        .clk, .rst_n, .admit_valid, .admit_ready, .admit_seq, .s_valid(o_s_valid), .s_ready(o_s_ready), .s_seq(o_s_seq),
        .s_data(o_s_data), .m_valid(o_valid), .m_ready(o_ready), .m_data(o_data), .fault(o_fault)
    );
    hwgen_watchdog #(.UNITS(2), .LIMIT(LIMIT)) watchdog (
        .clk, .rst_n, .clear, .busy, .moved, .blocked, .fault, .flush, .error, .stuck, .faulty
    );
    hwgen_clock_gate #(.MODE(1)) gate (.clk, .enable, .gclk);
    hwgen_clock_gate #(.MODE(0)) no_gate (.clk, .enable, .gclk(not_gated));
    logic unused;
    assign unused = &{1'b0, e_data};
endmodule

`default_nettype wire
