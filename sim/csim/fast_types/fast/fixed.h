// ap_fixed, ap_ufixed and what they have in common.
#ifndef FAST_TYPES_FIXED_H_
#define FAST_TYPES_FIXED_H_

#include "integer.h"

template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0> struct ap_fixed;
template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0> struct ap_ufixed;

namespace fast_types {

template <int W, int I, bool S> struct ap_fixed_of { typedef ap_fixed<W, I> type; };
template <int W, int I> struct ap_fixed_of<W, I, false> { typedef ap_ufixed<W, I> type; };

} // namespace fast_types

template <int W, int I, bool S = true, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
struct ap_fixed_base : fast_types::number_tag {
    FAST_TYPES_REQUIRE(N == 0, "ap_fixed with saturation bits (a fifth template argument other than 0)");
    static constexpr int width = W;
    static constexpr int iwidth = I;
    static constexpr ap_q_mode qmode = Q;
    static constexpr ap_o_mode omode = O;
    static constexpr bool is_signed = S;
    static constexpr bool is_fixed = true;
    typedef fast_types::raw_t<W, S> raw_type;

    raw_type V; // the value times 2^(W - I)

    // As in hardware, a number is undefined until it is written.
    ap_fixed_base() = default;

    template <int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2, int N2>
    FAST_TYPES_INLINE constexpr ap_fixed_base(const ap_fixed_base<W2, I2, S2, Q2, O2, N2> &x)
        : V(fast_types::convert<W, I, S, Q, O, W2, I2, S2>(x.V)) {}
    template <int W2, bool S2>
    FAST_TYPES_INLINE constexpr ap_fixed_base(const ap_int_base<W2, S2> &x)
        : V(fast_types::convert<W, I, S, Q, O, W2, W2, S2>(x.V)) {}
    template <class T, std::enable_if_t<std::is_integral<T>::value, int> = 0>
    FAST_TYPES_INLINE constexpr ap_fixed_base(T x)
        : V(fast_types::convert<W, I, S, Q, O, fast_types::c_integer<T>::width, fast_types::c_integer<T>::width,
                                fast_types::c_integer<T>::is_signed>(x)) {}
    template <class T, std::enable_if_t<std::is_floating_point<T>::value, int> = 0>
    ap_fixed_base(T x) : V(fast_types::from_double<W, I, S, Q, O>(x)) {}
    template <class NUMBER>
    ap_fixed_base(const fast_types::bit_ref<NUMBER> &x) : ap_fixed_base(fast_types::number(x)) {}
    template <class NUMBER>
    ap_fixed_base(const fast_types::range_ref<NUMBER> &x) : ap_fixed_base(fast_types::number(x)) {}
    template <class HIGH, class LOW>
    ap_fixed_base(const fast_types::concat_ref<HIGH, LOW> &x) : ap_fixed_base(fast_types::number(x)) {}
    template <class T, std::enable_if_t<std::is_same<T, char>::value, int> = 0>
    ap_fixed_base(const T *, signed char = 0) {
        FAST_TYPES_REQUIRE(sizeof(T) == 0, "ap_fixed from text (use a number)");
    }

    static FAST_TYPES_INLINE constexpr ap_fixed_base from_raw(raw_type raw) {
        ap_fixed_base result{};
        result.V = raw;
        return result;
    }
    static ap_fixed_base bitsToFixed(ap_ulong bits) { return from_raw(fast_types::wrap<W, S>(bits)); }
    ap_fixed_base &setBits(ap_ulong bits) {
        V = fast_types::wrap<W, S>(bits);
        return *this;
    }
    ap_ulong bits_to_uint64() const { return static_cast<ap_ulong>(V); }

    // The integer part, cut towards zero (as C does) or towards minus infinity.
    ap_int_base<fast_types::larger(I, 1), S> to_ap_int_base(bool towards_zero = true) const {
        typedef ap_int_base<fast_types::larger(I, 1), S> whole;
        if constexpr (I == 0 || I < 0) {
            // A negative number without integer bits is above -1. The reference types add a 1 to 0 all the same, and an
            // integer of one bit makes -1 of that; for I < 0 they add it to an integer never written.
            return whole::from_raw((I == 0) == towards_zero && V < 0 ? fast_types::wrap<1, S>(-1) : 0);
        } else {
            return towards_zero ? whole::from_raw(fast_types::convert<whole::width, I, S, AP_TRN_ZERO, AP_WRAP, W, I, S>(V))
                                : whole::from_raw(fast_types::convert<whole::width, I, S, AP_TRN, AP_WRAP, W, I, S>(V));
        }
    }
    template <int W2, bool S2> operator ap_int_base<W2, S2>() const { return ap_int_base<W2, S2>(to_ap_int_base()); }

    char to_char() const { return to_ap_int_base().to_char(); }
    int to_int() const { return to_ap_int_base().to_int(); }
    unsigned to_uint() const { return to_ap_int_base().to_uint(); }
    ap_slong to_int64() const { return to_ap_int_base().to_int64(); }
    ap_ulong to_uint64() const { return to_ap_int_base().to_uint64(); }
    double to_double() const { return fast_types::to_real<double>(V, W - I); }
    float to_float() const { return fast_types::to_real<float>(V, W - I); }
    std::string to_string(unsigned char radix = 2, bool sign = S) const;

    operator long double() const { return to_double(); }
    operator double() const { return to_double(); }
    operator float() const { return to_float(); }
    operator bool() const { return V != 0; }
    operator char() const { return static_cast<char>(to_int()); }
    operator signed char() const { return static_cast<signed char>(to_int()); }
    operator unsigned char() const { return static_cast<unsigned char>(to_uint()); }
    operator short() const { return static_cast<short>(to_int()); }
    operator unsigned short() const { return static_cast<unsigned short>(to_uint()); }
    operator int() const { return to_int(); }
    operator unsigned() const { return to_uint(); }
    operator long() const { return static_cast<long>(to_int64()); }
    operator unsigned long() const { return static_cast<unsigned long>(to_uint64()); }
    operator ap_slong() const { return to_int64(); }
    operator ap_ulong() const { return to_uint64(); }

