// Criterion energy: leave iff T * logsumexp(logits / T) reaches the threshold.
//
// Contract  leave iff ((z_max - z_min) << F) + l(S) >= threshold, F = energy_up - energy_down, z_min the smallest logit
//           of the format; S from criteria/exp_sum.h with a table rounded down and the winner counted as 2^Q, l from
//           criteria/logarithm.h in units of LSB * 2^-F, never above (T / unit) * ln(S / 2^Q).
//           threshold = ceil(theta / unit) - (z_min << F). A larger threshold is stricter; 0 always leaves.
// CONFIG    what exp_sum.h and logarithm.h need, and threshold_t (ap_uint<threshold_bits>), threshold_bits, sum_start
//           (what the winner's entry lacks to 2^Q), logit_offset (-z_min), energy_up, energy_down (one of them 0).
// Cost      argmax.h, exp_sum.h, logarithm.h, one adder, one comparator. One decision per cycle.
#ifndef HWGEN_ENERGY_H_
#define HWGEN_ENERGY_H_

#include "exp_sum.h"
#include "logarithm.h"

namespace hwgen {

template <class CONFIG> struct energy : exp_sum<CONFIG> {
    typedef typename exp_sum<CONFIG>::state state;

    static void start(state &s) {
#pragma HLS INLINE
        s.sum = CONFIG::sum_start;
    }

    static bool leaves(const state &s, const leader<typename CONFIG::logit_t> &best,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        const ap_uint<CONFIG::logit_bits> pattern = best.first.range(CONFIG::logit_bits - 1, 0);
        // z_max - z_min lies in 0 .. 2^logit_bits - 1: exact modulo 2^logit_bits.
        const ap_uint<CONFIG::logit_bits> above = pattern + ap_uint<CONFIG::logit_bits>(CONFIG::logit_offset);
        ap_uint<CONFIG::logit_bits + CONFIG::energy_up> height = above;
        height <<= CONFIG::energy_up;
        height >>= CONFIG::energy_down;
        const ap_uint<CONFIG::threshold_bits> value = height + logarithm<CONFIG>(s.sum);
        return value >= threshold;
    }
};

} // namespace hwgen

#endif
