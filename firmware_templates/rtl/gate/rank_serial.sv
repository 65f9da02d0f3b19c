// Looks up every logit's distance to the largest one in the order of ranks, one logit per cycle.
//
// Contract  As scan_serial.sv, with m_rank instead of the class: how many logits stand in front, RANKS - 1 for all
//           from there on. One pass over the logits finds the largest that is left, for each rank but the last; one
//           more looks up all that remain. A pass takes CLASSES + 1 cycles: m_valid is high from RANKS * (CLASSES +
//           1) + 3 cycles after s_valid. Equal logits share their exponential, so their order does not matter; the
//           lower number stands in front.
// Cost      With the parameters below: 108 LUT, 1 more as shift register, 124 FF (Yosys, synth_xilinx -family xcup);
//           besides the table.
`default_nettype none

module hwgen_rank_serial #(
    parameter int CLASSES              = 10,
    parameter int LOGIT_BITS           = 16,
    parameter bit SIGNED               = 1,
    parameter int CLASS_BITS           = 4,
    parameter int TABLE_SHIFT          = 3,
    parameter int EXP_TABLE_INDEX_BITS = 11,
    parameter int RANKS                = 10
) (
    input  wire                             clk,
    input  wire                             rst_n,
    input  wire                             s_valid,
    input  wire                             taken,
    input  wire  [  CLASSES*LOGIT_BITS-1:0] s_logits,
    output logic                            exp_table_load,
    output logic [EXP_TABLE_INDEX_BITS-1:0] exp_table_index,
    output logic                            m_clears,
    output logic                            m_adds,
    output logic [          CLASS_BITS-1:0] m_rank,
    output logic                            m_valid,
    output logic [          CLASS_BITS-1:0] m_class
);
    localparam logic [LOGIT_BITS-1:0] FLIP = {SIGNED, {(LOGIT_BITS - 1) {1'b0}}};
    localparam logic [CLASS_BITS-1:0] LAST = CLASS_BITS'(CLASSES - 1);
    localparam logic [CLASS_BITS-1:0] REMAINING = CLASS_BITS'(RANKS - 1);

    logic                            reads;
    logic                            read;  // the last pass is read
    logic                            moves;  // a logit is new
    logic [                     1:0] moved;  // it was, a cycle and two before
    logic                            pauses;  // between two passes, while the last logit of one is compared
    logic                            ends;  // the best of a pass is known
    logic                            best_new;  // of the last pass
    logic                            looks;
    logic [                     1:0] looked;  // an index, an entry is new
    logic [          CLASS_BITS-1:0] pass;
    logic                            opens;  // the first pass
    logic                            remains;  // the last pass
    logic [          CLASS_BITS-1:0] place;
    logic [          CLASS_BITS-1:0] number;
    logic [          LOGIT_BITS-1:0] picked;
    logic [          LOGIT_BITS-1:0] value;
    logic [             CLASSES-1:0] gone;  // which of the last CLASSES logits earlier passes have taken, newest lowest
    logic                            is_gone;
    logic                            takes;
    logic                            any;  // this pass has found a best one
    logic [          LOGIT_BITS-1:0] best;
    logic [          CLASS_BITS-1:0] best_number;
    logic [          CLASS_BITS-1:0] chosen;  // the best of the pass before
    logic [          LOGIT_BITS-1:0] first;
    logic [          CLASS_BITS-1:0] index_rank;
    logic [EXP_TABLE_INDEX_BITS-1:0] low;
    logic                            over;
    logic                            unused_apart;

    assign reads   = s_valid && !read && !pauses;
    assign value   = picked ^ FLIP;
    assign opens   = pass == '0;
    assign remains = pass == REMAINING;
    assign is_gone = !opens && (gone[CLASSES-1] || number == chosen);
    assign takes   = moves && !is_gone && (remains || !any || value > best);
    assign looks   = remains ? best_new : ends;

    always_ff @(posedge clk) begin
        if (!rst_n || taken) begin
            place    <= '0;
            pass     <= '0;
            read     <= 1'b0;
            moves    <= 1'b0;
            moved    <= 2'b00;
            pauses   <= 1'b0;
            ends     <= 1'b0;
            best_new <= 1'b0;
            any      <= 1'b0;
            looked   <= 2'b00;
            m_valid  <= 1'b0;
        end else begin
            moves    <= reads;
            moved    <= {moved[0], moves};
            pauses   <= reads && place == LAST;
            ends     <= pauses && !remains;
            best_new <= takes && remains;
            any      <= !ends && (any || takes);
            looked   <= {looked[0], looks};
            // The last entry, if there is one, is added in this cycle.
            m_valid <= read && !moves && moved == 2'b00;
            if (reads) place <= place == LAST ? '0 : place + 1'b1;
            if (reads && place == LAST) read <= remains;
            if (ends) pass <= pass + 1'b1;
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
        .s_first(first),
        .s_value(best),
        .m_low  (low),
        .m_over (over),
        .m_apart(unused_apart)
    );

    always_ff @(posedge clk) begin
        if (reads) number <= place;
        if (moves) gone <= {gone[CLASSES-2:0], is_gone};
        if (takes) begin
            best        <= value;
            best_number <= number;
        end
        if (takes && opens) begin
            first   <= value;
            m_class <= number;
        end
        if (ends) chosen <= best_number;
        if (looks) begin
            exp_table_index <= over ? '1 : low;
            index_rank      <= pass;
        end
        if (looked[0]) m_rank <= index_rank;
    end
    assign exp_table_load = looked[0];
    assign m_adds         = looked[1];
    assign m_clears       = moves && opens;
endmodule

`default_nettype wire
