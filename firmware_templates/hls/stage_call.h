// Carries whole samples between arrays and the beats of an io_stream stage.
//
// Contract  BEAT is hls4ml's nnet::array<T, n>: n consecutive elements of the sample. N elements make a
//           sample; n divides N. Values pass unchanged.
// Cost      One beat per cycle, no storage of its own.
#ifndef HWGEN_STAGE_CALL_H_
#define HWGEN_STAGE_CALL_H_

#include "hls_stream.h"

namespace hwgen {

template <class BEAT, unsigned N, class VALUE> void feed(const VALUE values[N], hls::stream<BEAT> &beats) {
Feed:
    for (unsigned first = 0; first < N; first += BEAT::size) {
#pragma HLS PIPELINE II = 1
        BEAT beat;
        for (unsigned lane = 0; lane < BEAT::size; lane++) {
#pragma HLS UNROLL
            beat[lane] = values[first + lane];
        }
        beats.write(beat);
    }
}

template <class BEAT, unsigned N, class VALUE> void collect(hls::stream<BEAT> &beats, VALUE values[N]) {
Collect:
    for (unsigned first = 0; first < N; first += BEAT::size) {
#pragma HLS PIPELINE II = 1
        const BEAT beat = beats.read();
        for (unsigned lane = 0; lane < BEAT::size; lane++) {
#pragma HLS UNROLL
            values[first + lane] = beat[lane];
        }
    }
}

} // namespace hwgen

#endif
