// Logarithm of a sum of exponentials: a polyline through the entries of a table.
//
// Contract  Four cycles after s_sum, 2^Q <= s_sum <= CLASSES * 2^Q, Q = TABLE_FRACTION: m_log = V[i] + floor((V[i+1]
//           - V[i]) * r / 2^m). i is the octave of s_sum, then the LOG_INDEX_BITS bits below its leading one; r the m
//           bits below those. The table V lies outside and is read at i and i + 1: in the cycle after log_table_load
//           both entries are expected, in registers that load with it. Register i loads with load[i] (pace.sv).
// Cost      With the parameters below: 49 LUT, 88 FF, 1 DSP (Yosys, synth_xilinx -family xcup); besides the table.
`default_nettype none

module hwgen_logarithm #(
    parameter int TABLE_FRACTION       = 16,
    parameter int SUM_BITS             = 20,
    parameter int LOG_OCTAVES          = 4,
    parameter int LOG_INDEX_BITS       = 7,
    parameter int LOG_TABLE_INDEX_BITS = 9,
    parameter int LOG_TABLE_BITS       = 18,
    parameter int LOG_SLOPE_BITS       = 10
) (
    input  wire                               clk,
    input  wire  [                       3:0] load,
    input  wire  [              SUM_BITS-1:0] s_sum,
    output logic                              log_table_load,
    output logic [2*LOG_TABLE_INDEX_BITS-1:0] log_table_index,
    input  wire  [      2*LOG_TABLE_BITS-1:0] log_table_entry,
    output logic [        LOG_TABLE_BITS-1:0] m_log
);
    localparam int REST = SUM_BITS - 1 - LOG_INDEX_BITS;
    localparam int OCTAVE_BITS = LOG_OCTAVES > 1 ? $clog2(LOG_OCTAVES) : 1;

    logic [            OCTAVE_BITS-1:0] octave;
    logic [               SUM_BITS-2:0] aligned;  // what lies below the leading one
    logic [   LOG_TABLE_INDEX_BITS-1:0] place;
    logic [                   REST-1:0] rest;
    logic [                   REST-1:0] rest_held;
    logic [         LOG_TABLE_BITS-1:0] low;
    logic [         LOG_TABLE_BITS-1:0] low_held;
    logic [         LOG_SLOPE_BITS-1:0] slope;
    logic [    LOG_SLOPE_BITS+REST-1:0] risen;
    logic [LOG_SLOPE_BITS+REST-1:0] unused_risen;

    always_comb begin
        octave = '0;
        for (int e = 1; e < LOG_OCTAVES; e++) if (s_sum[TABLE_FRACTION+e]) octave = OCTAVE_BITS'(e);
        // The leading one moves beyond the top.
        aligned = (SUM_BITS - 1)'(s_sum << (OCTAVE_BITS'(LOG_OCTAVES - 1) - octave));
        place   = LOG_TABLE_INDEX_BITS'({octave, aligned[SUM_BITS-2-:LOG_INDEX_BITS]});
    end

    assign low   = log_table_entry[LOG_TABLE_BITS-1:0];
    assign slope = LOG_SLOPE_BITS'(log_table_entry[LOG_TABLE_BITS+:LOG_TABLE_BITS] - low);

    always_ff @(posedge clk) begin
        if (load[0]) begin
            log_table_index <= {place + 1'b1, place};
            rest            <= aligned[REST-1:0];
        end
        if (load[1]) rest_held <= rest;
        if (load[2]) begin
            risen    <= slope * rest_held;
            low_held <= low;
        end
        if (load[3]) m_log <= low_held + LOG_TABLE_BITS'(risen >> REST);
    end
    assign unused_risen   = risen;
    assign log_table_load = load[1];
endmodule

`default_nettype wire
