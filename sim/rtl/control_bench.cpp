// Runs hwgen_control and obeys a program on standard input: one command per line, one line of answer each.
//
//   reset N               N cycles with rst_n low; samples inside are forgotten
//   step N                N cycles
//   set NAME VALUE        an input, until set otherwise     get NAME      an output -> value
//   r ADDRESS             AXI-Lite read -> data             w ADDRESS DATA STROBES
//   look BANK POLICY GATE -> threshold enable
//   traffic O R L         samples at random: per cycle O % one is offered, R % it is taken, L % one leaves
//   counts                -> cycles entered stalled abstained left[STAGES], as counted here since the last reset
//   inside                -> samples inside with bank 0 and with bank 1
//   broken                -> what was seen that must never be: thresholds of a sample inside that changed,
//                            bank or policy that moved while a sample waited
// Built with -DSTAGES, -DGATES, -DPOLICY_BITS of the design.
#include <array>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "Vdut.h"
#include "verilated.h"

namespace {

struct Setting {
    std::array<uint64_t, GATES> threshold;
    std::array<bool, GATES> enable;
    bool operator==(const Setting &other) const { return threshold == other.threshold && enable == other.enable; }
};

struct Sample {
    unsigned bank, policy;
    Setting setting;
};

uint64_t word(const QData &bits, int) { return bits; }
template <size_t N> uint64_t word(const VlWide<N> &bits, int gate) {
    return uint64_t(bits[2 * gate + 1]) << 32 | bits[2 * gate];
}

class Bench {
  public:
    Bench() {
        dut_.rst_n = 0;
        dut_.clk = 0;
        inputs_ = {{"event_busy", 0}, {"event_gated", 0}, {"event_buffer_full", 0}, {"error_watchdog", 0},
                   {"error_fault", 0}, {"flush", 0}, {"enter_valid", 0}, {"enter_ready", 0},
                   {"leave_valid", 0}, {"leave_bank", 0}, {"leave_exit", 0}, {"leave_abstain", 0}};
    }

    std::string command(const std::string &line) {
        std::istringstream in(line);
        std::ostringstream out;
        std::string what, name;
        uint64_t a = 0, b = 0, c = 0;
        in >> what;
        if (what == "reset") {
            in >> a;
            dut_.rst_n = 0;
            clear_axi();
            step(a);
            dut_.rst_n = 1;
            samples_.clear();
            counts_ = {};
            waiting_ = held_ = false;
        } else if (what == "step") {
            in >> a;
            step(a);
        } else if (what == "set") {
            in >> name >> a;
            inputs_.at(name) = a;
        } else if (what == "get") {
            in >> name;
            dut_.eval();
            if (name == "enter_bank") out << int(dut_.enter_bank);
            else if (name == "enter_policy") out << int(dut_.enter_policy);
            else if (name == "error_any") out << int(dut_.error_any);
            else if (name == "any_inside") out << int(dut_.any_inside);
            else if (name == "error_clear_seen") out << clears_;
            else throw std::runtime_error("no output " + name);
        } else if (what == "r") {
            in >> std::hex >> a;
            out << read(a);
        } else if (what == "w") {
            in >> std::hex >> a >> b >> c;
            write(a, b, c);
        } else if (what == "look") {
            in >> a >> b >> c;
            Setting seen = look(a, b);
            out << seen.threshold[c] << ' ' << seen.enable[c];
        } else if (what == "traffic") {
            in >> offer_ >> ready_ >> leave_;
        } else if (what == "counts") {
            out << counts_.cycles << ' ' << counts_.entered << ' ' << counts_.stalled << ' ' << counts_.abstained;
            for (uint64_t left : counts_.left) out << ' ' << left;
        } else if (what == "inside") {
            int number[2] = {};
            for (const Sample &sample : samples_) number[sample.bank]++;
            out << number[0] << ' ' << number[1];
        } else if (what == "broken") {
            out << broken_;
        } else {
            throw std::runtime_error("unknown command " + line);
        }
        return out.str();
    }

  private:
    bool chance(unsigned percent) { return random_() % 100 < percent; }

    Setting look(unsigned bank, unsigned policy) {
        uint64_t banks = 0, policies = 0;
        for (int g = 0; g < GATES; g++) {
            banks |= uint64_t(bank) << g;
            policies |= uint64_t(policy) << (g * POLICY_BITS);
        }
        dut_.lookup_bank = banks;
        dut_.lookup_policy = policies;
        dut_.eval();
        Setting seen;
        for (int g = 0; g < GATES; g++) {
            seen.threshold[g] = word(dut_.lookup_threshold, g);
            seen.enable[g] = dut_.lookup_enable >> g & 1;
        }
        return seen;
    }

