// What is proven of feature_buffer.sv: nothing is lost, doubled or changed (reserved = dropped + handed on + in flight); kept
// samples come out in order with all their beats, dropped ones never; no slot has two owners; a slot is refused only when
// all are in use; what is committed leaves in bounded time.
//
// The environment sends feature beats only for what was reserved, as a core in its shell does.
`default_nettype none

module formal_feature_buffer #(
    parameter int unsigned BEATS = 1,
    parameter int unsigned SLOTS = 2
) (
    input wire logic clk,
    input wire logic rst_n,
    input wire logic reserve_valid,
    input wire logic f_valid,
    input wire logic f_data,
    input wire logic d_valid,
    input wire logic d_keep,
    input wire logic d_meta,
    input wire logic m_ready,
    input wire logic pick
);
    localparam int unsigned BITS = $clog2(SLOTS + 2);  // one more than the slots: the output register
    localparam int unsigned BEAT_BITS = (BEATS > 1) ? $clog2(BEATS) : 1;

    logic reserve_ready, d_ready, m_valid, m_data, m_last, m_meta, full, fault;
    logic [$clog2(SLOTS+1)-1:0] count;

    hwgen_feature_buffer #(.BEATS(BEATS), .BITS(1), .SLOTS(SLOTS), .META_BITS(1), .PARITY(1)) dut (
        .clk, .rst_n, .reserve_valid, .reserve_ready, .f_valid, .f_data, .d_valid, .d_ready, .d_keep, .d_meta,
        .m_valid, .m_ready, .m_data, .m_last, .m_meta, .count, .full, .fault
    );

    logic reserves, written, decided, kept, leaves;
    logic [BITS-1:0] unwritten, undecided, committed;
    logic [BEAT_BITS-1:0] write_beat, read_beat;

    assign reserves = reserve_valid & reserve_ready;
    assign written = f_valid & (write_beat == BEAT_BITS'(BEATS - 1));
    assign decided = d_valid & d_ready;
    assign kept = decided & d_keep;
    assign leaves = m_valid & m_ready & m_last;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            unwritten <= '0;
            undecided <= '0;
            committed <= '0;
            write_beat <= '0;
            read_beat <= '0;
        end else begin
            unwritten <= unwritten + BITS'(reserves) - BITS'(written);
            undecided <= undecided + BITS'(written) - BITS'(decided);
            committed <= committed + BITS'(kept) - BITS'(leaves);
            if (f_valid) write_beat <= written ? '0 : write_beat + 1'b1;
            if (m_valid && m_ready) read_beat <= m_last ? '0 : read_beat + 1'b1;
        end
    end

    // One sample, chosen when it reserves; which of its beats is looked at is chosen too.
    localparam logic [2:0] NONE = 0, FILLING = 1, DECIDING = 2, LEAVING = 3;
    logic [2:0] where;
    logic [BITS-1:0] ahead;
    logic word, meta;
    (* anyconst *) logic [BEAT_BITS-1:0] beat;

    always_ff @(posedge clk) begin
        if (!rst_n) where <= NONE;
        else case (where)
            NONE: if (pick && reserves) begin
                where <= FILLING;
                ahead <= unwritten - BITS'(written);
            end
            FILLING: begin
                if (f_valid && ahead == 0 && write_beat == beat) word <= f_data;
                if (written) begin
                    if (ahead != 0) ahead <= ahead - 1'b1;
                    else begin
                        where <= DECIDING;
                        ahead <= undecided - BITS'(decided);
                    end
                end
            end
            DECIDING: if (decided) begin
                if (ahead != 0) ahead <= ahead - 1'b1;
                else begin
                    where <= d_keep ? LEAVING : NONE;
                    ahead <= committed - BITS'(leaves);
                    meta <= d_meta;
                end
            end
            default: if (leaves) begin
                if (ahead != 0) ahead <= ahead - 1'b1;
                else where <= NONE;
            end
        endcase
    end

    formal_reset reset_i (.clk, .rst_n);
    formal_stream #(.WIDTH(1), .ASSUME(1)) reserve_i (
        .clk, .rst_n, .valid(reserve_valid), .ready(reserve_ready), .data(1'b0)
    );
    formal_stream #(.WIDTH(2), .ASSUME(1)) decision_i (
        .clk, .rst_n, .valid(d_valid), .ready(d_ready), .data({d_keep, d_meta})
    );
    formal_stream #(.WIDTH(3)) out_i (
        .clk, .rst_n, .valid(m_valid), .ready(m_ready), .data({m_data, m_last, m_meta})
    );
    formal_progress #(.LIMIT((SLOTS + 1) * BEATS + 1)) leaves_i (
        .clk, .rst_n, .waits(where == LEAVING), .happens(leaves && ahead == 0), .helped(m_ready)
    );

    always_comb begin
        assume (beat < BEATS);
        assume (!f_valid || unwritten != 0);
        if (rst_n) begin
            no_fault: assert (!fault);
            conserved: assert (BITS'(count) + BITS'(m_valid & m_last) == unwritten + undecided + committed);
            no_overflow: assert (count <= SLOTS);
            refused_only_when_all_are_used: assert (reserve_ready == (count != SLOTS));
            full_says_so: assert (full == (reserve_valid && !reserve_ready));
            decided_only_when_complete: assert (d_ready == (undecided != 0));
            nothing_from_nothing: assert (!m_valid || committed != 0);
            all_beats: assert (!m_valid || m_last == (read_beat == BEAT_BITS'(BEATS - 1)));
            if (where == LEAVING && ahead == 0 && m_valid) begin
                own_meta: assert (m_meta == meta);
                own_features: assert (read_beat != beat || m_data == word);
            end
        end
    end
endmodule

`default_nettype wire
