// Which bank and policy a sample gets that enters now, and when the banks may change.
//
// Contract  A sample is offered with enter_valid and taken with enter_ready (first beat); enter_bank and
//           enter_policy belong to it and stand still from the offer until it is taken. It carries both along, and
//           comes back with leave_valid and leave_bank in the cycle in which its result is taken.
//           select is the policy of the samples to come; one that does not exist becomes POLICIES, which no
//           gate knows: it never leaves early. wanted_bank is the bank of the samples to come: the switch happens
//           between two samples, once no sample of that bank is inside. Until then pending is high; nothing blocks
//           the entrance, since new samples go to the other bank and the wanted one can only drain.
//           writable[b]: bank b is neither used, nor wanted, nor carried by a sample inside.
//           COUNT_BITS must hold the number of samples inside and one more: 2**COUNT_BITS > inside + 1.
//           A count that is full stays full and one that is 0 stays 0: count_error pulses. A sample that comes
//           back with the wrong bank bit (a fault) leaves one bank closed until rst_n or flush, and shows in
//           count_error when the other one drains. drains: a sample of the wanted bank leaves; a commit that
//           is pending for long without one waits for a sample that will not come.
//           flush: the pipeline is known to be empty, all samples are forgotten. Tie to 0 if nobody knows.
// fault     With PARITY: a bit of the counts is not what it was left as (a parity bit).
// Cost      POLICIES = 5, COUNT_BITS = 6: 40 LUT, 16 FF; with PARITY 64 LUT, 17 FF.
// Not here  Thresholds (threshold_bank.sv) and the registers (control.rdl). It does not check that a bank was
//           written before it is committed: an unwritten one has all gates off.
`default_nettype none

module hwgen_policy #(
    parameter int POLICIES = 1,
    parameter int POLICY_BITS = $clog2(POLICIES + 1),
    parameter int SELECT_BITS = 8,
    parameter int COUNT_BITS = 4,
    parameter int PARITY = 0
) (
    input wire logic clk,
    input wire logic rst_n,

    input wire logic [SELECT_BITS-1:0] select,
    input wire logic wanted_bank,
    input wire logic flush,
    output logic active_bank,
    output logic pending,
    output logic [1:0] writable,
    output logic [2*COUNT_BITS-1:0] in_flight,  // bank 0 in the low bits
    output logic count_error,
    output logic drains,
    output logic fault,

    input wire logic enter_valid,
    input wire logic enter_ready,
    output logic enter_bank,
    output logic [POLICY_BITS-1:0] enter_policy,

    input wire logic leave_valid,
    input wire logic leave_bank
);

  localparam logic [SELECT_BITS-1:0] KNOWN = SELECT_BITS'(POLICIES);

  logic bank;
  logic [POLICY_BITS-1:0] policy;
  logic [COUNT_BITS-1:0] count[2], next_count[2];
  logic check;
  logic [1:0] enters, leaves, more, fewer, empty, last, full, wrong;

  assign enter_bank = bank;
  assign enter_policy = policy;
  assign active_bank = bank;
  assign pending = wanted_bank != bank;
  assign in_flight = {count[1], count[0]};
  assign count_error = |wrong;
  assign drains = leaves[wanted_bank];
  assign fault = PARITY != 0 && ^{count[0], count[1]} != check;

  for (genvar b = 0; b < 2; b++) begin : g_bank
    assign enters[b] = enter_valid && enter_ready && bank == 1'(b);
    assign leaves[b] = leave_valid && leave_bank == 1'(b);
    assign empty[b] = count[b] == '0;
    assign last[b] = &count[b][COUNT_BITS-1:1];  // full, or with room for none that is counted
    assign full[b] = last[b] && count[b][0];
    assign more[b] = enters[b] && (!leaves[b] || empty[b]);
    assign fewer[b] = leaves[b] && !enters[b] && !empty[b];
    assign wrong[b] = (leaves[b] && empty[b]) || (enters[b] && !leaves[b] && last[b]);
    assign writable[b] = bank != 1'(b) && wanted_bank != 1'(b) && empty[b];

    always_comb begin
      next_count[b] = count[b];
      if (!full[b] && (more[b] || fewer[b])) begin
        next_count[b] = count[b] + {{(COUNT_BITS - 1) {fewer[b]}}, 1'b1};  // 1 or -1
      end
    end
    always_ff @(posedge clk) begin
      if (!rst_n || flush) count[b] <= '0;
      else count[b] <= next_count[b];
    end
  end

  always_ff @(posedge clk) begin
    if (!rst_n || flush) check <= 1'b0;
    else check <= ^{next_count[0], next_count[1]};
  end

  // Both move only while no sample waits with them.
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      bank <= 1'b0;
      policy <= '0;
    end else if (!enter_valid || enter_ready) begin
      if (empty[wanted_bank]) bank <= wanted_bank;
      policy <= select < KNOWN ? POLICY_BITS'(select) : POLICY_BITS'(KNOWN);
    end
  end

endmodule

`default_nettype wire
