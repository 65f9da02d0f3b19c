// Reciprocal of a sum, one bit of the quotient a cycle.
//
// Contract  m_quotient as of reciprocal.sv. s_sum must stand still from s_valid until `taken`; m_valid is high from
//           FRACTION + 2 cycles after s_valid until then, and m_quotient stands.
// Cost      With the parameters below: 27 LUT, 44 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_reciprocal_serial #(
    parameter int FRACTION = 16,
    parameter int SUM_BITS = 20
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 s_valid,
    input  wire                 taken,
    input  wire  [SUM_BITS-1:0] s_sum,
    output logic                m_valid,
    output logic [  FRACTION:0] m_quotient
);
    localparam int STEP_BITS = $clog2(FRACTION + 2);

    logic                 runs;
    logic [STEP_BITS-1:0] step;  // 0 starts, each later one finds a bit
    logic [   SUM_BITS:0] rest;  // signed, less than the sum either way
    logic [ SUM_BITS+1:0] next;  // carry-in lowest
    logic                 negative;

    assign runs     = s_valid && !m_valid;
    assign negative = rest[SUM_BITS];
    // A rest below 0 is not restored: the sum is added to its double instead of subtracted. Its sign tells the bit.
    assign next     = {rest[SUM_BITS-1:0], 1'b0, 1'b1} + {{1'b0, s_sum} ^ {(SUM_BITS + 1) {!negative}}, !negative};

    always_ff @(posedge clk) begin
        if (!rst_n || taken) begin
            step    <= '0;
            m_valid <= 1'b0;
        end else if (runs) begin
            step    <= step + 1'b1;
            m_valid <= step == STEP_BITS'(FRACTION + 1);
        end
    end

    always_ff @(posedge clk) begin
        if (runs && step == '0) rest <= (SUM_BITS + 1)'(1) << (FRACTION - 1);
        else if (runs) rest <= next[SUM_BITS+1:1];
        if (runs) m_quotient <= {m_quotient[FRACTION-1:0], !next[SUM_BITS+1]};
    end
endmodule

`default_nettype wire
