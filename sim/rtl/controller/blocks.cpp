// Bench of blocks.sv: each block of the controller alone against a queue or a list in C++, under random stalls on either side
// and resets at any moment.
//
//     simulation DEPTH SLOTS BEATS EXITS OUT_DEPTH SEED     prints "ok"
#include <algorithm>
#include <array>
#include <vector>

#include "bench.h"

static unsigned depth, slots, beats, exits, out_depth, limit = 20;

struct stalls {
    unsigned in, out;
};

static void test_fifo(Vdut &dut, chance &dice, stalls stall, unsigned cycles, bool resets) {
    sender in;
    std::deque<uint64_t> model;
    offer_check out{"fifo: m_* keeps its offer"};
    uint64_t moved = 0;
    for (unsigned i = 0; i < cycles; i++) {
        in.words.push_back(dice.bits() & 0xffff);
        in.offer(dice, stall.in);
        dut.rst_n = i != 0 && !(resets && dice.percent(1));
        dut.fifo_s_valid = in.valid;
        dut.fifo_s_data = uint16_t(in.word());
        dut.fifo_m_ready = !dice.percent(stall.out);
        settle(dut);
        if (dut.rst_n) {
            require(dut.fifo_s_ready == (model.size() < depth), "fifo: s_ready is low only when it is full");
            require(dut.fifo_m_valid == !model.empty(), "fifo: a word inside is offered");
            require(dut.fifo_count == model.size(), "fifo: count");
            out.see(dut.fifo_m_valid, dut.fifo_m_ready, dut.fifo_m_data);
            if (!model.empty()) require(dut.fifo_m_data == model.front(), "fifo: order and contents");
            if (dut.fifo_m_valid && dut.fifo_m_ready) model.pop_front(), moved++;
            uint64_t word = in.word();
            if (in.took(dut.fifo_s_ready)) model.push_back(word);
        } else {
            in.clear();
            model.clear();
            out.offered = false;
        }
        tick(dut);
    }
    if (stall.in == 0 && stall.out == 0 && !resets)
        require(moved >= (depth > 1 ? cycles - 3 : cycles / 2 - 2), "fifo: a word per cycle");
    dut.fifo_s_valid = 0;
}

struct features {
    uint16_t first, meta;
    bool keep;
};

