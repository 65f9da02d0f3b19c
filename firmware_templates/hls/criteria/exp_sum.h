// Table exponentials of the distances to the largest logit, and their sum.
//
// Contract  exponential(d) = E[min(d >> table_shift, table_entries - 1)], never below 2^Q * exp(-d*u/T), or never
//           above it, as the criterion chose its table; Q = table_fraction. The sum needs sum_bits bits and does
//           not wrap.
// CONFIG    what argmax.h needs, and table_shift, table_entries, table_fraction, sum_bits,
//           static ap_uint<table_fraction + 1> exp_table(unsigned i).
// Cost      One table read and one adder per class; in the parallel form all at once, from ceil(classes / 2)
//           dual-port block RAMs of 36 kbit (or LUTs, if the table is short).
#ifndef HWGEN_EXP_SUM_H_
#define HWGEN_EXP_SUM_H_

#include "../argmax.h"

namespace hwgen {

template <class CONFIG> unsigned exp_index(const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
    const ap_uint<CONFIG::logit_bits> bin = distance >> CONFIG::table_shift;
    const unsigned last = CONFIG::table_entries - 1;
    return bin < last ? bin.to_uint() : last;
}

template <class CONFIG>
ap_uint<CONFIG::table_fraction + 1> exponential(const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
    return CONFIG::exp_table(exp_index<CONFIG>(distance));
}

// What a criterion that needs no more than the sum adds up.
template <class CONFIG> struct exp_sum {
    struct state {
        ap_uint<CONFIG::sum_bits> sum;
    };

    static void start(state &s) {
#pragma HLS INLINE
        s.sum = 0;
    }

    // The distance that is looked up.
    static ap_uint<CONFIG::logit_bits> scaled(const state &, const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        return distance;
    }

    static void add(state &s, unsigned, const typename CONFIG::logit_t &,
                    const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        s.sum += exponential<CONFIG>(distance);
    }
};

} // namespace hwgen

#endif
