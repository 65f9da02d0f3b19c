// Which native integer holds a number of W bits, and how W bits are cut out of a larger one.
//
// Invariant of all types in this library: the native integer holds the number's value, sign-extended (signed) or
// zero-extended (unsigned). The smallest native type from 16 bits on is used: the shorter the elements, the more of them
// fit a vector register. Bytes are not used: a compiler must assume that a write to one changes anything (they alias
// every type), and vector registers multiply no bytes. They made networks of 8 bits slower by a fifth to a third.
#ifndef FAST_TYPES_NATIVE_H_
#define FAST_TYPES_NATIVE_H_

#include <cstdint>
#include <type_traits>

#include "limits.h"

#define FAST_TYPES_INLINE inline __attribute__((always_inline))

namespace fast_types {

typedef __int128 int128;
typedef unsigned __int128 uint128;

template <int BYTES, bool S> struct native_of;
template <> struct native_of<2, true> { typedef int16_t type; };
template <> struct native_of<2, false> { typedef uint16_t type; };
template <> struct native_of<4, true> { typedef int32_t type; };
template <> struct native_of<4, false> { typedef uint32_t type; };
template <> struct native_of<8, true> { typedef int64_t type; };
template <> struct native_of<8, false> { typedef uint64_t type; };
template <> struct native_of<16, true> { typedef int128 type; };
template <> struct native_of<16, false> { typedef uint128 type; };

constexpr int bytes_for(int bits) { return bits <= 16 ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : 16; }
constexpr int larger(int a, int b) { return a > b ? a : b; }
constexpr int smaller(int a, int b) { return a < b ? a : b; }

// What a number of W bits is stored in.
template <int W, bool S> struct storage {
    FAST_TYPES_REQUIRE(W >= 1, "a number without bits (width 0 or less)");
    FAST_TYPES_REQUIRE(W <= MAX_WIDTH, "a number of more than 128 bits");
    typedef typename native_of<bytes_for(W <= MAX_WIDTH ? W : 8), S>::type type;
};
template <int W, bool S> using raw_t = typename storage<W, S>::type;

// What is calculated in: at least 32 bits, as the language promotes anyway.
template <int W, bool S> using calc_t = raw_t<larger(W, 32), S>;
// A signed type that holds every value of W bits, signed or not.
template <int W, bool S> using wide_t = calc_t<W + (S ? 0 : 1), true>;

template <class T> struct native_traits {
    static constexpr int bits = sizeof(T) * 8;
    static constexpr bool is_signed = T(-1) < T(0);
    typedef typename native_of<sizeof(T), false>::type unsigned_t;
};

// The largest and smallest values of W bits.
template <int W, bool S, class T> constexpr T highest() {
    constexpr uint128 half = (uint128(1) << (W - 1)) - 1;
    return static_cast<T>(S ? half : 2 * half + 1);
}
template <int W, bool S, class T> constexpr T lowest() { return S ? T(-highest<W, S, T>() - 1) : T(0); }

// x * 2^shift modulo the width of T; no overflow in the language's sense.
template <class T> FAST_TYPES_INLINE constexpr T shift_left(T x, int shift) {
    typedef typename native_of<(sizeof(T) < 4 ? 4 : sizeof(T)), false>::type U;
    return static_cast<T>(static_cast<U>(x) << shift);
}

// The low W bits of x, extended again: what an assignment that wraps around keeps.
template <int W, bool S, class T> FAST_TYPES_INLINE constexpr raw_t<W, S> wrap(T x) {
    typedef raw_t<W, S> R;
    constexpr int bits = native_traits<R>::bits;
    if constexpr (W == bits) {
        return static_cast<R>(x);
    } else if constexpr (S) {
        typedef calc_t<W, true> C; // shifts of 32 bits and more exist in vector registers, of 8 bits they do not
        constexpr int gap = native_traits<C>::bits - W;
        return static_cast<R>(shift_left(static_cast<C>(x), gap) >> gap);
    } else {
        return static_cast<R>(static_cast<R>(x) & highest<W, false, R>());
    }
}

} // namespace fast_types

#endif
