// Bench of pipeline.sv: every sample comes out once, with the class, exit and abstention that its word says, under random
// stalls and resets; full throughput without them; silence behind a sample that leaves; recovery from a lost sample.
//
//     simulation STAGES FEATURE_BEATS GATING SEED     prints "ok" and figures
#include <map>
#include <vector>

#include "bench.h"

static unsigned stages, beats, gating;

static uint32_t expected(uint16_t word, unsigned share) {
    for (unsigned k = 0;; k++) {
        bool leaves = (word & 15u) < share;
        if (leaves || k == stages - 1) return (uint32_t(!leaves) << 6) | (k << 4) | ((word >> 4) & 15u);
        word = uint16_t(word * beats + beats * (beats + 1) / 2);
    }
}

// 32 bits of a port, whatever type its width gives it.
static uint32_t part(uint64_t word, unsigned index) { return uint32_t(word >> (32 * index)); }
template <size_t N> uint32_t part(const VlWide<N> &words, unsigned index) { return words[index]; }

struct bench {
    Vdut dut;
    chance dice;
    sender in;
    std::map<uint16_t, uint32_t> flying;
    offer_check out{"m_* keeps its offer"};
    uint16_t tag = 0;
    uint64_t done = 0, taken = 0, active_later = 0, gated_last = 0, flushes = 0;

    explicit bench(uint64_t seed) : dice(seed) {
        dut.lose = 0;
        dut.share = 8;
        cycle(100, 100, false);
        cycle(100, 100, false);
    }

    void cycle(unsigned stall_in, unsigned stall_out, bool run) {
        if (in.words.empty()) in.words.push_back((uint64_t(tag++) << 16) | (dice.bits() & 0xffff));
        in.offer(dice, run ? stall_in : 100);
        dut.rst_n = run;
        dut.s_valid = in.valid;
        dut.s_data = uint16_t(in.word());
        dut.s_tag = uint16_t(in.word() >> 16);
        dut.m_ready = !dice.percent(stall_out);
        settle(dut);
        bool flush = run && dut.flush;
        if (run && !flush) {
            out.see(dut.m_valid, dut.m_ready, dut.m_data);
            if (dut.m_valid && dut.m_ready) {
                auto found = flying.find(uint16_t(dut.m_data >> 7));
                require(found != flying.end(), "a result nobody waits for");
                require((dut.m_data & 127u) == found->second, "class, exit or abstention");
                flying.erase(found);
                done++;
            }
            uint64_t word = in.word();
            if (in.took(dut.s_ready)) {
                require(flying.emplace(uint16_t(word >> 16), expected(uint16_t(word), dut.share)).second, "tag twice");
                taken++;
            }
            active_later += (dut.active >> 1) != 0;
            gated_last += (dut.gated >> (stages - 1)) & 1;
        } else {
            flying.clear();
            in.clear();
            out.offered = false;
            flushes += flush;
        }
        tick(dut);
    }

    void drain() {
        unsigned left = 40 * stages * beats + 40 * unsigned(flying.size() + 1);
        while (!flying.empty() && left-- > 0) cycle(100, 0, true);
        require(flying.empty(), "drained in bounded time");
        for (unsigned i = 0; i < 20; i++) cycle(100, 0, true);
        require(dut.active == 0, "no stage works when all is out");
        require(gating == 0 || dut.gated == (1u << stages) - 1, "all clocks are off when all is out");
        require(gating != 0 || dut.gated == 0, "no clock is off without gating");
    }
};

