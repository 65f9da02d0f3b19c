// One of 1 to 4 values, by its place.
//
// Contract  Combinational. m_value is value `place` of s_values; a place beyond COUNT - 1 gives 0.
// Cost      One LUT a bit.
`default_nettype none

module hwgen_pick #(
    parameter int COUNT = 3,
    parameter int BITS  = 16
) (
    input  wire  [           1:0] place,
    input  wire  [COUNT*BITS-1:0] s_values,
    output logic [      BITS-1:0] m_value
);
    logic [4*BITS-1:0] values;

    assign values  = (4 * BITS)'(s_values);
    assign m_value = values[place*BITS+:BITS];
endmodule

`default_nettype wire
