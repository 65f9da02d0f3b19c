// Whether a weighted sum of four statistics reaches a threshold, one bit of all of them a cycle, lowest first.
//
// Contract  m_reached iff sum_i W_i A_i + OFFSET >= s_threshold: W = WEIGHTS, signed, A = s_statistics, 0 <= OFFSET <
//           2^THRESHOLD_BITS. Bits of a statistic from THRESHOLD_BITS on count only if its weight is 0. s_* must
//           stand still from s_valid until `taken`; m_valid is high from THRESHOLD_BITS + 1 cycles after s_valid
//           until then.
// Cost      Statistics of 20 bits, a threshold of 30, four weights of 12: 99 LUT, 21 FF, no DSP (Yosys, synth_xilinx
//           -family xcup).
`default_nettype none

module hwgen_weigh_serial #(
    parameter int STATISTIC_BITS = 18,
    parameter int THRESHOLD_BITS = 28,
    parameter int WEIGHT_BITS    = 12,
    parameter logic [4*WEIGHT_BITS-1:0] WEIGHTS = '0,
    parameter logic signed [63:0] OFFSET = 0
) (
    input  wire                         clk,
    input  wire                         rst_n,
    input  wire                         s_valid,
    input  wire                         taken,
    input  wire  [4*STATISTIC_BITS-1:0] s_statistics,
    input  wire  [  THRESHOLD_BITS-1:0] s_threshold,
    output logic                        m_valid,
    output logic                        m_reached
);
    localparam int STEP_BITS = $clog2(THRESHOLD_BITS + 1);
    // Four weights and a one are less than 2^(WEIGHT_BITS + 2); so is the rest, which is halved after each of them.
    localparam int BITS = WEIGHT_BITS + 4;

    // What those bits add.
    function automatic logic [BITS-1:0] change(input int value);
        change = BITS'(value / 32) - BITS'(value / 16 % 2);
        for (int j = 0; j < 4; j++) begin
            if ((value >> j) % 2 == 1) change = change + BITS'($signed(WEIGHTS[j*WEIGHT_BITS+:WEIGHT_BITS]));
        end
    endfunction

    logic                   runs;
    logic [  STEP_BITS-1:0] step;  // 0 clears, step i > 0 adds what has weight 2^(i - 1)
    logic [            5:0] bits;  // of OFFSET, of the threshold, of the statistics
    logic [    64*BITS-1:0] changes;  // for each of their values
    logic signed [BITS-1:0] rest;
    logic signed [BITS-1:0] next;

    assign runs = s_valid && !m_valid;
    for (genvar i = 0; i < 6; i++) begin : g_bits
        logic [THRESHOLD_BITS:0] value;

        if (i < 4) begin : g_statistic
            assign value = {THRESHOLD_BITS'(s_statistics[i*STATISTIC_BITS+:STATISTIC_BITS]), 1'b0};
        end else if (i == 4) begin : g_threshold
            assign value = {s_threshold, 1'b0};
        end else begin : g_offset
            assign value = {THRESHOLD_BITS'(OFFSET), 1'b0};
        end
        assign bits[i] = value[step];
    end
    for (genvar i = 0; i < 64; i++) begin : g_change
        assign changes[i*BITS+:BITS] = change(i);
    end
    assign next = rest + $signed(changes[bits*BITS+:BITS]);

    always_ff @(posedge clk) begin
        if (!rst_n || taken) begin
            step    <= '0;
            m_valid <= 1'b0;
        end else if (runs) begin
            step    <= step + 1'b1;
            m_valid <= step == STEP_BITS'(THRESHOLD_BITS);
        end
    end

    always_ff @(posedge clk) begin
        if (runs && step == '0) rest <= '0;
        else if (runs) rest <= next >>> 1;
    end
    assign m_reached = !rest[BITS-1];
endmodule

`default_nettype wire
