// The places in a table at which the distances of all logits to the largest one are looked up.
//
// Contract  One cycle after load: m_index, of each value, as bin_index.sv; m_apart, whether it lies below the
//           largest.
// Cost      10 values of 16 bits, 64 entries: 230 LUT, 70 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_bins #(
    parameter int COUNT      = 10,
    parameter int BITS       = 16,
    parameter int SHIFT      = 0,
    parameter int INDEX_BITS = 6,
    parameter bit DOUBLED    = 0
) (
    input  wire                         clk,
    input  wire                         load,
    input  wire  [            BITS-1:0] s_first,
    input  wire  [      COUNT*BITS-1:0] s_values,
    output logic [COUNT*INDEX_BITS-1:0] m_index,
    output logic [           COUNT-1:0] m_apart
);
    for (genvar j = 0; j < COUNT; j++) begin : g_value
        logic [INDEX_BITS-1:0] low;
        logic over;
        logic apart;

        hwgen_bin_index #(
            .BITS      (BITS),
            .SHIFT     (SHIFT),
            .INDEX_BITS(INDEX_BITS),
            .DOUBLED   (DOUBLED)
        ) bin (
            .s_first,
            .s_value(s_values[j*BITS+:BITS]),
            .m_low  (low),
            .m_over (over),
            .m_apart(apart)
        );
        always_ff @(posedge clk) begin
            if (load) begin
                m_index[j*INDEX_BITS+:INDEX_BITS] <= over ? '1 : low;
                m_apart[j] <= apart;
            end
        end
    end
endmodule

`default_nettype wire
