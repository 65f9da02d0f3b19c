// From format to format, and between these types and those of C.
#pragma once

#include "harness.h"

namespace proof {

template <class To, class From> void convert(const char* types) {
    session.types = types;
    if constexpr (is_fixed<To> || has_integer_part<From>) {
        for (Bits bits : values<From>()) {
            operands<From>(bits);
            const From a = make<From>(bits);
            SHOW(To(a));
            AFTER(To(), x = a);
        }
    }
}

// Around zero and around the ends of the range in quarters of the last place, beyond the range, far too small, random.
template <class T> std::vector<double> reals() {
    const double place = __builtin_powi(2.0, -fraction_of<T>), range = __builtin_powi(2.0, integer_of<T>);
    std::vector<double> list;
    for (int quarters = -72; quarters <= 72; quarters++) list.push_back(quarters * place / 4);
    for (double end : {-range, -range / 2, range / 2, range})
        for (int quarters = -9; quarters <= 9; quarters++) list.push_back(end + quarters * place / 4);
    for (int power = 0; power < 80; power += 3)
        for (double sign : {1.0, -1.0})
            for (double size : {1.0, 1.5, 1.0 + 1.0 / 4096}) {
                list.push_back(sign * size * range * __builtin_powi(2.0, power));
                list.push_back(sign * size * place * __builtin_powi(2.0, -power));
            }
    for (double extreme : {1e30, 1e-30, 1e300, 1e-300, 5e-324}) {
        list.push_back(extreme);
        list.push_back(-extreme);
    }
    list.push_back(-0.0);
    for (int i = 0; i < 4 * session.randoms; i++) {
        const double mantissa = double(std::int64_t(random_word())) / 9223372036854775808.0;
        const int span = width_of<T> + 40;
        list.push_back(mantissa * range * __builtin_powi(2.0, 4 - int(random_word() % span)));
    }
    return list;
}

template <class T> void from_real(const char* types) {
    session.types = types;
    for (double a : reals<T>()) {
        Bits bits;
        std::memcpy(&bits.low, &a, sizeof a);
        operands<double>(bits);
        SHOW(T(a));
        AFTER(T(), x = a);
        if (a > 1e38 || a < -1e38) continue;  // no float holds it
        const float f = a;
        SHOW(T(f));
        AFTER(T(), x = f);
    }
}

template <class T, class C> void from_c_type(const char* types) {
    session.types = types;
    for (Bits bits : values<C>(8)) {
        operands<C>(bits);
        const C a = make<C>(bits);
        SHOW(T(a));
        AFTER(T(), x = a);
    }
}
template <class T> void from_c(const char* types) {
    from_c_type<T, bool>(types);
    from_c_type<T, char>(types);
    from_c_type<T, signed char>(types);
    from_c_type<T, unsigned char>(types);
    from_c_type<T, short>(types);
    from_c_type<T, unsigned short>(types);
    from_c_type<T, int>(types);
    from_c_type<T, unsigned>(types);
    from_c_type<T, long>(types);
    from_c_type<T, unsigned long>(types);
    from_c_type<T, long long>(types);
    from_c_type<T, unsigned long long>(types);
}

template <class T> void to_c(const char* types) {
    session.types = types;
    for (Bits bits : values<T>()) {
        operands<T>(bits);
        const T a = make<T>(bits);
        // Beyond 64 bits the reference finds wrong values for integers, and takes a number of one leading 1 for false.
        constexpr bool wide = width_of<T> > 64;
        if constexpr (!wide || is_fixed<T>) {
            SHOW(a.to_double());
            SHOW(a.to_float());
            SHOW((double)a);
            SHOW((float)a);
        }
        if constexpr (!wide) SHOW((bool)a);
        if constexpr (has_integer_part<T>) {
            SHOW(a.to_int());
            SHOW(a.to_uint());
            SHOW(a.to_int64());
            SHOW(a.to_uint64());
            SHOW((int)a);
            SHOW((unsigned)a);
            SHOW((long)a);
            SHOW((unsigned long)a);
            SHOW((long long)a);
            SHOW((unsigned long long)a);
            SHOW((short)a);
            SHOW((unsigned short)a);
            SHOW((char)a);
            SHOW((signed char)a);
            SHOW((unsigned char)a);
        }
        if constexpr (is_integer<T>) {
            if constexpr (!wide) SHOW(a.to_bool());
            SHOW(a.to_short());
            SHOW(a.to_ushort());
            SHOW(a.to_char());
            SHOW(a.to_uchar());
            SHOW(a.to_long());
            SHOW(a.to_ulong());
        }
    }
}

// With float and double: arithmetic of integers, comparison of both kinds.
template <class T, class R> void with_real(const char* types) {
    session.types = types;
    for (Bits bits : values<T>(4)) {
        if (is_integer<T> && width_of<T> > 64) break;  // to_double of the reference is wrong
        const T a = make<T>(bits);
        const double same = value_of(format_of<T>, bits);
        for (double real : {0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -2.25, 100.0, -3e9, 1e-3, same, same + 0.25}) {
            const R b = R(real);
            Bits real_bits;
            const double shown = b;
            std::memcpy(&real_bits.low, &shown, sizeof shown);
            operands<T, double>(bits, real_bits);
            SHOW(a == b);
            SHOW(a != b);
            SHOW(a < b);
            SHOW(a <= b);
            SHOW(a > b);
            SHOW(a >= b);
            SHOW(b == a);
            SHOW(b != a);
            SHOW(b < a);
            SHOW(b <= a);
            SHOW(b > a);
            SHOW(b >= a);
            if constexpr (is_integer<T>) {
                SHOW(a + b);
                SHOW(a - b);
                SHOW(a * b);
                SHOW(b + a);
                SHOW(b - a);
                SHOW(b * a);
                if (b != 0) SHOW(a / b);
                if (!is_zero(bits)) SHOW(b / a);
            }
        }
    }
}

}  // namespace proof
