// Small tools of the controller's benches: seeded chance, a sender and a checker that know the rules of a handshake.
#ifndef HWGEN_CONTROLLER_BENCH_H_
#define HWGEN_CONTROLLER_BENCH_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>

#include "Vdut.h"
#include "verilated.h"

inline uint64_t cycle_now = 0;

// Says what is wrong and when, and ends the bench.
inline void require(bool holds, const char *what) {
    if (holds) return;
    std::printf("FAILED: %s, cycle %llu\n", what, (unsigned long long)cycle_now);
    std::exit(1);
}

struct chance {
    std::mt19937_64 bits;
    explicit chance(uint64_t seed) : bits(seed) {}
    bool percent(unsigned p) { return bits() % 100 < p; }
    unsigned below(unsigned n) { return unsigned(bits() % n); }
};

// Offers words one after the other; what is offered stays until it is taken.
struct sender {
    bool valid = false;
    std::deque<uint64_t> words;
    void offer(chance &dice, unsigned stall) {
        if (!valid) valid = !words.empty() && !dice.percent(stall);
    }
    uint64_t word() const { return words.empty() ? 0 : words.front(); }
    bool took(bool ready) {
        if (!valid || !ready) return false;
        valid = false;
        words.pop_front();
        return true;
    }
    void clear() {
        valid = false;
        words.clear();
    }
};

// Sees that an output offers the same word until it is taken.
struct offer_check {
    const char *name;
    bool offered = false;
    uint64_t word = 0;
    void see(bool valid, bool ready, uint64_t now) {
        require(!offered || (valid && now == word), name);
        offered = valid && !ready;
        word = now;
    }
};

// Registers begin with random values: what works, works after a reset from any state.
inline void start_values(uint64_t seed) {
    Verilated::randReset(2);
    Verilated::randSeed(int(seed));
}

inline void settle(Vdut &dut) {
    dut.clk = 0;
    dut.eval();
}

inline void tick(Vdut &dut) {
    dut.clk = 1;
    dut.eval();
    cycle_now++;
}

#endif
