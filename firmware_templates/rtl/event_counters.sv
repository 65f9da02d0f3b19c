// Counts events of the pipeline and hands out all counts as of one moment.
//
// Contract  Each bit of event_in counts the cycles in which it is high, one every cycle without loss; COUNT_BITS
//           wide, then it wraps. snapshot and clear are pulses, at once or apart: at one moment soon after (two
//           cycles per counter at the most) all counts are copied to where the host reads them, then set to 0;
//           an event of that moment counts once, before or after. A pulse during a command is done after it.
//           Host: host_request for one cycle with host_address = {counter, word}; host_done pulses with
//           host_answer at most six cycles per counter later, after a command under way. One request at a time;
//           one that does not exist is never answered. After reset all counts and the copies are 0.
// How       A small counter per event holds the low bits. A sweep visits one count after the other in a LUTRAM:
//           the low bits are taken from the small counter, the high ones step when it wrapped since. So there is
//           one adder for all, and a small counter must only outlast a sweep. It runs through its values as a
//           shift register does, one LUT for all its bits, and a table gives the place of a value in that order.
// Cost      EVENTS = 12, COUNT_BITS = 48: 207 LUT, 136 FF, 4 RAM32M16 (32 LUTs as memory); 32 bits: 158 LUT,
//           135 FF, 3 RAM32M16.
// Not here  Which event is which: control.rdl and the top.
`default_nettype none

module hwgen_event_counters #(
    parameter int EVENTS = 8,
    parameter int COUNT_BITS = 48,
    parameter int EVENT_BITS = $clog2(EVENTS)
) (
    input wire logic clk,
    input wire logic rst_n,

    input wire logic [EVENTS-1:0] event_in,
    input wire logic snapshot,
    input wire logic clear,

    input wire logic host_request,
    input wire logic [EVENT_BITS:0] host_address,
    output logic host_done,
    output logic [31:0] host_answer
);

  localparam int SMALL_BITS = EVENTS > 8 ? $clog2(2 * EVENTS + 1) : 5;
  localparam int HIGH_BITS = COUNT_BITS - SMALL_BITS;
  localparam logic [EVENT_BITS-1:0] LAST = EVENT_BITS'(EVENTS - 1);

  // A sweep visits every count twice: in the first half of a visit its copy, in the second the count itself.
  logic second, start;
  logic [EVENT_BITS-1:0] visit;
  assign start = second && visit == LAST;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      second <= 1'b0;
      visit <= '0;
    end else begin
      second <= !second;
      if (second) visit <= start ? '0 : visit + 1'b1;
    end
  end

  // Commands: asked for, and done during this sweep. Reset wipes counts and copies, whatever they held.
  logic want_copy, want_clear, copying, clearing, wiping;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      {want_copy, want_clear} <= 2'b00;
      {copying, clearing, wiping} <= 3'b111;
    end else begin
      want_copy <= snapshot || (want_copy && !start);
      want_clear <= clear || (want_clear && !start);
      if (start) {copying, clearing, wiping} <= {want_copy, want_clear, 1'b0};
    end
  end

  // A shift register with the taps of a primitive polynomial runs through all values but 0; that one is put in
  // before the value whose only bit is the lowest.
  localparam logic [31:0] TAPS = SMALL_BITS == 5 ? 32'h14 : SMALL_BITS == 6 ? 32'h30 : SMALL_BITS == 7 ? 32'h60
                               : SMALL_BITS == 8 ? 32'hb8 : 32'h110;

  function automatic logic [SMALL_BITS-1:0] next(input logic [SMALL_BITS-1:0] value);
    next = {value[SMALL_BITS-2:0], ^(value & TAPS[SMALL_BITS-1:0]) ^ (value[SMALL_BITS-2:0] == '0)};
  endfunction

  function automatic logic [(SMALL_BITS<<SMALL_BITS)-1:0] places();
    logic [SMALL_BITS-1:0] value;
    value = '0;
    places = '0;
    for (int i = 0; i < 1 << SMALL_BITS; i++) begin
      places[32'(value)*SMALL_BITS+:SMALL_BITS] = SMALL_BITS'(i);
      value = next(value);
    end
  endfunction
  localparam logic [(SMALL_BITS<<SMALL_BITS)-1:0] PLACES = places();

  logic [SMALL_BITS-1:0] lows[EVENTS];
  logic [SMALL_BITS-1:0] kept[EVENTS];  // as they stood when the sweep began
  for (genvar e = 0; e < EVENTS; e++) begin : g_small
    always_ff @(posedge clk) begin
      if (!rst_n) lows[e] <= '0;
      else if (start && want_clear) lows[e] <= SMALL_BITS'(event_in[e]);
      else if (event_in[e]) lows[e] <= next(lows[e]);
      if (!rst_n) kept[e] <= '0;
      else if (start && want_copy) kept[e] <= lows[e];
    end
  end

  logic [COUNT_BITS-1:0] memory[2 << EVENT_BITS];  // {copy, event}
  logic [COUNT_BITS-1:0] read, base, sum;
  logic [SMALL_BITS-1:0] value, low;
  assign read = memory[{!second && !copying, visit}];
  assign base = (second ? clearing : wiping) ? '0 : read;
  assign value = second ? lows[visit] : kept[visit];
  assign low = PLACES[32'(value)*SMALL_BITS+:SMALL_BITS];
  assign sum[SMALL_BITS-1:0] = low;
  assign sum[COUNT_BITS-1:SMALL_BITS] = base[COUNT_BITS-1:SMALL_BITS] + HIGH_BITS'(low < base[SMALL_BITS-1:0]);
  always_ff @(posedge clk) if (rst_n && (second || copying)) memory[{!second, visit}] <= sum;

  // The host waits for the visit to its copy, and for the end of a command.
  logic asked, word;
  logic [EVENT_BITS-1:0] wanted;
  logic [63:0] copy;
  assign copy = 64'(read);
  assign host_done = asked && !second && !copying && !want_copy && visit == wanted;
  assign host_answer = COUNT_BITS > 32 && word ? copy[63:32] : copy[31:0];

  always_ff @(posedge clk) begin
    if (!rst_n) asked <= 1'b0;
    else asked <= host_request || (asked && !host_done);
    if (host_request) {wanted, word} <= host_address;
  end

endmodule

`default_nettype wire
