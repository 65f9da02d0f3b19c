// Raw integers in binary files, and the share of the samples that one process works on.
#ifndef HWGEN_BINARY_IO_H_
#define HWGEN_BINARY_IO_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace hwgen {

[[noreturn]] inline void give_up(const char *what, const char *file) {
    std::fprintf(stderr, "%s: %s\n", file, what);
    std::exit(3);
}

// Reads `count` rows of `columns` values, starting with row `first`.
template <class VALUE> std::vector<VALUE> read_rows(const char *file, size_t first, size_t count, size_t columns) {
    std::vector<VALUE> values(count * columns);
    std::FILE *stream = std::fopen(file, "rb");
    if (!stream)
        give_up("cannot be opened", file);
    if (std::fseek(stream, static_cast<long>(first * columns * sizeof(VALUE)), SEEK_SET) != 0 ||
        (!values.empty() && std::fread(values.data(), sizeof(VALUE), values.size(), stream) != values.size()))
        give_up("is shorter than announced", file);
    std::fclose(stream);
    return values;
}

template <class VALUE> void write_rows(const char *file, const std::vector<VALUE> &values) {
    std::FILE *stream = std::fopen(file, "wb");
    if (!stream)
        give_up("cannot be written", file);
    // The last stage has no features: an empty vector has no address to write from.
    const size_t written = values.empty() ? 0 : std::fwrite(values.data(), sizeof(VALUE), values.size(), stream);
    if (std::fclose(stream) != 0 || written != values.size())
        give_up("could not be written completely", file);
}

// One line per finished batch of samples: the caller draws its progress from it. If the program
// dies, the last line tells at which sample.
inline void report_progress(size_t sample) {
    std::printf("%zu\n", sample);
    std::fflush(stdout);
}

} // namespace hwgen

#endif
