// Table exponentials and their sum, one logit per cycle: first for the leader, then for the sum.
//
// Contract  m_class, m_first, m_second and m_sum as of exp_sum.sv and top_two.sv, m_first and m_second with the top
//           bit of signed logits flipped. s_logits must stand still from s_valid until `taken`; m_valid is high from
//           2 * CLASSES + 3 cycles after s_valid until then. The table lies outside: one cycle after exp_table_load
//           its entry is expected, in a register that loads with exp_table_load.
// Cost      With the parameters below 112 LUT, 91 FF (Yosys, synth_xilinx -family xcup); besides the table.
`default_nettype none

module hwgen_exp_sum_serial #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 0,
    parameter int EXP_TABLE_INDEX_BITS = 6,
    parameter int EXP_TABLE_BITS       = 8,
    parameter int SUM_BITS             = 12
) (
    input  wire                             clk,
    input  wire                             rst_n,
    input  wire                             s_valid,
    input  wire                             taken,
    input  wire  [  CLASSES*LOGIT_BITS-1:0] s_logits,
    output logic                            exp_table_load,
    output logic [EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [      EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic                            m_valid,
    output logic [          CLASS_BITS-1:0] m_class,
    output logic [          LOGIT_BITS-1:0] m_first,
    output logic [            SUM_BITS-1:0] m_sum
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
    logic [          LOGIT_BITS-1:0] picked;
    logic [          LOGIT_BITS-1:0] value;
    logic                            unused_apart;
    logic [EXP_TABLE_INDEX_BITS-1:0] low;
    logic                            over;

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
    hwgen_bin_index #(
        .BITS      (LOGIT_BITS),
        .SHIFT     (TABLE_SHIFT),
        .INDEX_BITS(EXP_TABLE_INDEX_BITS)
    ) bin (
        .s_first(m_first),
        .s_value(value),
        .m_low  (low),
        .m_over (over),
        .m_apart(unused_apart)
    );

    always_ff @(posedge clk) begin
        if (reads) begin
            number <= place;
            added  <= adds;
        end
        if (moves[0] && !added && (number == '0 || value > m_first)) begin
            m_first <= value;
            m_class <= number;
        end
        if (moves[0] && added) exp_table_index <= over ? '1 : low;
        if (moves[0] && !added) m_sum <= '0;
        else if (moves[2]) m_sum <= m_sum + SUM_BITS'(exp_table_entry);
    end
    assign exp_table_load = moves[1];
endmodule

`default_nettype wire
