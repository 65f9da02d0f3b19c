// The operators: between any two of this library's types, and between one of them and a C integer.
//
// Operands are passed by value: a reference to a `static const unsigned` of a class, as configurations hold them, would
// ask the linker for a definition that nobody writes.
#ifndef FAST_TYPES_OPERATORS_H_
#define FAST_TYPES_OPERATORS_H_

#include "arithmetic.h"

#define FAST_TYPES_BINARY(OPERATOR, FUNCTION)                                                                          \
    template <class A, class B, fast_types::if_operands<A, B> = 0>                                                     \
    FAST_TYPES_INLINE auto operator OPERATOR(A a, B b) {                                                               \
        return fast_types::FUNCTION(fast_types::number(a), fast_types::number(b));                                     \
    }
FAST_TYPES_BINARY(+, add)
FAST_TYPES_BINARY(-, subtract)
FAST_TYPES_BINARY(*, multiply)
FAST_TYPES_BINARY(&, bits_and)
FAST_TYPES_BINARY(|, bits_or)
FAST_TYPES_BINARY(^, bits_xor)
#undef FAST_TYPES_BINARY

namespace fast_types {

// With a C integer on the left, the reference types choose the type of the result as if it stood on the right.
template <class A, class B, template <class, class> class RESULT>
using divided_t = std::conditional_t<std::is_integral<A>::value, RESULT<number_of<B>, number_of<A>>,
                                     RESULT<number_of<A>, number_of<B>>>;

} // namespace fast_types

template <class A, class B, fast_types::if_operands<A, B> = 0>
FAST_TYPES_INLINE auto operator/(A a, B b) {
    typedef fast_types::divided_t<A, B, fast_types::quotient_t> R;
    return R(fast_types::divide(fast_types::number(a), fast_types::number(b)));
}
template <class A, class B, fast_types::if_operands<A, B> = 0>
FAST_TYPES_INLINE auto operator%(A a, B b) {
    typedef fast_types::divided_t<A, B, fast_types::remainder_t> R;
    return R(fast_types::remainder(fast_types::number(a), fast_types::number(b)));
}

template <class A, class B, fast_types::if_operands<A, B> = 0>
FAST_TYPES_INLINE bool operator==(A a, B b) {
    typedef fast_types::comparing<fast_types::number_of<A>, fast_types::number_of<B>> both;
    return both::equal(fast_types::number(a), fast_types::number(b));
}
template <class A, class B, fast_types::if_operands<A, B> = 0>
FAST_TYPES_INLINE bool operator!=(A a, B b) {
    return !(a == b);
}

#define FAST_TYPES_ORDER(OPERATOR)                                                                                     \
    template <class A, class B, fast_types::if_operands<A, B> = 0>                                                     \
    FAST_TYPES_INLINE bool operator OPERATOR(A a, B b) {                                                               \
        typedef fast_types::comparing<fast_types::number_of<A>, fast_types::number_of<B>> both;                        \
        return both::of(fast_types::number(a)) OPERATOR both::of(fast_types::number(b));                               \
    }
FAST_TYPES_ORDER(<)
FAST_TYPES_ORDER(>)
FAST_TYPES_ORDER(<=)
FAST_TYPES_ORDER(>=)
#undef FAST_TYPES_ORDER

#define FAST_TYPES_COMPARE(OPERATOR)                                                                                   \
    template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>                                                   \
    FAST_TYPES_INLINE bool operator OPERATOR(const ap_fixed_base<W, I, S, Q, O, N> &a, double b) {                     \
        return a.to_double() OPERATOR b;                                                                               \
    }                                                                                                                  \
    template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>                                                   \
    FAST_TYPES_INLINE bool operator OPERATOR(double a, const ap_fixed_base<W, I, S, Q, O, N> &b) {                     \
        return a OPERATOR b.to_double();                                                                               \
    }                                                                                                                  \
    template <int W, bool S, class REAL, std::enable_if_t<std::is_floating_point<REAL>::value, int> = 0>               \
    FAST_TYPES_INLINE bool operator OPERATOR(const ap_int_base<W, S> &a, REAL b) {                                     \
        return a.to_double() OPERATOR b;                                                                               \
    }                                                                                                                  \
    template <int W, bool S, class REAL, std::enable_if_t<std::is_floating_point<REAL>::value, int> = 0>               \
    FAST_TYPES_INLINE bool operator OPERATOR(REAL a, const ap_int_base<W, S> &b) {                                     \
        return a OPERATOR b.to_double();                                                                               \
    }
// Compared in double, whatever floating-point type stands on the other side.
FAST_TYPES_COMPARE(<)
FAST_TYPES_COMPARE(>)
FAST_TYPES_COMPARE(<=)
FAST_TYPES_COMPARE(>=)
FAST_TYPES_COMPARE(==)
FAST_TYPES_COMPARE(!=)
#undef FAST_TYPES_COMPARE

// An integer and a floating-point number make a floating-point number.
#define FAST_TYPES_WITH_REAL(OPERATOR)                                                                                 \
    template <int W, bool S, class REAL, std::enable_if_t<std::is_floating_point<REAL>::value, int> = 0>               \
    FAST_TYPES_INLINE REAL operator OPERATOR(const ap_int_base<W, S> &a, REAL b) {                                     \
        return static_cast<typename ap_int_base<W, S>::RetType>(a) OPERATOR b;                                         \
    }                                                                                                                  \
    template <int W, bool S, class REAL, std::enable_if_t<std::is_floating_point<REAL>::value, int> = 0>               \
    FAST_TYPES_INLINE REAL operator OPERATOR(REAL a, const ap_int_base<W, S> &b) {                                     \
        return a OPERATOR static_cast<typename ap_int_base<W, S>::RetType>(b);                                         \
    }
