// Criterion mc_dropout: the head's last dense layer `passes` times with dropout; leave iff the intervals
// mean -+ z deviations of the class given and of all others lie far enough apart.
//
// Contract  Pass p keeps input i iff byte p * embedding_size + i of the register (lfsr.h) is at least drop_below.
//           The register starts afresh for every sample. Per pass P_c = (E_c * floor(2^(2Q) / S)) >> Q; over the
//           passes M_c = sum P_c and s_c = ceil(sqrt(passes * sum P_c^2 - M_c^2)). Leave iff
//           max(0, low + 2^B high) * 2^R >= threshold * high, low = 2^F M_1 - z s_1 of the class given,
//           high = max(2^F passes, 2^F M_c + z s_c) of all others. Nothing wraps.
// CONFIG    what argmax.h needs; passes = 2^log2_passes, lanes_of_passes (divides passes), drop_below,
//           embedding_t, embedding_size, embedding_bits, embedding_signed; masked_sum_bits, masked_shift,
//           masked_bits; table_shift, table_entries, table_fraction (Q), sum_bits, variance_bits, bound_bits,
//           z, z_fraction (F), ratio_fraction (R), below_bits (B), threshold_t, threshold_bits; the tables kernel (input *
//           classes + class), bias, exp_table, seed (of the register at the start of each pass).
// Cost      One multiplier per class, shared by all passes: a mask acts on the sum. lanes_of_passes * classes
//           adders, embedding_size cycles for that many passes; then 3 cycles per class and a divider per pass,
//           one cycle per class for the root, and the comparison.
#ifndef HWGEN_MC_DROPOUT_H_
#define HWGEN_MC_DROPOUT_H_

#include "../argmax.h"
#include "isqrt.h"
#include "lfsr.h"

namespace hwgen {

template <class CONFIG> struct mc_dropout {
    typedef typename CONFIG::embedding_t embedding_t;
    typedef ap_int<CONFIG::embedding_bits + 1> input_t;
    typedef ap_int<CONFIG::masked_sum_bits> sum_t;
    typedef ap_int<CONFIG::masked_bits> masked_t;
    typedef ap_uint<CONFIG::table_fraction + 1> share_t; // a probability, 2^Q stands for 1
    typedef ap_uint<CONFIG::table_fraction + 1 + CONFIG::log2_passes> mean_t;
    typedef ap_uint<2 * CONFIG::table_fraction + 1 + CONFIG::log2_passes> squares_t;
    typedef ap_uint<CONFIG::bound_bits> bound_t;
    typedef ap_int<CONFIG::bound_bits + CONFIG::below_bits + 2> ahead_t;

    struct state {
        ap_int<CONFIG::bound_bits + 1> low[CONFIG::classes];
        bound_t high[CONFIG::classes];
    };

    struct totals {
        mean_t shares[CONFIG::classes];
        squares_t squares[CONFIG::classes];
    };

    static void start(state &s, const embedding_t embedding[CONFIG::embedding_size]) {
        totals t;
    Clear:
        for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS PIPELINE II = 1
            t.shares[c] = 0;
            t.squares[c] = 0;
        }
    Passes:
        for (unsigned first = 0; first < CONFIG::passes; first += CONFIG::lanes_of_passes) {
            sum_t sums[CONFIG::lanes_of_passes][CONFIG::classes];
#pragma HLS ARRAY_PARTITION variable = sums complete dim = 0
            accumulate(embedding, first, sums);
        Lanes:
            for (unsigned lane = 0; lane < CONFIG::lanes_of_passes; lane++)
                tally(sums[lane], t);
        }
        intervals(t, s);
    }

    static void add(state &, unsigned, const typename CONFIG::logit_t &, const ap_uint<CONFIG::logit_bits> &) {
#pragma HLS INLINE
    }

