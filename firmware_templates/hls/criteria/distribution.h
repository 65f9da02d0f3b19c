// Criterion distribution: leave iff a weighted sum of all probabilities reaches the threshold.
//
// Contract  leave iff (sum_i U_i X_i) * 2^R >= threshold * S, X_i and S from criteria/monitor.h, U_i unsigned
//           weights of 8 bits, R = monitor_fraction. A larger threshold is stricter; 2^threshold_bits - 1 never
//           leaves, 0 always. Both sides are exact.
// CONFIG    what monitor.h needs, and threshold_t (ap_uint<threshold_bits>), threshold_bits, monitor_fraction,
//           static ap_uint<8> monitor_weights(unsigned i).
// Cost      monitor.h, one multiplier by a constant and one adder per input, one multiplier of
//           threshold_bits x sum_bits, one comparator. One decision per cycle in the parallel form.
#ifndef HWGEN_DISTRIBUTION_H_
#define HWGEN_DISTRIBUTION_H_

#include "monitor.h"

namespace hwgen {

template <class CONFIG> struct distribution : monitor<CONFIG, CONFIG::monitor_by_rank != 0> {
    typedef monitor<CONFIG, CONFIG::monitor_by_rank != 0> base;

    static bool leaves(const typename base::state &s, const leader<typename CONFIG::logit_t> &,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        typename base::sum_t inputs[CONFIG::monitor_inputs];
#pragma HLS ARRAY_PARTITION variable = inputs complete
        base::inputs(s, inputs);
        ap_uint<CONFIG::sum_bits + 8 + CONFIG::monitor_fraction> weighted = 0;
        for (unsigned i = 0; i < CONFIG::monitor_inputs; i++) {
#pragma HLS UNROLL
            weighted += inputs[i] * CONFIG::monitor_weights(i);
        }
        weighted <<= CONFIG::monitor_fraction;
        const ap_uint<CONFIG::threshold_bits + CONFIG::sum_bits> needed = threshold * s.sum;
        return weighted >= needed;
    }
};

} // namespace hwgen

#endif
