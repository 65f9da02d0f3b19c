// Square root of an integer, rounded up: the smallest integer whose square is at least the value.
//
// Contract  Digit by digit: two bits of the value, from the top, give one digit of the root.
// Cost      ceil(BITS / 2) subtractors of at most ceil(BITS / 2) + 2 bits, one after another.
#ifndef HWGEN_ISQRT_H_
#define HWGEN_ISQRT_H_

#include "ap_int.h"

namespace hwgen {

template <unsigned BITS> ap_uint<(BITS + 1) / 2 + 1> ceil_sqrt(const ap_uint<BITS> &value) {
#pragma HLS INLINE
    const unsigned DIGITS = (BITS + 1) / 2;
    ap_uint<DIGITS + 2> remainder = 0;
    ap_uint<DIGITS + 1> root = 0;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
#pragma HLS UNROLL
        const ap_uint<2> pair = value >> (2 * (DIGITS - 1 - digit));
        const ap_uint<DIGITS + 2> trial = (root << 2) | 1;
        remainder = (remainder << 2) | pair;
        root <<= 1;
        if (remainder >= trial) {
            remainder -= trial;
            root += 1;
        }
    }
    if (remainder != 0)
        root += 1;
    return root;
}

} // namespace hwgen

#endif
