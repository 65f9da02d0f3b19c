// Square root rounded up, two bits of the value a cycle: the smallest integer whose square is at least the value.
//
// Contract  DIGITS + 1 cycles after `go`, which takes s_value, `done` is high for one cycle; m_root stands from then to
//           the next `go`. DIGITS = ceil(BITS / 2).
// Cost      With the parameters below: 118 LUT, 84 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_root_serial #(
    parameter int BITS   = 37,
    parameter int DIGITS = 19
) (
    input  wire              clk,
    input  wire              rst_n,
    input  wire              go,
    input  wire  [ BITS-1:0] s_value,
    output logic             done,
    output logic [DIGITS:0] m_root
);
    localparam int COUNT_BITS = $clog2(DIGITS + 1);

    logic [COUNT_BITS-1:0] left;
    logic [  2*DIGITS-1:0] value;
    logic [    DIGITS+1:0] remainder;
    logic [    DIGITS-1:0] root;
    logic [    DIGITS+1:0] next;
    logic [    DIGITS+1:0] trial;
    logic                  fits;

    // The remainder is at most twice the root: its top bits are free for the next two of the value.
    assign next   = {remainder[DIGITS-1:0], value[2*DIGITS-1-:2]};
    assign trial  = {root, 2'b01};
    assign fits   = next >= trial;
    assign m_root = {1'b0, root} + (DIGITS + 1)'(remainder != '0);

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            left <= '0;
            done <= 1'b0;
        end else begin
            left <= go ? COUNT_BITS'(DIGITS) : left - COUNT_BITS'(left != '0);
            done <= left == COUNT_BITS'(1);
        end
    end
    always_ff @(posedge clk) begin
        if (go) begin
            value     <= (2 * DIGITS)'(s_value);
            remainder <= '0;
            root      <= '0;
        end else if (left != '0) begin
            value     <= value << 2;
            remainder <= fits ? next - trial : next;
            root      <= {root[DIGITS-2:0], fits};
        end
    end
endmodule

`default_nettype wire
