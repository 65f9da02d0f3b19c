// ap_fixed and ap_ufixed on native integers: the same names, templates and results as the reference types.
#ifndef FAST_TYPES_AP_FIXED_H_
#define FAST_TYPES_AP_FIXED_H_

#include "fast/numbers.h"

#endif
