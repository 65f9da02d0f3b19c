// The decision rules of docs/decision.md, written as they are read there: class, and whether the sample leaves.
//
// The logits are compared as numbers, one after the other; the table gives E by the distance itself, without shift or
// clamp. Of the 64 bits of a threshold RAW_BITS count: one that needs more lets nothing leave.
// RULE 0: logit_margin; 1: score; 2: margin.
`default_nettype none

`ifndef TABLE
`define TABLE '0
`endif

module formal_gate_rule #(
    parameter int CLASSES   = 3,
    parameter int BITS      = 5,
    parameter int SIGNED    = 1,
    parameter int RULE      = 0,
    parameter int RAW_BITS  = 6,
    parameter int ENTRIES   = 1,
    parameter int Q         = 16,  // an entry has Q + 1 bits, that of distance d lies at d * (Q + 1)
    parameter int R         = 16,
    parameter int WIDTH     = 38   // of both sides of a comparison
) (
    input  wire logic [        CLASSES*BITS-1:0] logits,
    input  wire logic [                    63:0] threshold,
    input  wire logic                            enable,
    output logic      [(CLASSES > 2 ? $clog2(CLASSES) : 1)-1:0] class_number,
    output logic                                 leave
);
    localparam int NUMBER_BITS = CLASSES > 2 ? $clog2(CLASSES) : 1;
    localparam int E_BITS = Q + 1;
    localparam logic [ENTRIES*E_BITS-1:0] E = `TABLE;

    function automatic logic signed [BITS+1:0] number(input logic [BITS-1:0] bits);
        number = SIGNED != 0 ? {{2{bits[BITS-1]}}, bits} : {2'b00, bits};
    endfunction

    function automatic logic [E_BITS-1:0] entry(input logic [BITS:0] distance);
        entry = E[E_BITS-1:0];
        for (int d = 1; d < ENTRIES; d++) if (distance == (BITS + 1)'(d)) entry = E[d*E_BITS+:E_BITS];
    endfunction

    logic signed [BITS+1:0] largest;
    logic [BITS:0] distance, nearest;
    logic [WIDTH-1:0] sum;
    logic reached;

    always_comb begin
        largest = number(logits[BITS-1:0]);
        for (int j = 1; j < CLASSES; j++) begin
            if (number(logits[j*BITS+:BITS]) > largest) largest = number(logits[j*BITS+:BITS]);
        end
        class_number = '0;
        for (int j = CLASSES - 1; j >= 0; j--) begin
            if (number(logits[j*BITS+:BITS]) == largest) class_number = NUMBER_BITS'(j);
        end
        nearest = '1;
        sum = '0;
        for (int j = 0; j < CLASSES; j++) begin
            distance = (BITS + 1)'(largest - number(logits[j*BITS+:BITS]));
            if (class_number != NUMBER_BITS'(j) && distance < nearest) nearest = distance;
            if (RULE != 0) sum = sum + WIDTH'(entry(distance));
        end
        case (RULE)
            0: reached = WIDTH'(nearest) >= WIDTH'(threshold);
            1: reached = sum <= WIDTH'(threshold);
            default: reached = ((WIDTH'(1) << Q) - WIDTH'(entry(nearest))) << R >= WIDTH'(threshold) * sum;
        endcase
        leave = enable && reached && threshold >> RAW_BITS == '0;
    end
endmodule

`default_nettype wire
