// Raw integers in and out of the vendor's types. For test benches and simulation only.
#ifndef HWGEN_RAW_BITS_H_
#define HWGEN_RAW_BITS_H_

#include "ap_fixed.h"
#include "ap_int.h"

namespace hwgen {

// Puts the low bits of `raw` into the variable.
template <class VALUE> void set_raw(VALUE &value, long long raw) {
    const ap_int<64> bits = raw;
    value.range(VALUE::width - 1, 0) = bits.range(VALUE::width - 1, 0);
}

// The raw integer of a fixed-point variable of at most 64 bits.
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N> long long get_raw(const ap_fixed<W, I, Q, O, N> &value) {
    ap_int<W> bits;
    bits.range(W - 1, 0) = value.range(W - 1, 0);
    return bits.to_int64();
}

template <int W, int I, ap_q_mode Q, ap_o_mode O, int N> long long get_raw(const ap_ufixed<W, I, Q, O, N> &value) {
    ap_uint<W> bits;
    bits.range(W - 1, 0) = value.range(W - 1, 0);
    return static_cast<long long>(bits.to_uint64());
}

} // namespace hwgen

#endif