static void test_buffer(Vdut &dut, chance &dice, stalls stall, unsigned cycles, bool resets) {
    std::deque<features> unwritten, undecided, committed;
    offer_check out{"feature buffer: m_* keeps its offer"};
    unsigned write_beat = 0, read_beat = 0, used = 0, fetched = 0;
    bool asks = false, decides = false, holds = false;
    uint16_t held = 0;
    for (unsigned i = 0; i < cycles; i++) {
        dut.rst_n = i != 0 && !(resets && dice.percent(1));
        asks = asks || !dice.percent(stall.in);
        decides = decides || !dice.percent(stall.in);
        dut.reserve_valid = asks;
        dut.f_valid = !unwritten.empty() && !dice.percent(stall.in / 2);
        dut.f_data = unwritten.empty() ? 0 : uint16_t(unwritten.front().first + write_beat);
        dut.d_valid = decides;
        if (!undecided.empty()) {
            dut.d_keep = undecided.front().keep;
            dut.d_meta = undecided.front().meta;
        }
        if (undecided.empty() && !unwritten.empty()) { // a decision may be there before the last feature
            dut.d_keep = unwritten.front().keep;
            dut.d_meta = unwritten.front().meta;
        } else if (undecided.empty()) {
            dut.d_valid = decides = false;
        }
        dut.b_ready = !dice.percent(stall.out);
        settle(dut);
        if (dut.rst_n) {
            require(!dut.b_fault, "feature buffer: fault");
            require(dut.b_count == used, "feature buffer: count");
            require(dut.reserve_ready == (used < slots), "feature buffer: a slot is refused only when all are used");
            require(dut.b_full == (dut.reserve_valid && used == slots), "feature buffer: full");
            require(!dut.d_valid || dut.d_ready == !undecided.empty(), "feature buffer: decides on complete samples");
            require(dut.b_valid == holds, "feature buffer: output");
            require(!i || !holds || dut.b_data == held, "feature buffer: output stands");
            out.see(dut.b_valid, dut.b_ready, dut.b_data | uint64_t(dut.b_last) << 16 | uint64_t(dut.b_meta) << 17);
            if (holds) {
                const features &front = committed.front();
                require(dut.b_data == uint16_t(front.first + read_beat) && dut.b_meta == front.meta, "feature buffer: contents");
                require(dut.b_last == (read_beat == beats - 1), "feature buffer: last beat");
            }
            // The output register takes the next beat of what is committed, if there is one.
            unsigned waiting = unsigned(committed.size()) * beats - read_beat - (holds ? 1 : 0);
            bool fetch = waiting != 0 && (!holds || dut.b_ready);
            if (fetch && ++fetched == beats) fetched = 0, used--;
            if (holds && dut.b_ready && ++read_beat == beats) read_beat = 0, committed.pop_front();
            holds = fetch || (holds && !dut.b_ready);
            if (dut.d_valid && dut.d_ready) {
                decides = false;
                if (undecided.front().keep) committed.push_back(undecided.front());
                else used--;
                undecided.pop_front();
            }
            if (dut.f_valid && ++write_beat == beats) {
                write_beat = 0;
                undecided.push_back(unwritten.front());
                unwritten.pop_front();
            }
            if (dut.reserve_valid && dut.reserve_ready) {
                asks = false;
                used++;
                unwritten.push_back({uint16_t(dice.bits()), uint16_t(dice.bits()), dice.percent(50)});
            }
        } else {
            unwritten.clear(), undecided.clear(), committed.clear();
            write_beat = read_beat = used = fetched = 0;
            asks = decides = holds = out.offered = false;
        }
        tick(dut);
        settle(dut);
        held = dut.b_data;
    }
    dut.reserve_valid = dut.f_valid = dut.d_valid = 0;
}

static void test_router(Vdut &dut, chance &dice, stalls stall, unsigned cycles, bool resets) {
    sender in;
    std::deque<uint64_t> results, decisions;
    offer_check out_r{"router: r_* keeps its offer"}, out_k{"router: k_* keeps its offer"};
    bool seen = false;
    for (unsigned i = 0; i < cycles; i++) {
        in.words.push_back(dice.bits() & 0xffff);
        in.offer(dice, stall.in);
        dut.rst_n = i != 0 && !(resets && dice.percent(1));
        dut.x_valid = in.valid;
        dut.x_word = uint16_t(in.word());
        dut.r_ready = !dice.percent(stall.out);
        dut.k_ready = !dice.percent(stall.out);
        uint64_t word = in.word(), meta = word >> 6;
        if (in.valid && !seen) {
            seen = true;
            if (word & 16) results.push_back(meta << 7 | 2 << 4 | (word & 15));
            decisions.push_back(uint64_t(!(word & 16)) << 10 | meta);
        }
        settle(dut);
        if (dut.rst_n) {
            out_r.see(dut.r_valid, dut.r_ready, dut.r_data);
            out_k.see(dut.k_valid, dut.k_ready, dut.k_word);
            if (dut.r_valid) require(!results.empty() && dut.r_data == results.front(), "router: result");
            if (dut.k_valid) require(!decisions.empty() && dut.k_word == decisions.front(), "router: decision");
            if (dut.r_valid && dut.r_ready) results.pop_front();
            if (dut.k_valid && dut.k_ready) decisions.pop_front();
            if (in.took(dut.x_ready)) {
                seen = false;
                require(results.empty() && decisions.empty(), "router: taken when both are done");
            }
        } else {
            in.clear(), results.clear(), decisions.clear();
            seen = out_r.offered = out_k.offered = false;
        }
        tick(dut);
    }
    dut.x_valid = 0;
}

