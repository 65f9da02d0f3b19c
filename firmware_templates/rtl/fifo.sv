// First word falls through: a FIFO whose oldest word stands at the output as long as there is one.
//
// Contract  s_ready is low only when DEPTH words are inside; it does not look at m_ready, so no path runs
//           through the FIFO. m_valid is high as long as a word is inside; a word is at the output in the cycle
//           after it was taken. Words leave in the order they came, once each. count is the number inside.
//           DEPTH >= 1, any number; a word per cycle from DEPTH 2 on, every second cycle at DEPTH 1.
// fault     With PARITY: a parity bit over count and pointers does not fit them; one of these bits is not what it
//           was left as.
// Cost      40 LUT, 14 FF, 3 RAM32M16 (WIDTH 32, DEPTH 16, PARITY 1); the latter are 8 LUTs each and hold 14 bits of 32 words.
// Does not  Cross clocks, clear its words at reset (only its pointers), or use block RAM: the output is a
//           read without a clock edge, which fits LUT RAM and registers.
`default_nettype none

module hwgen_fifo #(
    parameter int unsigned WIDTH  = 8,
    parameter int unsigned DEPTH  = 2,
    parameter int unsigned PARITY = 0
) (
    input  wire logic                       clk,
    input  wire logic                       rst_n,
    input  wire logic                       s_valid,
    output logic                            s_ready,
    input  wire logic [WIDTH-1:0]           s_data,
    output logic                            m_valid,
    input  wire logic                       m_ready,
    output logic      [WIDTH-1:0]           m_data,
    output logic      [$clog2(DEPTH+1)-1:0] count,
    output logic                            fault
);
    localparam int unsigned COUNT_BITS = $clog2(DEPTH + 1);

    logic push, pop, check, odd_count, odd_pointers, next_odd_pointers;
    logic [COUNT_BITS-1:0] next_count;

    assign s_ready = count != COUNT_BITS'(DEPTH);
    assign m_valid = count != '0;
    assign push = s_valid & s_ready;
    assign pop = m_valid & m_ready;

    always_comb begin
        next_count = count;
        if (push && !pop) next_count = count + 1'b1;
        else if (pop && !push) next_count = count - 1'b1;
    end

    // check is made from what count and pointers become, and compared with what they are.
    assign odd_count = ^count;
    assign fault = (PARITY != 0) & (odd_count ^ odd_pointers ^ check);

    always_ff @(posedge clk) begin
        if (!rst_n) count <= '0;
        else count <= next_count;
        if (!rst_n) check <= 1'b0;
        else check <= ^next_count ^ next_odd_pointers;
    end

    if (DEPTH == 1) begin : g_register
        assign odd_pointers = 1'b0;
        assign next_odd_pointers = 1'b0;
        always_ff @(posedge clk) if (push) m_data <= s_data;
    end else begin : g_ring
        localparam int unsigned POINTER_BITS = $clog2(DEPTH);
        localparam logic [POINTER_BITS-1:0] LAST = POINTER_BITS'(DEPTH - 1);

        logic [WIDTH-1:0] words[DEPTH];
        logic [POINTER_BITS-1:0] write_at, read_at, next_write, next_read;

        assign m_data = words[read_at];
        assign odd_pointers = ^{write_at, read_at};
        assign next_odd_pointers = ^{next_write, next_read};

        always_comb begin
            next_write = write_at;
            next_read = read_at;
            if (push) next_write = (write_at == LAST) ? '0 : write_at + 1'b1;
            if (pop) next_read = (read_at == LAST) ? '0 : read_at + 1'b1;
        end

        always_ff @(posedge clk) begin
            if (push) words[write_at] <= s_data;
        end

        always_ff @(posedge clk) begin
            if (!rst_n) begin
                write_at <= '0;
                read_at  <= '0;
            end else begin
                write_at <= next_write;
                read_at  <= next_read;
            end
        end
    end
endmodule

`default_nettype wire