    static bool leaves(const state &s, const leader<typename CONFIG::logit_t> &best,
                       typename CONFIG::threshold_t threshold) {
#pragma HLS INLINE
        bound_t high = CONFIG::passes << CONFIG::z_fraction;
        for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS UNROLL
            if (c != best.index && s.high[c] > high)
                high = s.high[c];
        }
        ahead_t ahead = high;
        ahead <<= CONFIG::below_bits;
        ahead += s.low[best.index];
        ap_uint<CONFIG::bound_bits + CONFIG::below_bits + 1 + CONFIG::ratio_fraction> scaled = 0;
        if (ahead > 0)
            scaled = ahead;
        scaled <<= CONFIG::ratio_fraction;
        const ap_uint<CONFIG::threshold_bits + CONFIG::bound_bits> needed = threshold * high;
        return scaled >= needed;
    }

  private:
    static input_t input(const embedding_t &value) {
#pragma HLS INLINE
        const ap_uint<CONFIG::embedding_bits> bits = value.range(CONFIG::embedding_bits - 1, 0);
        const ap_int<CONFIG::embedding_bits> two_s_complement = bits;
        return CONFIG::embedding_signed ? input_t(two_s_complement) : input_t(bits);
    }

    // Sums of the kept products of the passes first .. first + lanes_of_passes - 1.
    static void accumulate(const embedding_t embedding[CONFIG::embedding_size], unsigned first,
                           sum_t sums[CONFIG::lanes_of_passes][CONFIG::classes]) {
        lfsr_t random[CONFIG::lanes_of_passes];
#pragma HLS ARRAY_PARTITION variable = random complete
        for (unsigned lane = 0; lane < CONFIG::lanes_of_passes; lane++) {
#pragma HLS UNROLL
            random[lane] = CONFIG::seed(first + lane);
            for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS UNROLL
                sums[lane][c] = 0;
            }
        }
    Inputs:
        for (unsigned i = 0; i < CONFIG::embedding_size; i++) {
#pragma HLS PIPELINE II = 1
            const input_t value = input(embedding[i]);
            sum_t products[CONFIG::classes];
            for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS UNROLL
                products[c] = CONFIG::kernel(i * CONFIG::classes + c) * value;
            }
            for (unsigned lane = 0; lane < CONFIG::lanes_of_passes; lane++) {
#pragma HLS UNROLL
                const bool kept = lfsr_byte(random[lane]) >= CONFIG::drop_below;
                for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS UNROLL
                    sums[lane][c] += kept ? products[c] : sum_t(0);
                }
            }
        }
    }

    // Adds the probabilities of one pass and their squares to the totals.
    static void tally(const sum_t sums[CONFIG::classes], totals &t) {
        masked_t masked[CONFIG::classes], largest = 0;
    Largest:
        for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS PIPELINE II = 1
            masked[c] = sums[c];
            masked[c] = (masked[c] << CONFIG::masked_shift) + CONFIG::bias(c);
            if (c == 0 || masked[c] > largest)
                largest = masked[c];
        }
        share_t entries[CONFIG::classes];
        ap_uint<CONFIG::sum_bits> sum = 0;
    Exponentials:
        for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS PIPELINE II = 1
            const ap_uint<CONFIG::masked_bits> distance = largest - masked[c];
            const ap_uint<CONFIG::masked_bits> bin = distance >> CONFIG::table_shift;
            const unsigned last = CONFIG::table_entries - 1;
            entries[c] = CONFIG::exp_table(bin < last ? bin.to_uint() : last);
            sum += entries[c];
        }
        ap_uint<2 * CONFIG::table_fraction + 1> one = 1;
        one <<= 2 * CONFIG::table_fraction;
        const share_t reciprocal = one / sum;
    Shares:
        for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS PIPELINE II = 1
            const ap_uint<2 * CONFIG::table_fraction + 2> product = entries[c] * reciprocal;
            const share_t share = product >> CONFIG::table_fraction;
            t.shares[c] += share;
            t.squares[c] += share * share;
        }
    }

    // Ends of the interval of every class.
    static void intervals(const totals &t, state &s) {
    Intervals:
        for (unsigned c = 0; c < CONFIG::classes; c++) {
#pragma HLS PIPELINE II = 1
            ap_uint<2 * CONFIG::table_fraction + 1 + 2 * CONFIG::log2_passes> all = t.squares[c];
            all <<= CONFIG::log2_passes;
            const ap_uint<CONFIG::variance_bits> variance = all - t.shares[c] * t.shares[c];
            const bound_t spread = ceil_sqrt<CONFIG::variance_bits>(variance) * ap_uint<8>(CONFIG::z);
            bound_t middle = t.shares[c];
            middle <<= CONFIG::z_fraction;
            s.high[c] = middle + spread;
            s.low[c] = middle - spread;
        }
    }
};

} // namespace hwgen

#endif
