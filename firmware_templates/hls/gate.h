// The gate of one exit: class of the sample, and whether it leaves here.
//
// Contract  label is the lowest index among the largest logits. leave is true iff the gate is enabled and the
//           criterion's confidence reaches the threshold. A threshold too wide for the criterion's register
//           never lets a sample leave. With enable = 0 (the state after reset) nothing leaves.
// CONFIG    generated per gate: logit_t, threshold_t, threshold_bits, classes, criterion (the block that
//           decides), and what that block needs.
// Cost      argmax.h and the criterion's block. One decision per cycle.
#ifndef HWGEN_GATE_H_
#define HWGEN_GATE_H_

#include "argmax.h"

namespace hwgen {

typedef ap_uint<16> label_t;
typedef ap_uint<64> threshold_word_t; // what a host writes; each gate reads its own threshold_bits of it

template <class CONFIG>
void decide(const typename CONFIG::logit_t logits[CONFIG::classes], threshold_word_t threshold, bool enable,
            label_t &label, bool &leave) {
#pragma HLS INLINE
    const bool representable = (threshold >> CONFIG::threshold_bits) == 0;
    const typename CONFIG::threshold_t own = threshold;
    label = argmax<CONFIG>(logits);
    leave = enable && representable && CONFIG::criterion::leaves(logits, own);
}

} // namespace hwgen

#endif
