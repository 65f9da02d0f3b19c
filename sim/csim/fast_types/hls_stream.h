// hls::stream as a queue in one piece of memory that is used again by the next stream of the same type.
#ifndef FAST_TYPES_HLS_STREAM_H_
#define FAST_TYPES_HLS_STREAM_H_

#include <cstddef>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "fast/limits.h"

namespace fast_types {

// Memory for the elements of a stream. Firmware makes its streams anew for every sample: their memory is kept.
template <class T> struct stream_memory {
    std::unique_ptr<T[]> elements;
    size_t size = 0;

    static std::vector<stream_memory> &spare() {
        static thread_local std::vector<stream_memory> kept;
        return kept;
    }
    void take() {
        if (!spare().empty()) {
            *this = std::move(spare().back());
            spare().pop_back();
        }
    }
    void give_back() {
        if (size)
            spare().push_back(std::move(*this));
    }
    // Room for more, with the elements first..end moved to the front.
    void make_room(size_t first, size_t end) {
        std::unique_ptr<T[]> larger;
        const bool crowded = 2 * (end - first) >= size;
        if (crowded) {
            size = size ? 2 * size : 64;
            larger.reset(new T[size]);
        }
        T *const target = crowded ? larger.get() : elements.get();
        for (size_t i = first; i < end; i++)
            target[i - first] = elements[i];
        if (crowded)
            elements = std::move(larger);
    }
};

} // namespace fast_types

namespace hls {

template <class T, int DEPTH = 0> class stream {
  public:
    stream() : label_("hls_stream") { memory_.take(); }
    // Firmware names its streams with literals, which outlive the stream.
    explicit stream(const char *name) : label_(name) { memory_.take(); }
    explicit stream(const std::string &name) : name_(name) {
        label_ = name_.c_str();
        memory_.take();
    }
    stream(const stream &) = delete;
    stream &operator=(const stream &) = delete;
    ~stream() {
        if (!empty())
            warn("contains leftover data,");
        memory_.give_back();
    }

    bool empty() const { return first_ == end_; }
    bool full() const { return false; }
    size_t size() const { return end_ - first_; }

    T read() {
        if (empty()) {
            warn("is read while empty,");
            return T();
        }
        const size_t index = first_++;
        if (first_ == end_)
            first_ = end_ = 0;
        return memory_.elements[index];
    }
    void read(T &value) { value = read(); }
    void operator>>(T &value) { read(value); }
    bool read_nb(T &value) {
        const bool any = !empty();
        value = any ? read() : T();
        return any;
    }

    void write(const T &value) {
        if (end_ == memory_.size) {
            memory_.make_room(first_, end_);
            end_ -= first_;
            first_ = 0;
        }
        // hls4ml's arrays are assigned element by element, but constructed as one piece of memory.
        if constexpr (std::is_trivially_copy_constructible<T>::value && std::is_trivially_destructible<T>::value)
            new (&memory_.elements[end_++]) T(value);
        else
            memory_.elements[end_++] = value;
    }
    void operator<<(const T &value) { write(value); }
    bool write_nb(const T &value) {
        write(value);
        return true;
    }

  private:
    void warn(const char *what) const {
        std::cout << "WARNING: Hls::stream '" << label_ << "' " << what
                  << " which may result in RTL simulation hanging." << std::endl;
    }

    fast_types::stream_memory<T> memory_;
    size_t first_ = 0, end_ = 0;
    const char *label_;
    std::string name_;
};

} // namespace hls

#endif
