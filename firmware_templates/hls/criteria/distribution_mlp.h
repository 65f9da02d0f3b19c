// Criterion distribution with a small network: leave iff its output reaches the threshold.
//
// Contract  r = floor(2^(2Q) / S), P_i = (X_i * r) >> Q, v_h = max(0, sum_i W_hi P_i + B_h) >> 8,
//           leave iff sum_h V_h v_h + 2^(threshold_bits - 1) >= threshold; X_i and S from criteria/monitor.h.
//           A larger threshold is stricter; 2^threshold_bits - 1 never leaves, 0 always. Nothing wraps: all P_i
//           together are at most 2^Q, |W|, |V| <= 127, |B| <= 127 * 2^Q.
// CONFIG    what monitor.h needs, and threshold_t (ap_uint<threshold_bits>), threshold_bits, monitor_neurons,
//           ap_int<8> hidden_weights(h * monitor_inputs + i), ap_int<table_fraction + 8> hidden_biases(h),
//           ap_int<8> output_weights(h).
// Cost      monitor.h, one divider, one multiplier per input, monitor_neurons * (monitor_inputs + 1) multipliers
//           by constants of 8 bits. One decision per cycle in the parallel form.
#ifndef HWGEN_DISTRIBUTION_MLP_H_
#define HWGEN_DISTRIBUTION_MLP_H_

#include "monitor.h"

namespace hwgen {

template <class CONFIG> struct distribution_mlp : monitor<CONFIG, CONFIG::monitor_by_rank != 0> {
    typedef monitor<CONFIG, CONFIG::monitor_by_rank != 0> base;
    typedef ap_uint<CONFIG::table_fraction + 1> share_t;
    typedef ap_int<CONFIG::threshold_bits> output_t;

    // The shares, 2^Q standing for 1.
    static void normalise(const typename base::state &s, share_t shares[CONFIG::monitor_inputs]) {
#pragma HLS INLINE
        typename base::sum_t inputs[CONFIG::monitor_inputs];
#pragma HLS ARRAY_PARTITION variable = inputs complete
        base::inputs(s, inputs);
        ap_uint<2 * CONFIG::table_fraction + 1> one = 1;
        one <<= 2 * CONFIG::table_fraction;
        const share_t reciprocal = one / s.sum;
        for (unsigned i = 0; i < CONFIG::monitor_inputs; i++) {
#pragma HLS UNROLL
            const ap_uint<CONFIG::sum_bits + CONFIG::table_fraction + 1> product = inputs[i] * reciprocal;
            shares[i] = product >> CONFIG::table_fraction;
        }
    }

    static bool leaves(const typename base::state &s, const leader<typename CONFIG::logit_t> &,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        share_t shares[CONFIG::monitor_inputs];
#pragma HLS ARRAY_PARTITION variable = shares complete
        normalise(s, shares);
        output_t output = 0;
        for (unsigned h = 0; h < CONFIG::monitor_neurons; h++) {
#pragma HLS UNROLL
            ap_int<CONFIG::table_fraction + 9> sum = CONFIG::hidden_biases(h);
            for (unsigned i = 0; i < CONFIG::monitor_inputs; i++) {
#pragma HLS UNROLL
                sum += shares[i] * CONFIG::hidden_weights(h * CONFIG::monitor_inputs + i);
            }
            ap_uint<CONFIG::table_fraction> neuron = 0;
            if (sum > 0)
                neuron = sum >> 8;
            output += neuron * CONFIG::output_weights(h);
        }
        // Adding half the range to a two's complement number turns its sign bit over.
        typename CONFIG::threshold_t raised = output;
        raised[CONFIG::threshold_bits - 1] = !raised[CONFIG::threshold_bits - 1];
        return raised >= threshold;
    }
};

} // namespace hwgen

#endif
