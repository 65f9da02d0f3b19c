// Handshake of an elastic pipeline whose first registers take a sample in STEPS parts, one per cycle.
//
// Contract  s_* and m_* as of pace.sv, one sample every STEPS cycles; s_* stand still until the last part is read,
//           which is when the sample is taken. `step` says which part is read; step_load[i] is high when a part enters
//           register i < AHEAD, step_load[AHEAD] when a part is added up in register AHEAD, the first one of a sample
//           with step_first. load[i], i < STAGES, is high when the last part of a sample enters register i: what
//           belongs to the whole sample loads with it. STEPS - 1 + STAGES cycles from s to m when nothing stalls.
// Cost      4 steps, 3 registers ahead, 16 in all: 55 LUT, 24 FF (Yosys, synth_xilinx -family xcup).
`default_nettype none

module hwgen_steps #(
    parameter int STEPS     = 2,
    parameter int STEP_BITS = 1,
    parameter int AHEAD     = 3,
    parameter int STAGES    = 8
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  s_valid,
    output logic                 s_ready,
    output logic                 m_valid,
    input  wire                  m_ready,
    output logic [STEP_BITS-1:0] step,
    output logic [      AHEAD:0] step_load,
    output logic                 step_first,
    output logic [   STAGES-1:0] load
);
    logic ready;
    logic part_valid;
    logic rest_ready;
    logic last_read;
    // Of the part behind each register; bit 0 of the part that is read.
    logic [AHEAD:0] firsts;
    logic [AHEAD:0] lasts;

    assign last_read = step == STEP_BITS'(STEPS - 1);
    assign s_ready   = ready && last_read;
    assign firsts[0] = step == '0;
    assign lasts[0]  = last_read;

    always_ff @(posedge clk) begin
        if (!rst_n) step <= '0;
        else if (s_valid && ready) step <= last_read ? '0 : step + 1'b1;
    end
    for (genvar i = 0; i < AHEAD; i++) begin : g_ahead
        always_ff @(posedge clk) begin
            if (step_load[i]) begin
                firsts[i+1] <= firsts[i];
                lasts[i+1]  <= lasts[i];
            end
        end
    end
    assign step_first       = firsts[AHEAD];
    assign step_load[AHEAD] = part_valid && rest_ready;
    assign load[AHEAD-1:0]  = step_load[AHEAD-1:0] & lasts[AHEAD-1:0];

    hwgen_pace #(
        .STAGES(AHEAD)
    ) parts (
        .clk,
        .rst_n,
        .s_valid,
        .s_ready(ready),
        .m_valid(part_valid),
        .m_ready(rest_ready),
        .load   (step_load[AHEAD-1:0])
    );
    hwgen_pace #(
        .STAGES(STAGES - AHEAD)
    ) whole (
        .clk,
        .rst_n,
        .s_valid(part_valid && lasts[AHEAD]),
        .s_ready(rest_ready),
        .m_valid,
        .m_ready,
        .load   (load[STAGES-1:AHEAD])
    );
endmodule

`default_nettype wire
