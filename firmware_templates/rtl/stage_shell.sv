// Shell around a stage core: admits samples, keeps what travels with them, isolates the core, asks for its clock.
//
// Contract  A sample is IN_BEATS beats on s_*; s_meta counts with the first. It is admitted when fewer than
//           IN_FLIGHT samples are between s_* and z_*, and a feature slot was reserved (reserve_*, one handshake
//           per sample, as soon as it waits at the door; none with HAS_BUFFER = 0).
//           Beats go through one register. It loads only when a beat enters, so the operands of the core stand
//           still otherwise, and it takes the first beat while the core's clock still comes up.
//           z_* offers the core's logits (their data go by the shell) with the sample's meta, in order.
// Clock     GATING 0: core_clk runs always. 1: through clock_gate.sv. 2: core_clk runs always and core_clk_on is
//           a clock enable the core may take. With 1 and 2 it comes up with the first beat, runs WAKE cycles
//           before the core sees that beat, and stops HYSTERESIS + 1 cycles after the last sample has left and
//           core_busy is low. Core and shell shake hands only in cycles in which it runs. It runs in reset.
//           Nothing of the shell itself is behind the gate.
// active    a sample is in the stage; gated: its clock edge is left out this cycle.
// fault     One cycle high on what cannot happen: logits of a sample that nobody sent.
// Cost      41 LUT, 88 FF, 2 RAM32M16 (IN_BITS 64, META_BITS 20, IN_FLIGHT 16, GATING 2, WAKE 2, HYSTERESIS 4): of
//           the FF, IN_BITS are the register at the door. GATING 1 adds a BUFGCE.
// Does not  Look at the data, or check that a core answers: watchdog.sv does. A core whose features wait for its
//           own logits to be taken would stand still: features must come out whatever z_ready is.
`default_nettype none

module hwgen_stage_shell #(
    parameter int unsigned IN_BEATS   = 1,
    parameter int unsigned IN_BITS    = 8,
    parameter int unsigned META_BITS  = 1,
    parameter int unsigned IN_FLIGHT  = 4,
    parameter int unsigned GATING     = 0,
    parameter int unsigned WAKE       = 0,
    parameter int unsigned HYSTERESIS = 0,
    parameter int unsigned HAS_BUFFER = 1
) (
    input  wire logic                 clk,
    input  wire logic                 rst_n,
    input  wire logic                 s_valid,
    output logic                      s_ready,
    input  wire logic [IN_BITS-1:0]   s_data,
    input  wire logic [META_BITS-1:0] s_meta,
    output logic                      reserve_valid,
    input  wire logic                 reserve_ready,
    output logic                      core_clk,
    output logic                      core_clk_on,
    output logic                      core_rst_n,
    output logic                      core_s_valid,
    input  wire logic                 core_s_ready,
    output logic      [IN_BITS-1:0]   core_s_data,
    input  wire logic                 core_z_valid,
    output logic                      core_z_ready,
    input  wire logic                 core_busy,
    output logic                      z_valid,
    input  wire logic                 z_ready,
    output logic      [META_BITS-1:0] z_meta,
    output logic                      active,
    output logic                      gated,
    output logic                      fault
);
    logic first, room, place, waiting, take, give, awake;
    logic meta_valid;
    logic [$clog2(IN_FLIGHT+1)-1:0] unused_in_flight;

    // Door: beats into one register.
    assign give = core_s_valid & core_s_ready;
    assign s_ready = (~waiting | give) & (~first | (room & place));
    assign take = s_valid & s_ready;

    always_ff @(posedge clk) begin
        if (take) core_s_data <= s_data;
        if (!rst_n) waiting <= 1'b0;
        else waiting <= take | (waiting & ~give);
    end

    if (IN_BEATS == 1) begin : g_one_beat
        assign first = 1'b1;
    end else begin : g_beats
        localparam int unsigned BEAT_BITS = $clog2(IN_BEATS);
        logic [BEAT_BITS-1:0] beat;
        assign first = beat == '0;
        always_ff @(posedge clk) begin
            if (!rst_n) beat <= '0;
            else if (take) beat <= (beat == BEAT_BITS'(IN_BEATS - 1)) ? '0 : beat + 1'b1;
        end
    end

    // A slot may be granted before the register has room: held keeps it, so that reserve_valid never gives up.
    if (HAS_BUFFER != 0) begin : g_reserve
        logic held;
        assign reserve_valid = s_valid & first & room & ~held;
        assign place = held | reserve_ready;
        always_ff @(posedge clk) begin
            if (!rst_n) held <= 1'b0;
            else held <= (held | (reserve_valid & reserve_ready)) & ~(take & first);
        end
    end else begin : g_no_reserve
        logic unused_reserve_ready;
        assign unused_reserve_ready = reserve_ready;
        assign reserve_valid = 1'b0;
        assign place = 1'b1;
    end

    hwgen_fifo #(.WIDTH(META_BITS), .DEPTH(IN_FLIGHT)) meta_i (
        .clk, .rst_n,
        .s_valid(take & first), .s_ready(room), .s_data(s_meta),
        .m_valid(meta_valid), .m_ready(core_z_valid & z_ready), .m_data(z_meta),
        .count(unused_in_flight)
    );

    assign z_valid = core_z_valid & meta_valid;
    assign core_z_ready = z_ready & meta_valid;
    assign core_s_valid = waiting & awake;
    assign core_rst_n = rst_n;
    assign active = waiting | meta_valid | core_busy;
    assign gated = ~core_clk_on;
    assign fault = core_z_valid & ~meta_valid;

    if (GATING == 0) begin : g_always_on
        assign awake = 1'b1;
        assign core_clk_on = 1'b1;
        assign core_clk = clk;
    end else begin : g_gated
        localparam int unsigned LONGEST = (WAKE > HYSTERESIS) ? WAKE : HYSTERESIS;
        localparam int unsigned TIMER_BITS = (LONGEST > 1) ? $clog2(LONGEST + 1) : 1;
        logic on, needed;
        logic [TIMER_BITS-1:0] timer;

        // Between two beats of a sample its meta is still inside, so meta_valid keeps the clock on.
        assign needed = take | active;
        assign core_clk_on = on | ~rst_n;

        always_ff @(posedge clk) begin
            if (!rst_n) begin
                on <= 1'b0;
                awake <= 1'b0;
                timer <= '0;
            end else if (!on) begin
                on <= needed;
                awake <= needed && WAKE == 0;
                timer <= TIMER_BITS'((WAKE == 0) ? HYSTERESIS : WAKE - 1);
            end else if (!awake) begin
                awake <= timer == '0;
                timer <= (timer == '0) ? TIMER_BITS'(HYSTERESIS) : timer - 1'b1;
            end else if (needed) begin
                timer <= TIMER_BITS'(HYSTERESIS);
            end else if (timer != '0) begin
                timer <= timer - 1'b1;
            end else begin
                on <= 1'b0;
                awake <= 1'b0;
            end
        end

        hwgen_clock_gate #(.MODE(GATING == 1 ? 1 : 0)) clock_gate_i (.clk, .enable(core_clk_on), .gclk(core_clk));
    end
endmodule

`default_nettype wire
