// Criterion logit_margin, one logit per cycle.
//
// Contract  As logit_margin.sv, but with a handshake of its own (AXI-Stream's rules): s_* stand still until they are
//           taken, which is when m_* are, and are read in place. CLASSES + 1 cycles from s_valid to m_valid, one more
//           to the next sample.
// Cost      The whole generated gate, 10 classes of 16 bits, META_BITS = 1 (Yosys, synth_xilinx -family xcup): 148
//           LUT, 85 FF, no DSP, no BRAM; 54 LUT of them pick the logit out of all ten (serial_pick.sv).
// Not here  Enable, thresholds wider than THRESHOLD_BITS: the generated gate.
`default_nettype none

module hwgen_logit_margin_serial #(
    parameter int CLASSES        = 10,
    parameter int LOGIT_BITS     = 16,
    parameter bit SIGNED         = 1,
    parameter int THRESHOLD_BITS = 17,
    parameter int CLASS_BITS     = 4
) (
    input  wire                           clk,
    input  wire                           rst_n,
    input  wire                           s_valid,
    output logic                          s_ready,
    output logic                          m_valid,
    input  wire                           m_ready,
    input  wire  [CLASSES*LOGIT_BITS-1:0] s_logits,
    input  wire  [    THRESHOLD_BITS-1:0] s_threshold,
    output logic [        CLASS_BITS-1:0] m_class,
    output logic                          m_reached
);
    localparam logic [CLASS_BITS-1:0] LAST = CLASS_BITS'(CLASSES - 1);

    logic                  reads;
    logic                  read;  // all logits have been read
    logic                  moves;  // a logit was read in the cycle before
    logic                  starts;  // it was the first
    logic                  leads;
    logic [CLASS_BITS-1:0] place;
    logic [CLASS_BITS-1:0] number;
    logic [LOGIT_BITS-1:0] picked;
    logic [LOGIT_BITS-1:0] value;
    logic [LOGIT_BITS-1:0] first;
    logic [LOGIT_BITS-1:0] second;
    logic [LOGIT_BITS-1:0] distance;

    assign reads = s_valid && !read;

    always_ff @(posedge clk) begin
        if (!rst_n || s_ready) begin
            place   <= '0;
            read    <= 1'b0;
            moves   <= 1'b0;
            m_valid <= 1'b0;
        end else begin
            moves   <= reads;
            m_valid <= read;
            if (reads) begin
                read  <= place == LAST;
                place <= place + 1'b1;
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

    // Unsigned values compare as the logits do when the top bit of signed ones is flipped.
    assign value  = picked ^ {SIGNED, {(LOGIT_BITS - 1) {1'b0}}};
    assign starts = number == '0;
    assign leads  = starts || value > first;

    always_ff @(posedge clk) begin
        if (reads) number <= place;
        if (moves && leads) begin
            first   <= value;
            m_class <= number;
        end
        // The smallest value stands for no runner-up: whatever is larger takes its place, an equal one need not.
        if (moves && starts) second <= '0;
        else if (moves && (leads || value > second)) second <= leads ? first : value;
    end

    assign s_ready   = m_valid && m_ready;
    assign distance  = first - second;
    assign m_reached = THRESHOLD_BITS'(distance) >= s_threshold;
endmodule

`default_nettype wire
