// Criterion margin: leave iff the two largest softmax probabilities lie at least the threshold apart.
//
// Contract  leave iff (2^Q - E_(2)) * 2^R >= threshold * S, with S and E from criteria/exp_sum.h, E_(2) of
//           the runner-up, R = margin_fraction and threshold = ceil(tau * 2^R). A larger threshold is
//           stricter; above 2^R - 1 nothing leaves, 0 always leaves. Both sides are exact.
// CONFIG    what exp_sum.h needs, and threshold_t (ap_uint<threshold_bits>), threshold_bits, margin_fraction.
// Cost      argmax.h and exp_sum.h, one table read more, one multiplier of threshold_bits x sum_bits,
//           one comparator. One decision per cycle.
#ifndef HWGEN_MARGIN_H_
#define HWGEN_MARGIN_H_

#include "exp_sum.h"

namespace hwgen {

template <class CONFIG> struct margin : exp_sum<CONFIG> {
    static bool leaves(const typename exp_sum<CONFIG>::state &s, const leader<typename CONFIG::logit_t> &best,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        typedef ap_uint<CONFIG::table_fraction + 1> entry_t;
        const entry_t second = exponential<CONFIG>(difference<CONFIG>(best.first, best.second));
        const entry_t apart = (entry_t(1) << CONFIG::table_fraction) - second;
        ap_uint<CONFIG::table_fraction + 1 + CONFIG::margin_fraction> scaled = apart;
        scaled <<= CONFIG::margin_fraction;
        const ap_uint<CONFIG::threshold_bits + CONFIG::sum_bits> needed = threshold * s.sum;
        return scaled >= needed;
    }
};

} // namespace hwgen

#endif
