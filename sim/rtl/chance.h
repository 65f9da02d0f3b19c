// Random stalls: the same for the same seed on every machine.
#ifndef HWGEN_RTL_CHANCE_H_
#define HWGEN_RTL_CHANCE_H_

#include <cstdint>

namespace hwgen {

class Chance {
  public:
    // Args: seed, and the probability of `happens` in percent.
    explicit Chance(uint64_t seed, unsigned percent = 0)
        : state_(seed * 0x9e3779b97f4a7c15ull + 0x632be59bd9b4e019ull), below_((uint64_t{percent} << 32) / 100) {}

    uint32_t draw() { // splitmix64
        uint64_t word = state_ += 0x9e3779b97f4a7c15ull;
        word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9ull;
        word = (word ^ word >> 27) * 0x94d049bb133111ebull;
        return static_cast<uint32_t>((word ^ word >> 31) >> 32);
    }

    bool happens() { return below_ && draw() < below_; }

  private:
    uint64_t state_, below_;
};

} // namespace hwgen

#endif
