// Single bits, ranges of bits, concatenation.
#pragma once

#include "harness.h"

namespace proof {

inline std::vector<int> places(int width) {
    std::vector<int> list;
    for (int place = 0; place < width; place++)
        if (width <= 12 || place < 2 || place > width - 3 || place % 16 > 14 || place % 16 == 0 || place % 7 == 0)
            list.push_back(place);
    return list;
}

template <class T> void single_bits(const char* types) {
    session.types = types;
    constexpr int width = width_of<T>;
    for (Bits bits : values<T>(4)) {
        operands<T>(bits);
        const T a = make<T>(bits);
        for (int i : places(width)) {
            T y = a;
            SHOW(a[i]);
            SHOW((bool)y[i]);
            SHOW(y[i] ? 1 : 2);
            SHOW(~y[i]);
            SHOW(y[i] == a[width - 1 - i]);
            AFTER(a, x[i] = 1);
            AFTER(a, x[i] = 0);
            AFTER(a, x[i] = !x[i]);
            AFTER(a, x[i] = y[width - 1 - i]);
            SHOW(a.bit(i));
            if constexpr (is_integer<T>) {
                SHOW(a.test(i));
                SHOW(a.get_bit(i));
                AFTER(a, x.set_bit(i, true));
                AFTER(a, x.set_bit(i, false));
                AFTER(a, x.set(i));
                AFTER(a, x.set(i, false));
                AFTER(a, x.clear(i));
                AFTER(a, x.invert(i));
                AFTER(a, x[ap_uint<8>(i)] = 1);
                SHOW(a[ap_uint<8>(i)]);
                // Beyond 64 bits the reference shifts the sign in.
                if constexpr (width <= 64 || !format_of<T>.is_signed) {
                    AFTER(a, x.lrotate(i));
                    AFTER(a, x.rrotate(i));
                }
            } else {
                SHOW(a.get_bit(i - width + integer_of<T>));
            }
        }
        AFTER(a, x = x.countLeadingZeros());
        if constexpr (is_integer<T>) {
            SHOW(a.and_reduce());
            SHOW(a.or_reduce());
            SHOW(a.nor_reduce());
            if constexpr (width <= 64) SHOW(a.nand_reduce());  // true only for 0 in the reference beyond 64 bits
            if constexpr (!format_of<T>.is_signed) {           // the reference counts bits of the sign extension
                SHOW(a.xor_reduce());
                SHOW(a.xnor_reduce());
            }
            AFTER(a, x.reverse());
            AFTER(a, x.b_not());
            SHOW(a.sign());
        } else {
            SHOW(a.is_neg());
            SHOW(a.wl());
            SHOW(a.iwl());
        }
    }
}

template <class T, class Other> void ranges(const char* types) {
    session.types = types;
    constexpr int width = width_of<T>, other_width = width_of<Other>;
    for (auto [a_bits, b_bits] : pairs<T, Other>()) {
        operands<T, Other>(a_bits, b_bits);
        const T a = make<T>(a_bits);
        const Other b = make<Other>(b_bits);
        const std::vector<std::pair<int, int>> places{{width - 1, 0}, {width / 2, width / 3}, {width - 1, width / 2},
                                                      {0, 0},         {width / 3, 0},         {width - 1, width - 1}};
        for (auto [high, low] : places) {
            const int other_high = std::min(other_width - 1, high - low);
            SHOW(a.range(high, low).to_uint64());
            SHOW(a(high, low).to_int());
            SHOW(a.range(high, low).to_uint());
            SHOW(a.range(high, low).length());
            SHOW(Other(a.range(high, low)));
            SHOW(T(a.range(high, low)));
            AFTER(b, x = a.range(high, low));
            if constexpr (is_fixed<T> || has_integer_part<Other>) AFTER(a, x.range(high, low) = b);
            AFTER(a, x(high, low) = b.range(other_high, 0));
            AFTER(a, x.range(high, low) = 5);
            AFTER(a, x.range(high, low) = -1);
            AFTER(a, x.range(high, low) = 0xfedcba9876543210ull);
            AFTER(a, x.range(high, low) = x.range(high, low));
            AFTER(a, x(ap_uint<8>(high), ap_uint<8>(low)) = 3);
            SHOW(a.range(high, low) == 1);
            SHOW(a.range(high, low) != 0);
            if constexpr (is_integer<T> == is_integer<Other>) {  // ambiguous in the reference otherwise
                SHOW(a.range(high, low) == b.range(other_high, 0));
                SHOW(a.range(high, low) < b.range(other_high, 0));
            }
            if constexpr (is_integer<T>) {
                SHOW(a.range(high, low) > 2);
                if constexpr (width <= 64) SHOW(3 <= a.range(high, low));  // the reference compares 64 bits
                // The reference takes a range of a signed number as signed when it chooses the result's type.
                if constexpr (width + other_width < 100 && is_integer<Other> && !format_of<T>.is_signed) {
                    SHOW(a.range(high, low) + b);
                    SHOW(b - a.range(high, low));
                    SHOW(a.range(high, low) * b);
                    SHOW(a.range(high, low) & b);
                    SHOW(b == a.range(high, low));
                }
                SHOW(a.range(high, low) + 1);
            }
        }
        SHOW(T(a.range(0, width - 1)));  // high < low: in reverse order
        if constexpr (is_fixed<T> || has_integer_part<Other>) AFTER(a, x.range() = b);
        SHOW(a.range().to_uint64());
    }
}

template <class A, class B> void concatenations(const char* types) {
    session.types = types;
    constexpr int width = width_of<A> + width_of<B>;
    for (auto [a_bits, b_bits] : pairs<A, B>()) {
        operands<A, B>(a_bits, b_bits);
        const A a = make<A>(a_bits);
        const B b = make<B>(b_bits);
        A m = a;
        B n = b;
        SHOW(ap_uint<width>((a, b)));
        SHOW(ap_int<width>((a, b)));
        SHOW(ap_uint<width>(a.concat(b)));
        SHOW(ap_uint<3>((a, b)));
        SHOW(ap_uint<width + 7>((m, n)));
        SHOW(ap_uint<width + width_of<A>>((a, b, a)));
        SHOW(ap_uint<width>((a.range(width_of<A> - 1, 0), b)));
        SHOW(ap_uint<width>((m, n.range(0, 0))));
        SHOW(ap_uint<width>((m[0], n)));
        SHOW(ap_uint<width>((m, n[0])));
        SHOW(ap_ufixed<width, width_of<A>>((a, b)));
        AFTER(ap_uint<width>(0), x = (a, b));
        AFTER(ap_uint<width>(0), (m, n) = x; x.range(width_of<A> - 1, 0) = m);
        SHOW((a, b) == ap_uint<width>(5));
    }
}

}  // namespace proof
