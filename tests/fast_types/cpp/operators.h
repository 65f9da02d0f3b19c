// Operators of two operands, of one operand, and shifts.
#pragma once

#include "harness.h"

namespace proof {

// Widths of results: pairs whose result the fast types refuse are left out.
constexpr int widest = 128;
template <class A, class B> struct Results {
    static constexpr int fraction = std::max(fraction_of<A>, fraction_of<B>);
    static constexpr bool product = width_of<A> + width_of<B> <= widest;
    static constexpr bool sum = std::max(integer_of<A>, integer_of<B>) + 2 + fraction <= widest;
    static constexpr bool quotient =
        1 + std::max(width_of<A> + std::max(fraction_of<B>, 0) + 1, width_of<B> + 1) <= widest;
    // The long division that the reference uses beyond 64 bits finds some wrong remainders. A negative dividend
    // beside an unsigned divisor takes one bit more.
    static constexpr bool mixed = format_of<A>.is_signed && !format_of<B>.is_signed;
    static constexpr bool remainder =
        !is_fixed<A> && !is_fixed<B> && std::max(width_of<A>, width_of<B>) + mixed <= 64;
};

// |value| < 1: as the operand of an assignment to an integer it counts as 0.
template <class B> bool below_one(Bits bits) {
    constexpr int width = width_of<B>, gap = 128 - width, fraction = fraction_of<B>;
    if constexpr (fraction <= 0) {
        return is_zero(bits);
    } else {
        const Wide top = ((Wide(bits.high) << 64) | bits.low) << gap;
        const Wide size = format_of<B>.is_signed && __int128(top) < 0 ? -(Wide(__int128(top) >> gap)) : top >> gap;
        return fraction >= 128 || size >> fraction == 0;
    }
}

template <class A, class B> void two_operands(const char* types) {
    session.types = types;
    using Fits = Results<A, B>;
    for (auto [a_bits, b_bits] : pairs<A, B>()) {
        operands<A, B>(a_bits, b_bits);
        const A a = make<A>(a_bits);
        const B b = make<B>(b_bits);
        if constexpr (Fits::sum) {
            SHOW(a + b);
            SHOW(a - b);
            SHOW(a & b);
            SHOW(a | b);
            SHOW(a ^ b);
            SHOW(a == b);
            SHOW(a != b);
            SHOW(a < b);
            SHOW(a <= b);
            SHOW(a > b);
            SHOW(a >= b);
        }
        if constexpr (Fits::product) SHOW(a * b);
        if constexpr (Fits::quotient) {
            if (!is_zero(b_bits)) {
                SHOW(a / b);
                if constexpr (Fits::remainder) SHOW(a % b);
            }
        }
        if constexpr (is_ap<A> && (is_fixed<A> || has_integer_part<B>)) {
            if constexpr (Fits::sum) {
                ASSIGN(a, x += b);
                ASSIGN(a, x -= b);
                ASSIGN(a, x &= b);
                ASSIGN(a, x |= b);
                ASSIGN(a, x ^= b);
            }
            if constexpr (Fits::product) ASSIGN(a, x *= b);
            if constexpr (Fits::quotient) {
                if (!(is_integer<A> ? below_one<B>(b_bits) : is_zero(b_bits))) {
                    ASSIGN(a, x /= b);
                    if constexpr (Fits::remainder) ASSIGN(a, x %= b);
                }
            }
        }
    }
}

template <class A> void one_operand(const char* types) {
    session.types = types;
    for (Bits a_bits : values<A>()) {
        operands<A>(a_bits);
        const A a = make<A>(a_bits);
        SHOW(!a);
        SHOW(~a);
        if constexpr (width_of<A> < widest) SHOW(-a);
        AFTER(a, x = +x);
        // The reference adds a one of W - I + 1 bits to fixed-point numbers: that type exists for I <= W only.
        if constexpr (is_integer<A> || (fraction_of<A> >= 0 && Results<A, ap_ufixed<1 + fraction_of<A>, 1>>::sum)) {
            ASSIGN(a, ++x);
            ASSIGN(a, --x);
            CHANGE(a, x++);
            CHANGE(a, x--);
        }
        SHOW(a.length());
        SHOW(a.is_zero());
    }
}

// Counts of both signs, the width and its neighbours, and far beyond.
template <class N> std::vector<Bits> counts(int width) {
    std::vector<Bits> list;
    for (long count : {0, 1, 2, 3, width / 2, width - 1, width, width + 1, 2 * width, 63, 64, 65, 127}) {
        for (long sign : {1, -1}) {
            const long value = sign * count;
            const int bits = integer_of<N> - format_of<N>.is_signed;  // without the sign
            if (value < 0 && !format_of<N>.is_signed) continue;
            if (bits < 60 && (value >= (1l << bits) || value < -(1l << bits))) continue;
            list.push_back(cut(Wide(__int128(value)) << std::max(fraction_of<N>, 0), width_of<N>));
        }
    }
    return list;
}

template <class A, class N> void shifts(const char* types) {
    session.types = types;
    for (Bits a_bits : values<A>(4)) {
        for (Bits n_bits : counts<N>(width_of<A>)) {
            operands<A, N>(a_bits, n_bits);
            const A a = make<A>(a_bits);
            const N b = make<N>(n_bits);
            // The reference drops the modes of a fixed-point number shifted by some types of C, not by others.
            show("a << b", a << b, false);
            show("a >> b", a >> b, false);
            ASSIGN(a, x <<= b);
            ASSIGN(a, x >>= b);
        }
    }
}

}  // namespace proof
