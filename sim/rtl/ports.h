// Ports of a verilated model as 32-bit words, whatever their width.
#ifndef HWGEN_RTL_PORTS_H_
#define HWGEN_RTL_PORTS_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace hwgen {

// Words of a port: Verilator makes it an integer of 8 to 64 bits, or an array of 32-bit words.
template <class PORT> constexpr size_t words_of() { return sizeof(PORT) <= 4 ? 1 : sizeof(PORT) / 4; }

// Bits beyond the port's width must be 0: Verilator relies on it.
template <class PORT> void put_words(PORT &port, const uint32_t *words) {
    if constexpr (std::is_integral<PORT>::value && sizeof(PORT) == 8) {
        port = words[0] | static_cast<uint64_t>(words[1]) << 32;
    } else if constexpr (std::is_integral<PORT>::value) {
        port = static_cast<PORT>(words[0]);
    } else {
        for (size_t i = 0; i < words_of<PORT>(); i++)
            port[i] = words[i];
    }
}

template <class PORT> void put(PORT &port, uint64_t value) {
    static_assert(std::is_integral<PORT>::value, "this port is wider than 64 bits");
    port = static_cast<PORT>(value);
}

} // namespace hwgen

#endif
