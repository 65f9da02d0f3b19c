// One value of many, by its place: how the serial forms read the logits.
//
// Contract  One cycle after load, m_value = value `place` of s_values, place < COUNT; s_values must stand still from
//           load until m_value has been used. Registers keep still without load.
// Cost      10 values of 16 bits: 54 LUT, 34 FF (Yosys, synth_xilinx -family xcup). A plain index of the vector: 84
//           LUT.
`default_nettype none

module hwgen_serial_pick #(
    parameter int COUNT      = 10,
    parameter int BITS       = 16,
    parameter int PLACE_BITS = 4
) (
    input  wire                   clk,
    input  wire                   load,
    input  wire  [PLACE_BITS-1:0] place,
    input  wire  [COUNT*BITS-1:0] s_values,
    output logic [      BITS-1:0] m_value
);
    // A heap of four-to-one selectors, node 0 at the top, children of i at 4 i + 1 ..: one LUT a bit each. The values
    // follow the selectors in the heap. What the top chooses from is registered where it is a selector itself, so
    // that synthesis does not melt the two into one another.
    localparam int NODES = (COUNT + 1) / 3;

    // Which child leads from a node to a place; any if none does.
    function automatic logic [1:0] branch(input int node, input int value);
        int at;
        at = NODES + value;
        branch = 2'd0;
        for (int level = 0; level < 12; level++) begin
            if (at > 0) begin
                if ((at - 1) / 4 == node) branch = 2'((at - 1) % 4);
                at = (at - 1) / 4;
            end
        end
    endfunction

    logic [BITS-1:0] heap[4*NODES+1]  /* verilator split_var */;

    for (genvar i = 0; i < COUNT; i++) begin : g_value
        assign heap[NODES+i] = s_values[i*BITS+:BITS];
    end
    for (genvar i = NODES + COUNT; i < 4 * NODES + 1; i++) begin : g_absent
        assign heap[i] = '0;
    end
    for (genvar n = 0; n < NODES; n++) begin : g_node
        logic [2*2**PLACE_BITS-1:0] branches;
        logic [1:0] way;
        logic [BITS-1:0] chosen;

        for (genvar i = 0; i < 2 ** PLACE_BITS; i++) begin : g_branch
            assign branches[2*i+:2] = i < COUNT ? branch(n, i) : 2'd0;
        end
        if (n == 0) begin : g_top
            always_ff @(posedge clk) if (load) way <= branches[2*place+:2];
            assign heap[0] = chosen;
        end else begin : g_below
            assign way = branches[2*place+:2];
            if (n <= 4) begin : g_held
                always_ff @(posedge clk) if (load) heap[n] <= chosen;
            end else begin : g_through
                assign heap[n] = chosen;
            end
        end
        assign chosen = way[1] ? (way[0] ? heap[4*n+4] : heap[4*n+3]) : (way[0] ? heap[4*n+2] : heap[4*n+1]);
    end
    assign m_value = heap[0];
endmodule

`default_nettype wire
