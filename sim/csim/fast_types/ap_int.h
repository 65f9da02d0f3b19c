// ap_int and ap_uint on native integers: the same names, templates and results as the reference types.
#ifndef FAST_TYPES_AP_INT_H_
#define FAST_TYPES_AP_INT_H_

#include "fast/numbers.h"

#endif