    int length() const { return W; }
    int wl() const { return W; }
    int iwl() const { return I; }
    ap_q_mode q_mode() const { return Q; }
    ap_o_mode o_mode() const { return O; }
    int n_bits() const { return N; }
    bool is_zero() const { return V == 0; }
    bool is_neg() const { return V < 0; }
    int countLeadingZeros() const { return bits_as_integer().countLeadingZeros(); }
    // Index 0 is the bit of weight 1.
    bool get_bit(int index) const { return bit(index + W - I); }

    typedef fast_types::bit_ref<ap_fixed_base> bit_type;
    typedef fast_types::range_ref<ap_fixed_base> range_type;
    bit_type operator[](unsigned index) { return bit_type(*this, static_cast<int>(index)); }
    bool operator[](unsigned index) const { return bit(index); }
    bit_type bit(unsigned index) { return bit_type(*this, static_cast<int>(index)); }
    bool bit(unsigned index) const {
        fast_types::check_index<W>(static_cast<int>(index));
        return static_cast<fast_types::uint128>(V) >> index & 1;
    }
    range_type range(int high, int low) { return range_type(*this, high, low); }
    // As in the reference types, a range of a constant looks like any other.
    range_type range(int high, int low) const { return range_type(const_cast<ap_fixed_base &>(*this), high, low); }
    range_type range() { return range(W - 1, 0); }
    range_type range() const { return range(W - 1, 0); }
    range_type operator()(int high, int low) { return range(high, low); }
    range_type operator()(int high, int low) const { return range(high, low); }

    FAST_TYPES_INLINE bool operator!() const { return V == 0; }
    FAST_TYPES_INLINE ap_fixed_base operator+() const { return *this; }
    FAST_TYPES_INLINE ap_fixed_base<W + 1, I + 1, true> operator-() const {
        return ap_fixed_base<W + 1, I + 1, true>::from_raw(-static_cast<fast_types::calc_t<W + 1, true>>(V));
    }
    FAST_TYPES_INLINE ap_fixed_base<W, I, true, Q, O, N> getNeg() const {
        ap_fixed_base<W, I, true, Q, O, N> result(*this);
        result.V = fast_types::wrap<W, true>(-static_cast<fast_types::calc_t<W + 1, true>>(result.V));
        return result;
    }
    FAST_TYPES_INLINE ap_fixed_base<W, I, S> operator~() const {
        return ap_fixed_base<W, I, S>::from_raw(fast_types::wrap<W, S>(~V));
    }
    FAST_TYPES_INLINE ap_fixed_base &operator++() { return *this += one(); }
    FAST_TYPES_INLINE ap_fixed_base &operator--() { return *this -= one(); }
    FAST_TYPES_INLINE ap_fixed_base operator++(int) {
        const ap_fixed_base before = *this;
        ++*this;
        return before;
    }
    FAST_TYPES_INLINE ap_fixed_base operator--(int) {
        const ap_fixed_base before = *this;
        --*this;
        return before;
    }
    template <int SHIFT> ap_fixed_base<W, I + SHIFT, S> lshift() const { return ap_fixed_base<W, I + SHIFT, S>::from_raw(V); }
    template <int SHIFT> ap_fixed_base<W, I - SHIFT, S> rshift() const { return ap_fixed_base<W, I - SHIFT, S>::from_raw(V); }

// Defined in operators.h.
#define FAST_TYPES_ASSIGN(OPERATOR)                                                                                    \
    template <class B, std::enable_if_t<fast_types::is_operand<B>::value, int> = 0>                                    \
    FAST_TYPES_INLINE ap_fixed_base &operator OPERATOR(B b);
    FAST_TYPES_ASSIGN(+=)
    FAST_TYPES_ASSIGN(-=)
    FAST_TYPES_ASSIGN(*=)
    FAST_TYPES_ASSIGN(/=)
    FAST_TYPES_ASSIGN(&=)
    FAST_TYPES_ASSIGN(|=)
    FAST_TYPES_ASSIGN(^=)
    FAST_TYPES_ASSIGN(<<=)
    FAST_TYPES_ASSIGN(>>=)
#undef FAST_TYPES_ASSIGN

  private:
    ap_int_base<W, S> bits_as_integer() const { return ap_int_base<W, S>::from_raw(V); }
    static ap_fixed_base<fast_types::larger(W - I, 0) + 2, 2, false> one() { return 1; }
};

#define FAST_TYPES_DERIVED_FIXED(NAME, SIGNED)                                                                         \
    template <int W, int I, ap_q_mode Q, ap_o_mode O, int N> struct NAME : ap_fixed_base<W, I, SIGNED, Q, O, N> {      \
        typedef ap_fixed_base<W, I, SIGNED, Q, O, N> Base;                                                             \
        NAME() = default;                                                                                              \
        FAST_TYPES_INLINE constexpr NAME(const Base &x) : Base(x) {}                                                   \
        template <class T, std::enable_if_t<std::is_arithmetic<T>::value || fast_types::is_number<T>::value, int> = 0> \
        FAST_TYPES_INLINE constexpr NAME(T x) : Base(x) {}                                                             \
    };
FAST_TYPES_DERIVED_FIXED(ap_fixed, true)
FAST_TYPES_DERIVED_FIXED(ap_ufixed, false)
#undef FAST_TYPES_DERIVED_FIXED

#endif
