// Product of two values, one bit of the second a cycle, lowest first.
//
// Contract  m_product = floor(s_a * s_b / 2^DROP), DROP <= B_BITS. s_a and s_b must stand still from s_valid until
//           `taken`; m_valid is high from B_BITS + 1 cycles after s_valid until then, and m_product stands.
// Cost      With the parameters below: 22 LUT, 15 FF (Yosys, synth_xilinx -family xcup). No DSP: what lies below
//           2^DROP leaves bit by bit.
`default_nettype none

module hwgen_product_serial #(
    parameter int A_BITS = 10,
    parameter int B_BITS = 12,
    parameter int DROP   = 12
) (
    input  wire                           clk,
    input  wire                           rst_n,
    input  wire                           s_valid,
    input  wire                           taken,
    input  wire  [            A_BITS-1:0] s_a,
    input  wire  [            B_BITS-1:0] s_b,
    output logic                          m_valid,
    output logic [A_BITS+B_BITS-DROP-1:0] m_product
);
    localparam int KEPT = B_BITS - DROP;
    localparam int STEP_BITS = $clog2(B_BITS + 1);

    logic                 runs;
    logic [STEP_BITS-1:0] step;  // 0 clears the product, step i > 0 adds bit i - 1
    logic [     B_BITS:0] bits;
    logic [     A_BITS:0] high;
    logic [A_BITS+KEPT:0] product;  // and the bit that left it last

    assign runs = s_valid && !m_valid;
    assign bits = {s_b, 1'b0};
    assign high = {1'b0, product[KEPT+1+:A_BITS]} + {1'b0, bits[step] ? s_a : {A_BITS{1'b0}}};

    always_ff @(posedge clk) begin
        if (!rst_n || taken) begin
            step    <= '0;
            m_valid <= 1'b0;
        end else if (runs) begin
            step    <= step + 1'b1;
            m_valid <= step == STEP_BITS'(B_BITS);
        end
    end

    always_ff @(posedge clk) begin
        if (runs && step == '0) product <= '0;
        else if (runs) product <= (A_BITS + KEPT + 1)'({high, product[KEPT:0]} >> 1);
    end
    assign m_product = product[A_BITS+KEPT:1];
endmodule

`default_nettype wire
