// Logarithm of a sum of exponentials, one bit of the product a cycle.
//
// Contract  m_log as of logarithm.sv, but the table is read at one place a cycle. s_sum must stand still from s_valid
//           until `taken`; m_valid is high from SUM_BITS - LOG_INDEX_BITS + 4 cycles after s_valid until then, and
//           m_log stands.
// Cost      With the parameters below: 89 LUT, 64 FF, no DSP (Yosys, synth_xilinx -family xcup); besides the table.
`default_nettype none

module hwgen_logarithm_serial #(
    parameter int TABLE_FRACTION       = 16,
    parameter int SUM_BITS             = 20,
    parameter int LOG_OCTAVES          = 4,
    parameter int LOG_INDEX_BITS       = 7,
    parameter int LOG_TABLE_INDEX_BITS = 9,
    parameter int LOG_TABLE_BITS       = 18,
    parameter int LOG_SLOPE_BITS       = 10
) (
    input  wire                             clk,
    input  wire                             rst_n,
    input  wire                             s_valid,
    input  wire                             taken,
    input  wire  [            SUM_BITS-1:0] s_sum,
    output logic                            log_table_load,
    output logic [LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [      LOG_TABLE_BITS-1:0] log_table_entry,
    output logic                            m_valid,
    output logic [      LOG_TABLE_BITS-1:0] m_log
);
    localparam int REST = SUM_BITS - 1 - LOG_INDEX_BITS;
    localparam int OCTAVE_BITS = LOG_OCTAVES > 1 ? $clog2(LOG_OCTAVES) : 1;

    logic [                     2:0] looked_up;  // the place is known, read, and so is the next one
    logic                            multiplied;
    logic [         OCTAVE_BITS-1:0] octave;
    logic [            SUM_BITS-2:0] aligned;  // what lies below the leading one
    logic [LOG_TABLE_INDEX_BITS-1:0] place;
    logic [      LOG_TABLE_BITS-1:0] low;
    logic [      LOG_SLOPE_BITS-1:0] slope;
    logic [      LOG_SLOPE_BITS-1:0] risen;

    always_comb begin
        octave = '0;
        for (int e = 1; e < LOG_OCTAVES; e++) if (s_sum[TABLE_FRACTION+e]) octave = OCTAVE_BITS'(e);
        // The leading one moves beyond the top.
        aligned = (SUM_BITS - 1)'(s_sum << (OCTAVE_BITS'(LOG_OCTAVES - 1) - octave));
        place   = LOG_TABLE_INDEX_BITS'({octave, aligned[SUM_BITS-2-:LOG_INDEX_BITS]});
    end

    assign log_table_load = looked_up[0] && !looked_up[2];
    assign slope          = LOG_SLOPE_BITS'(log_table_entry - low);

    hwgen_product_serial #(
        .A_BITS(LOG_SLOPE_BITS),
        .B_BITS(REST),
        .DROP  (REST)
    ) rise (
        .clk,
        .rst_n,
        .s_valid  (looked_up[2]),
        .taken,
        .s_a      (slope),
        .s_b      (aligned[REST-1:0]),
        .m_valid  (multiplied),
        .m_product(risen)
    );

    always_ff @(posedge clk) begin
        if (!rst_n || taken) begin
            looked_up <= 3'b000;
            m_valid   <= 1'b0;
        end else begin
            looked_up <= {looked_up[1:0], s_valid};
            m_valid   <= multiplied;
        end
        if (s_valid && !looked_up[1]) log_table_index <= looked_up[0] ? log_table_index + 1'b1 : place;
        if (looked_up[1] && !looked_up[2]) low <= log_table_entry;
        if (multiplied && !m_valid) m_log <= low + LOG_TABLE_BITS'(risen);
    end
endmodule

`default_nettype wire
