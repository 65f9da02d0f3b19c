// Stand-in for the vendor's header, for g++ only: the fields of ap_axiu and nothing else.
// HLS tools find their own header first; this one is reached only through `-I include/gxx`.
#ifndef HWGEN_GXX_AP_AXI_SDATA_H_
#define HWGEN_GXX_AP_AXI_SDATA_H_

#include "ap_int.h"

template <int D, int U, int TI, int TD> struct ap_axiu {
    ap_uint<D> data;
    ap_uint<(D + 7) / 8> keep;
    ap_uint<(D + 7) / 8> strb;
    ap_uint<U> user;
    ap_uint<1> last;
    ap_uint<TI> id;
    ap_uint<TD> dest;
};

#endif
