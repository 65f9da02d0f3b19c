// The state of a verilated pipeline, bit by bit: every register and memory that the build made public.
//
// Contract  Elements are numbered by their paths, which are sorted. A flip changes the stored bit itself, as an upset
//           does: the next `eval` sees it in everything that reads the register, and it stays until the
//           register is loaded again.
// Build     Verilator has to be told what is public (public_flat_rw in a .vlt file); nothing else is found here.
#ifndef HWGEN_RTL_STATE_H_
#define HWGEN_RTL_STATE_H_

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "verilated.h"
#include "verilated_syms.h"

namespace hwgen {

struct Element {
    std::string path;   // the top module first
    uint8_t *data;      // of the first word
    size_t words, bits; // words of a memory (1 for a register), bits of each
    size_t bytes;       // that Verilator keeps for a word
};

class StateBits {
  public:
    explicit StateBits(VerilatedContext &context) {
        for (const auto &scope : *context.scopeNameMap()) {
            const VerilatedVarNameMap *const variables = scope.second->varsp();
            if (!variables)
                continue;
            for (const auto &entry : *variables)
                add(scope.second->name(), entry.first, entry.second);
        }
        std::sort(elements.begin(), elements.end(),
                  [](const Element &a, const Element &b) { return a.path < b.path; });
    }

    void flip(size_t element, size_t word, size_t bit) {
        // Verilator keeps the bits of a word in ascending bytes on every machine with the low byte first.
        elements[element].data[word * elements[element].bytes + bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    }

    // All words 0.
    void clear(size_t element) {
        std::memset(elements[element].data, 0, elements[element].words * elements[element].bytes);
    }

    std::vector<Element> elements;

  private:
    void add(const std::string &scope, const char *name, const VerilatedVar &variable) {
        if (variable.isParam())
            return;
        size_t words = 1;
        for (const VerilatedRange &range : variable.unpackedRanges())
            words *= static_cast<size_t>(range.elements());
        const std::string top = "TOP.";
        const std::string path = scope.compare(0, top.size(), top) == 0 ? scope.substr(top.size()) : scope;
        elements.push_back({path + "." + name, static_cast<uint8_t *>(variable.datap()), words,
                            static_cast<size_t>(variable.entBits()), variable.totalSize() / words});
    }
};

} // namespace hwgen

#endif
