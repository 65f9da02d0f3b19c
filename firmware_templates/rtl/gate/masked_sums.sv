// One pass of the head's last dense layer with dropout: the sums of the kept products of every class.
//
// Contract  EMBEDDING_SIZE + 2 cycles after `go`, `done` is high for one cycle; m_sum_c, the first class lowest, stands
//           from then to the next `go`: the sum of KERNEL_(i, c) * element i of s_embedding over all i that the shift
//           register keeps. The register (x^32 + x^30 + x^26 + x^25 + 1, eight bits a step) begins with SEED at a `go`
//           with `first` and else goes on; element i is kept if its byte is at least DROP_BELOW. s_embedding must stand
//           still from `go` until `done`. KERNEL: entry i * CLASSES + c, the first lowest. Nothing wraps.
// Cost      CLASSES multipliers and accumulators; see mc_dropout.sv for a whole gate.
`default_nettype none

module hwgen_masked_sums #(
    parameter int CLASSES          = 10,
    parameter int EMBEDDING_SIZE   = 7,
    parameter int EMBEDDING_BITS   = 6,
    parameter bit EMBEDDING_SIGNED = 0,
    parameter int KERNEL_BITS      = 5,
    parameter bit KERNEL_SIGNED    = 1,
    parameter logic [EMBEDDING_SIZE*CLASSES*KERNEL_BITS-1:0] KERNEL = '0,
    parameter logic [31:0] SEED    = 32'h1,
    parameter int DROP_BELOW       = 64,
    parameter int SUM_BITS         = 15
) (
    input  wire                                      clk,
    input  wire                                      rst_n,
    input  wire                                      go,
    input  wire                                      first,
    input  wire  [EMBEDDING_SIZE*EMBEDDING_BITS-1:0] s_embedding,
    output logic                                     done,
    output logic [             CLASSES*SUM_BITS-1:0] m_sums
);
    localparam int PLACE_BITS = EMBEDDING_SIZE > 1 ? $clog2(EMBEDDING_SIZE) : 1;
    localparam int ROW = CLASSES * KERNEL_BITS;
    localparam logic [PLACE_BITS-1:0] LAST = PLACE_BITS'(EMBEDDING_SIZE - 1);

    logic [           ROW-1:0] rows[2**PLACE_BITS];
    logic [           ROW-1:0] row;
    logic [EMBEDDING_BITS-1:0] element;
    logic [    PLACE_BITS-1:0] place;
    logic [              31:0] register;
    logic [               7:0] random;
    logic                      runs;
    logic                      moves;
    logic                      begins;
    logic                      ends;
    logic                      kept;

    initial begin
        for (int i = 0; i < 2 ** PLACE_BITS; i++) rows[i] = KERNEL[(i<EMBEDDING_SIZE?i:0)*ROW+:ROW];
    end

    assign random = register[31:24] ^ register[29:22] ^ register[25:18] ^ register[24:17];

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            runs  <= 1'b0;
            moves <= 1'b0;
            ends  <= 1'b0;
            done  <= 1'b0;
        end else begin
            runs  <= go || (runs && place != LAST);
            moves <= runs;
            ends  <= runs && place == LAST;
            done  <= ends;
        end
    end
    always_ff @(posedge clk) begin
        if (go) place <= '0;
        else if (runs) place <= place + 1'b1;
        if (go && first) register <= SEED;
        else if (runs) register <= {register[23:0], random};
        if (runs) begin
            row     <= rows[place];
            element <= s_embedding[place*EMBEDDING_BITS+:EMBEDDING_BITS];
            kept    <= random >= 8'(DROP_BELOW);
            begins  <= place == '0;
        end
    end
    for (genvar c = 0; c < CLASSES; c++) begin : g_class
        logic [KERNEL_BITS-1:0] bits;
        logic signed [KERNEL_BITS:0] weight;
        logic signed [EMBEDDING_BITS:0] value;
        logic signed [SUM_BITS-1:0] product;
        logic signed [SUM_BITS-1:0] sum;

        assign bits    = row[c*KERNEL_BITS+:KERNEL_BITS];
        assign weight  = {KERNEL_SIGNED && bits[KERNEL_BITS-1], bits};
        assign value   = {EMBEDDING_SIGNED && element[EMBEDDING_BITS-1], element};
        assign product = SUM_BITS'(weight) * SUM_BITS'(value);
        always_ff @(posedge clk) begin
            if (moves && (kept || begins)) sum <= (begins ? '0 : sum) + (kept ? product : '0);
        end
        assign m_sums[c*SUM_BITS+:SUM_BITS] = sum;
    end
endmodule

`default_nettype wire
