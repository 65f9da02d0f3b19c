// What is proven of a whole stage (shell, core, gate, router, feature buffer): a sample that enters comes out exactly once, as a
// result or at the door of the next stage, by its decision and never both, with its own features; in = out + next + in
// flight; nothing is ever lost to a clock that is off; when everything is taken, it is out in bounded time.
//
// One sample, chosen freely, carries meta = 1: it is followed. The core is toy_core.sv, the gate a register; bit 0 of a
// word is the decision.
`default_nettype none

module formal_stage #(
    parameter int unsigned GATING        = 2,
    parameter int unsigned WAKE          = 1,
    parameter int unsigned SLOTS         = 2,
    parameter int unsigned IN_FLIGHT     = 2,
    parameter int unsigned FEATURE_BEATS = 1,
    parameter int unsigned LIMIT         = 16
) (
    input wire logic       clk,
    input wire logic       rst_n,
    input wire logic       s_valid,
    input wire logic [1:0] s_data,
    input wire logic       s_meta,
    input wire logic       r_ready,
    input wire logic       m_ready
);
    localparam int unsigned BITS = 4;

    logic s_ready, reserve_valid, reserve_ready, core_clk, on, core_rst_n, core_s_valid, core_s_ready, core_z_valid, core_z_ready;
    logic core_busy, z_valid, z_ready, z_meta, active, gated, f_valid, d_valid, d_ready, d_meta, r_valid, k_valid, k_ready, k_keep;
    logic k_meta, m_valid, m_last, m_meta, full, shell_fault, buffer_fault;
    logic [1:0] core_s_data, f_data, z_data, d_data, m_data;
    logic [3:0] r_data;
    logic [$clog2(SLOTS+1)-1:0] count;

    hwgen_stage_shell #(
        .IN_BEATS(1), .IN_BITS(2), .META_BITS(1), .IN_FLIGHT(IN_FLIGHT), .GATING(GATING), .WAKE(WAKE), .HYSTERESIS(0)
    ) shell (
        .clk, .clk_source(clk), .rst_n, .s_valid, .s_ready, .s_data, .s_meta, .reserve_valid, .reserve_ready, .core_clk, .core_clk_on(on),
        .core_rst_n, .core_s_valid, .core_s_ready, .core_s_data, .core_z_valid, .core_z_ready, .core_busy,
        .z_valid, .z_ready, .z_meta, .active, .gated, .fault(shell_fault)
    );

    toy_core #(.BITS(2), .FEATURE_BEATS(FEATURE_BEATS), .DELAY(1)) core (
        .clk, .enable(on), .rst_n(core_rst_n), .s_valid(core_s_valid), .s_ready(core_s_ready), .s_data(core_s_data),
        .f_valid, .f_data, .z_valid(core_z_valid), .z_ready(core_z_ready), .z_data, .busy(core_busy)
    );

    // The gate: one register.
    assign z_ready = ~d_valid | d_ready;
    always_ff @(posedge clk) begin
        if (!rst_n) d_valid <= 1'b0;
        else if (z_ready) d_valid <= z_valid;
        if (z_ready & z_valid) {d_data, d_meta} <= {z_data, z_meta};
    end

    hwgen_exit_router #(.EXIT(0), .EXIT_BITS(1), .LAST(0), .CLASS_BITS(1), .META_BITS(1), .KEEP_META_BITS(1)) router (
        .clk, .rst_n, .d_valid, .d_ready, .d_class(d_data[1]), .d_leave(d_data[0]), .d_enable(1'b1), .d_meta,
        .d_keep_meta(d_meta), .r_valid, .r_ready, .r_data, .k_valid, .k_ready, .k_keep, .k_meta
    );

    hwgen_feature_buffer #(.BEATS(FEATURE_BEATS), .BITS(2), .SLOTS(SLOTS), .META_BITS(1)) buffer (
        .clk, .rst_n, .reserve_valid, .reserve_ready, .f_valid, .f_data, .d_valid(k_valid), .d_ready(k_ready),
        .d_keep(k_keep), .d_meta(k_meta), .m_valid, .m_ready, .m_data, .m_last, .m_meta, .count, .full, .fault(buffer_fault)
    );

    logic enters, result, next, flies;
    logic [1:0] word;
    logic [BITS-1:0] flying;

    assign enters = s_valid & s_ready;
    assign result = r_valid & r_ready;
    assign next = m_valid & m_ready & m_last;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            flying <= '0;
            flies <= 1'b0;
        end else begin
            flying <= flying + BITS'(enters) - BITS'(result) - BITS'(next);
            if (enters && s_meta) begin
                flies <= 1'b1;
                word <= s_data;
            end else if ((result && r_data[3]) || (next && m_meta)) flies <= 1'b0;
        end
    end

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(3), .ASSUME(1)) in_i (.clk, .rst_n, .valid(s_valid), .ready(s_ready), .data({s_data, s_meta}));
    formal_stream #(.WIDTH(4)) result_i (.clk, .rst_n, .valid(r_valid), .ready(r_ready), .data(r_data));
    formal_stream #(.WIDTH(4)) next_i (.clk, .rst_n, .valid(m_valid), .ready(m_ready), .data({m_data, m_last, m_meta}));
    formal_progress #(.LIMIT(LIMIT)) in_time_i (
        .clk, .rst_n, .waits(flies), .happens((result && r_data[3]) || (next && m_meta)), .helped(r_ready & m_ready)
    );
    formal_progress #(.LIMIT(LIMIT)) admitted_i (
        .clk, .rst_n, .waits(s_valid), .happens(enters), .helped(r_ready & m_ready)
    );

    always_comb begin
        assume (!(flies && s_valid && s_meta));  // one of them at a time
        if (rst_n) begin
            no_fault: assert (!shell_fault && !buffer_fault);
            result_once: assert (!(r_valid && r_data[3]) || (flies && word[0]));
            next_once: assert (!(m_valid && m_meta) || (flies && !word[0]));
            its_class: assert (!(r_valid && r_data[3]) || r_data[0] == word[1]);
            its_features: assert (!(m_valid && m_meta && FEATURE_BEATS == 1) || m_data == word + 2'd1);
            nothing_from_nothing: assert (flying != 0 || !(r_valid || m_valid));
            none_lost: assert (active || d_valid || count != 0 || m_valid || flying == 0);
            no_overflow: assert (flying <= SLOTS + 2);
            runs_while_busy: assert (on || !core_busy);
        end
    end
endmodule

`default_nettype wire
