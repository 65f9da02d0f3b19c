// To and from text.
#pragma once

#include "harness.h"

namespace proof {

// The reference writes other text beyond 64 bits, and takes bits from beside a number if its point lies right of it.
template <class T> constexpr bool has_text = fraction_of<T> >= 0 && width_of<T> <= (is_fixed<T> ? 63 : 64);
// In a stream it rounds numbers of more than six integer digits at the wrong digit.
template <class T> constexpr bool streams_well = has_text<T> && (is_integer<T> || integer_of<T> < 20);

template <class T> void to_text(const char* types) {
    session.types = types;
    for (Bits bits : values<T>()) {
        operands<T>(bits);
        const T a = make<T>(bits);
        if constexpr (has_text<T>) {
            SHOW(a.to_string(2));
            SHOW(a.to_string(8));
            SHOW(a.to_string(10));
            SHOW(a.to_string(16));
            SHOW(a.to_string());
        }
        if constexpr (streams_well<T>) {
            std::ostringstream stream;
            stream << a << ' ' << a;
            SHOW(stream.str());
        }
    }
}

template <class T> void read_text(const char* text) {
    std::istringstream stream(text);
    T a = 0, b = 0;
    stream >> a >> b;
    show((std::string("read first from ") + text).c_str(), a);
    show((std::string("read second from ") + text).c_str(), b);
}
template <class T> void from_text(const char* types) {
    session.types = types;
    session.operands = 0;
    for (const char* text : {"0 1", "1 -1", "-3 7", "12 -12", "100 77", "-1 -128", "65535 2147483648"})
        read_text<T>(text);
    if constexpr (is_fixed<T>) {
        for (const char* text : {"0.5 -0.5", "1.25 -1.75", "0.015625 1e-3", "-2.5e1 3.14159265358979", ".125 -7."})
            read_text<T>(text);
    } else {
        for (const char* text : {"0x1f -0x1f", "0b101 0o17"}) read_text<T>(text);
        SHOW(T("5"));
        SHOW(T("-12"));
        SHOW(T("0x7f"));
        SHOW(T("ff", 16));
        SHOW(T("-1011", 2));
        SHOW(T("17", 8));
        SHOW(T("99", 10));
    }
}

}  // namespace proof
