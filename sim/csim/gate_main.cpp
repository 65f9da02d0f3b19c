// Runs one gate of the firmware alone on raw samples.
// Built with -DHWGEN_GATE=gate1 -DHWGEN_GATE_HEADER="gate1.h" -DHWGEN_READS_EMBEDDING=0 -DHWGEN_CARRIES=0.
// Arguments: samples, settings, then files: logits (int64), settings (int64 pairs: threshold, enable), embeddings
// and carried sums (int64, empty where the gate reads none), results (int32 pairs: class, leave; settings * samples
// of them), sums passed on (int64 per sample, of the first setting).
#include "binary_io.h"
#include "crash.h"
#include HWGEN_GATE_HEADER
#include "raw_bits.h"

#define HWGEN_JOIN_(a, b) a##b
#define HWGEN_JOIN(a, b) HWGEN_JOIN_(a, b)
#define GATE_NAME(suffix) HWGEN_JOIN(HWGEN_GATE, suffix)

int main(int argc, char **argv) {
    if (argc != 9)
        hwgen::give_up("expects 8 arguments", argv[0]);
    typedef GATE_NAME(_config) config;
    const size_t count = std::strtoull(argv[1], nullptr, 10), settings = std::strtoull(argv[2], nullptr, 10);
    const size_t classes = config::classes;
    const std::vector<int64_t> logits = hwgen::read_rows<int64_t>(argv[3], 0, count, classes);
    const std::vector<int64_t> setting = hwgen::read_rows<int64_t>(argv[4], 0, settings, 2);
#if HWGEN_READS_EMBEDDING
    const size_t size = config::embedding_size;
    const std::vector<int64_t> embeddings = hwgen::read_rows<int64_t>(argv[5], 0, count, size);
#endif
#if HWGEN_CARRIES
    const std::vector<int64_t> carried = hwgen::read_rows<int64_t>(argv[6], 0, count, classes);
#endif
    std::vector<int32_t> results;
    std::vector<int64_t> sums;
    results.reserve(settings * count * 2);
    hwgen::tell_samples_on_a_crash();
    for (size_t s = 0; s < settings; s++) {
        for (size_t sample = 0; sample < count; sample++) {
            hwgen::current_samples::are(sample, sample);
            hls::stream<GATE_NAME(_logits_t)> in;
            hls::stream<ap_uint<32> > out;
#if HWGEN_CARRIES
            hls::stream<GATE_NAME(_carried_t)> before, after;
#endif
            for (size_t first = 0; first < classes; first += config::lanes) {
                GATE_NAME(_logits_t) beat;
                for (size_t lane = 0; lane < config::lanes; lane++)
                    hwgen::set_raw(beat.data[lane], logits[sample * classes + first + lane]);
                in.write(beat);
#if HWGEN_CARRIES
                GATE_NAME(_carried_t) sum;
                for (size_t lane = 0; lane < config::lanes; lane++)
                    sum.data[lane] = static_cast<unsigned long long>(carried[sample * classes + first + lane]);
                before.write(sum);
#endif
            }
#if HWGEN_READS_EMBEDDING
            hls::stream<config::embedding_t> vector;
            for (size_t i = 0; i < size; i++) {
                config::embedding_t value;
                hwgen::set_raw(value, embeddings[sample * size + i]);
                vector.write(value);
            }
#endif
            HWGEN_GATE(in,
#if HWGEN_READS_EMBEDDING
                       vector,
#endif
#if HWGEN_CARRIES
                       before, after,
#endif
                       static_cast<unsigned long long>(setting[2 * s]), setting[2 * s + 1] != 0, out);
            const unsigned decision = out.read().to_uint();
            results.push_back(static_cast<int32_t>(decision & 0xffff));
            results.push_back(static_cast<int32_t>(decision >> 16));
#if HWGEN_CARRIES
            for (size_t first = 0; first < classes; first += config::lanes) {
                const GATE_NAME(_carried_t) beat = after.read();
                for (size_t lane = 0; s == 0 && lane < config::lanes; lane++)
                    sums.push_back(static_cast<int64_t>(beat.data[lane].to_uint64()));
            }
#endif
        }
        hwgen::report_progress(s);
    }
    hwgen::write_rows(argv[7], results);
    hwgen::write_rows(argv[8], sums);
    return 0;
}
