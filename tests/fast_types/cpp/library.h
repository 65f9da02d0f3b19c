// What comes with the number types: streams, shift registers, functions, limits.
#pragma once

#include "ap_shift_reg.h"
#include "harness.h"
#include "hls_math.h"
#include "hls_stream.h"
#include "utils/x_hls_utils.h"

namespace proof {

// What hls4ml sends over streams: several numbers in one element.
template <class T, unsigned N> struct Group {
    typedef T value_type;
    static const unsigned size = N;
    T data[N];
    T& operator[](unsigned i) { return data[i]; }
};

template <class T> void streams(const char* types) {
    session.types = types;
    session.operands = 0;
    typedef Group<T, 3> Item;
    hls::stream<Item> stream("stream"), unnamed;
    hls::stream<T> plain;
    SHOW(bool(unnamed.full()));
    std::uint64_t written = 0, read = 0;  // decide what is done, so that a wrong stream writes as many records
    // Phases of mostly writing and mostly reading: the queue grows to hundreds, runs empty, and wraps many times.
    for (int step = 0; step < 12000; step++) {
        const bool growing = step / 700 % 2 == 0;
        if (random_word() % 8 < (growing ? 5u : 3u)) {
            Item item;
            for (int i = 0; i < 3; i++) item[i] = make<T>(Bits{written * 3 + i, written});
            written++;
            if (step % 2)
                stream.write(item);
            else
                stream << item;
            plain.write(item[1]);
        } else if (read < written) {
            Item item;
            if (step % 3 == 0)
                item = stream.read();
            else if (step % 3 == 1)
                stream >> item;
            else
                SHOW(stream.read_nb(item));
            SHOW(item[0]);
            SHOW(item[2]);
            SHOW(plain.read());
            read++;
        } else {
            Item item;
            SHOW(stream.read_nb(item));
        }
        SHOW(std::uint64_t(stream.size()));
        SHOW(stream.empty());
    }
    T head;
    for (; read < written; read++) {
        plain.read(head);
        SHOW(head);
        stream.read();
    }
    SHOW(unnamed.write_nb(Item()));
    SHOW(std::uint64_t(unnamed.size()));
    unnamed.read();
}

template <class T, unsigned DEPTH> void shift_register(const char* types) {
    session.types = types;
    session.operands = 0;
    static ap_shift_reg<T, DEPTH> shifted;  // static, as in generated code: zero at the start
    for (int step = 0; step < 300; step++) {
        const T value = make<T>(random_bits(width_of<T>));
        SHOW(shifted.shift(value));
        SHOW(shifted.shift(value, random_word() % DEPTH));
        SHOW(shifted.shift(value, random_word() % DEPTH, random_word() % 2));
        SHOW(shifted.read(random_word() % DEPTH));
        SHOW(shifted.read());
    }
}

template <class T> void functions(const char* types) {
    session.types = types;
    for (Bits bits : values<T>()) {
        operands<T>(bits);
        const T a = make<T>(bits);
        SHOW(hls::exp(a));
        SHOW(hls::sin(a));
        SHOW(hls::cos(a));
        SHOW(hls::atan(a));
        if (a.to_double() >= -1 && a.to_double() <= 1) {
            SHOW(hls::asin(a));
            SHOW(hls::acos(a));
        }
    }
}

template <class T> void limits(const char* types) {
    session.types = types;
    session.operands = 0;
    SHOW(hls::numeric_limits<T>::max());
    SHOW(hls::numeric_limits<T>::min());
    SHOW(hls::numeric_limits<T>::epsilon());
}

}  // namespace proof
