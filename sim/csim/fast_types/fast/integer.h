// ap_int, ap_uint and what they have in common.
#ifndef FAST_TYPES_INTEGER_H_
#define FAST_TYPES_INTEGER_H_

#include "operand.h"

typedef signed long long ap_slong;
typedef unsigned long long ap_ulong;

namespace fast_types {

template <int W, bool S> struct ap_int_of { typedef ap_int<W> type; };
template <int W> struct ap_int_of<W, false> { typedef ap_uint<W> type; };

// x * 2^count modulo 2^W for 0 <= count, and x / 2^count.
template <int W, bool S> FAST_TYPES_INLINE constexpr raw_t<W, S> moved_up(raw_t<W, S> x, int64_t count) {
    return count >= W ? raw_t<W, S>(0) : wrap<W, S>(shift_left(static_cast<calc_t<W, S>>(x), static_cast<int>(count)));
}
template <int W, bool S> FAST_TYPES_INLINE constexpr raw_t<W, S> moved_down(raw_t<W, S> x, int64_t count) {
    return static_cast<raw_t<W, S>>(count >= W ? (x < 0 ? -1 : 0) : x >> count);
}

// A negative count shifts the other way.
template <int W, bool S> FAST_TYPES_INLINE constexpr raw_t<W, S> shifted_left(raw_t<W, S> x, int64_t count) {
    return count < 0 ? moved_down<W, S>(x, -count) : moved_up<W, S>(x, count);
}
template <int W, bool S> FAST_TYPES_INLINE constexpr raw_t<W, S> shifted_right(raw_t<W, S> x, int64_t count) {
    return count < 0 ? moved_up<W, S>(x, -count) : moved_down<W, S>(x, count);
}

} // namespace fast_types

