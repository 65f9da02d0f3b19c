// Logarithm of a sum of exponentials: a polyline through the entries of a table.
//
// Contract  logarithm(S) = V[i] + floor((V[i+1] - V[i]) * r / 2^m) for 2^Q <= S <= classes * 2^Q, Q = table_fraction.
//           i is the octave of S, then the log_index_bits bits below its leading one; r the m bits below those.
//           On which side of the curve it lies is decided by V alone. It never falls as S grows.
// CONFIG    table_fraction, sum_bits (= table_fraction + log_octaves), log_octaves, log_index_bits, log_bits,
//           static ap_uint<log_bits> log_table(unsigned i).
// Cost      A priority encoder over log_octaves bits, a shifter, two reads of one dual-port table, one multiplier of
//           a slope by m bits.
#ifndef HWGEN_LOGARITHM_H_
#define HWGEN_LOGARITHM_H_

#include "ap_int.h"

namespace hwgen {

template <class CONFIG> ap_uint<CONFIG::log_bits> logarithm(const ap_uint<CONFIG::sum_bits> &sum) {
#pragma HLS INLINE
    static const unsigned REST = CONFIG::sum_bits - 1 - CONFIG::log_index_bits;
    unsigned octave = 0;
    for (unsigned e = 1; e < CONFIG::log_octaves; e++) {
#pragma HLS UNROLL
        if (sum[CONFIG::table_fraction + e])
            octave = e;
    }
    const ap_uint<CONFIG::sum_bits> aligned = sum << (CONFIG::log_octaves - 1 - octave);
    const ap_uint<CONFIG::log_index_bits> below = aligned >> REST;
    const ap_uint<REST> rest = aligned;
    const unsigned i = (octave << CONFIG::log_index_bits) + below.to_uint();
    const ap_uint<CONFIG::log_bits> low = CONFIG::log_table(i);
    const ap_uint<CONFIG::log_bits> slope = CONFIG::log_table(i + 1) - low;
    const ap_uint<CONFIG::log_bits + REST> risen = slope * rest;
    return low + (risen >> REST);
}

} // namespace hwgen

#endif
