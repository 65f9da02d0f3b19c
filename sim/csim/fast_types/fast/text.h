// Numbers as text, in and out.
#ifndef FAST_TYPES_TEXT_H_
#define FAST_TYPES_TEXT_H_

#include <algorithm>
#include <iostream>
#include <string>

#include "operators.h"

namespace fast_types {

inline std::string decimal(uint128 value) {
    std::string text;
    do {
        text += static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value);
    std::reverse(text.begin(), text.end());
    return text;
}

inline const char *prefix(int radix) { return radix == 2 ? "0b" : radix == 8 ? "0o" : radix == 16 ? "0x" : ""; }
inline char digit(unsigned value) { return static_cast<char>(value < 10 ? '0' + value : 'a' + value - 10); }
inline int bits_per_digit(int radix) { return radix == 16 ? 4 : radix == 8 ? 3 : 1; }

// `value` of W bits in base 2, 8 or 16 with its prefix. A leading 0 tells a positive number from one whose sign bit
// the first digit would show.
template <int W> std::string in_radix(uint128 value, int radix, bool negative) {
    const int step = bits_per_digit(radix);
    if (value == 0)
        return std::string(prefix(radix)) + "0";
    std::string digits;
    bool top = false;
    for (; value; value >>= step) {
        const unsigned next = static_cast<unsigned>(value & ones(step));
        digits += digit(next);
        top = next >> (step - 1);
    }
    if (!negative && top && static_cast<int>(digits.size()) * step < W)
        digits += '0';
    std::reverse(digits.begin(), digits.end());
    return (negative ? "-" : "") + std::string(prefix(radix)) + digits;
}

inline int guessed_radix(const std::string &text) {
    const size_t start = !text.empty() && (text[0] == '-' || text[0] == '+');
    if (text.size() < start + 2 || text[start] != '0')
        return 10;
    const char mark = static_cast<char>(text[start + 1] | 0x20);
    return mark == 'b' ? 2 : mark == 'o' ? 8 : mark == 'x' ? 16 : 10;
}

// The integer at the start of a text, modulo 2^128.
inline uint128 parsed(const std::string &text, int radix) {
    if (radix == 0)
        radix = guessed_radix(text);
    size_t i = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (negative || (!text.empty() && text[0] == '+'))
        i = 1;
    if (text.size() > i + 1 && text[i] == '0' && std::string("bBoOxXdD").find(text[i + 1]) != std::string::npos)
        i += 2;
    uint128 value = 0;
    for (; i < text.size(); i++) {
        const char c = static_cast<char>(text[i] | 0x20);
        const int next = c >= 'a' && c <= 'f' ? c - 'a' + 10 : text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : radix;
        if (next >= radix)
            break;
        value = value * radix + next;
    }
    return negative ? -value : value;
}

// A decimal number without an exponent, rounded half up to so many significant digits and written as %g does.
inline std::string shortened(const std::string &text, int precision) {
    const bool negative = text[0] == '-';
    std::string digits;
    int before_point = -1; // digits before the point
    for (size_t i = negative; i < text.size(); i++) {
        if (text[i] == '.')
            before_point = static_cast<int>(digits.size());
        else
            digits += text[i];
    }
    if (before_point < 0)
        before_point = static_cast<int>(digits.size());
    const size_t first = digits.find_first_not_of('0');
    if (first == std::string::npos)
        return "0";
    int exponent = before_point - static_cast<int>(first) - 1;
    digits.erase(0, first);
    if (static_cast<int>(digits.size()) > precision) {
        const bool up = digits[precision] >= '5';
        digits.resize(precision);
        int i = precision - 1;
        while (up && i >= 0 && digits[i] == '9')
            digits[i--] = '0';
        if (up && i >= 0)
            digits[i]++;
        if (up && i < 0) {
            digits.insert(0, "1");
            exponent++;
        }
    }
    digits.erase(digits.find_last_not_of('0') + 1);
    std::string result;
    if (exponent < -4 || exponent >= precision) {
        result = digits.substr(0, 1) + (digits.size() > 1 ? "." + digits.substr(1) : "");
        const std::string size = decimal(static_cast<uint128>(exponent < 0 ? -exponent : exponent));
        result += (exponent < 0 ? "e-" : "e+") + std::string(size.size() < 2 ? "0" : "") + size;
    } else if (exponent < 0) {
        result = "0." + std::string(-exponent - 1, '0') + digits;
    } else {
        if (static_cast<int>(digits.size()) <= exponent)
            digits.resize(exponent + 1, '0');
        result = digits.substr(0, exponent + 1);
        if (static_cast<int>(digits.size()) > exponent + 1)
            result += "." + digits.substr(exponent + 1);
    }
    return (negative ? "-" : "") + result;
}

} // namespace fast_types

