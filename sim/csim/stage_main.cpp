// Runs one stage of the firmware alone on raw samples.
// Built with -DHWGEN_STAGE=stage1 -DHWGEN_INPUTS=.. -DHWGEN_FEATURES=.. -DHWGEN_EMBEDDING=.. (0 where the stage has no
// such output), and the types of the files: -DHWGEN_INPUT_FILE=uint8_t -DHWGEN_FEATURE_FILE=uint8_t.
// Arguments: input file, first sample, samples, feature file, logit file (int64), embedding file (int64).
#include "binary_io.h"
#include "crash.h"
#include "raw_bits.h"
#include "stages.h"

#define HWGEN_JOIN_(a, b) a##b
#define HWGEN_JOIN(a, b) HWGEN_JOIN_(a, b)
#define STAGE_NAME(suffix) HWGEN_JOIN(HWGEN_STAGE, suffix)
#define CALL_STAGE HWGEN_JOIN(call_, HWGEN_STAGE)

int main(int argc, char **argv) {
    if (argc != 7)
        hwgen::give_up("expects 6 arguments", argv[0]);
    const size_t first = std::strtoull(argv[2], nullptr, 10), count = std::strtoull(argv[3], nullptr, 10);
    const std::vector<HWGEN_INPUT_FILE> inputs = hwgen::read_rows<HWGEN_INPUT_FILE>(argv[1], first, count, HWGEN_INPUTS);
    std::vector<HWGEN_FEATURE_FILE> feature_rows(count * HWGEN_FEATURES);
    std::vector<int64_t> logit_rows(count * CLASSES);
    static STAGE_NAME(_input_t) input[HWGEN_INPUTS];
    STAGE_NAME(_logit_t) logits[CLASSES];
#if HWGEN_FEATURES
    static STAGE_NAME(_feature_t) features[HWGEN_FEATURES];
#endif
#if HWGEN_EMBEDDING
    static STAGE_NAME(_embedding_t) embedding[HWGEN_EMBEDDING];
    std::vector<int64_t> embedding_rows(count * HWGEN_EMBEDDING);
#endif
    hwgen::tell_samples_on_a_crash();
    for (size_t sample = 0; sample < count; sample++) {
        hwgen::current_samples::are(first + sample, first + sample);
        for (size_t i = 0; i < HWGEN_INPUTS; i++)
            hwgen::set_raw(input[i], inputs[sample * HWGEN_INPUTS + i]);
        CALL_STAGE(input,
#if HWGEN_FEATURES
                   features,
#endif
#if HWGEN_EMBEDDING
                   embedding,
#endif
                   logits);
#if HWGEN_EMBEDDING
        for (size_t i = 0; i < HWGEN_EMBEDDING; i++)
            embedding_rows[sample * HWGEN_EMBEDDING + i] = hwgen::get_raw(embedding[i]);
#endif
#if HWGEN_FEATURES
        for (size_t i = 0; i < HWGEN_FEATURES; i++)
            feature_rows[sample * HWGEN_FEATURES + i] = static_cast<HWGEN_FEATURE_FILE>(hwgen::get_raw(features[i]));
#endif
        for (size_t i = 0; i < CLASSES; i++)
            logit_rows[sample * CLASSES + i] = hwgen::get_raw(logits[i]);
        if (sample % 16 == 0)
            hwgen::report_progress(first + sample);
    }
    hwgen::write_rows(argv[4], feature_rows);
    hwgen::write_rows(argv[5], logit_rows);
#if HWGEN_EMBEDDING
    hwgen::write_rows(argv[6], embedding_rows);
#endif
    return 0;
}
