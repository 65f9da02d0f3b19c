// Which beat of a sample the entrance is at, for samples of several beats.
//
// Contract  A beat passes with taken; tlast may close a sample, and on any other beat than its last it cuts the sample
//           short (cut_short): the next beat is a first one. After a flush in the middle of a sample dropping is high
//           until that sample's last beat: its rest would be taken for another one's.
// fault     With PARITY: a bit of beat or dropping is not what it was left as. beat is put right in the same cycle from
//           the count of the beats still to come: otherwise all samples to come would be cut in the wrong places.
// Cost      33 LUT, 14 FF, 0 RAM32M16 (BEATS 36, PARITY 1)
// Does not  Handshake, or know what a sample is worth: the top does.
`default_nettype none

module hwgen_entrance_beat #(
    parameter int unsigned BEATS  = 2,
    parameter int unsigned PARITY = 0
) (
    input  wire logic clk,
    input  wire logic rst_n,
    input  wire logic flush,
    input  wire logic taken,
    input  wire logic tlast,
    output logic      first_beat,
    output logic      dropping,
    output logic      cut_short,
    output logic      fault
);
    localparam int unsigned BITS = $clog2(BEATS);
    localparam logic [BITS-1:0] LAST = BITS'(BEATS - 1);

    logic [BITS-1:0] beat, left, sound_beat, next_beat;
    logic check, next_dropping, last_beat;

    assign fault = (PARITY != 0) & (^beat ^ dropping ^ check);
    assign sound_beat = fault ? LAST - left : beat;
    assign first_beat = sound_beat == '0;
    assign last_beat = sound_beat == LAST;
    assign cut_short = taken & tlast & ~last_beat;

    always_comb begin
        next_beat = sound_beat;
        next_dropping = dropping;
        if (taken) next_beat = (last_beat | tlast) ? '0 : sound_beat + 1'b1;
        if (flush) next_dropping = ~first_beat;
        else if (taken & (last_beat | tlast)) next_dropping = 1'b0;
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            {beat, dropping, check} <= '0;
            left <= LAST;
        end else begin
            {beat, dropping, check} <= {next_beat, next_dropping, ^next_beat ^ next_dropping};
            left <= LAST - next_beat;
        end
    end
endmodule

`default_nettype wire
