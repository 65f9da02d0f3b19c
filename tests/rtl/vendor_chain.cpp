// Drives vendor_chain with random gaps, stalls and resets; every beat has to come out once, in order.
// Arguments: seed, percent of gaps, percent of stalls, cycles between resets (0: none). Prints beats in, out, cycles.
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>

#include "Vdut.h"
#include "verilated.h"

int main(int, char **words) {
    std::mt19937 random(std::atoi(words[1]));
    const unsigned gaps = std::atoi(words[2]), stalls = std::atoi(words[3]);
    const long every = std::atol(words[4]);
    Verilated::randReset(2);
    Verilated::randSeed(std::atoi(words[1]) + 1);
    Vdut dut;
    std::deque<unsigned> inside;
    long taken = 0, given = 0, cycle = 0;
    bool offered = false, waited = false;
    unsigned held = 0;
    const auto edge = [&] {
        dut.clk = 1;
        dut.eval();
        dut.clk = 0;
        dut.eval();
    };
    const auto reset = [&] {
        dut.rst_n = dut.s_valid = dut.m_ready = 0;
        dut.eval(); // a first clock edge is seen only after this
        edge();
        dut.rst_n = 1;
        inside.clear();
        taken -= taken % 4; // the sample that was cut begins anew
        offered = waited = false;
    };
    dut.clk = 0;
    reset();
    for (; given < 20000 && cycle < 1000000; cycle++) {
        if (every && cycle % every == every - 1)
            reset();
        if (!offered && random() % 100 >= gaps) {
            offered = true;
            dut.s_data = random() & 0xff;
        }
        dut.s_valid = offered;
        dut.m_ready = random() % 100 >= stalls;
        dut.eval();
        if (waited && (!dut.m_valid || dut.m_data != held)) {
            std::printf("cycle %ld: a waiting beat changed\n", cycle);
            return 1;
        }
        waited = dut.m_valid && !dut.m_ready;
        held = dut.m_data;
        if (!inside.empty() && !dut.busy) {
            std::printf("cycle %ld: busy is low with %zu beats inside\n", cycle, inside.size());
            return 1;
        }
        if (dut.m_valid && dut.m_ready) {
            if (inside.empty() || inside.front() != dut.m_data) {
                std::printf("cycle %ld: wrong beat\n", cycle);
                return 1;
            }
            inside.pop_front();
            given++;
        }
        if (dut.s_valid && dut.s_ready) {
            inside.push_back(dut.s_data);
            taken++;
            offered = false;
        }
        edge();
    }
    std::printf("%ld %ld %ld\n", taken, given, cycle);
    return 0;
}
