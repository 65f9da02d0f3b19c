// Result types and values of arithmetic: every result has the bits it needs, so nothing overflows but division.
#ifndef FAST_TYPES_ARITHMETIC_H_
#define FAST_TYPES_ARITHMETIC_H_

#include "fixed.h"

namespace fast_types {

// An integer is a fixed-point number without fractional bits; only the result is another type.
template <class NUMBER> struct format {
    static constexpr int width = NUMBER::width, integer = NUMBER::iwidth, fraction = width - integer;
    static constexpr bool is_signed = NUMBER::is_signed;
};

// The smallest format that holds both operands, with `extra` bits on top.
template <class A, class B> struct common {
    static constexpr bool is_signed = format<A>::is_signed || format<B>::is_signed;
    static constexpr int integer = larger(format<A>::integer + (is_signed && !format<A>::is_signed),
                                          format<B>::integer + (is_signed && !format<B>::is_signed));
    static constexpr int fraction = larger(format<A>::fraction, format<B>::fraction);
};

// The type of a result: an integer if both operands are.
template <class A, class B, int W, int I, bool S>
using result_t = typename std::conditional_t<A::is_fixed || B::is_fixed, ap_fixed_of<W, I, S>, ap_int_of<W, S>>::type;

template <class A, class B>
using sum_t = result_t<A, B, common<A, B>::integer + 1 + common<A, B>::fraction, common<A, B>::integer + 1,
                       common<A, B>::is_signed>;
template <class A, class B>
using difference_t = result_t<A, B, common<A, B>::integer + 1 + common<A, B>::fraction, common<A, B>::integer + 1, true>;
template <class A, class B>
using bitwise_t =
    result_t<A, B, common<A, B>::integer + common<A, B>::fraction, common<A, B>::integer, common<A, B>::is_signed>;
template <class A, class B>
using product_t = result_t<A, B, A::width + B::width, A::iwidth + B::iwidth, A::is_signed || B::is_signed>;
template <class A, class B>
using quotient_t = result_t<A, B, A::width + B::is_signed + larger(format<B>::fraction, 0),
                            A::iwidth + B::is_signed + format<B>::fraction, A::is_signed || B::is_signed>;
template <class A, class B>
using remainder_t =
    typename ap_int_of<smaller(A::width, B::width + (!B::is_signed && A::is_signed)), A::is_signed>::type;

// The raw value of x with the fractional bits and in the calculating type of RESULT.
template <class RESULT, class NUMBER> FAST_TYPES_INLINE constexpr auto aligned(const NUMBER &x) {
    return shift_left(static_cast<calc_t<RESULT::width, RESULT::is_signed>>(x.V),
                      format<RESULT>::fraction - format<NUMBER>::fraction);
}

template <class RESULT, class T> FAST_TYPES_INLINE constexpr RESULT made_of(T raw) {
    return RESULT::Base::from_raw(static_cast<typename RESULT::raw_type>(raw));
}

template <class A, class B> FAST_TYPES_INLINE auto add(const A &a, const B &b) {
    typedef sum_t<A, B> R;
    return made_of<R>(aligned<R>(a) + aligned<R>(b));
}
template <class A, class B> FAST_TYPES_INLINE auto subtract(const A &a, const B &b) {
    typedef difference_t<A, B> R;
    return made_of<R>(aligned<R>(a) - aligned<R>(b));
}
template <class A, class B> FAST_TYPES_INLINE auto multiply(const A &a, const B &b) {
    typedef product_t<A, B> R;
    typedef calc_t<R::width, R::is_signed> C;
    return made_of<R>(static_cast<C>(a.V) * static_cast<C>(b.V));
}

// The bits in which the reference types divide. Both operands wrap into them: of two integers of mixed signs the wider
// one decides the sign, so that a negative operand can become a large one.
template <class A, class B> struct division {
    static constexpr bool any_signed = A::is_signed || B::is_signed, fixed = A::is_fixed || B::is_fixed;
    static constexpr int up = larger(format<B>::fraction, 0);
    static constexpr int width_a = A::width + up + (any_signed && !A::is_signed);
    static constexpr int width_b = B::width + (any_signed && !B::is_signed);
    static constexpr int width = fixed ? larger(width_a, width_b) : larger(A::width, B::width) + any_signed;
    static constexpr bool is_signed = fixed || A::width == B::width ? any_signed
                                      : A::width > B::width         ? A::is_signed
                                                                    : B::is_signed;
    typedef calc_t<width + (fixed && is_signed), is_signed> type; // lowest / -1 needs one bit more

    static FAST_TYPES_INLINE constexpr type dividend(const A &a) {
        return wrap<width, is_signed>(shift_left(static_cast<type>(a.V), up));
    }
    static FAST_TYPES_INLINE constexpr type divisor(const B &b) { return wrap<width, is_signed>(b.V); }
};

// Towards zero, as C does.
template <class A, class B> FAST_TYPES_INLINE auto divide(const A &a, const B &b) {
    typedef quotient_t<A, B> R;
    typedef division<A, B> D;
    return made_of<R>(wrap<R::width, R::is_signed>(wrap<D::width, D::is_signed>(D::dividend(a) / D::divisor(b))));
}
template <class A, class B> FAST_TYPES_INLINE auto remainder(const A &a, const B &b) {
    typedef remainder_t<A, B> R;
    typedef division<A, B> D;
    const typename D::type x = D::dividend(a), y = D::divisor(b);
    // An unsigned number leaves itself when divided by a negative one, which counts as a large one.
    return made_of<R>(wrap<R::width, R::is_signed>(!A::is_signed && y < 0 ? x : x % y));
}

template <class A, class B> FAST_TYPES_INLINE auto bits_and(const A &a, const B &b) {
    typedef bitwise_t<A, B> R;
    return made_of<R>(aligned<R>(a) & aligned<R>(b));
}
template <class A, class B> FAST_TYPES_INLINE auto bits_or(const A &a, const B &b) {
    typedef bitwise_t<A, B> R;
    return made_of<R>(aligned<R>(a) | aligned<R>(b));
}
template <class A, class B> FAST_TYPES_INLINE auto bits_xor(const A &a, const B &b) {
    typedef bitwise_t<A, B> R;
    return made_of<R>(aligned<R>(a) ^ aligned<R>(b));
}

// The format in which two numbers are compared: it holds both exactly.
template <class A, class B> struct comparing {
    static constexpr int fraction = common<A, B>::fraction;
    static constexpr int width = common<A, B>::integer + fraction;
    typedef calc_t<(width > 1 ? width : 1), common<A, B>::is_signed> exact_type;

    // As C does from 32 bits on, the reference types compare a signed number with an unsigned one that is at least as
    // wide as if both were unsigned. Widths are those after alignment.
    static constexpr int width_a = A::width + (fraction > format<A>::fraction ? fraction - format<A>::fraction + 1 : 0);
    static constexpr int width_b = B::width + (fraction - format<B>::fraction);
    static constexpr bool as_unsigned = A::is_signed != B::is_signed && larger(width_a, width_b) >= 32 &&
                                        (A::is_signed ? width_b >= width_a : width_a >= width_b);
    typedef std::conditional_t<as_unsigned, typename native_traits<exact_type>::unsigned_t, exact_type> type;

    template <class NUMBER> static FAST_TYPES_INLINE constexpr type of(const NUMBER &x) {
        return static_cast<type>(shift_left(static_cast<exact_type>(x.V), fraction - format<NUMBER>::fraction));
    }
    static FAST_TYPES_INLINE constexpr bool equal(const A &a, const B &b) {
        // Of equal widths they compare 64 bits at least.
        if constexpr (as_unsigned && (width_a != width_b || width_a >= 64))
            return wrap<larger(width_a, width_b), false>(of(a)) == wrap<larger(width_a, width_b), false>(of(b));
        else
            return of(a) == of(b);
    }
};

// A shift count of any operand type, cut to what makes no further difference.
template <class B> FAST_TYPES_INLINE int64_t shift_count(B b) {
    const auto count = number(b);
    if constexpr (decltype(count)::is_fixed) {
        return count.to_int();
    } else {
        const int64_t far = 2 * MAX_WIDTH;
        if constexpr (decltype(count)::is_signed)
            return count.V > far ? far : count.V < -far ? -far : static_cast<int64_t>(count.V);
        else
            return count.V > static_cast<uint64_t>(far) ? far : static_cast<int64_t>(count.V);
    }
}

} // namespace fast_types

#endif
