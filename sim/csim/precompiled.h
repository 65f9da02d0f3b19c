// What nearly every unit of the firmware includes: compiled once with the fast types, then only loaded.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "ap_fixed.h"
#include "ap_int.h"
#include "ap_shift_reg.h"
#include "hls_math.h"
#include "hls_stream.h"
#include "utils/x_hls_utils.h"
