// Reorder buffer: results that overtook each other leave in the order in which their samples were admitted.
//
// Contract  Every sample that enters takes a number by a handshake on admit_*; numbers count from 0 to DEPTH - 1
//           and start again. No more than DEPTH samples are between admit_* and m_*: admit_ready is low then.
//           A result (s_*) comes back with its sample's number, in any order; its place is there, so s_ready
//           is always high. m_* gives the results in the order of admission.
//           2**SEQ_BITS >= DEPTH.
// fault     High on what cannot happen: a result for a number that is not out, or is there already; with
//           PARITY also a bit of the numbers and of what is out and here that is not what it was left as.
// Cost      156 LUT, 41 FF, 2 RAM32M16 (DEPTH 16, WIDTH 27, SEQ_BITS 4, PARITY 1)
// Does not  Let results overtake: the latency gain of early exits is lost behind a slow sample (its throughput
//           is not). Take it only where the receiver cannot sort by tag.
`default_nettype none

module hwgen_reorder #(
    parameter int unsigned DEPTH    = 4,
    parameter int unsigned WIDTH    = 8,
    parameter int unsigned SEQ_BITS = 2,
    parameter int unsigned PARITY = 0
) (
    input  wire logic                clk,
    input  wire logic                rst_n,
    input  wire logic                admit_valid,
    output logic                     admit_ready,
    output logic      [SEQ_BITS-1:0] admit_seq,
    input  wire logic                s_valid,
    output logic                     s_ready,
    input  wire logic [SEQ_BITS-1:0] s_seq,
    input  wire logic [WIDTH-1:0]    s_data,
    output logic                     m_valid,
    input  wire logic                m_ready,
    output logic      [WIDTH-1:0]    m_data,
    output logic                     fault
);
    localparam int unsigned INDEX_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1;
    localparam logic [SEQ_BITS-1:0] LAST = SEQ_BITS'(DEPTH - 1);

    logic [WIDTH-1:0] words[2**INDEX_BITS];
    logic [DEPTH-1:0] out, here; // number given and not back at the output; its result is here
    logic [SEQ_BITS-1:0] head;
    logic admit, leave, wanted, check;
    logic [SEQ_BITS-1:0] next_seq, next_head;

    function automatic logic [SEQ_BITS-1:0] after(input logic [SEQ_BITS-1:0] number);
        after = (number == LAST) ? '0 : number + 1'b1;
    endfunction

    assign admit = admit_valid & admit_ready;
    assign leave = m_valid & m_ready;
    assign s_ready = 1'b1;
    assign fault = (s_valid & ~wanted) | ((PARITY != 0) & (^{out, here, admit_seq, head} != check));
    assign m_data = words[INDEX_BITS'(head)];

    always_ff @(posedge clk) begin
        if (s_valid & wanted) words[INDEX_BITS'(s_seq)] <= s_data;
    end

    // Chosen bit by bit: a number at or beyond DEPTH chooses nothing.
    always_comb begin
        admit_ready = 1'b0;
        m_valid = 1'b0;
        wanted = 1'b0;
        for (int unsigned i = 0; i < DEPTH; i++) begin
            if (admit_seq == SEQ_BITS'(i)) admit_ready = ~out[i];
            if (head == SEQ_BITS'(i)) m_valid = here[i];
            if (s_seq == SEQ_BITS'(i)) wanted = out[i] & ~here[i];
        end
    end

    assign next_seq = admit ? after(admit_seq) : admit_seq;
    assign next_head = leave ? after(head) : head;

    always_ff @(posedge clk) begin
        for (int unsigned i = 0; i < DEPTH; i++) begin
            if (!rst_n) begin
                out[i]  <= 1'b0;
                here[i] <= 1'b0;
            end else begin
                if (admit && admit_seq == SEQ_BITS'(i)) out[i] <= 1'b1;
                else if (leave && head == SEQ_BITS'(i)) out[i] <= 1'b0;
                if (s_valid && wanted && s_seq == SEQ_BITS'(i)) here[i] <= 1'b1;
                else if (leave && head == SEQ_BITS'(i)) here[i] <= 1'b0;
            end
        end
        if (!rst_n) begin
            admit_seq <= '0;
            head <= '0;
            check <= 1'b0;
        end else begin
            admit_seq <= next_seq;
            head <= next_head;
            // A sample changes one bit of out when it enters, one of here when its result comes, both when it leaves.
            check <= ^{out, here} ^ admit ^ (s_valid & wanted) ^ ^{next_seq, next_head};
        end
    end
endmodule

`default_nettype wire