template <int W, bool S> struct ap_int_base : fast_types::number_tag {
    static constexpr int width = W;
    static constexpr int iwidth = W;
    static constexpr bool is_signed = S;
    static constexpr bool is_fixed = false;
    typedef fast_types::raw_t<W, S> raw_type;
    typedef std::conditional_t<S, ap_slong, ap_ulong> RetType;

    raw_type V; // the value

    // As in hardware, a number is undefined until it is written.
    ap_int_base() = default;

    template <class T, std::enable_if_t<std::is_integral<T>::value, int> = 0>
    FAST_TYPES_INLINE constexpr ap_int_base(T x) : V(fast_types::wrap<W, S>(x)) {}
    template <class T, std::enable_if_t<std::is_floating_point<T>::value, int> = 0>
    ap_int_base(T x) : V(fast_types::integer_from_double<W, S>(x)) {}
    template <int W2, bool S2>
    FAST_TYPES_INLINE constexpr ap_int_base(const ap_int_base<W2, S2> &x) : V(fast_types::wrap<W, S>(x.V)) {}
    template <int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2, int N2>
    FAST_TYPES_INLINE ap_int_base(const ap_fixed_base<W2, I2, S2, Q2, O2, N2> &x)
        : V(fast_types::wrap<W, S>(x.to_ap_int_base().V)) {}
    template <class NUMBER> ap_int_base(const fast_types::bit_ref<NUMBER> &x) : V(fast_types::wrap<W, S>(x.get())) {}
    template <class NUMBER> ap_int_base(const fast_types::range_ref<NUMBER> &x) : V(fast_types::wrap<W, S>(x.bits())) {}
    template <class HIGH, class LOW>
    ap_int_base(const fast_types::concat_ref<HIGH, LOW> &x) : V(fast_types::wrap<W, S>(x.bits())) {}
    ap_int_base(const char *text, signed char radix = 0);

    static FAST_TYPES_INLINE constexpr ap_int_base from_raw(raw_type raw) {
        ap_int_base result{};
        result.V = raw;
        return result;
    }

    // The one implicit conversion: all others are reached through it.
    FAST_TYPES_INLINE constexpr operator RetType() const { return static_cast<RetType>(V); }

    bool to_bool() const { return V != 0; }
    char to_char() const { return static_cast<char>(V); }
    signed char to_schar() const { return static_cast<signed char>(V); }
    unsigned char to_uchar() const { return static_cast<unsigned char>(V); }
    short to_short() const { return static_cast<short>(V); }
    unsigned short to_ushort() const { return static_cast<unsigned short>(V); }
    int to_int() const { return static_cast<int>(V); }
    unsigned to_uint() const { return static_cast<unsigned>(V); }
    long to_long() const { return static_cast<long>(V); }
    unsigned long to_ulong() const { return static_cast<unsigned long>(V); }
    ap_slong to_int64() const { return static_cast<ap_slong>(V); }
    ap_ulong to_uint64() const { return static_cast<ap_ulong>(V); }
    float to_float() const { return static_cast<float>(V); }
    double to_double() const { return static_cast<double>(V); }
    std::string to_string(signed char radix = 2, bool sign = S) const;

    int length() const { return W; }
    bool iszero() const { return V == 0; }
    bool is_zero() const { return V == 0; }
    bool sign() const { return V < 0; }

    bool test(int index) const {
        fast_types::check_index<W>(index);
        return static_cast<fast_types::uint128>(V) >> index & 1;
    }
    bool get_bit(int index) const { return test(index); }
    void set_bit(int index, bool value) { fast_types::write_range(*this, index, index, value); }
    void set(int index, bool value = true) { set_bit(index, value); }
    void clear(int index) { set_bit(index, false); }
    void invert(int index) { set_bit(index, !test(index)); }
    void b_not() { V = fast_types::wrap<W, S>(~V); }
    ap_int_base &reverse() {
        V = fast_types::wrap<W, S>(fast_types::read_range(*this, 0, W - 1));
        return *this;
    }
    ap_int_base &lrotate(int count) {
        const fast_types::uint128 bits = fast_types::read_range(*this, W - 1, 0);
        V = fast_types::wrap<W, S>(count == 0 ? bits : bits << count | bits >> (W - count));
        return *this;
    }
    ap_int_base &rrotate(int count) { return lrotate(count == 0 ? 0 : W - count); }
    int countLeadingZeros() const {
        int count = 0;
        while (count < W && !test(W - 1 - count))
            count++;
        return count;
    }

    bool and_reduce() const { return fast_types::read_range(*this, W - 1, 0) == fast_types::ones(W); }
    bool nand_reduce() const { return !and_reduce(); }
    bool or_reduce() const { return V != 0; }
    bool nor_reduce() const { return V == 0; }
    bool xor_reduce() const { return range().xor_reduce(); }
    bool xnor_reduce() const { return !xor_reduce(); }

    typedef fast_types::bit_ref<ap_int_base> bit_type;
    typedef fast_types::range_ref<ap_int_base> range_type;
    bit_type operator[](int index) { return bit_type(*this, index); }
    bool operator[](int index) const { return test(index); }
    bit_type bit(int index) { return bit_type(*this, index); }
    bool bit(int index) const { return test(index); }
    range_type range(int high, int low) { return range_type(*this, high, low); }
    // As in the reference types, a range of a constant looks like any other.
    range_type range(int high, int low) const { return range_type(const_cast<ap_int_base &>(*this), high, low); }
    range_type range() { return range(W - 1, 0); }
    range_type range() const { return range(W - 1, 0); }
    range_type operator()(int high, int low) { return range(high, low); }
    range_type operator()(int high, int low) const { return range(high, low); }

    template <int W2, bool S2> auto concat(const ap_int_base<W2, S2> &low) const;

    FAST_TYPES_INLINE bool operator!() const { return V == 0; }
    FAST_TYPES_INLINE typename fast_types::ap_int_of<W, S>::type operator+() const { return *this; }
    static constexpr int negated_width = fast_types::larger(W, 1 + S) + 1;
    FAST_TYPES_INLINE ap_int<negated_width> operator-() const {
        return ap_int_base<negated_width, true>::from_raw(-static_cast<fast_types::calc_t<negated_width, true>>(V));
    }
    FAST_TYPES_INLINE typename fast_types::ap_int_of<W, S>::type operator~() const {
        return from_raw(fast_types::wrap<W, S>(~V));
    }
    FAST_TYPES_INLINE ap_int_base &operator++() { return *this += true; }
    FAST_TYPES_INLINE ap_int_base &operator--() { return *this -= true; }
    FAST_TYPES_INLINE typename fast_types::ap_int_of<W, S>::type operator++(int) {
        const ap_int_base before = *this;
        ++*this;
        return before;
    }
    FAST_TYPES_INLINE typename fast_types::ap_int_of<W, S>::type operator--(int) {
        const ap_int_base before = *this;
        --*this;
        return before;
    }

// Defined in operators.h.
#define FAST_TYPES_ASSIGN(OPERATOR)                                                                                    \
    template <class B, std::enable_if_t<fast_types::is_operand<B>::value, int> = 0>                                    \
    FAST_TYPES_INLINE ap_int_base &operator OPERATOR(B b);
    FAST_TYPES_ASSIGN(+=)
    FAST_TYPES_ASSIGN(-=)
    FAST_TYPES_ASSIGN(*=)
    FAST_TYPES_ASSIGN(/=)
    FAST_TYPES_ASSIGN(%=)
    FAST_TYPES_ASSIGN(&=)
    FAST_TYPES_ASSIGN(|=)
    FAST_TYPES_ASSIGN(^=)
    FAST_TYPES_ASSIGN(<<=)
    FAST_TYPES_ASSIGN(>>=)
#undef FAST_TYPES_ASSIGN
};

