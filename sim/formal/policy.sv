// What is proven of policy.sv and threshold_bank.sv together, with a host that writes anything at any time and
// a pipeline that lets samples overtake: a sample that is inside reads the same thresholds and enables at every
// gate from its entry to its result, so no bank changes under it; bank and policy stand still while a sample
// waits at the door; counts are right; a bank is switched to only when none of its samples is inside, and then
// at once; a policy that does not exist and a bank after reset let nobody leave.
`default_nettype none

module formal_policy #(
    parameter int POLICIES = 2,
    parameter int COUNT_BITS = 3
) (
    input wire logic        clk,
    input wire logic        rst_n,
    input wire logic [2:0]  select,
    input wire logic        wanted_bank,
    input wire logic        enter_valid,
    input wire logic        enter_ready,
    input wire logic        leave_valid,
    input wire logic        leave_bank,
    input wire logic        leave_watched,
    input wire logic        pick,
    input wire logic        host_request,
    input wire logic        host_write,
    input wire logic [13:0] host_address,
    input wire logic [31:0] host_data,
    input wire logic        host_strobes,
    input wire logic        any_bank,
    input wire logic [1:0]  any_policy
);
    localparam int GATES = 2;
    localparam int POLICY_BITS = $clog2(POLICIES + 1);
    localparam int MOST = (1 << COUNT_BITS) - 2;

    logic active_bank, pending, count_error, drains, fault, enter_bank, refused;
    logic [1:0] writable, lookup_enable;
    logic [2*COUNT_BITS-1:0] in_flight;
    logic [POLICY_BITS-1:0] enter_policy;
    logic [31:0] host_answer;
    logic [GATES*64-1:0] lookup_threshold;

    formal_reset reset_i (.clk, .rst_n);

    hwgen_policy #(.POLICIES(POLICIES), .SELECT_BITS(3), .COUNT_BITS(COUNT_BITS), .PARITY(1)) dut (
        .clk, .rst_n, .select, .wanted_bank, .flush(1'b0),
        .active_bank, .pending, .writable, .in_flight, .count_error, .drains, .fault,
        .enter_valid, .enter_ready, .enter_bank, .enter_policy, .leave_valid, .leave_bank
    );

    // The sample watched reads at both gates in every cycle; while there is none, the one at the door does.
    logic watching, bank, taken;
    logic [POLICY_BITS-1:0] policy;
    logic look_bank;
    logic [POLICY_BITS-1:0] look_policy;
    assign look_bank = watching ? bank : enter_bank;
    assign look_policy = watching ? policy : enter_policy;
    hwgen_threshold_bank #(.GATES(GATES), .POLICIES(POLICIES), .WORDS(1)) thresholds (
        .clk, .rst_n, .writable, .host_request, .host_write, .host_address, .host_data, .host_strobes,
        .host_answer, .refused,
        .lookup_bank({2{look_bank}}), .lookup_policy({2{look_policy}}), .lookup_threshold, .lookup_enable
    );

    // A second copy read anywhere: what must hold for every lookup.
    logic [1:0] any_enable;
    logic [31:0] unused_answer;
    logic [GATES*64-1:0] unused_threshold;
    logic unused_refused;
    hwgen_threshold_bank #(.GATES(GATES), .POLICIES(POLICIES), .WORDS(1)) anywhere (
        .clk, .rst_n, .writable, .host_request, .host_write, .host_address, .host_data, .host_strobes,
        .host_answer(unused_answer), .refused(unused_refused),
        .lookup_bank({2{any_bank}}), .lookup_policy({2{any_policy}}),
        .lookup_threshold(unused_threshold), .lookup_enable(any_enable)
    );

    // Samples inside by bank, as the pipeline knows them; it never hands out what it does not hold.
    logic [COUNT_BITS-1:0] inside0, inside1;
    logic enters0, enters1, leaves0, leaves1;
    assign taken = enter_valid && enter_ready;
    assign enters0 = taken && !enter_bank;
    assign enters1 = taken && enter_bank;
    assign leaves0 = leave_valid && !leave_bank;
    assign leaves1 = leave_valid && leave_bank;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            inside0 <= '0;
            inside1 <= '0;
            watching <= 1'b0;
        end else begin
            inside0 <= inside0 + COUNT_BITS'(enters0) - COUNT_BITS'(leaves0);
            inside1 <= inside1 + COUNT_BITS'(enters1) - COUNT_BITS'(leaves1);
            if (watching && leave_valid && leave_watched) watching <= 1'b0;
            else if (!watching && taken && pick) watching <= 1'b1;
        end
    end

    logic [1:0] seen_enable;
    logic [GATES*64-1:0] seen_threshold;
    always_ff @(posedge clk) begin
        if (!watching) begin
            bank <= enter_bank;
            policy <= enter_policy;
            seen_enable <= lookup_enable;
            seen_threshold <= lookup_threshold;
        end
    end

    always_comb begin
        if (leaves0) assume (inside0 != 0);
        if (leaves1) assume (inside1 != 0);
        if (taken) assume (inside0 + inside1 < MOST);
        if (watching && leave_valid && leave_watched) assume (leave_bank == bank);
        if (watching && leave_valid && leave_bank == bank && !leave_watched) begin
            assume ((bank ? inside1 : inside0) > 1);
        end
    end

    logic was_running, was_waiting, was_bank, was_ready_to_switch, was_wanted, enabled;
    logic [1:0] was_empty;
    logic [POLICY_BITS-1:0] was_policy;
    always_ff @(posedge clk) begin
        was_running <= rst_n;
        was_waiting <= rst_n && enter_valid && !enter_ready;
        was_bank <= enter_bank;
        was_policy <= enter_policy;
        was_empty <= {inside1 == 0, inside0 == 0};
        was_wanted <= wanted_bank;
        was_ready_to_switch <= rst_n && (wanted_bank ? inside1 == 0 : inside0 == 0) && (!enter_valid || enter_ready);
        if (!rst_n) enabled <= 1'b0;
        else if (host_request && host_write && !refused) enabled <= 1'b1;
    end

    always_comb begin
        if (rst_n) begin
            // What a sample reads.
            if (watching) assert (lookup_threshold == seen_threshold);
            if (watching) assert (lookup_enable == seen_enable);
            if (watching) assert (!writable[bank]);
            assert (!writable[enter_bank] && !writable[wanted_bank]);
            if (host_request && host_write && !writable[host_address[13]]) assert (refused);
            // What it is given.
            if (was_waiting) assert (enter_bank == was_bank && enter_policy == was_policy);
            assert (32'(enter_policy) <= POLICIES);
            if (32'(any_policy) >= POLICIES || !enabled) assert (any_enable == 0);
            // Counts and commits.
            assert (in_flight == {inside1, inside0});
            assert (!count_error);
            assert (!fault);
            assert (drains == (leave_valid && leave_bank == wanted_bank));
            if (was_running && enter_bank != was_bank) assert (was_empty[enter_bank] && enter_bank == was_wanted);
            if (was_ready_to_switch) assert (enter_bank == was_wanted);
        end
    end
endmodule

`default_nettype wire
