// Feature buffer: holds the features of each sample until the exit has decided, then hands them on or drops them.
//
// Contract  A slot holds one sample. It is taken by a handshake on reserve_*, before the sample enters the stage,
//           so feature beats (f_*) need no ready: they go to the oldest reserved sample that is not complete.
//           Decisions (d_*) come in the same order. d_ready waits until that sample's last feature beat is in.
//           d_keep = 1 commits the sample with its d_meta; d_keep = 0 frees its slot with that very clock edge,
//           whatever waits in front of it or behind it: nothing is drained.
//           Committed samples leave on m_* in order, BEATS beats each, m_last on the last, m_meta with every
//           beat. A slot is free again when its last beat has moved to the output register.
//           The output register loads only when a beat of a committed sample enters it: what lies behind
//           the buffer does not see the features of samples that left.
//           count is the number of slots in use; full says that a reservation waits for one.
// fault     High on what cannot happen: a feature beat nobody reserved for, a slot freed twice; with PARITY also
//           a bit of the valid bits, pointers, counts and slot numbers that is not what it was left as.
// Cost      216 LUT, 144 FF, 9 RAM32M16 (BEATS 1, BITS 64, SLOTS 16, META_BITS 20, PARITY 1): of the FF, BITS and META_BITS
//           are the output register; of the RAM, 5 hold the features. Large features go to block RAM.
// Does not  Reorder, or protect features and meta by parity. The lowest free slot is found in one cycle: beyond
//           64 slots that path limits the clock.
`default_nettype none

module hwgen_feature_buffer #(
    parameter int unsigned BEATS     = 1,
    parameter int unsigned BITS      = 8,
    parameter int unsigned SLOTS     = 4,
    parameter int unsigned META_BITS = 1,
    parameter int unsigned PARITY = 0
) (
    input  wire logic                       clk,
    input  wire logic                       rst_n,
    input  wire logic                       reserve_valid,
    output logic                            reserve_ready,
    input  wire logic                       f_valid,
    input  wire logic [BITS-1:0]            f_data,
    input  wire logic                       d_valid,
    output logic                            d_ready,
    input  wire logic                       d_keep,
    input  wire logic [META_BITS-1:0]       d_meta,
    output logic                            m_valid,
    input  wire logic                       m_ready,
    output logic      [BITS-1:0]            m_data,
    output logic                            m_last,
    output logic      [META_BITS-1:0]       m_meta,
    output logic      [$clog2(SLOTS+1)-1:0] count,
    output logic                            full,
    output logic                            fault
);
    localparam int unsigned SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1;
    localparam int unsigned WORD_BITS = SLOT_BITS + ((PARITY != 0) ? 1 : 0);
    localparam int unsigned BEAT_BITS = (BEATS > 1) ? $clog2(BEATS) : 1;
    localparam int unsigned ADDRESS_BITS = (SLOTS * BEATS > 1) ? $clog2(SLOTS * BEATS) : 1;
    localparam logic [BEAT_BITS-1:0] LAST_BEAT = BEAT_BITS'(BEATS - 1);

    function automatic logic [ADDRESS_BITS-1:0] address(input logic [SLOT_BITS-1:0] slot,
                                                        input logic [BEAT_BITS-1:0] beat);
        address = ADDRESS_BITS'(slot) * ADDRESS_BITS'(BEATS) + ADDRESS_BITS'(beat);
    endfunction

    // Slots wander through three queues: reserved -> complete, undecided -> committed; a bit says which are free.
    logic [SLOTS-1:0] free;
    logic [SLOT_BITS-1:0] next_slot, write_slot, decide_slot, read_slot;
    logic [WORD_BITS-1:0] write_word, decide_word, read_word; // slot numbers, with PARITY each under its own
    logic [$clog2(SLOTS+1)-1:0] reserved, complete, committed;
    logic write_valid, read_valid, reserve, write, written, decide, drop, fetch, fetched;
    logic [META_BITS-1:0] read_meta;
    logic [BEAT_BITS-1:0] write_beat, read_beat;
    logic next_valid, odd_beats, next_odd_beats, odd, check, wrong_slot;
    logic reserved_fault, complete_fault, committed_fault;
    logic unused_reserved_ready, unused_complete_ready, unused_committed_ready;

    assign reserve_ready = free != '0;
    assign reserve = reserve_valid & reserve_ready;
    assign full = reserve_valid & ~reserve_ready;
    assign write = f_valid & write_valid;
    assign written = write & (write_beat == LAST_BEAT);
    assign decide = d_valid & d_ready;
    assign drop = decide & ~d_keep;
    assign fetch = read_valid & (~m_valid | m_ready);
    assign fetched = fetch & (read_beat == LAST_BEAT);
    assign count = reserved + complete + committed;
    assign next_valid = fetch | (m_valid & ~m_ready);
    assign odd = ^free ^ m_valid ^ odd_beats;
    assign write_slot = write_word[SLOT_BITS-1:0];
    assign decide_slot = decide_word[SLOT_BITS-1:0];
    assign read_slot = read_word[SLOT_BITS-1:0];
    assign wrong_slot = (PARITY != 0) & ((write_valid & ^write_word) | (d_ready & ^decide_word) | (read_valid & ^read_word));
    assign fault = (f_valid & ~write_valid) | (drop & free[decide_slot]) | (fetched & free[read_slot])
                 | ((PARITY != 0) & (odd != check)) | wrong_slot | reserved_fault | complete_fault | committed_fault;

    always_comb begin
        next_slot = '0;
        for (int unsigned i = SLOTS; i > 0; i--) if (free[i-1]) next_slot = SLOT_BITS'(i - 1);
    end

    always_ff @(posedge clk) begin
        for (int unsigned i = 0; i < SLOTS; i++) begin
            if (!rst_n) free[i] <= 1'b1;
            else if (drop && decide_slot == SLOT_BITS'(i)) free[i] <= 1'b1;
            else if (fetched && read_slot == SLOT_BITS'(i)) free[i] <= 1'b1;
            else if (reserve && next_slot == SLOT_BITS'(i)) free[i] <= 1'b0;
        end
    end

    hwgen_fifo #(.WIDTH(WORD_BITS), .DEPTH(SLOTS), .PARITY(PARITY)) reserved_i (
        .clk, .rst_n,
        .s_valid(reserve), .s_ready(unused_reserved_ready), .s_data(WORD_BITS'({^next_slot, next_slot})),
        .m_valid(write_valid), .m_ready(written), .m_data(write_word),
        .count(reserved), .fault(reserved_fault)
    );

    hwgen_fifo #(.WIDTH(WORD_BITS), .DEPTH(SLOTS), .PARITY(PARITY)) complete_i (
        .clk, .rst_n,
        .s_valid(written), .s_ready(unused_complete_ready), .s_data(write_word),
        .m_valid(d_ready), .m_ready(d_valid), .m_data(decide_word),
        .count(complete), .fault(complete_fault)
    );

    hwgen_fifo #(.WIDTH(META_BITS + WORD_BITS), .DEPTH(SLOTS), .PARITY(PARITY)) committed_i (
        .clk, .rst_n,
        .s_valid(decide & d_keep), .s_ready(unused_committed_ready), .s_data({d_meta, decide_word}),
        .m_valid(read_valid), .m_ready(fetched), .m_data({read_meta, read_word}),
        .count(committed), .fault(committed_fault)
    );

    if (BEATS == 1) begin : g_one_beat
        assign {write_beat, read_beat} = '0;
        assign {odd_beats, next_odd_beats} = '0;
    end else begin : g_beats
        logic [BEAT_BITS-1:0] next_write, next_read;
        always_comb begin
            next_write = write_beat;
            next_read = read_beat;
            if (write) next_write = written ? '0 : write_beat + 1'b1;
            if (fetch) next_read = fetched ? '0 : read_beat + 1'b1;
        end
        assign odd_beats = ^{write_beat, read_beat};
        assign next_odd_beats = ^{next_write, next_read};
        always_ff @(posedge clk) begin
            if (!rst_n) {write_beat, read_beat} <= '0;
            else {write_beat, read_beat} <= {next_write, next_read};
        end
    end

    logic [BITS-1:0] memory[SLOTS*BEATS];

    always_ff @(posedge clk) begin
        if (write) memory[address(write_slot, write_beat)] <= f_data;
    end

    always_ff @(posedge clk) begin
        if (fetch) m_data <= memory[address(read_slot, read_beat)];
    end

    always_ff @(posedge clk) begin
        if (fetch) begin
            m_meta <= read_meta;
            m_last <= read_beat == LAST_BEAT;
        end
        if (!rst_n) begin
            m_valid <= 1'b0;
            check <= SLOTS[0];
        end else begin
            m_valid <= next_valid;
            // Each of the three changes one bit of free.
            check <= ^free ^ reserve ^ drop ^ fetched ^ next_valid ^ next_odd_beats;
        end
    end
endmodule

`default_nettype wire
