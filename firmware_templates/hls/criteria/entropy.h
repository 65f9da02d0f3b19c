// Criterion entropy: leave iff the entropy of the softmax is at most the threshold.
//
// Contract  leave iff X >= l(S) and (X - l(S)) * S >= G * 2^Q, X = threshold << threshold_shift; S from
//           criteria/exp_sum.h, l from criteria/logarithm.h (never below 2^Q * ln(S / 2^Q)), G = sum of gain_table at
//           the same index over the classes at a distance > 0. threshold = floor(h * 2^(Q - threshold_shift)), h in nats.
//           A smaller threshold is stricter; 0 never leaves. Both sides are exact.
// CONFIG    what exp_sum.h and logarithm.h need, and threshold_t (ap_uint<threshold_bits>), threshold_bits,
//           threshold_shift, gain_bits, gain_table(unsigned i).
// Cost      argmax.h, exp_sum.h with a second table of the same index and a second sum, logarithm.h, one multiplier of
//           threshold_bits + threshold_shift x sum_bits, two comparators. One decision per cycle.
#ifndef HWGEN_ENTROPY_H_
#define HWGEN_ENTROPY_H_

#include "exp_sum.h"
#include "logarithm.h"

namespace hwgen {

template <class CONFIG> struct entropy {
    struct state {
        ap_uint<CONFIG::sum_bits> sum;
        ap_uint<CONFIG::gain_bits> gain;
    };

    static void start(state &s) {
#pragma HLS INLINE
        s.sum = 0;
        s.gain = 0;
    }

    static void add(state &s, unsigned, const typename CONFIG::logit_t &,
                    const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        const unsigned i = exp_index<CONFIG>(distance);
        s.sum += CONFIG::exp_table(i);
        // The first bin may hold more than distance 0, which has no gain.
        if (distance != 0)
            s.gain += CONFIG::gain_table(i);
    }

    static bool leaves(const state &s, const leader<typename CONFIG::logit_t> &,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        static const unsigned LEFT = CONFIG::threshold_bits + CONFIG::threshold_shift;
        ap_uint<LEFT> limit = threshold;
        limit <<= CONFIG::threshold_shift;
        const ap_uint<CONFIG::log_bits> log = logarithm<CONFIG>(s.sum);
        const ap_uint<LEFT> left = limit - log;
        const ap_uint<LEFT + CONFIG::sum_bits> allowed = left * s.sum;
        ap_uint<CONFIG::gain_bits + CONFIG::table_fraction> needed = s.gain;
        needed <<= CONFIG::table_fraction;
        return limit >= log && allowed >= needed;
    }
};

} // namespace hwgen

#endif
