// What is proven of stage_shell.sv: no beat and no result is lost or doubled on the way into the core and out of it, whatever
// the clock gate does; a sample's meta comes out with its logits; never more than IN_FLIGHT samples; one reservation per
// sample and none without; the clock runs while the core is busy and stops after; what enters is out in bounded time.
//
// The core is any core: it takes and answers when it likes, keeps handshake rules, stays busy for as long as it likes after
// an answer, and moves in no cycle in which its clock is off. (GATING 2 proves 1: formal_clock_gate is the difference.)
`default_nettype none

module formal_stage_shell #(
    parameter int unsigned IN_BEATS   = 1,
    parameter int unsigned IN_FLIGHT  = 2,
    parameter int unsigned GATING     = 2,
    parameter int unsigned WAKE       = 0,
    parameter int unsigned HYSTERESIS = 0,
    parameter int unsigned HAS_BUFFER = 1
) (
    input wire logic clk,
    input wire logic rst_n,
    input wire logic s_valid,
    input wire logic s_data,
    input wire logic s_meta,
    input wire logic reserve_ready,
    input wire logic z_ready,
    input wire logic accept,   // the core would take a beat
    input wire logic answer,   // the core has a result, if it holds a sample
    input wire logic linger,   // the core stays busy for another cycle
    input wire logic pick
);
    localparam int unsigned BITS = $clog2(IN_FLIGHT + 2);
    localparam int unsigned BEAT_BITS = (IN_BEATS > 1) ? $clog2(IN_BEATS) : 1;

    logic s_ready, reserve_valid, core_clk, core_clk_on, core_rst_n, core_s_valid, core_s_ready, core_s_data;
    logic core_z_valid, core_z_ready, core_busy, z_valid, z_meta, active, gated, fault;

    hwgen_stage_shell #(
        .IN_BEATS(IN_BEATS), .IN_BITS(1), .META_BITS(1), .IN_FLIGHT(IN_FLIGHT),
        .GATING(GATING), .WAKE(WAKE), .HYSTERESIS(HYSTERESIS), .HAS_BUFFER(HAS_BUFFER),
        .PARITY(1)
    ) dut (
        .clk, .clk_source(clk), .rst_n, .s_valid, .s_ready, .s_data, .s_meta, .reserve_valid, .reserve_ready,
        .core_clk, .core_clk_on, .core_rst_n, .core_s_valid, .core_s_ready, .core_s_data,
        .core_z_valid, .core_z_ready, .core_busy, .z_valid, .z_ready, .z_meta, .active, .gated, .fault
    );

    // The core. Its registers move with its clock only.
    logic [BITS-1:0] samples;
    logic [BEAT_BITS-1:0] core_beat;
    logic shown, tail, core_takes, core_gives;

    assign core_s_ready = accept & (samples <= BITS'(IN_FLIGHT));
    assign core_z_valid = shown;
    assign core_busy = (samples != 0) | (core_beat != 0) | tail;
    assign core_takes = core_clk_on & core_s_valid & core_s_ready;
    assign core_gives = core_clk_on & core_z_valid & core_z_ready;

    always_ff @(posedge clk) begin
        if (core_clk_on) begin
            if (!core_rst_n) begin
                samples <= '0;
                core_beat <= '0;
                shown <= 1'b0;
                tail <= 1'b0;
            end else begin
                samples <= samples + BITS'(core_takes && core_beat == BEAT_BITS'(IN_BEATS - 1)) - BITS'(core_gives);
                if (core_takes) core_beat <= (core_beat == BEAT_BITS'(IN_BEATS - 1)) ? '0 : core_beat + 1'b1;
                shown <= (shown | (answer & (samples != 0))) & ~core_gives;
                tail <= core_gives | (tail & linger);
            end
        end
    end

    // Its environment.
    logic [BEAT_BITS-1:0] beat;
    logic first, enters, leaves, took, watching, watching_beat;
    logic [BITS-1:0] held;
    logic [1:0] held_beats;
    logic [1:0] ahead;  // reservations of samples that are not yet in
    logic [$clog2(HYSTERESIS+3)-1:0] idle;
    logic [$clog2(WAKE+2)-1:0] up;  // cycles the clock has been on before this one

    assign first = beat == '0;
    assign enters = s_valid & s_ready & first;
    assign leaves = z_valid & z_ready;

    always_ff @(posedge clk) begin
        took <= s_valid & s_ready;
        if (!rst_n) begin
            beat <= '0;
            ahead <= '0;
            idle <= '0;
            up <= '0;
        end else begin
            if (!core_clk_on) up <= '0;
            else if (up != WAKE) up <= up + 1'b1;
            if (s_valid && s_ready) beat <= (beat == BEAT_BITS'(IN_BEATS - 1)) ? '0 : beat + 1'b1;
            ahead <= ahead + 2'(reserve_valid && reserve_ready) - 2'(enters && HAS_BUFFER != 0);
            if (held != 0 || core_busy || enters) idle <= '0;
            else if (idle <= HYSTERESIS) idle <= idle + 1'b1;
        end
    end

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(2), .ASSUME(1)) in_i (.clk, .rst_n, .valid(s_valid), .ready(s_ready), .data({s_data, s_meta & first}));
    formal_stream #(.WIDTH(1)) reserve_i (.clk, .rst_n, .valid(reserve_valid), .ready(reserve_ready), .data(1'b0));
    formal_stream #(.WIDTH(1)) core_i (.clk, .rst_n, .valid(core_s_valid), .ready(core_s_ready), .data(core_s_data));
    formal_stream #(.WIDTH(1)) out_i (.clk, .rst_n, .valid(z_valid), .ready(z_ready), .data(z_meta));
    formal_watch #(.WIDTH(1), .MOST(IN_FLIGHT)) sample_i (
        .clk, .rst_n, .pick, .enters, .word_in(s_meta), .leaves(core_gives), .word_out(z_meta), .held, .watching
    );
    // A beat into the register of the shell and, as the core sees it, out again.
    formal_watch #(.WIDTH(1), .MOST(1)) beat_i (
        .clk, .rst_n, .pick, .enters(s_valid & s_ready), .word_in(s_data), .leaves(core_takes), .word_out(core_s_data),
        .held(held_beats), .watching(watching_beat)
    );
    formal_progress #(.LIMIT(WAKE + IN_BEATS + 3 * IN_FLIGHT + 2)) out_in_time_i (
        .clk, .rst_n, .waits(held != 0), .happens(leaves),
        .helped(z_ready & accept & answer & (first | s_valid))
    );
    formal_progress #(.LIMIT(WAKE + 4 * IN_FLIGHT * IN_BEATS + 4)) in_in_time_i (
        .clk, .rst_n, .waits(s_valid), .happens(s_valid & s_ready), .helped(z_ready & accept & answer & reserve_ready)
    );

    always_comb begin
        if (rst_n) begin
            no_fault: assert (!fault);
            in_is_in: assert (core_takes == (core_s_valid && core_s_ready));
            out_is_out: assert (core_gives == leaves);
            runs_while_busy: assert (core_clk_on || !(core_busy || core_s_valid));
            warm: assert (GATING == 0 || !core_s_valid || up >= WAKE);
            stops: assert (GATING == 0 || idle <= HYSTERESIS || gated);
            operands_stand: assert (took || core_s_data == old_data || !settled);
            reserved: assert (HAS_BUFFER == 0 || !enters || ahead != 0 || (reserve_valid && reserve_ready));
            one_each: assert (ahead <= 1);
            none_without_a_buffer: assert (HAS_BUFFER != 0 || !reserve_valid);
            tells: assert (gated == !core_clk_on && active == (held != 0 || core_busy));
        end else begin
            runs_in_reset: assert (core_clk_on);
        end
    end

    logic old_data, settled = 1'b0;
    always_ff @(posedge clk) begin
        old_data <= core_s_data;
        settled <= 1'b1;
    end
endmodule

`default_nettype wire
