// Largest logit, its class, and the runner-up.
//
// Contract  Among equal maxima the class is the lowest index. `second` equals `first` if the maximum is
//           tied. All values are exact: nothing is rounded, nothing wraps.
// CONFIG    logit_t (ap_fixed or ap_ufixed), classes (>= 2), logit_bits (width of logit_t).
// Cost      A tree of classes - 1 nodes, two comparators each, ceil(log2(classes)) levels. What a caller
//           does not use (the runner-up, the index) is removed by synthesis. All logits are read in
//           parallel: partition the array completely; then one result per cycle.
#ifndef HWGEN_ARGMAX_H_
#define HWGEN_ARGMAX_H_

#include "ap_fixed.h"
#include "ap_int.h"

namespace hwgen {

template <class LOGIT> struct leader {
    unsigned index;
    LOGIT first;
    LOGIT second;
};

// The leader of logits[0..COUNT-1]; its index counts from `offset`.
template <class LOGIT, unsigned COUNT> struct leader_tree {
    static const unsigned LEFT = (COUNT + 1) / 2;

    static leader<LOGIT> find(const LOGIT *logits, unsigned offset) {
#pragma HLS INLINE
        const leader<LOGIT> low = leader_tree<LOGIT, LEFT>::find(logits, offset);
        const leader<LOGIT> high = leader_tree<LOGIT, COUNT - LEFT>::find(logits + LEFT, offset + LEFT);
        leader<LOGIT> best;
        // `>`, not `>=`: among equals the lower index stays.
        if (high.first > low.first) {
            best.index = high.index;
            best.first = high.first;
            best.second = high.second > low.first ? high.second : low.first;
        } else {
            best.index = low.index;
            best.first = low.first;
            best.second = low.second > high.first ? low.second : high.first;
        }
        return best;
    }
};

template <class LOGIT> struct leader_tree<LOGIT, 2> {
    static leader<LOGIT> find(const LOGIT *logits, unsigned offset) {
#pragma HLS INLINE
        const bool swap = logits[1] > logits[0];
        leader<LOGIT> best;
        best.index = swap ? offset + 1 : offset;
        best.first = swap ? logits[1] : logits[0];
        best.second = swap ? logits[0] : logits[1];
        return best;
    }
};

template <class LOGIT> struct leader_tree<LOGIT, 3> {
    static leader<LOGIT> find(const LOGIT *logits, unsigned offset) {
#pragma HLS INLINE
        leader<LOGIT> best = leader_tree<LOGIT, 2>::find(logits, offset);
        if (logits[2] > best.first) {
            best.index = offset + 2;
            best.second = best.first;
            best.first = logits[2];
        } else if (logits[2] > best.second) {
            best.second = logits[2];
        }
        return best;
    }
};

// Leader of all logits of one sample.
template <class CONFIG> leader<typename CONFIG::logit_t> find_leader(const typename CONFIG::logit_t *logits) {
#pragma HLS INLINE
    return leader_tree<typename CONFIG::logit_t, CONFIG::classes>::find(logits, 0);
}

// The leader of logits[0..j], from that of logits[0..j-1]; what it held before j = 0 does not matter.
template <class LOGIT> void follow(leader<LOGIT> &best, unsigned j, const LOGIT &logit) {
#pragma HLS INLINE
    if (j == 0) {
        best.index = 0;
        best.first = logit;
    } else if (logit > best.first) {
        best.index = j;
        best.second = best.first;
        best.first = logit;
    } else if (j == 1 || logit > best.second) {
        best.second = logit;
    }
}

// The class: lowest index among the maxima.
template <class CONFIG> unsigned argmax(const typename CONFIG::logit_t *logits) {
#pragma HLS INLINE
    return find_leader<CONFIG>(logits).index;
}

// larger - smaller in LSBs, for larger >= smaller. It lies in 0 .. 2^logit_bits - 1, so subtracting the
// bit patterns modulo 2^logit_bits is exact, for signed and unsigned logits alike.
template <class CONFIG>
ap_uint<CONFIG::logit_bits> difference(const typename CONFIG::logit_t &larger,
                                       const typename CONFIG::logit_t &smaller) {
#pragma HLS INLINE
    const ap_uint<CONFIG::logit_bits> a = larger.range(CONFIG::logit_bits - 1, 0);
    const ap_uint<CONFIG::logit_bits> b = smaller.range(CONFIG::logit_bits - 1, 0);
    return a - b;
}

} // namespace hwgen

#endif
