// Runs one stage of the firmware on raw samples and writes what every layer put out.
// Built with -DHWGEN_CALL_FILE="stage1_call.cpp" -DHWGEN_STAGE=stage1 -DHWGEN_NNET=hwgen_nnet_stage1
// -DHWGEN_INPUTS=.. -DHWGEN_FEATURES=.. (0 for the last stage); the stage was generated with hls4ml's tracing on.
// Arguments: input file (int64), first sample, samples, then name and size of each layer, result file (double: the
// layers of a sample one after another, in the order of the arguments).
//
// The stage is included, not linked: the storage below belongs into the namespace it gives hls4ml's templates.
#include HWGEN_CALL_FILE

#include "binary_io.h"
#include "raw_bits.h"

namespace HWGEN_NNET {
bool trace_enabled = true;
std::map<std::string, void *> *trace_outputs = new std::map<std::string, void *>;
size_t trace_type_size = sizeof(double);
} // namespace HWGEN_NNET

#define HWGEN_JOIN_(a, b) a##b
#define HWGEN_JOIN(a, b) HWGEN_JOIN_(a, b)
#define STAGE_NAME(suffix) HWGEN_JOIN(HWGEN_STAGE, suffix)
#define CALL_STAGE HWGEN_JOIN(call_, HWGEN_STAGE)

int main(int argc, char **argv) {
    if (argc < 5 || argc % 2 == 0)
        hwgen::give_up("expects 4 arguments and two per layer", argv[0]);
    const size_t first = std::strtoull(argv[2], nullptr, 10), count = std::strtoull(argv[3], nullptr, 10);
    const std::vector<int64_t> inputs = hwgen::read_rows<int64_t>(argv[1], first, count, HWGEN_INPUTS);
    std::vector<std::vector<double>> layers;
    for (int i = 4; i + 1 < argc - 1; i += 2) {
        layers.emplace_back(std::strtoull(argv[i + 1], nullptr, 10));
        (*HWGEN_NNET::trace_outputs)[argv[i]] = layers.back().data();
    }
    std::vector<double> results;
    static STAGE_NAME(_input_t) input[HWGEN_INPUTS];
    STAGE_NAME(_logit_t) logits[CLASSES];
#if HWGEN_FEATURES
    static STAGE_NAME(_feature_t) features[HWGEN_FEATURES];
#endif
    for (size_t sample = 0; sample < count; sample++) {
        for (size_t i = 0; i < HWGEN_INPUTS; i++)
            hwgen::set_raw(input[i], inputs[sample * HWGEN_INPUTS + i]);
        for (std::vector<double> &layer : layers) // a layer that writes nothing must not show the last sample's values
            layer.assign(layer.size(), 1e300);
#if HWGEN_FEATURES
        CALL_STAGE(input, features, logits);
#else
        CALL_STAGE(input, logits);
#endif
        for (const std::vector<double> &layer : layers)
            results.insert(results.end(), layer.begin(), layer.end());
        hwgen::report_progress(first + sample);
    }
    hwgen::write_rows(argv[argc - 1], results);
    return 0;
}
