// Runs the kernel of the firmware on raw samples, in batches, with real conditional execution.
// Built with -DHWGEN_CALLS="stage1_calls, stage2_calls" -DHWGEN_INPUT_FILE=uint8_t, the type of the input file.
// Arguments: input file, first sample, samples, settings file (int64 pairs: threshold, enable, one per
// policy and gate slot), policy, result file (int32: class, exit, abstain, tag, per sample), counter file
// (int64: calls of each stage's code, then the kernel's own counters).
#include "binary_io.h"
#include "crash.h"
#include "kernel.h"
#include "raw_bits.h"

static const size_t BATCH = 64; // samples per start of the kernel

int main(int argc, char **argv) {
    if (argc != 8)
        hwgen::give_up("expects 7 arguments", argv[0]);
    const size_t first = std::strtoull(argv[2], nullptr, 10), count = std::strtoull(argv[3], nullptr, 10);
    const std::vector<HWGEN_INPUT_FILE> inputs = hwgen::read_rows<HWGEN_INPUT_FILE>(argv[1], first, count, STAGE1_INPUTS);
    const size_t entries = POLICIES * GATE_SLOTS;
    const std::vector<int64_t> settings = hwgen::read_rows<int64_t>(argv[4], 0, entries, 2);
    const unsigned policy = static_cast<unsigned>(std::strtoul(argv[5], nullptr, 10));
    static hwgen::threshold_word_t thresholds[POLICIES * GATE_SLOTS];
    enables_t enables = 0;
    for (size_t i = 0; i < entries; i++) {
        thresholds[i] = static_cast<unsigned long long>(settings[2 * i]);
        enables[i] = settings[2 * i + 1] != 0;
    }
    std::vector<int32_t> results;
    std::vector<int64_t> counted(STAGES + 1);
    static ap_uint<32> counters[STAGES + 1];
    hls::stream<sample_beat_t> samples("samples");
    hls::stream<hwgen::result_beat_t> answers("results");
    hwgen::tell_samples_on_a_crash();
    for (size_t start = 0; start < count; start += BATCH) {
        hwgen::report_progress(first + start);
        const size_t end = start + BATCH < count ? start + BATCH : count;
        hwgen::current_samples::are(first + start, first + end - 1);
        for (size_t sample = start; sample < end; sample++) {
            for (size_t i = 0; i < STAGE1_INPUTS; i++) {
                sample_beat_t beat;
                beat.data = inputs[sample * STAGE1_INPUTS + i];
                beat.keep = -1;
                beat.strb = -1;
                beat.user = static_cast<unsigned>(first + sample);
                beat.id = 0;
                beat.dest = 0;
                beat.last = sample == end - 1 && i == STAGE1_INPUTS - 1;
                samples.write(beat);
            }
        }
        kernel(samples, answers, thresholds, enables, policy, counters);
        for (size_t stage = 0; stage <= STAGES; stage++)
            counted[stage] += counters[stage].to_uint();
        while (!answers.empty()) {
            const hwgen::result_beat_t beat = answers.read();
            const unsigned data = beat.data.to_uint();
            results.push_back(static_cast<int32_t>(data & 0xffff));
            results.push_back(static_cast<int32_t>(data >> 16 & 0xff));
            results.push_back(static_cast<int32_t>(data >> 24 & 1));
            results.push_back(static_cast<int32_t>(beat.user.to_uint()));
        }
    }
    std::vector<int64_t> counts = {HWGEN_CALLS};
    counts.insert(counts.end(), counted.begin(), counted.end());
    hwgen::write_rows(argv[6], results);
    hwgen::write_rows(argv[7], counts);
    return 0;
}
