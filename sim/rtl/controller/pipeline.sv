// The controller around toy cores: any number of stages, for the bench pipeline.cpp.
//
// Contract  A sample is one word and a tag. Stage k sums its beats to a word w; it leaves there iff w[3:0] < share, and always
//           at the last stage, where it abstains iff w[3:0] >= share. Its class is w[7:4]. The next stage gets
//           w + 1, ..., w + FEATURE_BEATS. lose swallows a result of stage 1's core: a fault for the watchdog.
//           edges counts the clock edges of each core, operands shows what stands at its input.
`default_nettype none

module pipeline #(
    parameter int unsigned STAGES        = 2,
    parameter int unsigned GATING        = 1,
    parameter int unsigned WAKE          = 2,
    parameter int unsigned HYSTERESIS    = 2,
    parameter int unsigned FEATURE_BEATS = 1,
    parameter int unsigned DELAY         = 3,
    parameter int unsigned GATE_DELAY    = 2,
    parameter int unsigned SLOTS         = 8,
    parameter int unsigned IN_FLIGHT     = 5,
    parameter int unsigned EXIT_DEPTH    = 4,
    parameter int unsigned OUT_DEPTH     = 4,
    parameter int unsigned LIMIT         = 100
) (
    input  wire logic                 clk,
    input  wire logic                 rst_n,
    input  wire logic                 s_valid,
    output logic                      s_ready,
    input  wire logic [15:0]          s_data,
    input  wire logic [15:0]          s_tag,
    output logic                      m_valid,
    input  wire logic                 m_ready,
    output logic      [22:0]          m_data,    // {tag, abstain, exit[1:0], class[3:0]}
    input  wire logic [4:0]           share,
    input  wire logic                 lose,
    output logic                      flush,
    output logic                      error,
    output logic      [STAGES-1:0]    active,
    output logic      [STAGES-1:0]    gated,
    output logic      [STAGES*32-1:0] edges,
    output logic      [STAGES*16-1:0] operands
);
    logic run;
    logic [STAGES:0] valid, ready;
    logic [(STAGES+1)*32-1:0] words;  // {tag, data} to each stage
    logic [STAGES-1:0] r_valid, r_ready, fault, full;
    logic [STAGES*23-1:0] r_data;

    assign run = rst_n & ~flush;
    assign valid[0] = s_valid;
    assign words[31:0] = {s_tag, s_data};
    assign s_ready = ready[0];

    for (genvar k = 0; k < STAGES; k++) begin : g_stage
        localparam int unsigned LAST = (k == STAGES - 1) ? 1 : 0;
        localparam int unsigned IN_BEATS = (k == 0) ? 1 : FEATURE_BEATS;
        logic reserve_valid, reserve_ready, core_clk, on, core_rst_n, core_s_valid, core_s_ready, core_z_valid, core_z_ready;
        logic core_busy, f_valid, z_valid, z_ready, d_valid, d_ready, k_valid, k_ready, k_keep, last, lost, shell_fault;
        logic buffer_fault, router_fault, leave, unused_f_valid, unused_busy, unused;
        logic [15:0] core_s_data, f_data, z_data, z_tag, k_tag;
        logic [31:0] d_data, unused_f_data, edge_count;

        assign lost = lose & (k == 0);
        hwgen_stage_shell #(
            .IN_BEATS(IN_BEATS), .IN_BITS(16), .META_BITS(16), .IN_FLIGHT(IN_FLIGHT), .GATING(GATING), .WAKE(WAKE),
            .HYSTERESIS(HYSTERESIS), .HAS_BUFFER(1 - LAST)
        ) shell (
            .clk, .clk_source(clk), .rst_n(run), .s_valid(valid[k]), .s_ready(ready[k]), .s_data(words[32*k+:16]), .s_meta(words[32*k+16+:16]),
            .reserve_valid, .reserve_ready, .core_clk, .core_clk_on(on), .core_rst_n, .core_s_valid, .core_s_ready,
            .core_s_data, .core_z_valid(core_z_valid & ~lost), .core_z_ready, .core_busy, .z_valid, .z_ready, .z_meta(z_tag),
            .active(active[k]), .gated(gated[k]), .fault(shell_fault)
        );
        toy_core #(.BITS(16), .IN_BEATS(IN_BEATS), .FEATURE_BEATS(FEATURE_BEATS), .DELAY(DELAY)) core (
            .clk(core_clk), .enable(on), .rst_n(core_rst_n), .s_valid(core_s_valid), .s_ready(core_s_ready),
            .s_data(core_s_data), .f_valid, .f_data, .z_valid(core_z_valid), .z_ready(core_z_ready | lost), .z_data,
            .busy(core_busy)
        );
        toy_core #(.BITS(32), .DELAY(GATE_DELAY)) gate (
            .clk, .enable(1'b1), .rst_n(run), .s_valid(z_valid), .s_ready(z_ready), .s_data({z_tag, z_data}),
            .f_valid(unused_f_valid), .f_data(unused_f_data), .z_valid(d_valid), .z_ready(d_ready), .z_data(d_data),
            .busy(unused_busy)
        );
        assign leave = {1'b0, d_data[3:0]} < share;
        hwgen_exit_router #(
            .EXIT(k), .EXIT_BITS(2), .LAST(LAST), .CLASS_BITS(4), .META_BITS(16), .KEEP_META_BITS(16)
        ) router (
            .clk, .rst_n(run), .d_valid, .d_ready, .d_class(d_data[7:4]), .d_leave(leave), .d_enable(1'b1),
            .d_meta(d_data[31:16]), .d_keep_meta(d_data[31:16]), .r_valid(r_valid[k]), .r_ready(r_ready[k]),
            .r_data(r_data[23*k+:23]), .k_valid, .k_ready, .k_keep, .k_meta(k_tag), .fault(router_fault)
        );
        if (LAST == 0) begin : g_buffer
            logic [$clog2(SLOTS+1)-1:0] unused_count;
            hwgen_feature_buffer #(.BEATS(FEATURE_BEATS), .BITS(16), .SLOTS(SLOTS), .META_BITS(16)) buffer (
                .clk, .rst_n(run), .reserve_valid, .reserve_ready, .f_valid, .f_data, .d_valid(k_valid), .d_ready(k_ready),
                .d_keep(k_keep), .d_meta(k_tag), .m_valid(valid[k+1]), .m_ready(ready[k+1]), .m_data(words[32*(k+1)+:16]),
                .m_last(last), .m_meta(words[32*(k+1)+16+:16]), .count(unused_count), .full(full[k]), .fault(buffer_fault)
            );
        end else begin : g_no_buffer
            assign {reserve_ready, k_ready, last, buffer_fault, full[k]} = '0;
            assign valid[k+1] = 1'b0;
            assign words[32*(k+1)+:32] = '0;
        end
        assign fault[k] = shell_fault | buffer_fault | router_fault;
        assign operands[16*k+:16] = core_s_data;
        assign edges[32*k+:32] = edge_count;
        assign unused = &{unused_f_valid, unused_f_data, unused_busy, last, k_valid, k_keep, k_tag, f_valid, f_data, reserve_valid, d_data};
        always_ff @(posedge core_clk) edge_count <= edge_count + 1;
    end

    assign ready[STAGES] = 1'b0;

    logic merge_fault;
    hwgen_result_merge #(.EXITS(STAGES), .WIDTH(23), .EXIT_DEPTH(EXIT_DEPTH), .OUT_DEPTH(OUT_DEPTH)) merge (
        .clk, .rst_n(run), .s_valid(r_valid), .s_ready(r_ready), .s_data(r_data), .m_valid, .m_ready, .m_data, .fault(merge_fault)
    );

    logic [15:0] flying;
    logic stuck, faulty;
    always_ff @(posedge clk) begin
        if (!run) flying <= '0;
        else flying <= flying + 16'(s_valid & s_ready) - 16'(m_valid & m_ready);
    end
    hwgen_watchdog #(.UNITS(1), .LIMIT(LIMIT)) watchdog (
        .clk, .rst_n, .clear(1'b0), .busy((flying != '0) | (s_valid & ~s_ready)), .moved(m_valid & m_ready),
        .blocked(m_valid & ~m_ready), .fault((fault != '0) | merge_fault), .flush, .error, .stuck, .faulty
    );
    logic unused;
    assign unused = &{valid[STAGES], ready[STAGES], words, stuck, faulty, full};
endmodule

`default_nettype wire
