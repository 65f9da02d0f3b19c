// Criterion logit_margin: leave iff the two largest logits lie at least the threshold apart.
//
// Contract  leave iff d_(2) >= threshold, d_(2) = largest minus second largest logit in LSBs and
//           threshold = ceil(theta / LSB). A larger threshold is stricter; 2^logit_bits never leaves.
// CONFIG    what argmax.h needs, and threshold_t (ap_uint<logit_bits + 1>).
// Cost      argmax.h, one subtractor, one comparator. No table, no multiplier. One decision per cycle.
#ifndef HWGEN_LOGIT_MARGIN_H_
#define HWGEN_LOGIT_MARGIN_H_

#include "../argmax.h"

namespace hwgen {

template <class CONFIG> struct logit_margin {
    struct state {};

    static void start(state &) {
#pragma HLS INLINE
    }

    static void add(state &, unsigned, const typename CONFIG::logit_t &, const ap_uint<CONFIG::logit_bits> &) {
#pragma HLS INLINE
    }

    static bool leaves(const state &, const leader<typename CONFIG::logit_t> &best,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        return difference<CONFIG>(best.first, best.second) >= threshold;
    }
};

} // namespace hwgen

#endif
