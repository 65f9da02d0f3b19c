// Exit router: turns a decision of the gate into a result, and into a word to the feature buffer.
//
// Contract  LAST = 0: a sample that leaves becomes one result and one k_keep = 0; one that stays becomes one
//           k_keep = 1 and no result. Both sides are offered at once, neither waits for the other, and the
//           decision is taken when all that it asks for is done.
//           LAST = 1: a sample becomes one result; abstain says that its gate is enabled and was not reached.
//           k_* stay quiet.
//           r_data = {meta, abstain, exit, class}; exit is EXIT, counted from 0. k_meta = d_keep_meta.
// fault     With PARITY: r_done and k_done are not what they were left as; a parity bit does not fit them.
// Cost      9 LUT, 3 FF, 0 RAM32M16 (EXIT_BITS 2, CLASS_BITS 4, META_BITS 20, KEEP_META_BITS 20, PARITY 1)
// Does not  Hold data: d_* stand still until taken, as every handshake here does.
`default_nettype none

module hwgen_exit_router #(
    parameter int unsigned EXIT           = 0,
    parameter int unsigned EXIT_BITS      = 1,
    parameter int unsigned LAST           = 0,
    parameter int unsigned CLASS_BITS     = 4,
    parameter int unsigned META_BITS      = 1,
    parameter int unsigned KEEP_META_BITS = 1,
    parameter int unsigned PARITY = 0
) (
    input  wire logic                                      clk,
    input  wire logic                                      rst_n,
    input  wire logic                                      d_valid,
    output logic                                           d_ready,
    input  wire logic [CLASS_BITS-1:0]                     d_class,
    input  wire logic                                      d_leave,
    input  wire logic                                      d_enable,
    input  wire logic [META_BITS-1:0]                      d_meta,
    input  wire logic [KEEP_META_BITS-1:0]                 d_keep_meta,
    output logic                                           r_valid,
    input  wire logic                                      r_ready,
    output logic [META_BITS+1+EXIT_BITS+CLASS_BITS-1:0]    r_data,
    output logic                                           k_valid,
    input  wire logic                                      k_ready,
    output logic                                           k_keep,
    output logic [KEEP_META_BITS-1:0]                      k_meta,
    output logic                                           fault
);
    logic abstain;

    assign r_data = {d_meta, abstain, EXIT_BITS'(EXIT), d_class};
    assign k_meta = d_keep_meta;

    if (LAST != 0) begin : g_last
        logic unused;
        assign unused = &{1'b0, clk, rst_n, k_ready};
        assign abstain = d_enable & ~d_leave;
        assign r_valid = d_valid;
        assign d_ready = r_ready;
        assign k_valid = 1'b0;
        assign k_keep = 1'b0;
        assign fault = 1'b0;
    end else begin : g_early
        logic r_done, k_done, next_r_done, next_k_done, check, unused_enable;
        assign unused_enable = d_enable; // d_leave holds it already
        assign abstain = 1'b0;
        assign r_valid = d_valid & d_leave & ~r_done;
        assign k_valid = d_valid & ~k_done;
        assign k_keep = ~d_leave;
        assign d_ready = (~d_leave | r_done | r_ready) & (k_done | k_ready);
        assign next_r_done = (r_done | (r_valid & r_ready)) & ~(d_valid & d_ready);
        assign next_k_done = (k_done | (k_valid & k_ready)) & ~(d_valid & d_ready);
        assign fault = (PARITY != 0) & (r_done ^ k_done ^ check);

        always_ff @(posedge clk) begin
            if (!rst_n) begin
                r_done <= 1'b0;
                k_done <= 1'b0;
                check <= 1'b0;
            end else begin
                r_done <= next_r_done;
                k_done <= next_k_done;
                check <= next_r_done ^ next_k_done;
            end
        end
    end
endmodule

`default_nettype wire
