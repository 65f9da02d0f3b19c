// A stage core for trials: an elastic delay line with the handshakes of a core, whose arithmetic can be checked by eye.
//
// Contract  IN_BEATS beats make one sample; its word is their sum. It is offered on z_* DELAY cycles after its last beat was
//           taken, later if something waits in front. Its features word + 1, word + 2, ... come out from the cycle
//           after its last beat on, one per cycle; the next sample's last beat waits for them.
//           A register moves when the next one is empty or moves, and only with enable.
// Does not  Compute anything a network would.
`default_nettype none

module toy_core #(
    parameter int unsigned BITS          = 8,
    parameter int unsigned IN_BEATS      = 1,
    parameter int unsigned FEATURE_BEATS = 1,
    parameter int unsigned DELAY         = 2
) (
    input  wire logic            clk,
    input  wire logic            enable,
    input  wire logic            rst_n,
    input  wire logic            s_valid,
    output logic                 s_ready,
    input  wire logic [BITS-1:0] s_data,
    output logic                 f_valid,
    output logic      [BITS-1:0] f_data,
    output logic                 z_valid,
    input  wire logic            z_ready,
    output logic      [BITS-1:0] z_data,
    output logic                 busy
);
    localparam int unsigned BEAT_BITS = $clog2(IN_BEATS + 1);
    localparam int unsigned LEFT_BITS = $clog2(FEATURE_BEATS + 1);

    logic [DELAY-1:0] valid, move;
    logic [DELAY*BITS-1:0] words;
    logic [BITS-1:0] sum, word;
    logic [BEAT_BITS-1:0] beat;
    logic [LEFT_BITS-1:0] left;  // feature beats still to come
    logic last, enters, room;

    assign last = beat == BEAT_BITS'(IN_BEATS - 1);
    assign s_ready = ~last | (move[0] & ((left >> 1) == '0));
    assign enters = s_valid & s_ready & last;
    assign word = s_data + ((IN_BEATS > 1) ? sum : '0);
    assign f_valid = (left != '0) & enable;
    assign z_valid = valid[DELAY-1];
    assign z_data = words[(DELAY-1)*BITS+:BITS];
    assign busy = (beat != '0) | (valid != '0) | (left != '0);

    always_comb begin
        room = z_ready;
        for (int i = int'(DELAY) - 1; i >= 0; i--) begin
            room = room | ~valid[i];
            move[i] = room;
        end
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            valid <= '0;
            beat <= '0;
            left <= '0;
            sum <= '0;
        end else if (enable) begin
            if (s_valid & s_ready) begin
                beat <= last ? '0 : beat + 1'b1;
                sum <= last ? '0 : sum + s_data;
            end
            if (move[0]) valid[0] <= enters;
            for (int unsigned i = 1; i < DELAY; i++) if (move[i]) valid[i] <= valid[i-1];
            if (enters) left <= LEFT_BITS'(FEATURE_BEATS);
            else if (left != '0) left <= left - 1'b1;
        end
    end

    always_ff @(posedge clk) begin
        if (enable) begin
            if (enters) begin
                words[BITS-1:0] <= word;
                f_data <= word + 1'b1;
            end else if ((left >> 1) != '0) begin
                f_data <= f_data + 1'b1;
            end
            for (int unsigned i = 1; i < DELAY; i++)
                if (move[i] & valid[i-1]) words[i*BITS+:BITS] <= words[(i-1)*BITS+:BITS];
        end
    end
endmodule

`default_nettype wire
