// Looks up every logit's distance to the largest one, one logit per cycle: a pass for the leader, a pass for the table.
//
// Contract  s_logits must stand still from s_valid until `taken`; m_valid is high from 2 * CLASSES + 3 cycles after
//           s_valid until then, and with it stand m_class, the lowest index among the largest, and m_first, that
//           logit with the top bit of signed ones flipped. The table lies outside: one cycle after exp_table_load its
//           entry is expected, in a register that loads with exp_table_load, at exp_table_index (bin_index.sv;
//           doubled if s_doubled, which stands still too). m_adds: the entry is that of class m_number, which lies
//           below the largest iff m_apart; every class once. m_clears: sums over the entries begin anew.
// Cost      With the parameters below: 111 LUT, 89 FF (Yosys, synth_xilinx -family xcup); besides the table.
`default_nettype none

module hwgen_scan_serial #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 0,
    parameter int EXP_TABLE_INDEX_BITS = 6
) (
    input  wire                             clk,
    input  wire                             rst_n,
    input  wire                             s_valid,
    input  wire                             taken,
    input  wire  [  CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire                             s_doubled,
    output logic                            exp_table_load,
    output logic [EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    output logic                            m_clears,
    output logic                            m_adds,
    output logic [          CLASS_BITS-1:0] m_number,
    output logic                            m_apart,
    output logic                            m_valid,
    output logic [          CLASS_BITS-1:0] m_class,
    output logic [          LOGIT_BITS-1:0] m_first
);
    localparam logic [LOGIT_BITS-1:0] FLIP = {SIGNED, {(LOGIT_BITS - 1) {1'b0}}};
    localparam logic [CLASS_BITS-1:0] LAST = CLASS_BITS'(CLASSES - 1);

    logic                            adds;  // the second pass over the logits
    logic                            read;  // all logits have been looked up
    logic [                     2:0] moves;  // a logit, an index, an entry is new
    logic                            added;  // the logit is one to look up
    logic                            reads;
    logic [          CLASS_BITS-1:0] place;
    logic [          CLASS_BITS-1:0] number;
    logic [          CLASS_BITS-1:0] index_number;
    logic                            index_apart;
    logic [          LOGIT_BITS-1:0] picked;
    logic [          LOGIT_BITS-1:0] value;
    logic [EXP_TABLE_INDEX_BITS-1:0] low[2];
    logic                            over[2];
    logic                            apart[2];

    assign reads = s_valid && !read;
    assign value = picked ^ FLIP;

    always_ff @(posedge clk) begin
        if (!rst_n || taken) begin
            place   <= '0;
            adds    <= 1'b0;
            read    <= 1'b0;
            moves   <= 3'b000;
            m_valid <= 1'b0;
        end else begin
            moves <= {moves[1], moves[0] && added, reads};
            // The last entry is added in this cycle if none follows it.
            m_valid <= read && moves[1:0] == 2'b00;
            if (reads) begin
                place <= place == LAST ? '0 : place + 1'b1;
                adds  <= adds || place == LAST;
                read  <= adds && place == LAST;
            end
        end
    end

    hwgen_serial_pick #(
        .COUNT     (CLASSES),
        .BITS      (LOGIT_BITS),
        .PLACE_BITS(CLASS_BITS)
    ) pick (
        .clk,
        .load    (reads),
        .place,
        .s_values(s_logits),
        .m_value (picked)
    );
    for (genvar i = 0; i < 2; i++) begin : g_bin
        hwgen_bin_index #(
            .BITS      (LOGIT_BITS),
            .SHIFT     (TABLE_SHIFT),
            .INDEX_BITS(EXP_TABLE_INDEX_BITS),
            .DOUBLED   (i == 1)
        ) bin (
            .s_first(m_first),
            .s_value(value),
            .m_low  (low[i]),
            .m_over (over[i]),
            .m_apart(apart[i])
        );
    end

    always_ff @(posedge clk) begin
        if (reads) begin
            number <= place;
            added  <= adds;
        end
        if (moves[0] && !added && (number == '0 || value > m_first)) begin
            m_first <= value;
            m_class <= number;
        end
        if (moves[0] && added) begin
            exp_table_index <= over[s_doubled] ? '1 : low[s_doubled];
            index_number    <= number;
            index_apart     <= apart[s_doubled];
        end
        if (moves[1]) begin
            m_number <= index_number;
            m_apart  <= index_apart;
        end
    end
    assign exp_table_load = moves[1];
    assign m_adds         = moves[2];
    assign m_clears       = moves[0] && !added;
endmodule

`default_nettype wire
