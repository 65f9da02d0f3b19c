// Mean and deviation of the probabilities of every class over all passes, and the ends of their intervals.
//
// Contract  A share is taken whenever s_valid is high; `first` is high during the first pass. In the cycle after the
//           last one, or later, `go`: then M_c = sum of the shares, s_c = ceil(sqrt(PASSES * sum of their squares -
//           M_c^2)), and CLASSES * (DIGITS + 4) + 1 cycles later, DIGITS = ceil(VARIANCE_BITS / 2), `done` is high for
//           one cycle, with m_low = 2^Z_FRACTION M_c - Z s_c (two's complement) of class s_class, m_high =
//           max(2^Z_FRACTION PASSES, 2^Z_FRACTION M_c + Z s_c) of all others, until the next `go`.
// Cost      Three multipliers, root_serial.sv, two words of memory per class; see mc_dropout.sv for a whole gate.
`default_nettype none

module hwgen_intervals_serial #(
    parameter int CLASSES        = 10,
    parameter int CLASS_BITS     = 4,
    parameter int PASSES         = 8,
    parameter int LOG2_PASSES    = 3,
    parameter int TABLE_FRACTION = 16,
    parameter int VARIANCE_BITS  = 37,
    parameter int BOUND_BITS     = 24,
    parameter int Z              = 16,
    parameter int Z_FRACTION     = 4
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire                     s_valid,
    input  wire                     first,
    input  wire  [  CLASS_BITS-1:0] s_number,
    input  wire  [TABLE_FRACTION:0] s_share,
    input  wire                     go,
    input  wire  [  CLASS_BITS-1:0] s_class,
    output logic                    done,
    output logic [    BOUND_BITS:0] m_low,
    output logic [  BOUND_BITS-1:0] m_high
);
    localparam logic [CLASS_BITS-1:0] LAST = CLASS_BITS'(CLASSES - 1);
    localparam int SHARE = TABLE_FRACTION + 1;
    localparam int MEAN = SHARE + LOG2_PASSES;
    localparam int SQUARES = 2 * TABLE_FRACTION + 1 + LOG2_PASSES;
    localparam int DIGITS = (VARIANCE_BITS + 1) / 2;

    logic [   MEAN-1:0] means[2**CLASS_BITS];
    logic [SQUARES-1:0] squares[2**CLASS_BITS];

    // Sums over the passes.
    logic                  taken;
    logic [CLASS_BITS-1:0] number;
    logic [     SHARE-1:0] share;
    logic [   SQUARES-1:0] square;

    always_ff @(posedge clk) begin
        if (!rst_n) taken <= 1'b0;
        else taken <= s_valid;
    end
    always_ff @(posedge clk) begin
        if (s_valid) begin
            number <= s_number;
            share  <= s_share;
            square <= SQUARES'(s_share) * SQUARES'(s_share);
        end
        if (taken) begin
            means[number]   <= (first ? '0 : means[number]) + MEAN'(share);
            squares[number] <= (first ? '0 : squares[number]) + square;
        end
    end

    // Intervals, class by class: variance, root, spread, bounds.
    logic                     begins;
    logic                     roots;
    logic                     rooted;
    logic                     bounds;
    logic                     last;
    logic [   CLASS_BITS-1:0] class_number;
    logic [         MEAN-1:0] mean;
    logic [VARIANCE_BITS-1:0] scaled;
    logic [VARIANCE_BITS-1:0] variance;
    logic [         DIGITS:0] root;
    logic [   BOUND_BITS-1:0] middle;
    logic [   BOUND_BITS-1:0] spread;
    logic [   BOUND_BITS-1:0] high;

    assign mean     = means[class_number];
    assign scaled   = VARIANCE_BITS'(squares[class_number]) << LOG2_PASSES;
    assign last     = class_number == LAST;
    assign high     = middle + spread;

    hwgen_root_serial #(
        .BITS  (VARIANCE_BITS),
        .DIGITS(DIGITS)
    ) deviation (
        .clk,
        .rst_n,
        .go     (roots),
        .s_value(variance),
        .done   (rooted),
        .m_root (root)
    );

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            begins <= 1'b0;
            roots  <= 1'b0;
            bounds <= 1'b0;
            done   <= 1'b0;
        end else begin
            begins <= go || (bounds && !last);
            roots  <= begins;
            bounds <= rooted;
            done   <= bounds && last;
        end
    end
    always_ff @(posedge clk) begin
        if (go) class_number <= '0;
        else if (bounds) class_number <= class_number + 1'b1;
        if (begins) variance <= scaled - VARIANCE_BITS'(mean) * VARIANCE_BITS'(mean);
        if (rooted) begin
            middle <= BOUND_BITS'(mean) << Z_FRACTION;
            spread <= BOUND_BITS'(root) * BOUND_BITS'(Z);
        end
        if (go) m_high <= BOUND_BITS'(PASSES) << Z_FRACTION;
        else if (bounds && class_number != s_class && high > m_high) m_high <= high;
        if (bounds && class_number == s_class) m_low <= {1'b0, middle} - {1'b0, spread};
    end
endmodule

`default_nettype wire
