// A pipeline for trying the bench: two stages that only delay, with the ports of a generated `hwgen_pipeline`.
//
// Contract  A sample is any number of beats; what counts stands in its last beat. Stage 1 takes D1 cycles, stage 2 D2.
//           A sample leaves at exit 1 with class data[3:0] iff the enable register is 1 and data[15:8] >= the threshold
//           register at the moment it enters; otherwise at exit 2 with class data[7:4], abstaining iff enabled and
//           data[16] = 1.
//           Registers (32 bits): 0x0 threshold, 0x4 enable, 0x8 and 0xc results that left at exits 1 and 2 (read only),
//           0x10 the mutant, which no reset changes.
// Mutants   0 none, 1 tag off by one, 2 result lost, 3 result twice, 4 stage 2 survives a reset, 5 data change under a
//           stall, 6 hang, 7 wrong exit, 8 valid drops under a stall, 9 abstain inverted, 10 class wrong, 11 tlast low.
// It does not gate a clock: `event_gated` shows stage 2 idle.
`default_nettype none
module hwgen_pipeline #(
    parameter int BITS = 72,
    parameter int TAG_BITS = 16,
    parameter int D1 = 3,
    parameter int D2 = 5
) (
    input  wire                 clk,
    input  wire                 rst_n,
    input  wire                 s_axis_tvalid,
    output logic                s_axis_tready,
    input  wire  [BITS-1:0]     s_axis_tdata,
    input  wire                 s_axis_tlast,
    input  wire  [TAG_BITS-1:0] s_axis_tuser,
    output logic                m_axis_tvalid,
    input  wire                 m_axis_tready,
    output logic [31:0]         m_axis_tdata,
    output logic                m_axis_tlast,
    output logic [TAG_BITS-1:0] m_axis_tuser,
    input  wire                 s_axil_awvalid,
    output logic                s_axil_awready,
    input  wire  [4:0]          s_axil_awaddr,
    input  wire  [2:0]          s_axil_awprot,
    input  wire                 s_axil_wvalid,
    output logic                s_axil_wready,
    input  wire  [31:0]         s_axil_wdata,
    input  wire  [3:0]          s_axil_wstrb,
    output logic                s_axil_bvalid,
    input  wire                 s_axil_bready,
    output logic [1:0]          s_axil_bresp,
    input  wire                 s_axil_arvalid,
    output logic                s_axil_arready,
    input  wire  [4:0]          s_axil_araddr,
    input  wire  [2:0]          s_axil_arprot,
    output logic                s_axil_rvalid,
    input  wire                 s_axil_rready,
    output logic [31:0]         s_axil_rdata,
    output logic [1:0]          s_axil_rresp,
    output logic [1:0]          event_active,
    output logic [1:0]          event_gated,
    output logic [1:0]          event_enter,
    output logic [1:0]          event_leave,
    output logic [1:0]          event_stay
);
    localparam int WIDTH = BITS + TAG_BITS + 2;  // {enable, leave, tag, data}

    logic [3:0] mutant;
    initial mutant = '0;

    logic [7:0] threshold;
    logic enable;
    logic [31:0] counts0, counts1;

    logic first;                                // the next beat is the first of its sample
    logic move1, move2, v1, v2, to2, out1, out2;
    logic [WIDTH-1:0] q1, q2, head;

    assign head = {enable, enable && s_axis_tdata[15:8] >= threshold, s_axis_tuser, s_axis_tdata};
    assign v1 = u_stage1.valid[D1-1];
    assign v2 = u_stage2.valid[D2-1];
    assign q1 = u_stage1.data[D1-1];
    assign q2 = u_stage2.data[D2-1];
    assign out2 = v2;
    assign out1 = v1 && q1[WIDTH-2] && !v2;
    assign to2 = v1 && !q1[WIDTH-2] && move2;
    assign move2 = m_axis_tready || !(v2 || out1);  // what is offered stays what is offered
    assign move1 = !v1 || to2 || (out1 && m_axis_tready);
    assign s_axis_tready = move1 && !(mutant == 6 && counts0 >= 20);

    logic enters;
    assign enters = s_axis_tvalid && s_axis_tready && s_axis_tlast;
    toy_delay #(.WIDTH(WIDTH), .DEPTH(D1)) u_stage1 (
        .clk(clk), .rst_n(rst_n), .move(move1), .s_valid(enters), .s_data(head));
    toy_delay #(.WIDTH(WIDTH), .DEPTH(D2)) u_stage2 (
        .clk(clk), .rst_n(rst_n || mutant == 4), .move(move2), .s_valid(to2), .s_data(q1));

    logic stalled, lost, again;
    logic [TAG_BITS-1:0] tag, old_tag;
    logic [31:0] word, old_word;
    assign lost = mutant == 2 && counts0 == 20 && out1;
    assign again = mutant == 3 && counts0 == 20 && !out1 && !out2;
    assign tag = again ? old_tag : out2 ? q2[BITS+:TAG_BITS] : q1[BITS+:TAG_BITS];
    assign word = again ? old_word
        : out2 ? {7'd0, (q2[WIDTH-1] && q2[16]) ^ (mutant == 9), 8'd2, 12'd0, q2[7:4]}
        : {8'd0, mutant == 7 ? 8'd2 : 8'd1, 12'd0, q1[3:0] ^ {3'd0, mutant == 10 && q1[0]}};
    assign m_axis_tvalid = ((out1 || out2) && !lost && !(mutant == 8 && stalled)) || again;
    assign m_axis_tuser = tag + TAG_BITS'(mutant == 1);
    assign m_axis_tdata = word ^ {31'd0, mutant == 5 && stalled};
    assign m_axis_tlast = mutant != 11;
    always_ff @(posedge clk) begin
        stalled <= rst_n && m_axis_tvalid && !m_axis_tready && !(mutant == 8 && stalled);
        first <= !rst_n || ((s_axis_tvalid && s_axis_tready) ? s_axis_tlast : first);
        if (m_axis_tvalid && m_axis_tready) begin
            old_tag <= tag;
            old_word <= word;
        end
        if (!rst_n) begin
            counts0 <= '0;
            counts1 <= '0;
        end else begin
            counts0 <= counts0 + 32'((out1 || again) && m_axis_tready);
            counts1 <= counts1 + 32'(out2 && m_axis_tready);
        end
    end

    assign event_active = {|u_stage2.valid, |u_stage1.valid};
    assign event_gated = ~event_active;
    assign event_enter = {to2, s_axis_tvalid && s_axis_tready && first};
    assign event_leave = {out2 && m_axis_tready, out1 && m_axis_tready};
    assign event_stay = {1'b0, to2};

    // AXI-Lite: address and data are taken together, one access at a time.
    logic unused;
    assign unused = &{s_axil_awprot, s_axil_arprot, s_axil_wstrb, s_axil_awaddr[1:0], s_axil_araddr[1:0]};
    assign s_axil_awready = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
    assign s_axil_wready = s_axil_awready;
    assign s_axil_arready = !s_axil_rvalid;
    assign s_axil_bresp = '0;
    assign s_axil_rresp = '0;
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            threshold <= '0;
            enable <= 1'b0;
            s_axil_bvalid <= 1'b0;
            s_axil_rvalid <= 1'b0;
        end else begin
            if (s_axil_bready) s_axil_bvalid <= 1'b0;
            if (s_axil_rready) s_axil_rvalid <= 1'b0;
            if (s_axil_awready) begin
                s_axil_bvalid <= 1'b1;
                if (s_axil_awaddr[4:2] == 0) threshold <= s_axil_wdata[7:0];
                if (s_axil_awaddr[4:2] == 1) enable <= s_axil_wdata[0];
                if (s_axil_awaddr[4:2] == 4) mutant <= s_axil_wdata[3:0];
            end
            if (s_axil_arvalid && s_axil_arready) begin
                s_axil_rvalid <= 1'b1;
                case (s_axil_araddr[4:2])
                    0: s_axil_rdata <= 32'(threshold);
                    1: s_axil_rdata <= 32'(enable);
                    2: s_axil_rdata <= counts0;
                    default: s_axil_rdata <= counts1;
                endcase
            end
        end
    end
endmodule

module toy_delay #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 1
) (
    input wire             clk,
    input wire             rst_n,
    input wire             move,
    input wire             s_valid,
    input wire [WIDTH-1:0] s_data
);
    logic [DEPTH-1:0] valid;
    logic [WIDTH-1:0] data [DEPTH];
    always_ff @(posedge clk) begin
        if (!rst_n) valid <= '0;
        else if (move) valid <= DEPTH'({valid, s_valid});
        if (move && s_valid) data[0] <= s_data;
        for (int i = 1; i < DEPTH; i++)
            if (move && valid[i-1]) data[i] <= data[i-1];
    end
endmodule
`default_nettype wire
