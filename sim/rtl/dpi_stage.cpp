// One stage of the firmware behind the DPI: packed bits in, the tree's own C++, packed bits out.
// Built with -DHWGEN_STAGE=stage1 -DHWGEN_INPUTS=.. -DHWGEN_FEATURES=.. -DHWGEN_EMBEDDING=.. (0 where the stage has no
// such output) and -DHWGEN_EMBEDDING_FROM_FEATURES=1 where the gate reads the features as the embedding.
//
// Contract  hwgen_dpi_<stage>(sample, features, z): element 0 in the lowest bits, no gaps; z holds the logits, class 0
//           lowest, and above them the embedding. Pointers are svBitVecVal, which is uint32_t.
// Files     <stage>.calls in the working folder, written at exit: how often the stage's code ran. A stage that never
//           saw a sample writes 0: the proof that it was not run.
#include <cstdio>
#include <cstring>

#include "packed_bits.h"
#include "raw_bits.h"
// The tree's; beside this file lies another one of this name.
#include <stages.h>

#define HWGEN_JOIN_(a, b) a##b
#define HWGEN_JOIN(a, b) HWGEN_JOIN_(a, b)
#define HWGEN_TEXT_(a) #a
#define HWGEN_TEXT(a) HWGEN_TEXT_(a)
#define STAGE_NAME(suffix) HWGEN_JOIN(HWGEN_STAGE, suffix)
#define CALL_STAGE HWGEN_JOIN(call_, HWGEN_STAGE)

namespace {

template <class VALUE> void unpack(const uint32_t *words, VALUE *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        hwgen::set_raw(values[i], static_cast<long long>(hwgen::get_bits(words, i * VALUE::width, VALUE::width)));
}

// Returns the bit behind the last one.
template <class VALUE> size_t pack(uint32_t *words, size_t first, const VALUE *values, size_t count) {
    for (size_t i = 0; i < count; i++, first += VALUE::width)
        hwgen::put_bits(words, first, VALUE::width, static_cast<uint64_t>(hwgen::get_raw(values[i])));
    return first;
}

void clear(uint32_t *words, size_t bits) { std::memset(words, 0, (bits + 31) / 32 * sizeof *words); }

struct Count {
    ~Count() {
        std::FILE *stream = std::fopen(HWGEN_TEXT(HWGEN_STAGE) ".calls", "w");
        if (!stream)
            return; // whoever reads it sees that it is not there
        std::fprintf(stream, "%lu\n", STAGE_NAME(_calls));
        std::fclose(stream);
    }
} count;

} // namespace

extern "C" void HWGEN_JOIN(hwgen_dpi_, HWGEN_STAGE)(const uint32_t *sample, uint32_t *feature_bits, uint32_t *z) {
    static STAGE_NAME(_input_t) input[HWGEN_INPUTS];
    STAGE_NAME(_logit_t) logits[CLASSES];
    unpack(sample, input, HWGEN_INPUTS);
    size_t z_size = CLASSES * STAGE_NAME(_logit_t)::width;
#if HWGEN_FEATURES
    static STAGE_NAME(_feature_t) features[HWGEN_FEATURES];
#if HWGEN_EMBEDDING_FROM_FEATURES
    z_size += HWGEN_FEATURES * STAGE_NAME(_feature_t)::width;
#endif
#else
    (void)feature_bits;
#endif
#if HWGEN_EMBEDDING
    static STAGE_NAME(_embedding_t) embedding[HWGEN_EMBEDDING];
    z_size += HWGEN_EMBEDDING * STAGE_NAME(_embedding_t)::width;
#endif
    CALL_STAGE(input,
#if HWGEN_FEATURES
               features,
#endif
#if HWGEN_EMBEDDING
               embedding,
#endif
               logits);
    clear(z, z_size);
    const size_t above = pack(z, 0, logits, CLASSES);
#if HWGEN_FEATURES
    clear(feature_bits, HWGEN_FEATURES * STAGE_NAME(_feature_t)::width);
    pack(feature_bits, 0, features, HWGEN_FEATURES);
#if HWGEN_EMBEDDING_FROM_FEATURES
    pack(z, above, features, HWGEN_FEATURES);
#endif
#endif
#if HWGEN_EMBEDDING
    pack(z, above, embedding, HWGEN_EMBEDDING);
#endif
    (void)above;
}
