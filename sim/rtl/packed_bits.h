// Fields of packed vectors in 32-bit words, least significant word first.
#ifndef HWGEN_RTL_PACKED_BITS_H_
#define HWGEN_RTL_PACKED_BITS_H_

#include <cstddef>
#include <cstdint>

namespace hwgen {

// `width` bits (1 to 64) from bit `first` on.
inline uint64_t get_bits(const uint32_t *words, size_t first, unsigned width) {
    uint64_t value = 0;
    for (unsigned done = 0; done < width;) {
        const unsigned offset = static_cast<unsigned>((first + done) % 32);
        value |= static_cast<uint64_t>(words[(first + done) / 32] >> offset) << done;
        done += 32 - offset;
    }
    return width == 64 ? value : value & ((uint64_t{1} << width) - 1);
}

// Writes the low `width` bits of `value` into words that were zero there.
inline void put_bits(uint32_t *words, size_t first, unsigned width, uint64_t value) {
    if (width < 64)
        value &= (uint64_t{1} << width) - 1;
    for (unsigned done = 0; done < width;) {
        const unsigned offset = static_cast<unsigned>((first + done) % 32);
        words[(first + done) / 32] |= static_cast<uint32_t>(value >> done << offset);
        done += 32 - offset;
    }
}

} // namespace hwgen

#endif
