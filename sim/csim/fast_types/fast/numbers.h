// All number types together: integers and fixed-point numbers convert into each other, so neither comes alone.
#ifndef FAST_TYPES_NUMBERS_H_
#define FAST_TYPES_NUMBERS_H_

#include <cassert>
#include <cmath>
#include <iostream>
#include <sstream>
#include <string>

#include "convert.h"
#include "real.h"

#include "bits.h"
#include "operand.h"

#include "integer.h"
#include "fixed.h"

#include "arithmetic.h"
#include "operators.h"
#include "text.h"

#endif