FAST_TYPES_WITH_REAL(+)
FAST_TYPES_WITH_REAL(-)
FAST_TYPES_WITH_REAL(*)
FAST_TYPES_WITH_REAL(/)
#undef FAST_TYPES_WITH_REAL

// A shift keeps the format of its left operand; a negative count shifts the other way.
template <int W, bool S, class B, std::enable_if_t<fast_types::is_operand<B>::value, int> = 0>
FAST_TYPES_INLINE auto operator<<(const ap_int_base<W, S> &a, B b) {
    return fast_types::made_of<typename fast_types::ap_int_of<W, S>::type>(
        fast_types::shifted_left<W, S>(a.V, fast_types::shift_count(b)));
}
template <int W, bool S, class B, std::enable_if_t<fast_types::is_operand<B>::value, int> = 0>
FAST_TYPES_INLINE auto operator>>(const ap_int_base<W, S> &a, B b) {
    return fast_types::made_of<typename fast_types::ap_int_of<W, S>::type>(
        fast_types::shifted_right<W, S>(a.V, fast_types::shift_count(b)));
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N, class B,
          std::enable_if_t<fast_types::is_operand<B>::value, int> = 0>
FAST_TYPES_INLINE auto operator<<(const ap_fixed_base<W, I, S, Q, O, N> &a, B b) {
    return ap_fixed_base<W, I, S, Q, O, N>::from_raw(fast_types::shifted_left<W, S>(a.V, fast_types::shift_count(b)));
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N, class B,
          std::enable_if_t<fast_types::is_operand<B>::value, int> = 0>
FAST_TYPES_INLINE auto operator>>(const ap_fixed_base<W, I, S, Q, O, N> &a, B b) {
    return ap_fixed_base<W, I, S, Q, O, N>::from_raw(fast_types::shifted_right<W, S>(a.V, fast_types::shift_count(b)));
}

#define FAST_TYPES_ASSIGN(OPERATOR)                                                                                    \
    template <int W, bool S>                                                                                           \
    template <class B, std::enable_if_t<fast_types::is_operand<B>::value, int>>                                        \
    FAST_TYPES_INLINE ap_int_base<W, S> &ap_int_base<W, S>::operator OPERATOR##=(B b) {                                \
        return *this = *this OPERATOR fast_types::whole(b);                                                            \
    }
#define FAST_TYPES_ASSIGN_FIXED(OPERATOR)                                                                              \
    template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>                                                   \
    template <class B, std::enable_if_t<fast_types::is_operand<B>::value, int>>                                        \
    FAST_TYPES_INLINE ap_fixed_base<W, I, S, Q, O, N> &ap_fixed_base<W, I, S, Q, O, N>::operator OPERATOR##=(B b) {    \
        return *this = *this OPERATOR b;                                                                               \
    }

namespace fast_types {

// An operand assigned into an integer counts with its integer part.
template <class B> FAST_TYPES_INLINE auto whole(B b) {
    if constexpr (number_of<B>::is_fixed)
        return number(b).to_ap_int_base();
    else
        return number(b);
}

} // namespace fast_types

FAST_TYPES_ASSIGN(+)
FAST_TYPES_ASSIGN(-)
FAST_TYPES_ASSIGN(*)
FAST_TYPES_ASSIGN(/)
FAST_TYPES_ASSIGN(%)
FAST_TYPES_ASSIGN(&)
FAST_TYPES_ASSIGN(|)
FAST_TYPES_ASSIGN(^)
FAST_TYPES_ASSIGN(<<)
FAST_TYPES_ASSIGN(>>)
FAST_TYPES_ASSIGN_FIXED(+)
FAST_TYPES_ASSIGN_FIXED(-)
FAST_TYPES_ASSIGN_FIXED(*)
FAST_TYPES_ASSIGN_FIXED(/)
FAST_TYPES_ASSIGN_FIXED(&)
FAST_TYPES_ASSIGN_FIXED(|)
FAST_TYPES_ASSIGN_FIXED(^)
FAST_TYPES_ASSIGN_FIXED(<<)
FAST_TYPES_ASSIGN_FIXED(>>)
#undef FAST_TYPES_ASSIGN
#undef FAST_TYPES_ASSIGN_FIXED

// A pointer moves by an integer.
template <class T, int W, bool S> T *operator+(T *pointer, const ap_int_base<W, S> &count) { return pointer + count.to_int64(); }
template <class T, int W, bool S> T *operator-(T *pointer, const ap_int_base<W, S> &count) { return pointer - count.to_int64(); }

namespace fast_types {

// The parts of a concatenation.
template <int W, bool S> whole_part<ap_int_base<W, S>> part(const ap_int_base<W, S> &x) {
    return {const_cast<ap_int_base<W, S> &>(x)};
}
template <class NUMBER> bit_part<NUMBER> part(const bit_ref<NUMBER> &x) { return {x}; }
template <class NUMBER> range_part<NUMBER> part(const range_ref<NUMBER> &x) { return {x}; }
template <class HIGH, class LOW> const concat_ref<HIGH, LOW> &part(const concat_ref<HIGH, LOW> &x) { return x; }

template <class A, class B> using concat_t = concat_ref<std::decay_t<decltype(part(std::declval<A>()))>, std::decay_t<decltype(part(std::declval<B>()))>>;

} // namespace fast_types

template <class A, class B, std::enable_if_t<fast_types::is_number<A>::value && fast_types::is_number<B>::value, int> = 0>
fast_types::concat_t<A, B> operator,(const A &high, const B &low) {
    return {fast_types::part(high), fast_types::part(low)};
}
template <int W, bool S> template <int W2, bool S2> auto ap_int_base<W, S>::concat(const ap_int_base<W2, S2> &low) const {
    return (*this, low);
}

#endif
