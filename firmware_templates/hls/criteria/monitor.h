// What a monitor of the whole output distribution reads: table exponentials by rank or by class.
//
// Contract  By rank, input i is the i-th largest exponential, and the last one the sum of all that remain; by
//           class, input j is that of class j. They add up to S = sum of all, which does not wrap.
// CONFIG    what exp_sum.h needs, and monitor_inputs (2 .. classes; by class: classes), monitor_by_rank.
// Cost      exp_sum.h; by rank one comparator of table_fraction + 1 bits per class and kept rank, which the
//           classes pass one after the other. The serial form keeps one row of them.
#ifndef HWGEN_MONITOR_H_
#define HWGEN_MONITOR_H_

#include "exp_sum.h"

namespace hwgen {

template <class CONFIG, bool BY_RANK> struct monitor {
    typedef ap_uint<CONFIG::table_fraction + 1> entry_t;
    typedef ap_uint<CONFIG::sum_bits> sum_t;
    static const unsigned KEPT = CONFIG::monitor_inputs - 1;

    struct state {
        sum_t sum;
        entry_t largest[KEPT];
    };

    static void start(state &s) {
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable = s.largest complete
        s.sum = 0;
        for (unsigned i = 0; i < KEPT; i++) {
#pragma HLS UNROLL
            s.largest[i] = 0;
        }
    }

    static void add(state &s, unsigned, const typename CONFIG::logit_t &,
                    const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        const entry_t entry = exponential<CONFIG>(distance);
        s.sum += entry;
        // From the last rank to the first: each takes its neighbour's value of before.
        for (unsigned i = KEPT; i > 0; i--) {
#pragma HLS UNROLL
            if (i > 1 && entry > s.largest[i > 1 ? i - 2 : 0])
                s.largest[i - 1] = s.largest[i > 1 ? i - 2 : 0];
            else if (entry > s.largest[i - 1])
                s.largest[i - 1] = entry;
        }
    }

    static void inputs(const state &s, sum_t found[CONFIG::monitor_inputs]) {
#pragma HLS INLINE
        sum_t rest = s.sum;
        for (unsigned i = 0; i < KEPT; i++) {
#pragma HLS UNROLL
            found[i] = s.largest[i];
            rest -= s.largest[i];
        }
        found[KEPT] = rest;
    }
};

template <class CONFIG> struct monitor<CONFIG, false> {
    typedef ap_uint<CONFIG::sum_bits> sum_t;

    struct state {
        sum_t sum;
        ap_uint<CONFIG::table_fraction + 1> entries[CONFIG::classes];
    };

    static void start(state &s) {
#pragma HLS INLINE
#pragma HLS ARRAY_PARTITION variable = s.entries complete
        s.sum = 0;
    }

    static void add(state &s, unsigned j, const typename CONFIG::logit_t &,
                    const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        s.entries[j] = exponential<CONFIG>(distance);
        s.sum += s.entries[j];
    }

    static void inputs(const state &s, sum_t found[CONFIG::monitor_inputs]) {
#pragma HLS INLINE
        for (unsigned j = 0; j < CONFIG::classes; j++) {
#pragma HLS UNROLL
            found[j] = s.entries[j];
        }
    }
};

} // namespace hwgen

#endif