#define FAST_TYPES_DERIVED_INT(NAME, SIGNED)                                                                           \
    template <int W> struct NAME : ap_int_base<W, SIGNED> {                                                            \
        typedef ap_int_base<W, SIGNED> Base;                                                                           \
        NAME() = default;                                                                                              \
        FAST_TYPES_INLINE constexpr NAME(const Base &x) : Base(x) {}                                                   \
        template <class T, std::enable_if_t<std::is_arithmetic<T>::value || fast_types::is_number<T>::value, int> = 0> \
        FAST_TYPES_INLINE constexpr NAME(T x) : Base(x) {}                                                             \
        NAME(const char *text, signed char radix = 0) : Base(text, radix) {}                                           \
    };
FAST_TYPES_DERIVED_INT(ap_int, true)
FAST_TYPES_DERIVED_INT(ap_uint, false)
#undef FAST_TYPES_DERIVED_INT

namespace fast_types {

template <class T, std::enable_if_t<std::is_integral<T>::value, int>>
FAST_TYPES_INLINE typename c_integer<T>::type number(T x) {
    return x;
}
template <class NUMBER> ap_int_base<1, false> number(const bit_ref<NUMBER> &x) { return x.get(); }
template <class NUMBER> ap_int_base<NUMBER::width, false> number(const range_ref<NUMBER> &x) { return x; }
template <class HIGH, class LOW> ap_int_base<concat_ref<HIGH, LOW>::width, false> number(const concat_ref<HIGH, LOW> &x) {
    return x;
}

template <class NUMBER> ap_int_base<NUMBER::width, false> range_ref<NUMBER>::get() const { return *this; }
template <class HIGH, class LOW> ap_int_base<concat_ref<HIGH, LOW>::width, false> concat_ref<HIGH, LOW>::get() const {
    return *this;
}

// The bits that an assignment to a range takes: those of the number itself, not of its value.
template <class VALUE> uint128 bits_of(VALUE value) {
    if constexpr (std::is_floating_point<VALUE>::value)
        return static_cast<uint128>(integer_from_double<MAX_WIDTH, true>(value));
    else
        return static_cast<uint128>(number(value).V);
}
template <class NUMBER> template <class VALUE> range_ref<NUMBER> &range_ref<NUMBER>::operator=(VALUE value) {
    // Into a range of an integer goes the integer part of a fixed-point number, into one of its own kind go its bits.
    if constexpr (is_fixed<VALUE>::value && !NUMBER::is_fixed)
        set_bits(static_cast<uint128>(number(value).to_ap_int_base().V));
    else
        set_bits(bits_of(value));
    return *this;
}
template <class HIGH, class LOW> template <class VALUE>
concat_ref<HIGH, LOW> &concat_ref<HIGH, LOW>::operator=(VALUE value) {
    set_bits(bits_of(value));
    return *this;
}

} // namespace fast_types

#endif
