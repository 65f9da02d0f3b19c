// Records what operators return, as raw bits. One source, compiled with the reference types and with the fast ones:
// the files it writes must be equal. Run with record numbers, it prints those records in words instead.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ap_fixed.h"
#include "ap_int.h"

namespace proof {

struct Bits {
    std::uint64_t low = 0, high = 0;
};

// What a type is: compared with every result, so a result that is right but too wide is a difference.
struct Format {
    int kind, width, integer, is_signed, quantisation, overflow;
};
enum Kind { C_INTEGER, C_FLOAT, INTEGER, FIXED, TEXT };

template <class T> struct Shown {
    static_assert(std::is_arithmetic_v<T>);
    static constexpr Format format{std::is_floating_point_v<T> ? C_FLOAT : C_INTEGER, int(8 * sizeof(T)),
                                   int(8 * sizeof(T)), std::is_signed_v<T>, 0, 0};
};
template <> struct Shown<bool> {
    static constexpr Format format{C_INTEGER, 1, 1, 0, 0, 0};
};
template <int W, bool S> struct ShownInteger {
    static constexpr Format format{INTEGER, W, W, S, 0, 0};
};
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O> struct ShownFixed {
    static constexpr Format format{FIXED, W, I, S, Q, O};
};
template <int W> struct Shown<ap_int<W>> : ShownInteger<W, true> {};
template <int W> struct Shown<ap_uint<W>> : ShownInteger<W, false> {};
template <int W, bool S> struct Shown<ap_int_base<W, S>> : ShownInteger<W, S> {};
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
struct Shown<ap_fixed<W, I, Q, O, N>> : ShownFixed<W, I, true, Q, O> {};
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
struct Shown<ap_ufixed<W, I, Q, O, N>> : ShownFixed<W, I, false, Q, O> {};
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
struct Shown<ap_fixed_base<W, I, S, Q, O, N>> : ShownFixed<W, I, S, Q, O> {};

template <class T> constexpr Format format_of = Shown<std::remove_cv_t<std::remove_reference_t<T>>>::format;
template <class T> constexpr bool is_integer = format_of<T>.kind == INTEGER;
template <class T> constexpr bool is_fixed = format_of<T>.kind == FIXED;
template <class T> constexpr bool is_ap = is_integer<T> || is_fixed<T>;
template <class T> constexpr bool is_float = format_of<T>.kind == C_FLOAT;
template <class T> constexpr int width_of = format_of<T>.width;
template <class T> constexpr int integer_of = format_of<T>.integer;
// With less than zero integer bits the reference makes integers out of a variable it has never written.
template <class T> constexpr bool has_integer_part = integer_of<T> >= 0;
template <class T> constexpr int fraction_of = width_of<T> - integer_of<T>;

// --- operands ---

template <class T> T make(Bits bits) {
    constexpr int width = width_of<T>;
    if constexpr (is_ap<T>) {
        T value;
        value.range(std::min(width, 64) - 1, 0) = bits.low;
        if constexpr (width > 64) value.range(width - 1, 64) = bits.high;
        return value;
    } else if constexpr (is_float<T>) {
        double wide;
        std::memcpy(&wide, &bits.low, sizeof wide);
        return T(wide);
    } else {
        return T(bits.low);
    }
}

template <class T> Bits bits_of(const T& value) {
    constexpr int width = width_of<T>;
    Bits bits;
    if constexpr (is_ap<T>) {
        bits.low = value.range(std::min(width, 64) - 1, 0).to_uint64();
        if constexpr (width > 64) bits.high = value.range(width - 1, 64).to_uint64();
    } else if constexpr (is_float<T>) {
        double wide = value;
        std::memcpy(&bits.low, &wide, sizeof wide);
    } else {
        bits.low = std::uint64_t(value);
    }
    return bits;
}

// --- records ---

struct Record {
    std::uint64_t format, low, high;
};

struct Session {
    std::FILE* file = nullptr;
    std::uint64_t count = 0, seed = 1;
    int randoms = 40;                   // random operands beside the corners
    std::vector<std::uint64_t> wanted;  // records to print, ascending; empty: write the file
    std::size_t printed = 0;
    const char* types = "";
    Bits operand[2];
    Format operand_format[2];
    int operands = 0;
    std::vector<Record> waiting;
};
inline Session session;

inline long double value_of(const Format& format, Bits bits) {
    long double value = format.width < 64 ? bits.low & ((1ull << format.width) - 1) : bits.low;
    if (format.width > 64) value += 18446744073709551616.0L * bits.high;
    const std::uint64_t top = format.width > 64 ? bits.high : bits.low;
    if (format.is_signed && (top >> ((format.width - 1) % 64) & 1)) value -= __builtin_powil(2, format.width);
    return value * __builtin_powil(2, format.integer - format.width);
}

inline std::string in_words(const Format& format, Bits bits) {
    char text[160];
    if (format.kind == TEXT) return "";
    if (format.kind == C_FLOAT) {
        double value;
        std::memcpy(&value, &bits.low, sizeof value);
        std::snprintf(text, sizeof text, "%.17g", value);
        return text;
    }
    const char* kind = format.kind == FIXED ? "fixed" : format.kind == INTEGER ? "int" : "C integer";
    const int length = std::snprintf(text, sizeof text, "%.20Lg [0x%llx_%016llx, %s%s %d", value_of(format, bits),
                                     (unsigned long long)bits.high, (unsigned long long)bits.low,
                                     format.is_signed ? "" : "u", kind, format.width);
    if (format.kind == FIXED)
        std::snprintf(text + length, sizeof text - length, ",%d modes %d,%d", format.integer, format.quantisation,
                      format.overflow);
    return std::string(text) + "]";
}

inline void write_waiting() {
    if (std::fwrite(session.waiting.data(), sizeof(Record), session.waiting.size(), session.file) !=
        session.waiting.size())
        std::exit(3);
    session.waiting.clear();
}

inline void record(const char* text, const Format& format, Bits bits, const std::string& words = "") {
    const std::uint64_t number = session.count++;
    if (session.wanted.empty()) {
        std::uint64_t packed = 0;
        const int modes = format.quantisation * 8 + format.overflow;
        for (int part : {format.kind, format.width, format.integer, format.is_signed, modes})
            packed = packed * 1024 + std::uint64_t(part + 256);
        session.waiting.push_back({packed, bits.low, bits.high});
        if (session.waiting.size() == 65536) write_waiting();
        return;
    }
    if (session.printed == session.wanted.size()) std::exit(0);
    if (number != session.wanted[session.printed]) return;
    session.printed++;
    std::printf("%llu\t%s\t%s\t", (unsigned long long)number, session.types, text);
    for (int i = 0; i < session.operands; i++)
        std::printf("%s%s = %s", i ? ", " : "", i ? "b" : "a",
                    in_words(session.operand_format[i], session.operand[i]).c_str());
    std::printf("\t%s%s\n", in_words(format, bits).c_str(), words.c_str());
}

template <class R> void show(const char* text, const R& result, bool with_modes = true) {
    if constexpr (std::is_same_v<R, std::string>) {
        std::uint64_t hash = 14695981039346656037ull;
        for (unsigned char letter : result) hash = (hash ^ letter) * 1099511628211ull;
        record(text, Format{TEXT, 0, 0, 0, 0, 0}, Bits{hash, result.size()}, result);
    } else {
        Format format = format_of<R>;
        if (!with_modes) format.quantisation = format.overflow = 0;
        record(text, format, bits_of(result));  // unqualified: the insides of the types must not have it too
    }
}

template <class A> void operands(Bits a) {
    session.operand[0] = a;
    session.operand_format[0] = format_of<A>;
    session.operands = 1;
}
template <class A, class B> void operands(Bits a, Bits b) {
    operands<A>(a);
    session.operand[1] = b;
    session.operand_format[1] = format_of<B>;
    session.operands = 2;
}

#define SHOW(...) proof::show(#__VA_ARGS__, __VA_ARGS__)
// What a statement left in x.
#define AFTER(start, ...)                        \
    do {                                         \
        auto x = start;                          \
        __VA_ARGS__;                             \
        proof::show("x after " #__VA_ARGS__, x); \
    } while (0)
// The same for assignments: they return x itself.
#define ASSIGN(start, ...)                                                 \
    do {                                                                   \
        auto x = start;                                                    \
        const auto* const result = &(__VA_ARGS__);                         \
        proof::show("x after " #__VA_ARGS__, x);                           \
        proof::show("returns x: " #__VA_ARGS__, (const void*)result == &x); \
    } while (0)
// The same for operators that return something else.
#define CHANGE(start, ...)                       \
    do {                                         \
        auto x = start;                          \
        SHOW(__VA_ARGS__);                       \
        proof::show("x after " #__VA_ARGS__, x); \
    } while (0)

// --- values ---

inline std::uint64_t random_word() {  // splitmix64
    std::uint64_t word = session.seed += 0x9e3779b97f4a7c15ull;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ull;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebull;
    return word ^ (word >> 31);
}

using Wide = unsigned __int128;

inline Bits cut(Wide value, int width) {
    if (width < 128) value &= (Wide(1) << width) - 1;
    return {std::uint64_t(value), std::uint64_t(value >> 64)};
}

// Ends of the range, zero and its neighbours, halves, alternating bits.
inline std::vector<Bits> corners(int width) {
    const Wide one = 1, top = one << (width - 1), all = ~Wide(0);
    std::vector<Wide> list{0, one, all, top, top - 1, top + 1, top >> 1, (top >> 1) - 1, ~(top >> 1), all - 1, 2, 3};
    list.push_back(one << (width / 2));
    list.push_back(all / 3);
    std::vector<Bits> result;
    for (Wide value : list) result.push_back(cut(value, width));
    return result;
}

// Half of the time short, so that both magnitudes and signs are met.
inline Bits random_bits(int width) {
    Wide value = (Wide(random_word()) << 64) | random_word();
    const std::uint64_t choice = random_word();
    if (choice & 1) value >>= 128 - 1 - choice / 4 % width;
    if (choice & 2) value = ~value;
    return cut(value, width);
}

template <class T> std::vector<Bits> values(int exhaustive = 9) {
    constexpr int width = width_of<T>;
    std::vector<Bits> list;
    if (width <= exhaustive) {
        for (std::uint64_t value = 0; value < (1ull << width); value++) list.push_back({value, 0});
        return list;
    }
    list = corners(width);
    for (int i = 0; i < session.randoms; i++) list.push_back(random_bits(width));
    return list;
}

// All pairs of short formats; else corners with corners, random values with random ones.
template <class A, class B> std::vector<std::pair<Bits, Bits>> pairs() {
    constexpr bool all = width_of<A> + width_of<B> <= 8;
    std::vector<std::pair<Bits, Bits>> list;
    for (Bits a : all ? values<A>() : corners(width_of<A>))
        for (Bits b : all ? values<B>() : corners(width_of<B>)) list.emplace_back(a, b);
    if (!all)
        for (int i = 0; i < session.randoms; i++)
            list.emplace_back(random_bits(width_of<A>), random_bits(width_of<B>));
    return list;
}

inline bool is_zero(Bits bits) { return !bits.low && !bits.high; }

// program <file> <seed> <random operands> [record numbers to print]
inline void begin(int argc, char** argv) {
    session.seed = std::strtoull(argv[2], nullptr, 10);
    session.randoms = std::atoi(argv[3]);
    for (int i = 4; i < argc; i++) session.wanted.push_back(std::strtoull(argv[i], nullptr, 10));
    if (session.wanted.empty()) session.file = std::fopen(argv[1], "wb");
    if (session.wanted.empty() && !session.file) std::exit(3);
}
inline int end() {
    if (session.wanted.empty()) {
        write_waiting();
        if (std::fclose(session.file)) return 3;
    }
    return 0;
}

}  // namespace proof
