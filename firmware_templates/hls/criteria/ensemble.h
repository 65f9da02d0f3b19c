// Ensembling over exits: each exit decides on the weighted mean of its own and all earlier probabilities.
//
// Contract  carried[j] is the sum over the exits before of weight * P_j, and leaves with this exit's share added:
//           P_j = (F_j * floor(2^(2Q) / S)) >> Q, S of the base criterion (score, laplace), F_j = 2^Q at distance
//           0 and else lower_table at the index of E_j, never above 2^Q * exp(-d_j*u/T). label is the lowest
//           index among the largest sums; leave iff that sum >= threshold = ceil(tau * 2^Q * sum of weights).
//           Nothing wraps: carried_bits hold 2^Q times the sum of the weights, and no P_j is above 2^Q.
// CONFIG    what the base criterion needs, and base, carried_t (ap_uint<carried_bits>), ensemble_weight,
//           static ap_uint<table_fraction + 1> lower_table(unsigned i).
// Cost      The base criterion, a second table read, a multiplier of two (Q + 1)-bit numbers and one by a constant
//           per class, one divider, and carried_bits per class and sample that travel from exit to exit.
#ifndef HWGEN_ENSEMBLE_H_
#define HWGEN_ENSEMBLE_H_

#include "exp_sum.h"

namespace hwgen {

template <class CONFIG> struct ensemble {
    typedef typename CONFIG::base base;
    typedef typename CONFIG::carried_t carried_t;
    typedef ap_uint<CONFIG::table_fraction + 1> entry_t;

    struct state {
        typename base::state own;
        entry_t entries[CONFIG::classes];
        ap_uint<CONFIG::sum_bits> sum;
        carried_t largest;
    };

    static void start(state &s) {
#pragma HLS INLINE
        base::start(s.own);
        s.sum = 0;
    }

    template <class EMBEDDING> static void start(state &s, const EMBEDDING *embedding) {
#pragma HLS INLINE
        base::start(s.own, embedding);
        s.sum = 0;
    }

    static void add(state &s, unsigned j, const typename CONFIG::logit_t &,
                    const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        const ap_uint<CONFIG::logit_bits> d = base::scaled(s.own, distance);
        s.sum += exponential<CONFIG>(d);
        s.entries[j] = distance == 0 ? entry_t(entry_t(1) << CONFIG::table_fraction)
                                     : entry_t(CONFIG::lower_table(exp_index<CONFIG>(d)));
    }

    // Adds this exit's probabilities to the sums; returns the class.
    static unsigned combine(state &s, carried_t carried[CONFIG::classes]) {
#pragma HLS INLINE
        const unsigned Q = CONFIG::table_fraction;
        ap_uint<2 * CONFIG::table_fraction + 1> one = 1;
        one <<= 2 * Q;
        const entry_t reciprocal = one / s.sum;
        unsigned label = 0;
        for (unsigned j = 0; j < CONFIG::classes; j++) {
#pragma HLS UNROLL
            const ap_uint<2 * CONFIG::table_fraction + 2> product = s.entries[j] * reciprocal;
            const entry_t probability = product >> Q;
            carried[j] += probability * ap_uint<8>(CONFIG::ensemble_weight);
            if (j == 0 || carried[j] > s.largest) {
                s.largest = carried[j];
                label = j;
            }
        }
        return label;
    }

    static bool leaves(const state &s, const leader<typename CONFIG::logit_t> &,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        return s.largest >= threshold;
    }
};

} // namespace hwgen

#endif
