// Criterion learned: leave iff a weighted sum of four statistics of the output reaches the threshold.
//
// Contract  leave iff sum_i W_i A_i + learned_offset >= threshold, with A = (p_max, entropy, margin, entropy of the
//           squared probabilities) in steps of 2^-Q. With S, G summed over the distances d_j, S', G' over 2 d_j,
//           r = floor(2^(2Q) / S), r' = floor(2^(2Q) / S'), l of logarithm.h:
//           A = (r, l(S) + (G * r >> Q), (2^Q - E_(2)) * r >> Q, l(S') + (G' * r' >> Q)).
//           A larger threshold is stricter; 2^threshold_bits - 1 never leaves, 0 always. Nothing wraps.
// CONFIG    what argmax.h and logarithm.h need, threshold_t (ap_uint<threshold_bits>), threshold_bits,
//           table_shift, table_entries, heat_bits, entropy_bits, learned_offset,
//           ap_uint<Q + 1> exp_table(i), ap_uint<Q - 1> heat_table(i), ap_int<12> learned_weights(i).
// Cost      Two reads of both tables and four adders per class, two dividers, two logarithms, three products of
//           up to heat_bits x (Q + 1), four by constants of 12 bits. One decision per cycle in the parallel form.
#ifndef HWGEN_LEARNED_H_
#define HWGEN_LEARNED_H_

#include "../argmax.h"
#include "logarithm.h"

namespace hwgen {

template <class CONFIG> struct learned {
    typedef ap_uint<CONFIG::table_fraction + 1> entry_t;
    typedef ap_uint<CONFIG::entropy_bits> entropy_t;
    typedef ap_uint<CONFIG::logit_bits + 1> distance_t;

    // Sums over the classes, of one temperature.
    struct sums {
        ap_uint<CONFIG::sum_bits> weight;
        ap_uint<CONFIG::heat_bits> heat;
    };

    struct state {
        sums plain;
        sums squared; // distances doubled: those of the squared probabilities
    };

    static void clear(sums &s) {
#pragma HLS INLINE
        s.weight = 0;
        s.heat = 0;
    }

    static void start(state &s) {
#pragma HLS INLINE
        clear(s.plain);
        clear(s.squared);
    }

    static unsigned table_index(const distance_t &distance) {
#pragma HLS INLINE
        const distance_t bin = distance >> CONFIG::table_shift;
        const unsigned last = CONFIG::table_entries - 1;
        return bin < last ? bin.to_uint() : last;
    }

    static void add_to(sums &s, const distance_t &distance) {
#pragma HLS INLINE
        const unsigned index = table_index(distance);
        s.weight += CONFIG::exp_table(index);
        s.heat += CONFIG::heat_table(index);
    }

    static void add(state &s, unsigned, const typename CONFIG::logit_t &,
                    const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        const distance_t plain = distance;
        add_to(s.plain, plain);
        add_to(s.squared, plain << 1);
    }

    static entry_t reciprocal(const sums &s) {
#pragma HLS INLINE
        ap_uint<2 * CONFIG::table_fraction + 1> one = 1;
        one <<= 2 * CONFIG::table_fraction;
        return one / s.weight;
    }

    static entropy_t entropy(const sums &s, const entry_t &scale) {
#pragma HLS INLINE
        const ap_uint<CONFIG::heat_bits + CONFIG::table_fraction + 1> heat = s.heat * scale;
        return logarithm<CONFIG>(s.weight) + (heat >> CONFIG::table_fraction);
    }

    static bool leaves(const state &s, const leader<typename CONFIG::logit_t> &best,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        const entry_t scale = reciprocal(s.plain);
        const entry_t second = CONFIG::exp_table(table_index(difference<CONFIG>(best.first, best.second)));
        const entry_t apart = (entry_t(1) << CONFIG::table_fraction) - second;
        const ap_uint<2 * CONFIG::table_fraction + 2> scaled = apart * scale;
        const entry_t margin = scaled >> CONFIG::table_fraction;
        ap_int<CONFIG::threshold_bits + 2> sum = CONFIG::learned_offset;
        sum += CONFIG::learned_weights(0) * scale;
        sum += CONFIG::learned_weights(1) * entropy(s.plain, scale);
        sum += CONFIG::learned_weights(2) * margin;
        sum += CONFIG::learned_weights(3) * entropy(s.squared, reciprocal(s.squared));
        return sum >= threshold;
    }
};

} // namespace hwgen

#endif
