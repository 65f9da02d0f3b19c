// hls_math: calculated in double, as in the reference types.
#ifndef FAST_TYPES_HLS_MATH_H_
#define FAST_TYPES_HLS_MATH_H_

#include <cmath>

#include "ap_fixed.h"

namespace hls {

#define FAST_TYPES_FUNCTION(NAME)                                                                                      \
    template <class T> T NAME(T x) { return static_cast<T>(std::NAME(x.to_double())); }
FAST_TYPES_FUNCTION(exp)
FAST_TYPES_FUNCTION(sin)
FAST_TYPES_FUNCTION(cos)
FAST_TYPES_FUNCTION(asin)
FAST_TYPES_FUNCTION(acos)
FAST_TYPES_FUNCTION(atan)
#undef FAST_TYPES_FUNCTION

template <class T> T atan2(T y, T x) { return static_cast<T>(std::atan2(y.to_double(), x.to_double())); }

} // namespace hls

#endif
