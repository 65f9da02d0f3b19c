// Element join: outputs that each announce themselves for one cycle become one beat with a handshake.
//
// Contract  valid[i] is high for one cycle per sample, with the element in data; elements of a sample may come in
//           different cycles and before those of the sample in front are complete. m_* offers each sample once
//           all its elements are there. At most DEPTH samples are waiting or incomplete: whoever feeds it counts.
// Cost      A FIFO per element: 131 LUT, 160 LUTs as memory, 90 FF (ELEMENTS 10, BITS 16, DEPTH 4); DEPTH 32:
//           178, 160, 210.
// Does not  Ask anybody to wait: ports of kind ap_vld cannot.
`default_nettype none

module hwgen_element_join #(
    parameter int unsigned ELEMENTS = 2,
    parameter int unsigned BITS     = 8,
    parameter int unsigned DEPTH    = 4
) (
    input  wire logic                     clk,
    input  wire logic                     rst_n,
    input  wire logic [ELEMENTS-1:0]      valid,
    input  wire logic [ELEMENTS*BITS-1:0] data,
    output logic                          m_valid,
    input  wire logic                     m_ready,
    output logic      [ELEMENTS*BITS-1:0] m_data
);
    logic [ELEMENTS-1:0] there;
    assign m_valid = &there;

    for (genvar i = 0; i < ELEMENTS; i++) begin : g_element
        logic unused_ready, unused_fault;
        logic [$clog2(DEPTH+1)-1:0] unused_count;
        hwgen_fifo #(.WIDTH(BITS), .DEPTH(DEPTH)) fifo_i (
            .clk, .rst_n,
            .s_valid(valid[i]), .s_ready(unused_ready), .s_data(data[i*BITS+:BITS]),
            .m_valid(there[i]), .m_ready(m_valid & m_ready), .m_data(m_data[i*BITS+:BITS]),
            .count(unused_count), .fault(unused_fault)
        );
    end
endmodule

`default_nettype wire
