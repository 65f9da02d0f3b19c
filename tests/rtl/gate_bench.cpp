// Streams samples through one of the gates of a bench and notes what comes out, and when.
//
// simulation REQUEST ANSWER. Both files are little-endian 32-bit words.
//   REQUEST   runs: gate, samples, share of stalled cycles at the input and at the output (of 256), seed, gap, reset; then
//             per sample META, ENABLE, THRESHOLD (2 words), SAMPLE (WORDS words: logits, embedding, sums). gap: idle cycles after each answer,
//             the next sample entering only then; -1: back to back. reset: after so many samples the reset is held for
//             a cycle, what is inside is lost and answers as META = all ones; 0: never.
//   ANSWER    per sample: META, CLASS | LEAVE << 16 | ENABLE << 17, cycle in which the sample was first offered, cycle in
//             which the answer showed, the sums that travel on (SUMS words).
// Ends with code 3 if a handshake rule is broken, 4 if nothing moves for 10000 cycles.
#include "Vdut.h"
#include "verilated.h"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <vector>

static const unsigned WORDS = BENCH_WORDS, SUMS = BENCH_SUMS;

static std::vector<uint32_t> read_words(const char *name) {
    std::vector<uint32_t> words;
    FILE *file = std::fopen(name, "rb");
    uint32_t buffer[1 << 14];
    for (size_t n; (n = std::fread(buffer, 4, 1 << 14, file)) > 0;) words.insert(words.end(), buffer, buffer + n);
    std::fclose(file);
    return words;
}

static uint32_t state;
static unsigned dice() { // 0..255
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (state >> 11) & 255;
}

static void fail(const char *what, int code) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(code);
}

int main(int, char **argv) {
    const std::vector<uint32_t> in = read_words(argv[1]);
    std::vector<uint32_t> out;
    Vdut dut;
    uint32_t cycle = 0;
    auto edge = [&]() {
        dut.clk = 1;
        dut.eval();
        dut.clk = 0;
        dut.eval();
        cycle++;
    };
    for (size_t at = 0; at < in.size();) {
        dut.gate = in[at];
        dut.clk = 0;
        dut.s_valid = 0;
        dut.m_ready = 0;
        dut.rst_n = 0;
        dut.eval();
        edge();
        edge();
        dut.rst_n = 1;
        const uint32_t samples = in[at + 1], stall_in = in[at + 2], stall_out = in[at + 3];
        state = in[at + 4] | 1;
        const int32_t gap = int32_t(in[at + 5]);
        const uint32_t lost_from = in[at + 6];
        const uint32_t *data = &in[at + 7];
        at += 7 + size_t(samples) * (4 + WORDS);
        std::deque<uint32_t> entered;
        uint32_t sent = 0, received = 0, quiet = 0, wait = 0, shown = 0;
        bool offered = false, held = false, before_valid = false;
        uint32_t held_meta = 0, held_word = 0, held_sums[SUMS] = {0};
        while (received < samples) {
            if (lost_from && sent == lost_from && received < sent) {
                // Reset in mid-stream: what is inside is lost, nothing of it may come out afterwards.
                dut.rst_n = 0;
                dut.s_valid = 0;
                dut.m_ready = 0;
                dut.eval();
                edge();
                dut.rst_n = 1;
                while (received < sent) {
                    out.insert(out.end(), {0xffffffff, 0, 0, 0});
                    out.insert(out.end(), SUMS, 0);
                    received++;
                }
                entered.clear();
                offered = held = before_valid = false;
                continue;
            }
            if (!offered && sent < samples && (gap < 0 || (entered.empty() && wait == 0)))
                offered = dice() >= stall_in;
            const uint32_t *sample = data + size_t(sent) * (4 + WORDS);
            dut.s_valid = offered;
            dut.m_ready = dice() >= stall_out;
            if (offered) {
                dut.s_meta = sample[0];
                dut.s_enable = sample[1];
                dut.s_threshold = sample[2] | uint64_t(sample[3]) << 32;
                for (unsigned w = 0; w < WORDS; w++) dut.s_sample[w] = sample[4 + w];
            } else {
                dut.s_meta = dice();
                dut.s_enable = 1;
                dut.s_threshold = 0;
                for (unsigned w = 0; w < WORDS; w++) dut.s_sample[w] = state;
            }
            dut.eval();
            const uint32_t word = dut.m_class | uint32_t(dut.m_leave) << 16 | uint32_t(dut.m_enable) << 17;
            bool same = true;
            for (unsigned w = 0; w < SUMS; w++) same = same && dut.m_carried[w] == held_sums[w];
            if (held && (!dut.m_valid || dut.m_meta != held_meta || word != held_word || !same))
                fail("an answer changed before it was taken", 3);
            if (dut.m_valid && !before_valid) shown = cycle;
            const bool goes_in = dut.s_valid && dut.s_ready, goes_out = dut.m_valid && dut.m_ready;
            if (offered && entered.size() == sent - received) entered.push_back(cycle);
            held = dut.m_valid && !dut.m_ready;
            before_valid = held;
            held_meta = dut.m_meta;
            held_word = word;
            for (unsigned w = 0; w < SUMS; w++) held_sums[w] = dut.m_carried[w];
            if (wait) wait--;
            if (goes_out) {
                if (entered.empty()) fail("an answer without a sample", 3);
                out.insert(out.end(), {held_meta, word, entered.front(), shown});
                out.insert(out.end(), held_sums, held_sums + SUMS);
                entered.pop_front();
                received++;
                wait = gap > 0 ? gap : 0;
            }
            if (goes_in) {
                sent++;
                offered = false;
            }
            quiet = goes_in || goes_out ? 0 : quiet + 1;
            if (quiet > 10000) fail("nothing moves", 4);
            edge();
        }
        if (sent != samples) fail("more answers than samples", 3);
    }
    FILE *file = std::fopen(argv[2], "wb");
    std::fwrite(out.data(), 4, out.size(), file);
    std::fclose(file);
    dut.final();
    return 0;
}