static void test_merge(Vdut &dut, chance &dice, stalls stall, unsigned cycles, bool resets) {
    std::array<sender, 4> in;
    std::array<std::deque<uint64_t>, 4> model;
    std::array<unsigned, 4> waited{};
    offer_check out{"merge: m_* keeps its offer"};
    uint64_t moved = 0;
    for (unsigned i = 0; i < cycles; i++) {
        dut.rst_n = i != 0 && !(resets && dice.percent(1));
        uint64_t data = 0;
        unsigned valid = 0;
        for (unsigned k = 0; k < exits; k++) {
            in[k].words.push_back((dice.bits() & 0x3fff) << 2 | k);
            in[k].offer(dice, stall.in);
            valid |= unsigned(in[k].valid) << k;
            data |= in[k].word() << (16 * k);
        }
        dut.e_valid = uint8_t(valid);
        dut.e_data = data;
        dut.g_ready = !dice.percent(stall.out);
        settle(dut);
        if (dut.rst_n) {
            out.see(dut.g_valid, dut.g_ready, dut.g_data);
            if (dut.g_valid && dut.g_ready) {
                unsigned from = dut.g_data & 3;
                require(from < exits && !model[from].empty() && model[from].front() == dut.g_data, "merge: order of an exit");
                model[from].pop_front();
                moved++;
                for (unsigned k = 0; k < exits; k++) {
                    waited[k] = (k == from || model[k].empty()) ? 0 : waited[k] + 1;
                    require(waited[k] <= exits - 1 + out_depth + 1, "merge: every exit has its turn");
                }
            }
            for (unsigned k = 0; k < exits; k++) {
                uint64_t word = in[k].word();
                if (in[k].took(dut.e_ready >> k & 1)) model[k].push_back(word);
                require(model[k].size() <= depth + out_depth, "merge: no more than fit");
            }
        } else {
            for (unsigned k = 0; k < 4; k++) in[k].clear(), model[k].clear(), waited[k] = 0;
            out.offered = false;
        }
        tick(dut);
    }
    if (stall.in == 0 && stall.out == 0 && !resets && out_depth > 1 && (exits > 1 || depth > 1))
        require(moved >= cycles - 5, "merge: a result per cycle");
    dut.e_valid = 0;
}

static void test_reorder(Vdut &dut, chance &dice, stalls stall, unsigned cycles, bool resets) {
    std::deque<unsigned> admitted;               // numbers in order
    std::vector<unsigned> away;                  // whose result is not back
    std::array<int64_t, 16> back;
    back.fill(-1);
    offer_check out{"reorder: m_* keeps its offer"};
    for (unsigned i = 0; i < cycles; i++) {
        dut.rst_n = i != 0 && !(resets && dice.percent(1));
        dut.admit_valid = !dice.percent(stall.in);
        dut.o_s_valid = !away.empty() && !dice.percent(stall.in);
        unsigned chosen = away.empty() ? 0 : dice.below(unsigned(away.size()));
        dut.o_s_seq = away.empty() ? 0 : uint8_t(away[chosen]);
        dut.o_s_data = uint16_t(dice.bits());
        dut.o_ready = !dice.percent(stall.out);
        settle(dut);
        if (dut.rst_n) {
            require(!dut.o_fault && dut.o_s_ready, "reorder: there is always a place");
            require(dut.admit_ready == (admitted.size() < depth), "reorder: refuses only when full");
            bool here = !admitted.empty() && back[admitted.front()] >= 0;
            require(dut.o_valid == here, "reorder: offers the oldest");
            if (here) require(dut.o_data == back[admitted.front()], "reorder: order and contents");
            out.see(dut.o_valid, dut.o_ready, dut.o_data);
            if (dut.o_s_valid) {
                back[away[chosen]] = dut.o_s_data;
                away.erase(away.begin() + chosen);
            }
            if (here && dut.o_ready) back[admitted.front()] = -1, admitted.pop_front();
            if (dut.admit_valid && dut.admit_ready) {
                require(std::find(admitted.begin(), admitted.end(), dut.admit_seq) == admitted.end(), "reorder: number");
                admitted.push_back(dut.admit_seq);
                away.push_back(dut.admit_seq);
            }
        } else {
            admitted.clear(), away.clear(), back.fill(-1);
            out.offered = false;
        }
        tick(dut);
    }
    dut.admit_valid = dut.o_s_valid = 0;
}

