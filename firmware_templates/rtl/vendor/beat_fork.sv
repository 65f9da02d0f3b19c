// Beat fork: one beat to several takers, each exactly once, whenever it is ready.
//
// Contract  m_valid[i] offers the beat to taker i until that one has taken it; s_ready says that all have, or do so in
//           this cycle. The beat itself goes by this block: it stands still as long as s_valid waits.
// Cost      12 LUT, 4 FF (TAKERS 4); nothing for one.
// Does not  Buffer: the slowest taker sets the pace.
`default_nettype none

module hwgen_beat_fork #(
    parameter int unsigned TAKERS = 2
) (
    input  wire logic              clk,
    input  wire logic              rst_n,
    input  wire logic              s_valid,
    output logic                   s_ready,
    output logic      [TAKERS-1:0] m_valid,
    input  wire logic [TAKERS-1:0] m_ready
);
    if (TAKERS == 1) begin : g_wire
        logic unused_clk;
        assign unused_clk = &{1'b0, clk, rst_n};
        assign m_valid = s_valid;
        assign s_ready = m_ready;
    end else begin : g_fork
        logic [TAKERS-1:0] taken;
        assign m_valid = {TAKERS{s_valid}} & ~taken;
        assign s_ready = &(taken | m_ready);
        always_ff @(posedge clk) begin
            if (!rst_n) taken <= '0;
            else if (s_valid) taken <= s_ready ? '0 : taken | m_ready;
        end
    end
endmodule

`default_nettype wire
