// Natural logarithm of a sum of table exponentials.
//
// Contract  For 2^Q <= S < 2^sum_bits, S = 2^(Q + e) * (1 + m), i the first log_segment_bits bits of m and r the b
//           bits that remain: e * log_two + log_table(i) + ((log_steps(i) * r) >> b), in steps of 2^-Q.
// CONFIG    table_fraction (Q), sum_bits (> Q + 1), log_segment_bits, log_two,
//           ap_uint<Q> log_table(unsigned i), ap_uint<Q - log_segment_bits> log_steps(unsigned i).
// Cost      A priority encoder and a shifter of sum_bits, two table reads, one small multiplier, two adders.
#ifndef HWGEN_NATURAL_LOG_H_
#define HWGEN_NATURAL_LOG_H_

#include "ap_int.h"

namespace hwgen {

template <class CONFIG> ap_uint<CONFIG::table_fraction + 5> natural_log(const ap_uint<CONFIG::sum_bits> &sum) {
#pragma HLS INLINE
    const unsigned BITS = CONFIG::sum_bits;
    const unsigned REST = CONFIG::sum_bits - 1 - CONFIG::log_segment_bits;
    unsigned exponent = 0;
    for (unsigned bit = CONFIG::table_fraction + 1; bit < BITS; bit++) {
#pragma HLS UNROLL
        if (sum[bit])
            exponent = bit - CONFIG::table_fraction;
    }
    const ap_uint<CONFIG::sum_bits> aligned = sum << (BITS - 1 - CONFIG::table_fraction - exponent);
    const ap_uint<CONFIG::log_segment_bits> index = aligned.range(BITS - 2, REST);
    const ap_uint<REST> rest = aligned.range(REST - 1, 0);
    const ap_uint<CONFIG::table_fraction - CONFIG::log_segment_bits + REST> chord =
        CONFIG::log_steps(index.to_uint()) * rest;
    return ap_uint<CONFIG::table_fraction + 5>(exponent * CONFIG::log_two) +
           CONFIG::log_table(index.to_uint()) + (chord >> REST);
}

} // namespace hwgen

#endif
