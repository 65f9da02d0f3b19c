// Probabilities of one masked pass, one class a cycle.
//
// Contract  With the logits z_c = (s_sum_c << MASKED_SHIFT) + BIAS_c, in two's complement, and E, S of them as in
//           score.sv: share P_c = (E_c * floor(2^(2Q) / S)) >> Q, Q = TABLE_FRACTION. From 2 * CLASSES + Q + 8 cycles
//           after `go` on, m_valid is high for CLASSES cycles with m_class and m_share, the first class first. s_sums
//           must stand still until then. The table lies outside, as in exp_sum_serial.sv.
// Cost      One multiplier, reciprocal_serial.sv, a word of memory per class; see mc_dropout.sv for a whole gate.
`default_nettype none

module hwgen_shares_serial #(
    parameter int CLASSES              = 10,
    parameter int CLASS_BITS           = 4,
    parameter int MASKED_SUM_BITS      = 15,
    parameter int MASKED_SHIFT         = 2,
    parameter int MASKED_BITS          = 17,
    parameter logic [CLASSES*MASKED_BITS-1:0] BIAS = '0,
    parameter int TABLE_SHIFT          = 0,
    parameter int TABLE_FRACTION       = 16,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int EXP_TABLE_BITS       = 17,
    parameter int SUM_BITS             = 20
) (
    input  wire                                clk,
    input  wire                                rst_n,
    input  wire                                go,
    input  wire  [CLASSES*MASKED_SUM_BITS-1:0] s_sums,
    output logic                               exp_table_load,
    output logic [   EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    input  wire  [         EXP_TABLE_BITS-1:0] exp_table_entry,
    output logic                               m_valid,
    output logic [             CLASS_BITS-1:0] m_class,
    output logic [           TABLE_FRACTION:0] m_share
);
    localparam logic [CLASS_BITS-1:0] LAST = CLASS_BITS'(CLASSES - 1);
    localparam int SHARE = TABLE_FRACTION + 1;

    logic                            reads;
    logic                            looks;  // the second time
    logic                            looked;
    logic                            tallies;
    logic                            divides;
    logic                            divided;
    logic [                     2:0] moves;  // a sum, an index, an entry is new
    logic [          CLASS_BITS-1:0] place;
    logic [          CLASS_BITS-1:0] number;
    logic [          CLASS_BITS-1:0] stored;
    logic [     MASKED_SUM_BITS-1:0] picked;
    logic signed [  MASKED_BITS-1:0] masked;
    logic signed [  MASKED_BITS-1:0] largest;
    logic                            unused_apart;
    logic [EXP_TABLE_INDEX_BITS-1:0] low;
    logic                            over;
    logic [      EXP_TABLE_BITS-1:0] entries[2**CLASS_BITS];
    logic [            SUM_BITS-1:0] sum;
    logic [               SHARE-1:0] reciprocal;
    logic [             2*SHARE-1:0] product;

    hwgen_serial_pick #(
        .COUNT     (CLASSES),
        .BITS      (MASKED_SUM_BITS),
        .PLACE_BITS(CLASS_BITS)
    ) pick (
        .clk,
        .load    (reads),
        .place,
        .s_values(s_sums),
        .m_value (picked)
    );
    assign masked = $signed((MASKED_BITS'($signed(picked)) << MASKED_SHIFT) + BIAS[number*MASKED_BITS+:MASKED_BITS]);
    hwgen_bin_index #(
        .BITS      (MASKED_BITS),
        .SHIFT     (TABLE_SHIFT),
        .INDEX_BITS(EXP_TABLE_INDEX_BITS)
    ) bin (
        .s_first(largest),
        .s_value(masked),
        .m_low  (low),
        .m_over (over),
        .m_apart(unused_apart)
    );
    assign exp_table_load = moves[1];
    hwgen_reciprocal_serial #(
        .FRACTION(TABLE_FRACTION),
        .SUM_BITS(SUM_BITS)
    ) divider (
        .clk,
        .rst_n,
        .s_valid   (divides),
        .taken     (divided),
        .s_sum     (sum),
        .m_valid   (divided),
        .m_quotient(reciprocal)
    );
    assign product = (2 * SHARE)'(entries[place]) * (2 * SHARE)'(reciprocal);

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            reads   <= 1'b0;
            tallies <= 1'b0;
            moves   <= 3'b000;
            divides <= 1'b0;
            m_valid <= 1'b0;
        end else begin
            reads   <= go || (reads && !(looks && place == LAST));
            tallies <= divided || (tallies && place != LAST);
            moves   <= {moves[1], moves[0] && looked, reads};
            divides <= (moves[2] && stored == LAST) || (divides && !divided);
            m_valid <= tallies;
        end
    end
    always_ff @(posedge clk) begin
        if (go || divided) place <= '0;
        else if (reads || tallies) place <= place == LAST ? '0 : place + 1'b1;
        if (go) looks <= 1'b0;
        else if (reads && place == LAST) looks <= 1'b1;
        if (reads) begin
            number <= place;
            looked <= looks;
        end
        if (moves[0] && !looked && (number == '0 || masked > largest)) largest <= masked;
        if (moves[0] && looked) exp_table_index <= over ? '1 : low;
        if (go) stored <= '0;
        else if (moves[2]) stored <= stored + 1'b1;
        if (go) sum <= '0;
        else if (moves[2]) sum <= sum + SUM_BITS'(exp_table_entry);
        if (moves[2]) entries[stored] <= exp_table_entry;
        if (tallies) begin
            m_class <= place;
            m_share <= SHARE'(product >> TABLE_FRACTION);
        end
    end
endmodule

`default_nettype wire