    void drive() {
        bool traffic = offer_ || leave_;
        waiting_ = waiting_ || (traffic && chance(offer_));
        dut_.enter_valid = traffic ? waiting_ : inputs_["enter_valid"];
        dut_.enter_ready = traffic ? chance(ready_) : inputs_["enter_ready"];
        dut_.leave_valid = traffic ? !samples_.empty() && chance(leave_) : inputs_["leave_valid"];
        leaver_ = 0;
        if (traffic && dut_.leave_valid) {
            leaver_ = random_() % samples_.size();
            dut_.leave_bank = samples_[leaver_].bank;
            dut_.leave_exit = random_() % STAGES;
            dut_.leave_abstain = dut_.leave_exit == STAGES - 1 && chance(50);
        } else {
            dut_.leave_bank = inputs_["leave_bank"];
            dut_.leave_exit = inputs_["leave_exit"];
            dut_.leave_abstain = inputs_["leave_abstain"];
        }
        dut_.event_busy = inputs_["event_busy"];
        dut_.event_gated = inputs_["event_gated"];
        dut_.event_buffer_full = inputs_["event_buffer_full"];
        dut_.error_watchdog = inputs_["error_watchdog"];
        dut_.error_fault = inputs_["error_fault"];
        dut_.flush = inputs_["flush"];
    }

    void step(uint64_t cycles) {
        for (uint64_t cycle = 0; cycle < cycles; cycle++) {
            drive();
            dut_.eval();
            if (dut_.rst_n) observe();
            dut_.clk = 1;
            dut_.eval();
            dut_.clk = 0;
            dut_.eval();
        }
    }

    void observe() {
        bool traffic = offer_ || leave_;
        unsigned bank = dut_.enter_bank, policy = dut_.enter_policy;
        bool taken = dut_.enter_valid && dut_.enter_ready;
        counts_.cycles++;
        counts_.entered += taken;
        counts_.stalled += dut_.enter_valid && !dut_.enter_ready;
        if (dut_.leave_valid) {
            counts_.left[dut_.leave_exit]++;
            counts_.abstained += dut_.leave_abstain;
        }
        clears_ += dut_.error_clear;
        if (held_ && dut_.enter_valid && (bank != held_bank_ || policy != held_policy_)) broken_++;
        held_ = dut_.enter_valid && !taken;
        held_bank_ = bank;
        held_policy_ = policy;
        if (!traffic) return;
        if (!samples_.empty()) {
            const Sample &any = samples_[random_() % samples_.size()];
            if (!(look(any.bank, any.policy) == any.setting)) broken_++;
        }
        if (dut_.leave_valid) samples_.erase(samples_.begin() + leaver_);
        if (taken) {
            samples_.push_back({bank, policy, look(bank, policy)});
            waiting_ = false;
        }
    }

    void clear_axi() {
        dut_.s_axil_arvalid = dut_.s_axil_awvalid = dut_.s_axil_wvalid = 0;
        dut_.s_axil_rready = dut_.s_axil_bready = 0;
    }

    // One channel until it is taken; the clock runs on.
    template <class VALID, class READY> void hand(VALID &valid, const READY &ready) {
        valid = 1;
        bool taken = false;
        for (int patience = 2000; !taken; patience--) {
            if (!patience) throw std::runtime_error("the bus hangs");
            dut_.eval();
            taken = ready;
            step(1);
        }
        valid = 0;
    }

    uint32_t read(uint32_t address) {
        dut_.s_axil_araddr = address;
        hand(dut_.s_axil_arvalid, dut_.s_axil_arready);
        step(chance(30));
        uint32_t data = 0;
        dut_.s_axil_rready = 1;
        for (int patience = 2000;; patience--) {
            if (!patience) throw std::runtime_error("no answer to a read");
            dut_.eval();
            bool valid = dut_.s_axil_rvalid;
            data = dut_.s_axil_rdata;
            if (valid && dut_.s_axil_rresp) throw std::runtime_error("error response to a read");
            step(1);
            if (valid) break;
        }
        dut_.s_axil_rready = 0;
        return data;
    }

    void write(uint32_t address, uint32_t data, uint32_t strobes) {
        dut_.s_axil_awaddr = address;
        dut_.s_axil_wdata = data;
        dut_.s_axil_wstrb = strobes;
        if (chance(50)) {
            hand(dut_.s_axil_awvalid, dut_.s_axil_awready);
            hand(dut_.s_axil_wvalid, dut_.s_axil_wready);
        } else {
            hand(dut_.s_axil_wvalid, dut_.s_axil_wready);
            hand(dut_.s_axil_awvalid, dut_.s_axil_awready);
        }
        hand(dut_.s_axil_bready, dut_.s_axil_bvalid);
    }

    Vdut dut_;
    std::mt19937 random_{5};
    std::map<std::string, uint64_t> inputs_;
    std::vector<Sample> samples_;
    struct {
        uint64_t cycles, entered, stalled, abstained;
        std::array<uint64_t, STAGES> left;
    } counts_ = {};
    unsigned offer_ = 0, ready_ = 0, leave_ = 0, held_bank_ = 0, held_policy_ = 0;
    size_t leaver_ = 0;
    bool waiting_ = false, held_ = false;
    uint64_t broken_ = 0, clears_ = 0;
};

} // namespace

int main() {
    Bench bench;
    std::string line;
    while (std::getline(std::cin, line)) {
        try {
            std::cout << bench.command(line) << std::endl;
        } catch (const std::exception &error) {
            std::cout << "failed: " << error.what() << std::endl;
        }
    }
}
