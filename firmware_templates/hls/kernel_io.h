// What travels on the kernel's AXI-Stream ports.
//
// Input   One element of a sample per beat, in the order height, width, channel (the last one fastest), its
//         raw bits in the low end of a TDATA of whole bytes. TUSER of a sample's first beat is its tag.
//         TLAST marks the last beat of the last sample of a batch.
// Output  One beat per sample, TUSER its tag, TLAST on the batch's last:
//         TDATA[15:0] class, TDATA[23:16] exit (1 = first), TDATA[24] abstain, TDATA[25] truncated.
//         A batch whose TLAST comes inside a sample ends with one beat that has `truncated` set and no
//         answer, so that a receiver that waits for TLAST does not hang.
#ifndef HWGEN_KERNEL_IO_H_
#define HWGEN_KERNEL_IO_H_

#include "ap_axi_sdata.h"
#include "ap_int.h"

namespace hwgen {

static const unsigned TAG_BITS = 32;
static const unsigned RESULT_BITS = 32;
typedef ap_uint<TAG_BITS> tag_t;
typedef ap_axiu<RESULT_BITS, TAG_BITS, 1, 1> result_beat_t;

inline result_beat_t make_result(ap_uint<16> label, ap_uint<8> exit, bool abstain, bool truncated, tag_t tag,
                                 bool last) {
#pragma HLS INLINE
    result_beat_t beat;
    beat.data = 0;
    beat.data.range(15, 0) = label;
    beat.data.range(23, 16) = exit;
    beat.data[24] = abstain;
    beat.data[25] = truncated;
    beat.keep = -1;
    beat.strb = -1;
    beat.user = tag;
    beat.id = 0;
    beat.dest = 0;
    beat.last = last;
    return beat;
}

// Reads one sample. Returns false if TLAST came before the sample was complete.
template <class BEAT, unsigned N, class VALUE>
bool read_sample(hls::stream<BEAT> &beats, VALUE values[N], tag_t &tag, bool &last) {
    bool whole = true;
    last = false;
ReadSample:
    for (unsigned i = 0; i < N; i++) {
#pragma HLS PIPELINE II = 1
        if (!last) {
            const BEAT beat = beats.read();
            if (i == 0)
                tag = beat.user;
            values[i].range(VALUE::width - 1, 0) = beat.data.range(VALUE::width - 1, 0);
            last = beat.last;
            whole = i == N - 1;
        }
    }
    return whole;
}

} // namespace hwgen

#endif
