// Runs a stage that was written as loops, with the arguments and files of sim/csim/stage_main.cpp.
// stage.h is generated: shapes, weights and the calls of the layers. WEIGHTS names the file of the weights (int32).
#include "binary_io.h"
#include "stage.h"

int main(int argc, char **argv) {
    if (argc != 6)
        hwgen::give_up("expects 5 arguments", argv[0]);
    const size_t first = std::strtoull(argv[2], nullptr, 10), count = std::strtoull(argv[3], nullptr, 10);
    const std::vector<int32_t> weights = hwgen::read_rows<int32_t>(WEIGHTS, 0, 1, WEIGHT_COUNT);
    load(weights.data());
    const std::vector<input_t> inputs = hwgen::read_rows<input_t>(argv[1], first, count, INPUTS);
    std::vector<feature_t> feature_rows(count * FEATURES);
    std::vector<int64_t> logit_rows(count * CLASSES);
    static int32_t input[INPUTS + FEATURES + CLASSES];
    const int32_t *features = nullptr, *logits = nullptr;
    for (size_t sample = 0; sample < count; sample++) {
        std::copy_n(inputs.data() + sample * INPUTS, INPUTS, input);
#ifdef FILES_ONLY // what everything but the layers takes
        features = logits = input;
#else
        stage(input, features, logits);
#endif
        std::copy_n(features, FEATURES, feature_rows.data() + sample * FEATURES);
        std::copy_n(logits, CLASSES, logit_rows.data() + sample * CLASSES);
        if (sample % 16 == 0)
            hwgen::report_progress(first + sample);
    }
    hwgen::write_rows(argv[4], feature_rows);
    hwgen::write_rows(argv[5], logit_rows);
    return 0;
}
