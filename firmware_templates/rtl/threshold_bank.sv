// Thresholds and enables of two banks of policies: written and read by the host, looked up by every gate.
//
// Contract  Lookup: gate g puts {bank, policy} of the sample before it on its bits of lookup_*; its threshold and
//           enable stand there in the same cycle. A policy >= POLICIES gives enable 0. A threshold is 32*WORDS
//           raw bits, filled up with zeros to 64.
//           Host: host_request for one cycle with host_write and host_address = {bank, gate[5], enables, policy[4],
//           word, 00}, as in control.rdl; the enables of a gate are one word, a bit per policy. Answered in the same
//           cycle; a word that does not exist reads anything.
//           A write is taken only whole (host_strobes all ones), where such a word exists, and to a bank that
//           writable names; otherwise nothing changes and refused is high in that cycle.
//           Reset clears the enables only: write a threshold before its enable.
// Cost      GATES = 2, POLICIES = 5, WORDS = 1: 67 LUT, 20 FF, 8 RAM32M16 (64 LUTs as memory); WORDS = 2: 76 LUT,
//           20 FF, 16 RAM32M16. One LUTRAM per gate and one more for the host to read back; the same bits in
//           flip-flops take 1,026 LUT and 2,068 FF.
// Not here  When a bank is writable: policy.sv.
`default_nettype none

module hwgen_threshold_bank #(
    parameter int GATES = 1,
    parameter int POLICIES = 1,
    parameter int POLICY_BITS = $clog2(POLICIES + 1),
    parameter int WORDS = 1
) (
    input wire logic clk,
    input wire logic rst_n,

    input wire logic [1:0] writable,
    input wire logic host_request,
    input wire logic host_write,
    input wire logic [13:0] host_address,
    input wire logic [31:0] host_data,
    input wire logic host_strobes,
    output logic [31:0] host_answer,
    output logic refused,

    input wire logic [GATES-1:0] lookup_bank,
    input wire logic [GATES*POLICY_BITS-1:0] lookup_policy,
    output logic [GATES*64-1:0] lookup_threshold,
    output logic [GATES-1:0] lookup_enable
);

  localparam int BITS = 32 * WORDS;
  localparam int SLOTS = 2 << POLICY_BITS;  // of one gate: {bank, policy}
  localparam int INDEX_BITS = $clog2(GATES * SLOTS);

  logic host_bank, host_enables, host_word, known, taken;
  logic [4:0] host_gate;
  logic [3:0] host_policy;
  logic [POLICY_BITS:0] host_slot;
  logic [WORDS-1:0] write_word;

  // The two low address bits are 0, and few bits of the enables' word exist.
  logic unused;
  assign unused = &{1'b0, host_address[1:0], host_word};

  assign {host_bank, host_gate, host_enables, host_policy, host_word} = host_address[13:2];
  assign host_slot = {host_bank, POLICY_BITS'(host_policy)};
  assign known = 32'(host_gate) < GATES
               && (host_enables || (32'(host_policy) < POLICIES && 32'(host_word) < WORDS));
  assign taken = host_request && host_write && host_strobes && known && writable[host_bank];
  assign refused = host_request && host_write && !taken;
  for (genvar w = 0; w < WORDS; w++) begin : g_word
    assign write_word[w] = taken && !host_enables && host_word == 1'(w);
  end

  // Enables are flip-flops, since they must be 0 after reset; by bank and gate, gate 0 of bank 0 lowest.
  logic [2*GATES*POLICIES-1:0] enable;
  for (genvar b = 0; b < 2; b++) begin : g_bank
    for (genvar g = 0; g < GATES; g++) begin : g_enable
      always_ff @(posedge clk) begin
        if (!rst_n) enable[(b*GATES+g)*POLICIES+:POLICIES] <= '0;
        else if (taken && host_enables && host_bank == 1'(b) && host_gate == 5'(g)) begin
          enable[(b*GATES+g)*POLICIES+:POLICIES] <= host_data[POLICIES-1:0];
        end
      end
    end
  end

  for (genvar g = 0; g < GATES; g++) begin : g_gate
    logic [POLICY_BITS-1:0] policy;
    logic [(1<<POLICY_BITS)-1:0] own;
    logic [BITS-1:0] threshold;
    assign policy = lookup_policy[g*POLICY_BITS+:POLICY_BITS];
    assign own = (1 << POLICY_BITS)'(lookup_bank[g] ? enable[(GATES+g)*POLICIES+:POLICIES]
                                                   : enable[g*POLICIES+:POLICIES]);
    assign lookup_enable[g] = own[policy];
    assign lookup_threshold[g*64+:64] = 64'(threshold);
    for (genvar w = 0; w < WORDS; w++) begin : g_lookup
      logic [31:0] memory[SLOTS];
      always_ff @(posedge clk) if (write_word[w] && host_gate == 5'(g)) memory[host_slot] <= host_data;
      assign threshold[32*w+:32] = memory[{lookup_bank[g], policy}];
    end
  end

  // The host's own copy, so that reading back never takes a cycle from a gate.
  logic [INDEX_BITS-1:0] host_index;
  logic [BITS-1:0] stored;
  assign host_index = INDEX_BITS'({host_gate, host_slot});
  for (genvar w = 0; w < WORDS; w++) begin : g_copy
    logic [31:0] memory[GATES*SLOTS];
    always_ff @(posedge clk) if (write_word[w]) memory[host_index] <= host_data;
    assign stored[32*w+:32] = memory[host_index];
  end

  always_comb begin
    host_answer = stored[31:0];
    if (WORDS == 2 && host_word) host_answer = stored[BITS-1-:32];
    if (host_enables) begin
      host_answer = '0;
      for (int g = 0; g < GATES; g++) begin
        if (host_gate == 5'(g)) begin
          host_answer[POLICIES-1:0] = host_bank ? enable[(GATES+g)*POLICIES+:POLICIES]
                                                : enable[g*POLICIES+:POLICIES];
        end
      end
    end
  end

endmodule

`default_nettype wire
