// Handshake of an elastic pipeline: says which of its data registers load in this cycle.
//
// Contract  s_* and m_* obey AXI-Stream's rules: a sample moves where valid and ready are both high; valid never
//           waits for ready and does not fall before the sample is taken. load[i] is high in the cycle in which a
//           sample enters register i of the data path; at no other time may that register change. A register takes a
//           sample when it is empty or its own moves on: empty places close up while the output waits. STAGES cycles
//           from s to m when nothing stalls; one sample per cycle.
// Cost      4 stages: 10 LUT, 4 FF; 7 stages: 19 LUT, 7 FF (Yosys, synth_xilinx -family xcup).
// Not here  The data. Readiness runs through all stages in one cycle: break pipelines longer than about 16 with a
//           FIFO.
`default_nettype none

module hwgen_pace #(
    parameter int STAGES = 4
) (
    input  wire               clk,
    input  wire               rst_n,
    input  wire               s_valid,
    output logic              s_ready,
    output logic              m_valid,
    input  wire               m_ready,
    output logic [STAGES-1:0] load
);
    logic [STAGES-1:0] valid;
    logic [STAGES-1:0] arrives;
    logic [STAGES-1:0] ready;

    always_comb begin
        ready[STAGES-1] = m_ready || !valid[STAGES-1];
        for (int i = STAGES - 2; i >= 0; i--) ready[i] = ready[i+1] || !valid[i];
        arrives = (valid << 1) | STAGES'(s_valid);
    end

    assign load    = arrives & ready;
    assign s_ready = ready[0];
    assign m_valid = valid[STAGES-1];

    always_ff @(posedge clk) begin
        if (!rst_n) valid <= '0;
        else valid <= (arrives & ready) | (valid & ~ready);
    end
endmodule

`default_nettype wire
