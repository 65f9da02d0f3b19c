// Criterion score: leave iff the largest softmax probability reaches the threshold.
//
// Contract  leave iff S <= threshold, S = sum of the table exponentials (criteria/exp_sum.h) and
//           threshold = floor(2^Q / tau). A smaller threshold is stricter; 0 never leaves.
// CONFIG    what exp_sum.h needs, and threshold_t (ap_uint<sum_bits>).
// Cost      argmax.h and exp_sum.h, one comparator. No multiplier, no divider. One decision per cycle.
#ifndef HWGEN_SCORE_H_
#define HWGEN_SCORE_H_

#include "exp_sum.h"

namespace hwgen {

template <class CONFIG> struct score : exp_sum<CONFIG> {
    static bool leaves(const typename exp_sum<CONFIG>::state &s, const leader<typename CONFIG::logit_t> &,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        return s.sum <= threshold;
    }
};

} // namespace hwgen

#endif
