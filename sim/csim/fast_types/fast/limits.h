// What these headers can do, and how they say so when something is beyond it.
#ifndef FAST_TYPES_LIMITS_H_
#define FAST_TYPES_LIMITS_H_

#ifndef __cplusplus
#error "fast_types: C++ only"
#endif
#if !defined(__clang__) && (!defined(__GNUC__) || __GNUC__ < 9)
#error "fast_types: this compiler is too old, g++ 9 or clang++ 10 is needed; use it, or simulate with `--types reference`"
#endif
#if __cplusplus < 201703L
#error "fast_types: C++17 is needed (-std=c++17)"
#endif
#ifndef __SIZEOF_INT128__
#error "fast_types: this machine has no 128-bit integers; simulate with `--types reference`"
#endif

namespace fast_types {

constexpr int MAX_WIDTH = 128; // the widest native integer

} // namespace fast_types

// Every refusal names what is missing and the way out.
#define FAST_TYPES_REQUIRE(condition, construct)                                                                       \
    static_assert(condition, "fast_types: " construct " is not available; simulate with `--types reference`")

#endif
