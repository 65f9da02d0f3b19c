// Floating point in and out.
#ifndef FAST_TYPES_REAL_H_
#define FAST_TYPES_REAL_H_

#include <cstring>

#include "convert.h"

namespace fast_types {

// A double taken apart: value = mantissa * 2^exponent. As in the reference types, infinities and NaNs are taken as
// numbers of their exponent, and denormals lose their distance from the smallest normal number.
struct parts {
    int64_t mantissa; // with its leading 1: 53 bits, signed
    int exponent;
    bool negative;

    explicit parts(double value) {
        uint64_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        negative = bits >> 63;
        const int64_t size = int64_t(bits & ((uint64_t(1) << 52) - 1)) | int64_t(1) << 52;
        exponent = int(bits >> 52 & 0x7ff) - 1023 - 52;
        mantissa = (bits << 1) == 0 ? 0 : negative ? -size : size;
    }
};

// A double as a number of W bits and I integer ones.
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O> raw_t<W, S> from_double(double value) {
    const parts x(value);
    if (x.mantissa == 0)
        return 0;
    const int d = -x.exponent - (W - I); // bits to drop; bits to append if negative
    typedef wide_t<larger(W + !S, 64), true> T;
    const bool deleted = d + W >= 0 && d + W < 54 && (x.mantissa >> (d + W) & 1);
    if (d > 0) {
        const T q = quantise<Q, 54, T>(x.mantissa, d);
        return limit<W, S, O, T>(q, lowest<W, S, T>(), highest<W, S, T>(), wrap<W, S>(q), deleted);
    }
    const int shift = smaller(-d, MAX_WIDTH - 1);
    const bool gone = shift >= W;
    const raw_t<W, S> kept = gone ? 0 : wrap<W, S>(shift_left(static_cast<T>(x.mantissa), shift));
    const T high = gone ? T(0) : highest<W, S, T>() >> shift, low = gone ? T(0) : lowest<W, S, T>() >> shift;
    return limit<W, S, O, T>(x.mantissa, low, high, kept, deleted);
}

// A double as an integer of W bits, cut towards zero.
template <int W, bool S> raw_t<W, S> integer_from_double(double value) {
    const parts x(value);
    if (x.mantissa == 0)
        return 0;
    const uint128 size = static_cast<uint128>(x.negative ? -x.mantissa : x.mantissa);
    uint128 whole;
    if (x.exponent >= 0)
        whole = x.exponent < W ? size << x.exponent : 0;
    else
        // The reference types make 1 of every negative number above -2^-1 that is small enough; so it is here.
        whole = -x.exponent < 54 ? size >> -x.exponent : (x.negative ? ~uint128(0) : 0);
    return wrap<W, S>(x.negative ? -whole : whole);
}

// raw * 2^-fraction, to nearest even. REAL is float or double.
template <class REAL, class RAW> FAST_TYPES_INLINE REAL to_real(RAW raw, int fraction) {
    const REAL value = static_cast<REAL>(raw); // the conversion rounds to nearest even, once
    if (fraction == 0)
        return value;
    if constexpr (sizeof(REAL) == 8) {
        if (fraction > 0 && fraction < 1022) { // a power of two: exact
            const uint64_t bits = uint64_t(1023 - fraction) << 52;
            double scale;
            std::memcpy(&scale, &bits, sizeof scale);
            return value * scale;
        }
    }
    return static_cast<REAL>(__builtin_ldexp(value, -fraction));
}

} // namespace fast_types

#endif
