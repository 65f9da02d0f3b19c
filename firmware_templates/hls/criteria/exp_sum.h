// Table exponentials of the distances to the largest logit, and their sum.
//
// Contract  exponential(d) = E[min(d >> table_shift, table_entries - 1)], never below 2^Q * exp(-d*u/T);
//           E[0] = 2^Q with Q = table_fraction. The sum needs sum_bits bits and does not wrap.
// CONFIG    what argmax.h needs, and table_shift, table_entries, table_fraction, sum_bits,
//           static ap_uint<table_fraction + 1> exp_table(unsigned i).
// Cost      One table read per class and cycle: ceil(classes / 2) dual-port block RAMs of 18 kbit
//           (or LUTs, if the table is short) and classes - 1 adders.
#ifndef HWGEN_EXP_SUM_H_
#define HWGEN_EXP_SUM_H_

#include "../argmax.h"

namespace hwgen {

template <class CONFIG>
ap_uint<CONFIG::table_fraction + 1> exponential(const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
    const ap_uint<CONFIG::logit_bits> bin = distance >> CONFIG::table_shift;
    const unsigned last = CONFIG::table_entries - 1;
    return CONFIG::exp_table(bin < last ? bin.to_uint() : last);
}

template <class CONFIG>
ap_uint<CONFIG::sum_bits> sum_exponentials(const typename CONFIG::logit_t *logits,
                                           const typename CONFIG::logit_t &largest) {
#pragma HLS INLINE
    ap_uint<CONFIG::sum_bits> sum = 0;
    for (unsigned j = 0; j < CONFIG::classes; j++) {
#pragma HLS UNROLL
        sum += exponential<CONFIG>(difference<CONFIG>(largest, logits[j]));
    }
    return sum;
}

} // namespace hwgen

#endif
