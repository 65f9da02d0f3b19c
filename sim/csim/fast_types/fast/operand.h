// What an operator can take, and the number each of it stands for.
#ifndef FAST_TYPES_OPERAND_H_
#define FAST_TYPES_OPERAND_H_

#include "bits.h"

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N> struct ap_fixed_base;

namespace fast_types {

// A C integer as the ap_int of its size; bool has one bit.
template <class T> struct c_integer {
    static constexpr int width = std::is_same<T, bool>::value ? 1 : static_cast<int>(sizeof(T) * 8);
    static constexpr bool is_signed = std::is_signed<T>::value;
    typedef ap_int_base<width, is_signed> type;
};

template <int W, bool S> FAST_TYPES_INLINE const ap_int_base<W, S> &number(const ap_int_base<W, S> &x) { return x; }
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
FAST_TYPES_INLINE const ap_fixed_base<W, I, S, Q, O, N> &number(const ap_fixed_base<W, I, S, Q, O, N> &x) {
    return x;
}
template <class T, std::enable_if_t<std::is_integral<T>::value, int> = 0>
FAST_TYPES_INLINE typename c_integer<T>::type number(T x);
template <class NUMBER> ap_int_base<1, false> number(const bit_ref<NUMBER> &x);
template <class NUMBER> ap_int_base<NUMBER::width, false> number(const range_ref<NUMBER> &x);
template <class HIGH, class LOW> ap_int_base<concat_ref<HIGH, LOW>::width, false> number(const concat_ref<HIGH, LOW> &x);

// Looks at pointers, so that it can be asked of types that are only declared.
std::true_type derives_from_tag(const number_tag *);
std::false_type derives_from_tag(const void *);
template <class T, bool CLASS> struct is_number_class : std::false_type {};
template <class T>
struct is_number_class<T, true> : decltype(derives_from_tag(static_cast<const std::remove_cv_t<T> *>(nullptr))) {};

// One of this library's types.
template <class T> struct is_number : is_number_class<T, std::is_class<T>::value> {};
// Anything an operator takes beside one of them.
template <class T> struct is_operand : std::bool_constant<std::is_integral<T>::value || is_number<T>::value> {};

template <class T> using number_of = std::decay_t<decltype(number(std::declval<const T &>()))>;

template <class T, class = void> struct is_fixed : std::false_type {};
template <class T> struct is_fixed<T, std::enable_if_t<is_number<T>::value>> {
    static constexpr bool value = number_of<T>::is_fixed;
};

// At least one of this library's types, and nothing else but C integers.
template <class A, class B>
using if_operands = std::enable_if_t<(is_number<A>::value || is_number<B>::value) && is_operand<A>::value && is_operand<B>::value, int>;

} // namespace fast_types

#endif
