// Numbers as text, in and out.
#ifndef FAST_TYPES_TEXT_H_
#define FAST_TYPES_TEXT_H_

#include "operators.h"

namespace fast_types {

inline std::string decimal(uint128 value) {
    std::string text;
    do {
        text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    } while (value);
    return text;
}

} // namespace fast_types

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
std::ostream &operator<<(std::ostream &out, const ap_fixed_base<W, I, S, Q, O, N> &x) {
    return out << x.to_double();
}

template <int W, bool S> std::ostream &operator<<(std::ostream &out, const ap_int_base<W, S> &x) {
    return out << (x.V < 0 ? "-" : "")
               << fast_types::decimal(x.V < 0 ? -static_cast<fast_types::uint128>(x.V) : static_cast<fast_types::uint128>(x.V));
}

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
std::istream &operator>>(std::istream &in, ap_fixed_base<W, I, S, Q, O, N> &x) {
    double value;
    in >> value;
    x = value;
    return in;
}

template <int W, bool S> std::istream &operator>>(std::istream &in, ap_int_base<W, S> &x) {
    long long value;
    in >> value;
    x = value;
    return in;
}

#endif
