// Wide data that wait beside a pipeline: a ring of words in memory, where delay.sv has a register per stage.
//
// Contract  While a sample is about to enter register i + STAGES, m_data is what s_data was when it entered register i:
//           `enter` is load[i] of hwgen_pace, `leave` load[i + STAGES]. STAGES samples at most are between the two.
//           m_data moves only when the ring does.
// Cost      160 bits, 8 stages: 6 LUT, 96 more as memory, 9 FF (Yosys, synth_xilinx -family xcup).
// Not here  Every stage's own copy: nobody may read in between.
`default_nettype none

module hwgen_ring #(
    parameter int WIDTH  = 8,
    parameter int STAGES = 2
) (
    input  wire              clk,
    input  wire              rst_n,
    input  wire              enter,
    input  wire              leave,
    input  wire  [WIDTH-1:0] s_data,
    output logic [WIDTH-1:0] m_data
);
    localparam int PLACE_BITS = STAGES > 1 ? $clog2(STAGES) : 1;

    logic [     WIDTH-1:0] words[2**PLACE_BITS];
    logic [PLACE_BITS-1:0] newest;
    logic [PLACE_BITS-1:0] oldest;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            newest <= '0;
            oldest <= '0;
        end else begin
            if (enter) newest <= newest + 1'b1;
            if (leave) oldest <= oldest + 1'b1;
        end
    end
    always_ff @(posedge clk) if (enter) words[newest] <= s_data;
    assign m_data = words[oldest];
endmodule

`default_nettype wire
