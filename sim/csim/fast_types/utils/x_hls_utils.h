// hls::numeric_limits of the number types.
#ifndef FAST_TYPES_X_HLS_UTILS_H_
#define FAST_TYPES_X_HLS_UTILS_H_

#include <limits>

#include "../ap_fixed.h"

namespace hls {

template <class T> struct numeric_limits {
    static T max() { return std::numeric_limits<T>::max(); }
    static T min() { return std::numeric_limits<T>::min(); }
    static T epsilon() { return std::numeric_limits<T>::epsilon(); }
};

} // namespace hls

namespace fast_types {

template <class NUMBER> struct limits_of {
    typedef typename NUMBER::raw_type raw_type;
    static NUMBER max() { return NUMBER::Base::from_raw(highest<NUMBER::width, NUMBER::is_signed, raw_type>()); }
    static NUMBER min() { return NUMBER::Base::from_raw(lowest<NUMBER::width, NUMBER::is_signed, raw_type>()); }
    static NUMBER epsilon() { return NUMBER::Base::from_raw(wrap<NUMBER::width, NUMBER::is_signed>(1)); }
};

} // namespace fast_types

namespace hls {

template <int W> struct numeric_limits<ap_int<W>> : fast_types::limits_of<ap_int<W>> {};
template <int W> struct numeric_limits<ap_uint<W>> : fast_types::limits_of<ap_uint<W>> {};
template <int W, int I, ap_q_mode Q, ap_o_mode O>
struct numeric_limits<ap_fixed<W, I, Q, O>> : fast_types::limits_of<ap_fixed<W, I, Q, O>> {};
template <int W, int I, ap_q_mode Q, ap_o_mode O>
struct numeric_limits<ap_ufixed<W, I, Q, O>> : fast_types::limits_of<ap_ufixed<W, I, Q, O>> {};

} // namespace hls

#endif
