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
    static bool leaves(const typename CONFIG::logit_t logits[CONFIG::classes],
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        const leader<typename CONFIG::logit_t> best = find_leader<CONFIG>(logits);
        return difference<CONFIG>(best.first, best.second) >= threshold;
    }
};

} // namespace hwgen

#endif
