// Single bits, ranges of bits, and concatenations, for reading and writing.
#ifndef FAST_TYPES_BITS_H_
#define FAST_TYPES_BITS_H_

#include <cassert>

#include "native.h"

template <int W, bool S> struct ap_int_base;
template <int W> struct ap_int;
template <int W> struct ap_uint;

// Marks every type whose values the operators of this library take. It has a namespace of its own, since a call with
// such a value looks for functions there too: those of fast_types must not be found beside a user's own.
namespace fast_types_tag {
struct number_tag {};
} // namespace fast_types_tag

namespace fast_types {

using fast_types_tag::number_tag;

// `count` ones.
constexpr uint128 ones(int count) { return count <= 0 ? 0 : ~uint128(0) >> (MAX_WIDTH - smaller(count, MAX_WIDTH)); }

constexpr uint128 reversed(uint128 bits, int count) {
    uint128 result = 0;
    for (int i = 0; i < count; i++)
        result = result << 1 | (bits >> i & 1);
    return result;
}

// As in the reference types, an index beyond the number ends the simulation.
template <int W> FAST_TYPES_INLINE void check_index(int index) {
    assert(index >= 0 && index < W && "bit beyond the width of the number");
}

// Bits high..low of a number; in reverse order if high < low.
template <class NUMBER> constexpr uint128 read_range(const NUMBER &number, int high, int low) {
    const uint128 bits = static_cast<uint128>(number.V);
    return high >= low ? bits >> low & ones(high - low + 1) : reversed(bits >> high & ones(low - high + 1), low - high + 1);
}

template <class NUMBER> constexpr void write_range(NUMBER &number, int high, int low, uint128 value) {
    if (high < low) {
        value = reversed(value, low - high + 1);
        const int swap = high;
        high = low;
        low = swap;
    }
    const uint128 mask = ones(high - low + 1);
    number.V = wrap<NUMBER::width, NUMBER::is_signed>((static_cast<uint128>(number.V) & ~(mask << low)) |
                                                      (value & mask) << low);
}

template <class NUMBER> struct bit_ref : number_tag {
    NUMBER &of;
    int index;

    bit_ref(NUMBER &of, int index) : of(of), index(index) { check_index<NUMBER::width>(index); }
    bit_ref(const bit_ref &) = default;

    operator bool() const { return static_cast<uint128>(of.V) >> index & 1; }
    bool operator~() const { return !static_cast<bool>(*this); }
    bool get() const { return *this; }
    bool to_bool() const { return *this; }
    int length() const { return 1; }

    bit_ref &operator=(bool value) {
        write_range(of, index, index, value);
        return *this;
    }
    bit_ref &operator=(const bit_ref &value) { return *this = static_cast<bool>(value); }
    template <class OTHER> bit_ref &operator=(const bit_ref<OTHER> &value) { return *this = static_cast<bool>(value); }
    template <int W, bool S> bit_ref &operator=(const ap_int_base<W, S> &value) { return *this = value.V != 0; }
};

template <class NUMBER> struct range_ref : number_tag {
    NUMBER &of;
    int high, low;

    range_ref(NUMBER &of, int high, int low) : of(of), high(high), low(low) {
        check_index<NUMBER::width>(high);
        check_index<NUMBER::width>(low);
    }
    range_ref(const range_ref &) = default;

    uint128 bits() const { return read_range(of, high, low); }
    void set_bits(uint128 value) const { write_range(of, high, low, value); }
    ap_int_base<NUMBER::width, false> get() const;
    int length() const { return high >= low ? high - low + 1 : low - high + 1; }

    operator unsigned long long() const { return static_cast<unsigned long long>(bits()); }
    int to_int() const { return static_cast<int>(bits()); }
    unsigned to_uint() const { return static_cast<unsigned>(bits()); }
    long to_long() const { return static_cast<long>(bits()); }
    unsigned long to_ulong() const { return static_cast<unsigned long>(bits()); }
    long long to_int64() const { return static_cast<long long>(bits()); }
    unsigned long long to_uint64() const { return static_cast<unsigned long long>(bits()); }
    char to_char() const { return static_cast<char>(bits()); }
    bool and_reduce() const { return bits() == ones(length()); }
    bool or_reduce() const { return bits() != 0; }
    bool xor_reduce() const { return __builtin_parityll(static_cast<uint64_t>(bits() ^ bits() >> 64)); }

    range_ref &operator=(const range_ref &value) {
        set_bits(value.bits());
        return *this;
    }
    template <class VALUE> range_ref &operator=(VALUE value);
};

// One side of a concatenation: a whole number, a bit or a range. `width` is the most bits it can have.
template <class NUMBER> struct whole_part {
    NUMBER &of;
    static constexpr int width = NUMBER::width;
    int length() const { return width; }
    uint128 bits() const { return static_cast<uint128>(of.V) & ones(width); }
    void set_bits(uint128 value) const { of.V = wrap<width, NUMBER::is_signed>(value); }
};
template <class NUMBER> struct bit_part {
    bit_ref<NUMBER> of;
    static constexpr int width = 1;
    int length() const { return 1; }
    uint128 bits() const { return static_cast<bool>(of); }
    void set_bits(uint128 value) const { write_range(of.of, of.index, of.index, value); }
};
template <class NUMBER> struct range_part {
    range_ref<NUMBER> of;
    static constexpr int width = NUMBER::width;
    int length() const { return of.length(); }
    uint128 bits() const { return of.bits(); }
    void set_bits(uint128 value) const { of.set_bits(value); }
};

// (HIGH, LOW): the bits of two things side by side.
template <class HIGH, class LOW> struct concat_ref : number_tag {
    HIGH high;
    LOW low;
    static constexpr int width = HIGH::width + LOW::width;
    FAST_TYPES_REQUIRE(width <= MAX_WIDTH, "a concatenation of more than 128 bits");

    concat_ref(const HIGH &high, const LOW &low) : high(high), low(low) {}
    concat_ref(const concat_ref &) = default;

    int length() const { return high.length() + low.length(); }
    uint128 bits() const { return high.bits() << low.length() | low.bits(); }
    void set_bits(uint128 value) const {
        const uint128 upper = value >> low.length() & ones(high.length());
        low.set_bits(value & ones(low.length()));
        high.set_bits(upper);
    }
    ap_int_base<width, false> get() const;
    operator unsigned long long() const { return static_cast<unsigned long long>(bits()); }

    concat_ref &operator=(const concat_ref &value) {
        set_bits(value.bits());
        return *this;
    }
    template <class VALUE> concat_ref &operator=(VALUE value);
};

} // namespace fast_types

#endif