static void test_watchdog(Vdut &dut, chance &dice) {
    auto cycle = [&](unsigned busy, unsigned moved, unsigned blocked, unsigned fault) {
        dut.busy = uint8_t(busy), dut.moved = uint8_t(moved), dut.blocked = uint8_t(blocked), dut.fault = uint8_t(fault);
        settle(dut);
        bool flush = dut.flush;
        tick(dut);
        return flush;
    };
    for (unsigned turn = 0; turn < 20; turn++) {
        dut.rst_n = 0;
        cycle(0, 0, 0, 0);
        dut.rst_n = 1;
        for (unsigned i = 0; i < 10 * limit + dice.below(limit); i++) // never still for limit cycles
            require(!cycle(3, i % (limit / 2) == 0 ? 3 : 0, 0, 0), "watchdog: early");
        for (unsigned i = 0; i < 10 * limit; i++) require(!cycle(3, 0, 3, 0), "watchdog: blames a blocked unit");
        require(!dut.error, "watchdog: error without a reason");
        unsigned waited = 0;
        while (!cycle(3, 1, 0, 0)) require(waited++ < 2 * limit + 1, "watchdog: late");
        require(waited >= limit && dut.error && dut.stuck == 2, "watchdog: which unit, and not too early");
        require(!cycle(1, 1, 0, 0), "watchdog: flush is one cycle");
        cycle(0, 0, 0, 1);
        require(cycle(0, 0, 0, 0) && dut.faulty == 1 && dut.error, "watchdog: a fault");
        dut.clear = 1;
        cycle(0, 0, 0, 0);
        dut.clear = 0;
        settle(dut);
        require(!dut.error, "watchdog: clear");
    }
}

static void test_clock_gate(Vdut &dut, chance &dice) {
    dut.enable = 0;
    settle(dut);
    for (unsigned i = 0; i < 1000; i++) {
        bool enable = dice.percent(50);
        dut.enable = dice.percent(50); // settles while the clock is low
        dut.eval();
        dut.enable = enable;
        dut.eval();
        require(!dut.gclk, "clock gate: high while clk is low");
        tick(dut);
        require(dut.gclk == enable && dut.not_gated, "clock gate: the edge passes if enabled");
        dut.enable = dice.percent(50);
        dut.eval();
        require(dut.gclk == enable, "clock gate: the high phase is whole");
        settle(dut);
    }
}

int main(int, char **arguments) {
    unsigned *parameters[] = {&depth, &slots, &beats, &exits, &out_depth};
    for (unsigned i = 0; i < 5; i++) *parameters[i] = unsigned(std::atoi(arguments[i + 1]));
    chance dice(uint64_t(std::atoi(arguments[6])));
    start_values(uint64_t(std::atoi(arguments[6])));
    Vdut dut;
    dut.clear = 0; // inputs begin with random values too
    const unsigned levels[] = {0, 10, 50, 90};
    for (unsigned resets = 0; resets < 2; resets++)
        for (unsigned in : levels)
            for (unsigned out : levels)
                for (auto *test : {test_fifo, test_buffer, test_router, test_merge, test_reorder})
                    test(dut, dice, {in, out}, 3000, resets != 0);
    test_watchdog(dut, dice);
    test_clock_gate(dut, dice);
    std::printf("ok %llu cycles\n", (unsigned long long)cycle_now);
}