template <int W, bool S>
ap_int_base<W, S>::ap_int_base(const char *text, signed char radix)
    : V(fast_types::wrap<W, S>(fast_types::parsed(text, radix))) {}

template <int W, bool S> std::string ap_int_base<W, S>::to_string(signed char radix, bool sign) const {
    const bool negative = V < 0 && (radix == 10 || (radix != 2 && sign));
    const fast_types::uint128 bits = static_cast<fast_types::uint128>(V);
    const fast_types::uint128 size = negative ? -bits : bits & fast_types::ones(W);
    if (radix == 10)
        return (negative ? "-" : "") + fast_types::decimal(size);
    return fast_types::in_radix<W>(size, radix, negative);
}

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
std::string ap_fixed_base<W, I, S, Q, O, N>::to_string(unsigned char radix, bool sign) const {
    constexpr int fraction = W - I;
    const bool negative = V < 0 && radix != 2 && sign;
    const fast_types::uint128 bits = static_cast<fast_types::uint128>(V);
    const fast_types::uint128 size = (negative ? -bits : bits) & fast_types::ones(W + 1);
    std::string text = negative ? "-" : "";
    if (I > 0) {
        const fast_types::uint128 whole =
            fraction >= 0 ? size >> fast_types::larger(fraction, 0) : size << fast_types::larger(-fraction, 0);
        text += radix == 10 ? fast_types::decimal(whole) : fast_types::in_radix<I + 1>(whole, radix, false);
    } else {
        text += std::string(fast_types::prefix(radix)) + "0";
    }
    // The bits behind the point; with few of them in front, the sign fills the gap.
    fast_types::uint128 rest = (negative ? -bits : bits) & fast_types::ones(fraction);
    if (rest == 0)
        return text;
    text += ".";
    if (radix == 10) {
        // Digit by digit from 60 bits at a time, so that a product always fits.
        while (rest) {
            const fast_types::uint128 high = rest >> 60, low = rest & fast_types::ones(60);
            const fast_types::uint128 carry = low * 10, sum = high * 10 + (carry >> 60);
            const int above = fraction - 60;
            const fast_types::uint128 product = above > 0 ? 0 : carry;
            const unsigned next = static_cast<unsigned>(above > 0 ? sum >> above : product >> fraction);
            text += fast_types::digit(next);
            rest = above > 0 ? ((sum & fast_types::ones(above)) << 60 | (carry & fast_types::ones(60)))
                             : product & fast_types::ones(fraction);
        }
        return text;
    }
    const int step = fast_types::bits_per_digit(radix);
    for (int i = fraction - 1; i >= 0; i -= step) {
        const int low = fast_types::larger(0, i - step + 1);
        const unsigned next = static_cast<unsigned>(rest >> low & fast_types::ones(i - low + 1));
        text += fast_types::digit(next << (low - (i - step + 1)));
    }
    return radix == 16 ? text + "p0" : text;
}

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
std::ostream &operator<<(std::ostream &out, const ap_fixed_base<W, I, S, Q, O, N> &x) {
    const std::string text = fast_types::shortened(x.to_string(10), static_cast<int>(out.precision()));
    const std::streamsize width = out.width(0);
    for (std::streamsize i = static_cast<std::streamsize>(text.size()); i < width; i++)
        out << out.fill();
    return out << text;
}

template <int W, bool S> std::ostream &operator<<(std::ostream &out, const ap_int_base<W, S> &x) {
    const std::ios_base::fmtflags flags = out.flags();
    return out << x.to_string(flags & std::ios_base::hex ? 16 : flags & std::ios_base::oct ? 8 : 10);
}

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
std::istream &operator>>(std::istream &in, ap_fixed_base<W, I, S, Q, O, N> &x) {
    double value;
    in >> value;
    x = value;
    return in;
}

template <int W, bool S> std::istream &operator>>(std::istream &in, ap_int_base<W, S> &x) {
    std::string text;
    in >> text;
    const std::ios_base::fmtflags base = in.flags() & std::ios_base::basefield;
    x = ap_int_base<W, S>(text.c_str(), base == std::ios_base::oct ? 8 : base == std::ios_base::hex ? 16 : 0);
    return in;
}

#endif
