// Golden vectors of tb_data/: a text file with rows, columns, then rows * columns raw integers.
#ifndef HWGEN_VECTORS_H_
#define HWGEN_VECTORS_H_

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "hwgen/tree.h"
#include "raw_bits.h"

namespace hwgen {

struct vectors {
    std::string name;
    unsigned rows, columns;
    std::vector<long long> values;

    explicit vectors(const char *file) : name(file), rows(0), columns(0) {
        const std::string path = tree() + "/tb_data/" + file;
        std::ifstream stream(path.c_str());
        if (stream >> rows >> columns)
            values.resize(static_cast<size_t>(rows) * columns);
        for (size_t i = 0; i < values.size(); i++)
            stream >> values[i];
        if (!stream || rows == 0) {
            std::fprintf(stderr, "%s: missing or cut short (set HWGEN_TREE to the firmware folder)\n", path.c_str());
            std::exit(2);
        }
    }

    long long at(unsigned row, unsigned column) const { return values[static_cast<size_t>(row) * columns + column]; }
};

// Counts differences and prints the first few of them.
class differences {
  public:
    differences() : found(0), compared(0) {}

    void compare(const char *what, unsigned sample, unsigned index, long long got, long long expected) {
        compared++;
        if (got == expected)
            return;
        if (found++ < 10)
            std::printf("DIFFERENT %s sample %u value %u: got %lld, expected %lld\n", what, sample, index, got,
                        expected);
    }

    // 0 if everything agreed; what main() returns.
    int verdict(const char *block) const {
        std::printf("%s: %u values compared, %u different: %s\n", block, compared, found,
                    found ? "FAILED" : "passed");
        return found ? 1 : 0;
    }

  private:
    unsigned found, compared;
};

} // namespace hwgen

#endif
