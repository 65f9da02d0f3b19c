// Compares one value with the product of two others, one bit of a factor a cycle, highest first.
//
// Contract  m_below: s_a * 2^FRACTION < s_factor * s_sum; m_equal: they are equal. All three must stand still from
//           s_valid until `taken`; m_valid is high from STEPS + 2 cycles after s_valid until then, STEPS =
//           max(FACTOR_BITS, FRACTION + 1), and both answers stand.
// Cost      With the parameters below: 53 LUT, 29 FF, no DSP (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_compare_serial #(
    parameter int A_BITS      = 17,
    parameter int FACTOR_BITS = 17,
    parameter int SUM_BITS    = 20,
    parameter int FRACTION    = 16
) (
    input  wire                    clk,
    input  wire                    rst_n,
    input  wire                    s_valid,
    input  wire                    taken,
    input  wire  [     A_BITS-1:0] s_a,
    input  wire  [FACTOR_BITS-1:0] s_factor,
    input  wire  [   SUM_BITS-1:0] s_sum,
    output logic                   m_valid,
    output logic                   m_below,
    output logic                   m_equal
);
    localparam int STEPS = FACTOR_BITS > FRACTION ? FACTOR_BITS : FRACTION + 1;
    localparam int STEP_BITS = $clog2(STEPS + 2);
    // The rest starts as what of s_a is not shifted in later.
    localparam int LATER = STEPS - FRACTION;
    localparam int BITS = A_BITS - LATER > SUM_BITS + 1 ? A_BITS - LATER : SUM_BITS + 1;

    logic                 runs;
    logic [STEP_BITS-1:0] step;  // downwards: STEPS + 1 clears, STEPS brings s_a, then the bits of s_factor
    logic                 brings;
    logic [    STEPS+1:0] factor_bits;
    logic [    STEPS+1:0] a_bits;
    logic [     BITS-1:0] rest;  // s_a * 2^FRACTION less the product so far, without the bits to come
    logic                 huge;
    logic                 above;  // the rest is so huge that it will stay above all that can still be subtracted
    logic [     BITS+1:0] change;
    logic [     BITS+2:0] next;  // carry-in lowest

    assign runs        = s_valid && !m_valid;
    assign brings      = step == STEP_BITS'(STEPS);
    assign factor_bits = (STEPS + 2)'(s_factor);
    assign a_bits      = (STEPS + 2)'(STEPS'({s_a, {FRACTION{1'b0}}}));
    assign change      = brings ? (BITS + 2)'(s_a >> LATER) : ~(factor_bits[step] ? (BITS + 2)'(s_sum) : '0);
    assign next        = {1'b0, rest, a_bits[step], 1'b1} + {change, !brings};
    assign huge       = rest >> SUM_BITS != '0;

    always_ff @(posedge clk) begin
        if (!rst_n || taken) begin
            step    <= STEP_BITS'(STEPS + 1);
            m_valid <= 1'b0;
        end else if (runs) begin
            step    <= step - 1'b1;
            m_valid <= step == '0;
        end
    end

    always_ff @(posedge clk) begin
        if (runs && step == STEP_BITS'(STEPS + 1)) begin
            rest    <= '0;
            above   <= 1'b0;
            m_below <= 1'b0;
        end else if (runs) begin
            rest    <= next[1+:BITS];
            above   <= above || huge;
            m_below <= m_below || (next[BITS+2] && !above);
        end
    end
    assign m_equal = !above && !m_below && rest == '0;
endmodule

`default_nettype wire
