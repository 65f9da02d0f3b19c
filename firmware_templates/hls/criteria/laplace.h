// Criterion laplace: score on logits scaled by what the embedding says about their uncertainty.
//
// Contract  y_r = (bias_r + sum_i A_ri * e_i) >> shift_r; v = max(0, scaled sum_i e_i^2 + offset - sum_r y_r^2);
//           kappa = table[min(v >> variance_shift, entries - 1)]; a distance d counts as (d * kappa) >> fraction.
//           Leave iff S <= threshold, S = sum of the table exponentials (criteria/exp_sum.h) of these and
//           threshold = floor(2^Q / tau). A smaller threshold is stricter; 0 never leaves. All sums are exact.
// CONFIG    what exp_sum.h needs, threshold_t (ap_uint<sum_bits>), embedding_t, embedding_size, embedding_bits,
//           embedding_signed, embedding_dropped, the laplace_* widths and shifts, kappa_entries, kappa_fraction,
//           and laplace_rows (four coefficients of 8 bits a word, the first lowest; word w of element i is
//           w * embedding_size + i), laplace_bias, laplace_shift, laplace_kappa.
// Cost      score, and laplace_rank + 1 multipliers that take one element of the embedding per cycle (every
//           second one for more than 8 rows), laplace_rank squarers, one multiplier per class.
#ifndef HWGEN_LAPLACE_H_
#define HWGEN_LAPLACE_H_

#include "exp_sum.h"

namespace hwgen {

template <class CONFIG> struct laplace {
    typedef ap_uint<CONFIG::kappa_fraction + 1> kappa_t;
    typedef ap_int<CONFIG::embedding_bits + 1> element_t;
    typedef ap_int<CONFIG::laplace_sum_bits> projection_t;
    typedef ap_int<CONFIG::laplace_variance_bits> variance_t;

    struct state {
        kappa_t kappa;
        ap_uint<CONFIG::sum_bits> sum;
    };

    static element_t element(const typename CONFIG::embedding_t &value) {
#pragma HLS INLINE
        const ap_uint<CONFIG::embedding_bits> bits = value.range(CONFIG::embedding_bits - 1, 0);
        element_t whole = bits;
        if (CONFIG::embedding_signed && bits[CONFIG::embedding_bits - 1])
            whole -= element_t(1) << CONFIG::embedding_bits;
        return whole >> CONFIG::embedding_dropped;
    }

    // v; its bins have 2^laplace_variance_shift values each.
    static variance_t variance(const typename CONFIG::embedding_t *embedding) {
        projection_t sums[CONFIG::laplace_rank];
#pragma HLS ARRAY_PARTITION variable = sums complete
        ap_uint<CONFIG::laplace_norm_bits> norm = 0;
    Biases:
        for (unsigned r = 0; r < CONFIG::laplace_rank; r++) {
#pragma HLS UNROLL
            sums[r] = CONFIG::laplace_bias(r);
        }
    Elements:
        for (unsigned i = 0; i < CONFIG::embedding_size; i++) {
#pragma HLS PIPELINE II = 1
            const element_t e = element(embedding[i]);
            norm += ap_uint<CONFIG::laplace_norm_bits>(e * e);
            for (unsigned r = 0; r < CONFIG::laplace_rank; r++) {
#pragma HLS UNROLL
                const ap_uint<32> word = CONFIG::laplace_rows(r / 4 * CONFIG::embedding_size + i);
                const ap_int<8> coefficient = word >> (r % 4 * 8);
                sums[r] += coefficient * e;
            }
        }
        variance_t found = norm;
        found <<= CONFIG::laplace_norm_up;
        found >>= CONFIG::laplace_norm_down;
        found += CONFIG::laplace_norm_offset;
    Squares:
        for (unsigned r = 0; r < CONFIG::laplace_rank; r++) {
#pragma HLS UNROLL
            const ap_int<CONFIG::laplace_projection_bits> y = sums[r] >> CONFIG::laplace_shift(r).to_uint();
            found -= y * y;
        }
        return found < 0 ? variance_t(0) : found;
    }

    static void start(state &s, const typename CONFIG::embedding_t *embedding) {
#pragma HLS INLINE
        const variance_t bin = variance(embedding) >> CONFIG::laplace_variance_shift;
        const unsigned last = CONFIG::kappa_entries - 1;
        s.kappa = CONFIG::laplace_kappa(bin < last ? bin.to_uint() : last);
        s.sum = 0;
    }

    // The distance that is looked up.
    static ap_uint<CONFIG::logit_bits> scaled(const state &s, const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        const ap_uint<CONFIG::logit_bits + CONFIG::kappa_fraction + 1> product = distance * s.kappa;
        return product >> CONFIG::kappa_fraction;
    }

    static void add(state &s, unsigned, const typename CONFIG::logit_t &,
                    const ap_uint<CONFIG::logit_bits> &distance) {
#pragma HLS INLINE
        s.sum += exponential<CONFIG>(scaled(s, distance));
    }

    static bool leaves(const state &s, const leader<typename CONFIG::logit_t> &,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        return s.sum <= threshold;
    }
};

} // namespace hwgen

#endif
