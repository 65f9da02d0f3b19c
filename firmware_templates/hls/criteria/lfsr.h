// The shift register that masks are drawn from: 32 bits, maximal length, eight new bits a step.
//
// Contract  x^32 + x^30 + x^26 + x^25 + 1: each new bit is the exclusive or of bits 31, 29, 25 and 24, the
//           register moves up by one. The first of the eight bits is the highest of the byte. Never 0.
// Cost      32 flip-flops and 8 gates of four inputs; no tap lies below bit 24, so all eight bits are ready at once.
#ifndef HWGEN_LFSR_H_
#define HWGEN_LFSR_H_

#include "ap_int.h"

namespace hwgen {

typedef ap_uint<32> lfsr_t;

inline ap_uint<8> lfsr_byte(lfsr_t &state) {
#pragma HLS INLINE
    const ap_uint<8> byte = (state >> 24) ^ (state >> 22) ^ (state >> 18) ^ (state >> 17);
    state = (state << 8) | byte;
    return byte;
}

} // namespace hwgen

#endif
