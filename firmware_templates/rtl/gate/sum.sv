// Sum of COUNT unsigned values, four to one per cycle.
//
// Contract  m_sum is the sum of all values; it must fit SUM_BITS. LEVELS = ceil(log4(COUNT)), at least 1; register i
//           loads with load[i] (pace.sv).
// Cost      10 values of 8 bits into 12: 76 LUT, 41 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_sum #(
    parameter int COUNT    = 4,
    parameter int BITS     = 8,
    parameter int SUM_BITS = 10,
    parameter int LEVELS   = 1
) (
    input  wire                   clk,
    input  wire  [    LEVELS-1:0] load,
    input  wire  [COUNT*BITS-1:0] s_values,
    output logic [  SUM_BITS-1:0] m_sum
);
    localparam int GROUPS = (COUNT + 3) / 4;
    // Four values need two bits more than one; the whole never needs more than SUM_BITS.
    localparam int WIDER = BITS + 2 < SUM_BITS ? BITS + 2 : SUM_BITS;

    logic [GROUPS*WIDER-1:0] sums;

    logic [4*GROUPS*BITS-1:0] padded;

    assign padded = (4 * GROUPS * BITS)'(s_values);

    for (genvar g = 0; g < GROUPS; g++) begin : g_group
        logic [WIDER-1:0] low;
        logic [WIDER-1:0] high;

        assign low  = WIDER'(padded[(4*g+0)*BITS+:BITS]) + WIDER'(padded[(4*g+1)*BITS+:BITS]);
        assign high = WIDER'(padded[(4*g+2)*BITS+:BITS]) + WIDER'(padded[(4*g+3)*BITS+:BITS]);
        always_ff @(posedge clk) begin
            if (load[0]) sums[g*WIDER+:WIDER] <= low + high;
        end
    end

    if (GROUPS == 1) begin : g_last
        assign m_sum = SUM_BITS'(sums);
    end else begin : g_next
        hwgen_sum #(
            .COUNT   (GROUPS),
            .BITS    (WIDER),
            .SUM_BITS(SUM_BITS),
            .LEVELS  (LEVELS - 1)
        ) level (
            .clk,
            .load    (load[LEVELS-1:1]),
            .s_values(sums),
            .m_sum
        );
    end
endmodule

`default_nettype wire
