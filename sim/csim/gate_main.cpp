// Runs one gate of the firmware alone on raw logits.
// Built with -DHWGEN_GATE=gate1 -DHWGEN_GATE_HEADER="gate1.h".
// Arguments: logit file (int64), samples, settings file (int64 pairs: threshold, enable), settings, result file
// (int32 pairs: class, leave; settings * samples of them).
#include "binary_io.h"
#include "crash.h"
#include HWGEN_GATE_HEADER
#include "raw_bits.h"

#define HWGEN_JOIN_(a, b) a##b
#define HWGEN_JOIN(a, b) HWGEN_JOIN_(a, b)
#define GATE_NAME(suffix) HWGEN_JOIN(HWGEN_GATE, suffix)

int main(int argc, char **argv) {
    if (argc != 6)
        hwgen::give_up("expects 5 arguments", argv[0]);
    const size_t count = std::strtoull(argv[2], nullptr, 10), settings = std::strtoull(argv[4], nullptr, 10);
    const size_t classes = GATE_NAME(_config)::classes;
    const std::vector<int64_t> logits = hwgen::read_rows<int64_t>(argv[1], 0, count, classes);
    const std::vector<int64_t> setting = hwgen::read_rows<int64_t>(argv[3], 0, settings, 2);
    std::vector<int32_t> results;
    results.reserve(settings * count * 2);
    hwgen::tell_samples_on_a_crash();
    for (size_t s = 0; s < settings; s++) {
        for (size_t sample = 0; sample < count; sample++) {
            hwgen::current_samples::are(sample, sample);
            hls::stream<GATE_NAME(_logits_t)> in;
            hls::stream<ap_uint<32> > out;
            GATE_NAME(_logits_t) beat;
            for (size_t i = 0; i < classes; i++)
                hwgen::set_raw(beat.data[i], logits[sample * classes + i]);
            in.write(beat);
            HWGEN_GATE(in, static_cast<unsigned long long>(setting[2 * s]), setting[2 * s + 1] != 0, out);
            const unsigned decision = out.read().to_uint();
            results.push_back(static_cast<int32_t>(decision & 0xffff));
            results.push_back(static_cast<int32_t>(decision >> 16));
        }
        hwgen::report_progress(s);
    }
    hwgen::write_rows(argv[5], results);
    return 0;
}
