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
//           Nothing of the shell itself is behind the gate. clk_source is clk, in an FPGA in front of its buffer:
//           gates stand beside that buffer, not behind it, so that all clocks arrive alike.
// active    a sample is in the stage; gated: its clock edge is left out this cycle.
// fault     High on what cannot happen: logits of a sample that nobody sent; with PARITY also a bit of its own valid
//           bits, counts and clock requests that is not what it was left as.
// Cost      63 LUT, 86 FF, 2 RAM32M16 (IN_BITS 64, META_BITS 20, IN_FLIGHT 16, GATING 2, WAKE 2, HYSTERESIS 4, PARITY 1): of
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
    parameter int unsigned HAS_BUFFER = 1,
    parameter int unsigned PARITY     = 0
) (
    input  wire logic                 clk,
    input  wire logic                 clk_source,
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
    logic meta_valid, meta_fault;
    logic next_waiting, check;
    logic [2:0] odd, next_odd; // parity of beat, held, clock
    logic [$clog2(IN_FLIGHT+1)-1:0] unused_in_flight;

    // Door: beats into one register.
    assign give = core_s_valid & core_s_ready;
    assign s_ready = (~waiting | give) & (~first | (room & place));
    assign take = s_valid & s_ready;

    assign next_waiting = take | (waiting & ~give);

    always_ff @(posedge clk) begin
        if (take) core_s_data <= s_data;
        if (!rst_n) waiting <= 1'b0;
        else waiting <= next_waiting;
        if (!rst_n) check <= 1'b0;
        else check <= next_waiting ^ ^next_odd;
    end

    if (IN_BEATS == 1) begin : g_one_beat
        assign first = 1'b1;
        assign odd[0] = 1'b0;
        assign next_odd[0] = 1'b0;
    end else begin : g_beats
        localparam int unsigned BEAT_BITS = $clog2(IN_BEATS);
        logic [BEAT_BITS-1:0] beat, next_beat;
        assign first = beat == '0;
        assign odd[0] = ^beat;
        assign next_odd[0] = ^next_beat;
        always_comb begin
            next_beat = beat;
            if (take) next_beat = (beat == BEAT_BITS'(IN_BEATS - 1)) ? '0 : beat + 1'b1;
        end
        always_ff @(posedge clk) begin
            if (!rst_n) beat <= '0;
            else beat <= next_beat;
        end
    end

    // A slot may be granted before the register has room: held keeps it, so that reserve_valid never gives up.
    if (HAS_BUFFER != 0) begin : g_reserve
        logic held, next_held;
        assign odd[1] = held;
        assign next_odd[1] = next_held;
        assign next_held = (held | (reserve_valid & reserve_ready)) & ~(take & first);
        assign reserve_valid = s_valid & first & room & ~held;
        assign place = held | reserve_ready;
        always_ff @(posedge clk) begin
            if (!rst_n) held <= 1'b0;
            else held <= next_held;
        end
    end else begin : g_no_reserve
        logic unused_reserve_ready;
        assign unused_reserve_ready = reserve_ready;
        assign odd[1] = 1'b0;
        assign next_odd[1] = 1'b0;
        assign reserve_valid = 1'b0;
        assign place = 1'b1;
    end

    hwgen_fifo #(.WIDTH(META_BITS), .DEPTH(IN_FLIGHT), .PARITY(PARITY)) meta_i (
        .clk, .rst_n,
        .s_valid(take & first), .s_ready(room), .s_data(s_meta),
        .m_valid(meta_valid), .m_ready(core_z_valid & z_ready), .m_data(z_meta),
        .count(unused_in_flight), .fault(meta_fault)
    );

    assign z_valid = core_z_valid & meta_valid;
    assign core_z_ready = z_ready & meta_valid;
    assign core_s_valid = waiting & awake;
    assign core_rst_n = rst_n;
    assign active = waiting | meta_valid | core_busy;
    assign gated = ~core_clk_on;
    assign fault = (core_z_valid & ~meta_valid) | meta_fault | ((PARITY != 0) & ((waiting ^ ^odd) != check));

    if (GATING == 0) begin : g_always_on
        assign odd[2] = 1'b0;
        assign next_odd[2] = 1'b0;
        assign awake = 1'b1;
        assign core_clk_on = 1'b1;
        assign core_clk = clk;
        logic unused_clk_source;
        assign unused_clk_source = clk_source;
    end else begin : g_gated
        localparam int unsigned LONGEST = (WAKE > HYSTERESIS) ? WAKE : HYSTERESIS;
        localparam int unsigned TIMER_BITS = (LONGEST > 1) ? $clog2(LONGEST + 1) : 1;
        logic on, needed, next_on, next_awake;
        logic [TIMER_BITS-1:0] timer, next_timer;

        // Between two beats of a sample its meta is still inside, so meta_valid keeps the clock on.
        assign needed = take | active;
        assign core_clk_on = on | ~rst_n;

        assign odd[2] = ^{on, awake, timer};
        assign next_odd[2] = ^{next_on, next_awake, next_timer};

        always_comb begin
            {next_on, next_awake, next_timer} = {on, awake, timer};
            if (!on) begin
                next_on = needed;
                next_awake = needed && WAKE == 0;
                next_timer = TIMER_BITS'((WAKE == 0) ? HYSTERESIS : WAKE - 1);
            end else if (!awake) begin
                next_awake = timer == '0;
                next_timer = (timer == '0) ? TIMER_BITS'(HYSTERESIS) : timer - 1'b1;
            end else if (needed) begin
                next_timer = TIMER_BITS'(HYSTERESIS);
            end else if (timer != '0) begin
                next_timer = timer - 1'b1;
            end else begin
                next_on = 1'b0;
                next_awake = 1'b0;
            end
        end

        always_ff @(posedge clk) begin
            if (!rst_n) {on, awake, timer} <= '0;
            else {on, awake, timer} <= {next_on, next_awake, next_timer};
        end

        hwgen_clock_gate #(.MODE(GATING == 1 ? 1 : 0)) clock_gate_i (
            .clk(clk_source), .enable(core_clk_on), .gclk(core_clk)
        );
    end
endmodule

`default_nettype wire
