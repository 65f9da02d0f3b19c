// A network of one hidden layer on shares, weights built in.
//
// Contract  v_h = max(0, sum_i W_hi P_i + B_h) >> DROPPED, m_output = sum_h V_h v_h, two's complement. W is
//           HIDDEN_WEIGHTS, B HIDDEN_BIASES, V OUTPUT_WEIGHTS, the first lowest. Registers load with load[i]: products,
//           INPUT_LEVELS of sum.sv, neurons, products, OUTPUT_LEVELS of sum.sv. Nothing wraps: SUM_BITS and OUTPUT_BITS
//           hold the largest.
// Cost      INPUTS * NEURONS + NEURONS multipliers by constants; see distribution_mlp.sv for a whole gate.
// Not here  Weights that change.
`default_nettype none

module hwgen_perceptron #(
    parameter int INPUTS        = 10,
    parameter int NEURONS       = 8,
    parameter int SHARE_BITS    = 17,
    parameter int WEIGHT_BITS   = 8,
    parameter int BIAS_BITS     = 24,
    parameter int DROPPED       = 8,
    parameter int OUTPUT_BITS   = 27,
    parameter logic [NEURONS*INPUTS*WEIGHT_BITS-1:0] HIDDEN_WEIGHTS = '0,
    parameter logic [NEURONS*BIAS_BITS-1:0] HIDDEN_BIASES = '0,
    parameter logic [NEURONS*WEIGHT_BITS-1:0] OUTPUT_WEIGHTS = '0,
    parameter int INPUT_LEVELS  = 2,
    parameter int OUTPUT_LEVELS = 2
) (
    input  wire                                     clk,
    input  wire  [INPUT_LEVELS+OUTPUT_LEVELS+2:0] load,
    input  wire  [           INPUTS*SHARE_BITS-1:0] s_shares,
    output logic [                 OUTPUT_BITS-1:0] m_output
);
    localparam int SUM_BITS = BIAS_BITS + 1;
    localparam int NEURON = INPUT_LEVELS + 1;

    logic [NEURONS*OUTPUT_BITS-1:0] weighted;

    for (genvar h = 0; h < NEURONS; h++) begin : g_neuron
        localparam logic signed [BIAS_BITS-1:0] BIAS = HIDDEN_BIASES[h*BIAS_BITS+:BIAS_BITS];
        localparam logic signed [WEIGHT_BITS-1:0] OUTPUT = OUTPUT_WEIGHTS[h*WEIGHT_BITS+:WEIGHT_BITS];
        logic [INPUTS*SUM_BITS-1:0] products;
        logic [SUM_BITS-1:0] sum;
        logic [SUM_BITS-1:0] biased;
        logic [SUM_BITS-DROPPED-2:0] neuron;

        for (genvar i = 0; i < INPUTS; i++) begin : g_input
            localparam logic signed [WEIGHT_BITS-1:0] WEIGHT =
                HIDDEN_WEIGHTS[(h*INPUTS+i)*WEIGHT_BITS+:WEIGHT_BITS];
            always_ff @(posedge clk) begin
                if (load[0]) begin
                    products[i*SUM_BITS+:SUM_BITS] <=
                        SUM_BITS'(WEIGHT) * $signed(SUM_BITS'(s_shares[i*SHARE_BITS+:SHARE_BITS]));
                end
            end
        end
        // Sums of two's complement numbers, as wide as their sum: unsigned ones wrap to the same bits.
        hwgen_sum #(
            .COUNT   (INPUTS),
            .BITS    (SUM_BITS),
            .SUM_BITS(SUM_BITS),
            .LEVELS  (INPUT_LEVELS)
        ) input_sum (
            .clk,
            .load    (load[1+:INPUT_LEVELS]),
            .s_values(products),
            .m_sum   (sum)
        );
        assign biased = sum + SUM_BITS'(BIAS);
        always_ff @(posedge clk) begin
            if (load[NEURON]) neuron <= biased[SUM_BITS-1] ? '0 : biased[SUM_BITS-2:DROPPED];
            if (load[NEURON+1]) begin
                weighted[h*OUTPUT_BITS+:OUTPUT_BITS] <= OUTPUT_BITS'(OUTPUT) * $signed(OUTPUT_BITS'(neuron));
            end
        end
    end
    hwgen_sum #(
        .COUNT   (NEURONS),
        .BITS    (OUTPUT_BITS),
        .SUM_BITS(OUTPUT_BITS),
        .LEVELS  (OUTPUT_LEVELS)
    ) output_sum (
        .clk,
        .load    (load[NEURON+2+:OUTPUT_LEVELS]),
        .s_values(weighted),
        .m_sum   (m_output)
    );
endmodule

`default_nettype wire