int main(int, char **arguments) {
    stages = unsigned(std::atoi(arguments[1]));
    beats = unsigned(std::atoi(arguments[2]));
    gating = unsigned(std::atoi(arguments[3]));
    start_values(uint64_t(std::atoi(arguments[4])));
    bench b(uint64_t(std::atoi(arguments[4])));
    const unsigned stalls[] = {0, 10, 50, 90};

    for (unsigned resets = 0; resets < 2; resets++)
        for (unsigned stall_in : stalls)
            for (unsigned stall_out : stalls)
                for (unsigned share : {0u, 5u, 13u, 16u}) {
                    b.drain();
                    b.dut.share = uint8_t(share);
                    for (unsigned i = 0; i < 1500; i++) b.cycle(stall_in, stall_out, !resets || !b.dice.percent(1));
                    b.drain();
                }
    require(!b.dut.error, "the watchdog is silent when nothing is wrong");

    // Full rate: a sample per cycle, or per so many cycles as the toy core's feature beats take.
    for (unsigned share : {0u, 16u}) {
        b.drain();
        b.dut.share = uint8_t(share);
        uint64_t before = b.taken;
        for (unsigned i = 0; i < 1000; i++) b.cycle(0, 0, true);
        std::printf("share %u: %llu samples in 1000 cycles\n", share, (unsigned long long)(b.taken - before));
        require(b.taken - before >= 1000 / beats - 10, "full rate");
    }

    // All leave at the first exit: nothing behind it moves, not an operand, not a clock.
    b.drain();
    b.dut.share = 16;
    std::vector<uint32_t> edges, operands;
    auto look = [&](std::vector<uint32_t> &edge, std::vector<uint32_t> &operand) {
        for (unsigned k = 1; k < stages; k++) {
            edge.push_back(part(b.dut.edges, k));
            operand.push_back(part(b.dut.operands, k / 2) >> (16 * (k % 2)) & 0xffff);
        }
    };
    look(edges, operands);
    uint64_t active = b.active_later;
    for (unsigned i = 0; i < 3000; i++) b.cycle(60, 10, true);
    std::vector<uint32_t> edges_after, operands_after;
    look(edges_after, operands_after);
    require(active == b.active_later, "later stages do not work for samples that left");
    require(operands == operands_after, "operands of later stages stand still");
    require(gating != 1 || edges == edges_after, "later stages have no clock edge");

    // Edges of the last core are the cycles in which its clock is not gated.
    b.drain();
    b.dut.share = 8;
    uint64_t start = cycle_now, off = b.gated_last, first = part(b.dut.edges, stages - 1);
    for (unsigned i = 0; i < 2000; i++) b.cycle(80, 20, true);
    uint64_t cycles = cycle_now - start, on = part(b.dut.edges, stages - 1) - first;
    off = b.gated_last - off;
    require(on == (gating == 1 ? cycles - off : cycles), "clock edges");
    std::printf("last stage gated in %llu of %llu cycles\n", (unsigned long long)off, (unsigned long long)cycles);

    // A result is lost: the watchdog says so, clears the pipeline, and it goes on.
    b.drain();
    for (unsigned i = 0; i < 30; i++) b.cycle(0, 0, true);
    uint64_t flushes = b.flushes;
    b.dut.lose = 1;
    for (unsigned i = 0; i < 5; i++) b.cycle(0, 0, true);
    b.dut.lose = 0;
    b.flying.clear(); // tags are no longer what they were: only that it ends counts
    for (unsigned i = 0; i < 1000 && b.flushes == flushes; i++) {
        b.in.clear();
        b.dut.s_valid = 0;
        b.dut.m_ready = 1;
        settle(b.dut);
        b.flushes += b.dut.flush;
        tick(b.dut);
    }
    require(b.flushes == flushes + 1 && b.dut.error, "the watchdog clears a stuck pipeline");
    b.out.offered = false;
    for (unsigned i = 0; i < 1000; i++) b.cycle(10, 10, true);
    b.drain();
    require(b.dut.error, "the error stays");
    b.cycle(100, 0, false);
    b.cycle(100, 0, true);
    require(!b.dut.error, "until reset");
    std::printf("ok %llu samples, %llu cycles\n", (unsigned long long)b.done, (unsigned long long)cycle_now);
}
