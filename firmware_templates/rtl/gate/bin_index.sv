// Where in a table the distance of a logit to the largest one is looked up.
//
// Contract  Combinational. d = s_first - s_value >= 0, twice that if DOUBLED; m_low and m_over stand for the index
//           min(d >> SHIFT, 2^INDEX_BITS - 1): all ones if m_over, else m_low. m_apart: d > 0. A table shorter than
//           2^INDEX_BITS goes on with its last entry.
// Cost      16 bits, 64 entries: 23 LUT (Yosys, synth_xilinx -family xcup): the subtractor, and what detects m_over
//           and m_apart.
`default_nettype none

module hwgen_bin_index #(
    parameter int BITS       = 16,
    parameter int SHIFT      = 0,
    parameter int INDEX_BITS = 6,
    parameter bit DOUBLED    = 0
) (
    input  wire  [      BITS-1:0] s_first,
    input  wire  [      BITS-1:0] s_value,
    output logic [INDEX_BITS-1:0] m_low,
    output logic                  m_over,
    output logic                  m_apart
);
    logic [BITS-1:0] difference;
    logic [  BITS:0] distance;

    assign difference = s_first - s_value;
    assign distance   = DOUBLED ? {difference, 1'b0} : {1'b0, difference};
    assign m_apart    = difference != '0;
    assign m_low      = INDEX_BITS'(distance >> SHIFT);
    assign m_over     = distance >> SHIFT >> INDEX_BITS != '0;
endmodule

`default_nettype wire
