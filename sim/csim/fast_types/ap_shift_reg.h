// ap_shift_reg as a ring: a shift moves the start instead of every element.
#ifndef FAST_TYPES_AP_SHIFT_REG_H_
#define FAST_TYPES_AP_SHIFT_REG_H_

#include <cassert>

#include "fast/limits.h"

template <class T, unsigned int DEPTH = 32> class ap_shift_reg {
  public:
    ap_shift_reg() = default;
    explicit ap_shift_reg(const char *) {}
    ap_shift_reg(const ap_shift_reg &) = delete;
    ap_shift_reg &operator=(const ap_shift_reg &) = delete;

    // Returns the element at `address` before the shift; `value` becomes element 0.
    T shift(T value, unsigned int address = DEPTH - 1, bool enable = true) {
        const T result = read(address);
        if (enable) {
            start_ = start_ == 0 ? DEPTH - 1 : start_ - 1;
            elements_[start_] = value;
        }
        return result;
    }

    T read(unsigned int address = DEPTH - 1) const {
        assert(address < DEPTH && "ap_shift_reg: address beyond its depth");
        const unsigned int index = start_ + address;
        return elements_[index < DEPTH ? index : index - DEPTH];
    }

  private:
    T elements_[DEPTH];
    unsigned int start_ = 0;
};

#endif
