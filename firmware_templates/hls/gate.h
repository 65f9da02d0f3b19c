// The gate of one exit: class of the sample, and whether it leaves here.
//
// Contract  label is the lowest index among the largest logits. leave is true iff the gate is enabled and the
//           criterion's confidence reaches the threshold. A threshold too wide for the criterion's register
//           never lets a sample leave. With enable = 0 (the state after reset) nothing leaves.
// CONFIG    generated per gate: logit_t, threshold_t, threshold_bits, classes, criterion (the block that
//           decides), serial, and what that block needs.
// Cost      Parallel form (serial = false): argmax.h and the criterion's block, one decision per cycle unless
//           the block says otherwise. Serial form: one logit per cycle, first for the leader, then for the
//           criterion; one table port and one adder where the parallel form has one per class.
//
// A criterion is a struct with
//   struct state                                   what it adds up over the classes
//   start(state[, embedding])                      before the first class
//   add(state, class, logit, distance)             every class once, in order; distance to the largest logit
//   leaves(state, leader, threshold)               after the last class
#ifndef HWGEN_GATE_H_
#define HWGEN_GATE_H_

#include "argmax.h"

namespace hwgen {

typedef ap_uint<16> label_t;
typedef ap_uint<64> threshold_word_t; // what a host writes; each gate reads its own threshold_bits of it

// Both forms of the two passes over the classes.
template <class CONFIG, bool SERIAL> struct passes {
    typedef typename CONFIG::logit_t logit_t;
    typedef typename CONFIG::criterion criterion;

    static leader<logit_t> lead(const logit_t logits[CONFIG::classes]) {
#pragma HLS INLINE
        return find_leader<CONFIG>(logits);
    }

    static void add(typename criterion::state &state, const logit_t logits[CONFIG::classes],
                    const leader<logit_t> &best) {
#pragma HLS INLINE
        for (unsigned j = 0; j < CONFIG::classes; j++) {
#pragma HLS UNROLL
            criterion::add(state, j, logits[j], difference<CONFIG>(best.first, logits[j]));
        }
    }
};

template <class CONFIG> struct passes<CONFIG, true> {
    typedef typename CONFIG::logit_t logit_t;
    typedef typename CONFIG::criterion criterion;

    static leader<logit_t> lead(const logit_t logits[CONFIG::classes]) {
        leader<logit_t> best;
    Lead:
        for (unsigned j = 0; j < CONFIG::classes; j++) {
#pragma HLS PIPELINE II = 1
            follow(best, j, logits[j]);
        }
        return best;
    }

    static void add(typename criterion::state &state, const logit_t logits[CONFIG::classes],
                    const leader<logit_t> &best) {
    Add:
        for (unsigned j = 0; j < CONFIG::classes; j++) {
#pragma HLS PIPELINE II = 1
            criterion::add(state, j, logits[j], difference<CONFIG>(best.first, logits[j]));
        }
    }
};

template <class CONFIG>
bool reaches(const typename CONFIG::criterion::state &state, const leader<typename CONFIG::logit_t> &best,
             threshold_word_t threshold) {
#pragma HLS INLINE
    const bool representable = (threshold >> CONFIG::threshold_bits) == 0;
    const typename CONFIG::threshold_t own = threshold;
    return representable && CONFIG::criterion::leaves(state, best, own);
}

// Of a criterion that reads the logits only.
template <class CONFIG>
void decide(const typename CONFIG::logit_t logits[CONFIG::classes], threshold_word_t threshold, bool enable,
            label_t &label, bool &leave) {
#pragma HLS INLINE
    typedef passes<CONFIG, CONFIG::serial> form;
    const leader<typename CONFIG::logit_t> best = form::lead(logits);
    typename CONFIG::criterion::state state;
    CONFIG::criterion::start(state);
    form::add(state, logits, best);
    label = best.index;
    leave = enable && reaches<CONFIG>(state, best, threshold);
}

// Of a criterion that also reads what enters the head's last dense layer.
template <class CONFIG>
void decide_embedding(const typename CONFIG::logit_t logits[CONFIG::classes],
                      const typename CONFIG::embedding_t embedding[CONFIG::embedding_size],
                      threshold_word_t threshold, bool enable, label_t &label, bool &leave) {
#pragma HLS INLINE
    typedef passes<CONFIG, CONFIG::serial> form;
    const leader<typename CONFIG::logit_t> best = form::lead(logits);
    typename CONFIG::criterion::state state;
    CONFIG::criterion::start(state, embedding);
    form::add(state, logits, best);
    label = best.index;
    leave = enable && reaches<CONFIG>(state, best, threshold);
}

// The same two for ensembling over exits: `carried` holds the sums of the exits before, and afterwards this
// exit's too, whether the sample leaves or not.
template <class CONFIG>
void decide_carrying(const typename CONFIG::logit_t logits[CONFIG::classes],
                     typename CONFIG::carried_t carried[CONFIG::classes], threshold_word_t threshold, bool enable,
                     label_t &label, bool &leave) {
#pragma HLS INLINE
    typedef passes<CONFIG, CONFIG::serial> form;
    const leader<typename CONFIG::logit_t> best = form::lead(logits);
    typename CONFIG::criterion::state state;
    CONFIG::criterion::start(state);
    form::add(state, logits, best);
    label = CONFIG::criterion::combine(state, carried);
    leave = enable && reaches<CONFIG>(state, best, threshold);
}

template <class CONFIG>
void decide_embedding_carrying(const typename CONFIG::logit_t logits[CONFIG::classes],
                               const typename CONFIG::embedding_t embedding[CONFIG::embedding_size],
                               typename CONFIG::carried_t carried[CONFIG::classes], threshold_word_t threshold,
                               bool enable, label_t &label, bool &leave) {
#pragma HLS INLINE
    typedef passes<CONFIG, CONFIG::serial> form;
    const leader<typename CONFIG::logit_t> best = form::lead(logits);
    typename CONFIG::criterion::state state;
    CONFIG::criterion::start(state, embedding);
    form::add(state, logits, best);
    label = CONFIG::criterion::combine(state, carried);
    leave = enable && reaches<CONFIG>(state, best, threshold);
}

} // namespace hwgen

#endif
