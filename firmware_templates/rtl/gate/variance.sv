// Where the table of kappa is read: the variance that an embedding gives the logits, in bins.
//
// Contract  y_r = (LAPLACE_BIAS_r + sum_i A_ri e_i) >> LAPLACE_SHIFT_r; v = max(0, ((sum_i e_i^2) << LAPLACE_NORM_UP >>
//           LAPLACE_NORM_DOWN) + LAPLACE_NORM_OFFSET - sum_r y_r^2); m_index = v >> LAPLACE_VARIANCE_SHIFT, all ones if
//           it is larger. e_i: element i of s_embedding, without its EMBEDDING_DROPPED lowest bits. All sums are exact.
//           A part is the next ELEMENTS elements, 0 beyond the last; A is LAPLACE_PARTS: STEPS words, the first lowest,
//           each of ELEMENTS * LAPLACE_RANK coefficients of 8 bits, all of an element together. `step`, step_load and
//           step_first come from steps.sv with AHEAD = 3; register 4 + i of the whole sample loads with load[i], and
//           m_index is behind the last, load[SUM_LEVELS + 2], SUM_LEVELS those of sum.sv for the rows.
// Cost      ELEMENTS * (LAPLACE_RANK + 1) + LAPLACE_RANK multipliers; see laplace.sv for a whole gate.
// Not here  Coefficients in block RAM: each bit of a word is a function of `step`.
`default_nettype none

module hwgen_variance #(
    parameter int EMBEDDING_SIZE          = 7,
    parameter int EMBEDDING_BITS          = 6,
    parameter bit EMBEDDING_SIGNED        = 0,
    parameter int EMBEDDING_DROPPED       = 0,
    parameter int ELEMENTS                = 7,
    parameter int STEPS                   = 1,
    parameter int STEP_BITS               = 1,
    parameter int LAPLACE_RANK            = 8,
    parameter logic [STEPS*ELEMENTS*LAPLACE_RANK*8-1:0] LAPLACE_PARTS = '0,
    parameter int LAPLACE_SUM_BITS        = 18,
    parameter logic [LAPLACE_RANK*LAPLACE_SUM_BITS-1:0] LAPLACE_BIAS = '0,
    parameter logic [LAPLACE_RANK*6-1:0] LAPLACE_SHIFT = '0,
    parameter int LAPLACE_PROJECTION_BITS = 18,
    parameter int LAPLACE_NORM_BITS       = 15,
    parameter int LAPLACE_NORM_UP         = 0,
    parameter int LAPLACE_NORM_DOWN       = 0,
    parameter logic signed [63:0] LAPLACE_NORM_OFFSET = 0,
    parameter int LAPLACE_VARIANCE_BITS   = 40,
    parameter int LAPLACE_VARIANCE_SHIFT  = 0,
    parameter int INDEX_BITS              = 8,
    parameter int SUM_LEVELS              = 2
) (
    input  wire                                      clk,
    input  wire  [                    STEP_BITS-1:0] step,
    input  wire  [                              3:0] step_load,
    input  wire                                      step_first,
    input  wire  [                   SUM_LEVELS+2:0] load,
    input  wire  [EMBEDDING_SIZE*EMBEDDING_BITS-1:0] s_embedding,
    output logic [                   INDEX_BITS-1:0] m_index
);
    localparam int PART = ELEMENTS * EMBEDDING_BITS;
    localparam int WORD = ELEMENTS * LAPLACE_RANK * 8;
    localparam int NARROW = EMBEDDING_BITS - EMBEDDING_DROPPED;
    localparam int VARIANCE = LAPLACE_VARIANCE_BITS;
    // A square needs one bit less than twice the width; the sum of all never more than the variance.
    localparam int SQUARES = 2 * LAPLACE_PROJECTION_BITS - 1;

    logic [                   STEPS*PART-1:0] padded;
    logic [                         PART-1:0] part;
    logic [                         WORD-1:0] word;
    logic [       ELEMENTS*(NARROW+1)-1:0] elements;
    logic [  ELEMENTS*LAPLACE_NORM_BITS-1:0] squares;
    logic [           LAPLACE_NORM_BITS-1:0] square_part;
    logic [           LAPLACE_NORM_BITS-1:0] square_sum;
    logic [           LAPLACE_NORM_BITS-1:0] norm;
    logic [       LAPLACE_RANK*SQUARES-1:0] projected;
    logic [                    VARIANCE-1:0] reduction;
    logic [                    VARIANCE-1:0] scaled;
    logic [                    VARIANCE-1:0] whole;
    logic [                    VARIANCE-1:0] variance;
    logic [                    VARIANCE-1:0] bin;

    assign padded = (STEPS * PART)'(s_embedding);

    if (STEPS == 1) begin : g_word
        logic unused_step;

        assign unused_step = step[0];
        assign word        = LAPLACE_PARTS;
        always_ff @(posedge clk) if (step_load[0]) part <= padded;
    end else begin : g_words
        always_ff @(posedge clk) begin
            if (step_load[0]) begin
                part <= padded[step*PART+:PART];
                word <= LAPLACE_PARTS[step*WORD+:WORD];
            end
        end
    end

    // |e|^2.
    for (genvar i = 0; i < ELEMENTS; i++) begin : g_element
        logic [EMBEDDING_BITS-1:0] element;
        logic signed [NARROW:0] value;

        assign element = part[i*EMBEDDING_BITS+:EMBEDDING_BITS];
        assign value = {EMBEDDING_SIGNED && element[EMBEDDING_BITS-1], element[EMBEDDING_BITS-1:EMBEDDING_DROPPED]};
        assign elements[i*(NARROW+1)+:NARROW+1] = value;
        always_ff @(posedge clk) begin
            if (step_load[1]) begin
                squares[i*LAPLACE_NORM_BITS+:LAPLACE_NORM_BITS] <=
                    LAPLACE_NORM_BITS'(value) * LAPLACE_NORM_BITS'(value);
            end
        end
    end
    if (EMBEDDING_DROPPED > 0) begin : g_dropped
        logic [ELEMENTS*EMBEDDING_DROPPED-1:0] unused_low;

        for (genvar i = 0; i < ELEMENTS; i++) begin : g_low
            assign unused_low[i*EMBEDDING_DROPPED+:EMBEDDING_DROPPED] = part[i*EMBEDDING_BITS+:EMBEDDING_DROPPED];
        end
    end
    always_comb begin
        square_part = '0;
        for (int i = 0; i < ELEMENTS; i++) square_part = square_part + squares[i*LAPLACE_NORM_BITS+:LAPLACE_NORM_BITS];
    end
    always_ff @(posedge clk) begin
        if (step_load[2]) square_sum <= square_part;
        if (step_load[3]) norm <= step_first ? square_sum : norm + square_sum;
    end

    // y_r.
    for (genvar r = 0; r < LAPLACE_RANK; r++) begin : g_row
        localparam int SHIFT = int'(LAPLACE_SHIFT[r*6+:6]);
        logic [ELEMENTS*LAPLACE_SUM_BITS-1:0] products;
        logic [         LAPLACE_SUM_BITS-1:0] product_part;
        logic [         LAPLACE_SUM_BITS-1:0] product_sum;
        logic signed [  LAPLACE_SUM_BITS-1:0] sum;
        logic signed [LAPLACE_PROJECTION_BITS-1:0] projection;

        for (genvar i = 0; i < ELEMENTS; i++) begin : g_product
            always_ff @(posedge clk) begin
                if (step_load[1]) begin
                    products[i*LAPLACE_SUM_BITS+:LAPLACE_SUM_BITS] <=
                        LAPLACE_SUM_BITS'($signed(word[(i*LAPLACE_RANK+r)*8+:8])) *
                        LAPLACE_SUM_BITS'($signed(elements[i*(NARROW+1)+:NARROW+1]));
                end
            end
        end
        always_comb begin
            product_part = '0;
            for (int i = 0; i < ELEMENTS; i++) begin
                product_part = product_part + products[i*LAPLACE_SUM_BITS+:LAPLACE_SUM_BITS];
            end
        end
        always_ff @(posedge clk) begin
            if (step_load[2]) product_sum <= product_part;
            if (step_load[3]) begin
                sum <= $signed((step_first ? LAPLACE_BIAS[r*LAPLACE_SUM_BITS+:LAPLACE_SUM_BITS] : sum) + product_sum);
            end
        end
        assign projection = LAPLACE_PROJECTION_BITS'(sum >>> SHIFT);
        always_ff @(posedge clk) begin
            if (load[0]) projected[r*SQUARES+:SQUARES] <= SQUARES'(projection) * SQUARES'(projection);
        end
    end
    hwgen_sum #(
        .COUNT   (LAPLACE_RANK),
        .BITS    (SQUARES),
        .SUM_BITS(VARIANCE),
        .LEVELS  (SUM_LEVELS)
    ) reduction_sum (
        .clk,
        .load    (load[1+:SUM_LEVELS]),
        .s_values(projected),
        .m_sum   (reduction)
    );

    // v.
    assign scaled = (VARIANCE'(norm) << LAPLACE_NORM_UP >> LAPLACE_NORM_DOWN) + VARIANCE'(LAPLACE_NORM_OFFSET);
    hwgen_delay #(
        .WIDTH (VARIANCE),
        .STAGES(SUM_LEVELS + 1)
    ) norm_delay (
        .clk,
        .load  (load[0+:SUM_LEVELS+1]),
        .s_data(scaled),
        .m_data(whole)
    );
    // Below 0: the top bit.
    assign bin = variance[VARIANCE-1] ? '0 : variance >> LAPLACE_VARIANCE_SHIFT;
    always_ff @(posedge clk) begin
        if (load[SUM_LEVELS+1]) variance <= whole - reduction;
        if (load[SUM_LEVELS+2]) m_index <= bin >> INDEX_BITS != '0 ? '1 : INDEX_BITS'(bin);
    end
endmodule

`default_nettype wire
