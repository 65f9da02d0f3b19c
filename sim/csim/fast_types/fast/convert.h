// Quantisation and overflow: the 7 x 5 modes of ap_fixed.
#ifndef FAST_TYPES_CONVERT_H_
#define FAST_TYPES_CONVERT_H_

#include "native.h"

enum ap_q_mode {
    AP_RND,         // to nearest, ties towards plus infinity
    AP_RND_ZERO,    // to nearest, ties towards zero
    AP_RND_MIN_INF, // to nearest, ties towards minus infinity
    AP_RND_INF,     // to nearest, ties away from zero
    AP_RND_CONV,    // to nearest, ties to even
    AP_TRN,         // towards minus infinity
    AP_TRN_ZERO,    // towards zero
};

enum ap_o_mode {
    AP_SAT,      // to the nearest end of the range
    AP_SAT_ZERO, // to zero
    AP_SAT_SYM,  // as AP_SAT, with a range symmetric about zero
    AP_WRAP,     // modulo 2^W
    AP_WRAP_SM,  // sign-magnitude wrap-around
};

namespace fast_types {

// x / 2^d, rounded as Q says. 1 <= d; x has at most USED bits, sign included, and USED <= bits of T.
template <ap_q_mode Q, int USED, class T> FAST_TYPES_INLINE constexpr T quantise(T x, int d) {
    constexpr int top = native_traits<T>::bits - 1;
    if (d > top)
        d = top; // all that is left of x is its sign, here as after d shifts
    const T floor = x >> d;
    if constexpr (Q == AP_TRN) {
        return floor;
    } else if constexpr (Q == AP_RND) {
        return floor + ((x >> (d - 1)) & 1);
    } else {
        const T below_half = static_cast<T>((T(1) << (d - 1)) - 1);
        if constexpr (Q == AP_RND_CONV && USED < native_traits<T>::bits) {
            // An odd result gets the full half, an even one a unit less: a tie goes to the even neighbour.
            if (d < top)
                return (x + below_half + (floor & 1)) >> d;
        }
        const T half = (x >> (d - 1)) & 1;
        const T rest = (x & below_half) != 0;
        const T negative = x < 0;
        if constexpr (Q == AP_RND_ZERO)
            return floor + (half & (negative | rest));
        else if constexpr (Q == AP_RND_MIN_INF)
            return floor + (half & rest);
        else if constexpr (Q == AP_RND_INF)
            return floor + (half & ((negative ^ 1) | rest));
        else if constexpr (Q == AP_RND_CONV)
            return floor + (half & ((floor & 1) | rest));
        else // AP_TRN_ZERO
            return floor + (negative & (half | rest));
    }
}

// Brings a value into range, as O says. `low` and `high` are the range in units of x, `kept` its low W bits, `deleted`
// the bit just above them, before rounding.
template <int W, bool S, ap_o_mode O, class T>
FAST_TYPES_INLINE constexpr raw_t<W, S> limit(T x, T low, T high, raw_t<W, S> kept, bool deleted) {
    typedef raw_t<W, S> R;
    if constexpr (O == AP_WRAP) {
        return kept;
    } else if constexpr (O == AP_SAT || (O == AP_SAT_SYM && (!S || W == 1))) {
        return x > high ? highest<W, S, R>() : x < low ? lowest<W, S, R>() : kept;
    } else if constexpr (O == AP_SAT_SYM) {
        // -high - 1 in units of the target is the one value that AP_SAT would keep.
        return x > high ? highest<W, S, R>() : x < low || kept == lowest<W, S, R>() ? R(-highest<W, S, R>()) : kept;
    } else if constexpr (O == AP_SAT_ZERO) {
        return x > high || x < low ? R(0) : kept;
    } else {
        FAST_TYPES_REQUIRE(S, "AP_WRAP_SM of an unsigned type");
        // The lowest deleted bit becomes the sign; the rest is inverted if that changes the sign.
        return (x > high || x < low) && deleted != (kept < 0) ? static_cast<R>(~kept) : kept;
    }
}

// Bit `position` of x, 0 outside the W bits that x has.
template <int W, class T> FAST_TYPES_INLINE constexpr bool bit_or_zero(T x, int position) {
    return position >= 0 && position < W && ((x >> position) & 1);
}

// The value x of W2 bits and F2 fractional ones as a number of W bits and I integer ones.
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int W2, int I2, bool S2>
FAST_TYPES_INLINE constexpr raw_t<W, S> convert(raw_t<W2, S2> x) {
    constexpr int d = (W2 - I2) - (W - I); // bits to drop
    // Bits above the binary point decide whether anything can overflow; rounding can carry one further.
    constexpr bool carry = d > 0 && Q != AP_TRN;
    constexpr bool fits = (S || !S2) && I - S >= I2 - S2 + (carry || (S2 && O == AP_SAT_SYM));
    if constexpr (d <= 0) {
        if constexpr (-d >= W) { // every bit of x lies above the target
            if constexpr (O == AP_WRAP)
                return 0;
        }
        constexpr int shift = -d < W ? -d : W - 1;
        const calc_t<W, S> moved = shift_left(static_cast<calc_t<W, S>>(x), shift);
        const raw_t<W, S> kept = fits ? static_cast<raw_t<W, S>>(moved) : -d < W ? wrap<W, S>(moved) : 0;
        if constexpr (O == AP_WRAP || fits) {
            return kept;
        } else {
            typedef wide_t<larger(W2 + !S2, W + !S), true> T;
            // The range in units of x: the first multiples of 2^shift beyond it are out of range.
            constexpr T high = -d < W ? highest<W, S, T>() >> shift : 0;
            constexpr T low = -d < W ? lowest<W, S, T>() >> shift : 0;
            return limit<W, S, O, T>(x, low, high, kept, bit_or_zero<W2>(x, d + W));
        }
    } else if constexpr (O == AP_WRAP || fits) {
        constexpr bool narrow = Q == AP_TRN && W2 == native_traits<raw_t<W2, S2>>::bits && !S2;
        if constexpr (narrow) // a full unsigned word needs no sign bit to be shifted
            return d >= W2 ? 0 : wrap<W, S>(x >> (d < W2 ? d : 0));
        else
            return wrap<W, S>(quantise<Q, W2 + !S2, wide_t<W2, S2>>(x, d));
    } else {
        typedef wide_t<larger(W2 + !S2, W + !S), true> T;
        const T q = quantise<Q, W2 + !S2, T>(x, d);
        return limit<W, S, O, T>(q, lowest<W, S, T>(), highest<W, S, T>(), wrap<W, S>(q), bit_or_zero<W2>(x, d + W));
    }
}

} // namespace fast_types

#endif
