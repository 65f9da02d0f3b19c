// The layers of a stage as a programmer would write them for speed: plain loops over int32, all shapes known at
// compile time, output channels innermost so that they become vectors.
#ifndef LOOP_NEST_LAYERS_H_
#define LOOP_NEST_LAYERS_H_

#include <algorithm>
#include <cstdint>

// How many neighbouring output pixels share each weight that is loaded: 1 keeps the sums of one pixel in registers,
// a few reuse the weight, a whole row makes the weights the outer loop.
#ifndef PIXELS
#define PIXELS 1
#endif

// What becomes of a sum: drops SHIFT bits, ties to even, then clamps.
template <int SHIFT, int32_t LOW, int32_t HIGH> struct Requantise {
    static int32_t of(int32_t sum) {
        const int32_t even = (sum >> SHIFT) & 1;
        const int32_t rounded = SHIFT ? (sum + even + (1 << SHIFT >> 1) - 1) >> SHIFT : sum;
        return std::min(std::max(rounded, LOW), HIGH);
    }
};

struct Keep {
    static int32_t of(int32_t sum) { return sum; }
};

// HEIGHT x WIDTH x CHANNELS -> ROWS x COLUMNS x FILTERS.
template <int HEIGHT, int WIDTH, int CHANNELS, int ROWS, int COLUMNS, int FILTERS, int KERNEL_HEIGHT, int KERNEL_WIDTH,
          int STRIDE_Y, int STRIDE_X, int TOP, int LEFT, class END>
struct Conv {
    static constexpr int PADDED_HEIGHT = std::max((ROWS - 1) * STRIDE_Y + KERNEL_HEIGHT, TOP + HEIGHT);
    static constexpr int PADDED_WIDTH = std::max((COLUMNS - 1) * STRIDE_X + KERNEL_WIDTH, LEFT + WIDTH);

    template <int COUNT>
    static void pixels(const int32_t *__restrict corner, const int32_t *__restrict weights, const int32_t *__restrict bias,
                       int32_t *__restrict output) {
        int32_t sums[COUNT][FILTERS];
        for (int pixel = 0; pixel < COUNT; pixel++)
            for (int filter = 0; filter < FILTERS; filter++)
                sums[pixel][filter] = bias[filter];
        for (int y = 0; y < KERNEL_HEIGHT; y++) {
            // A row of the kernel lies as one piece in the image: x and input channel are one loop.
            for (int i = 0; i < KERNEL_WIDTH * CHANNELS; i++) {
                const int32_t *weight = weights + (y * KERNEL_WIDTH * CHANNELS + i) * FILTERS;
                for (int pixel = 0; pixel < COUNT; pixel++) {
                    const int32_t value = corner[(y * PADDED_WIDTH + pixel * STRIDE_X) * CHANNELS + i];
                    for (int filter = 0; filter < FILTERS; filter++)
                        sums[pixel][filter] += value * weight[filter];
                }
            }
        }
        for (int pixel = 0; pixel < COUNT; pixel++)
            for (int filter = 0; filter < FILTERS; filter++)
                output[pixel * FILTERS + filter] = END::of(sums[pixel][filter]);
    }

    static void run(const int32_t *__restrict input, const int32_t *__restrict weights, const int32_t *__restrict bias,
                    int32_t *__restrict output) {
        static int32_t padded[PADDED_HEIGHT * PADDED_WIDTH * CHANNELS]; // its border stays zero
        for (int y = 0; y < HEIGHT; y++)
            std::copy_n(input + y * WIDTH * CHANNELS, WIDTH * CHANNELS,
                        padded + ((y + TOP) * PADDED_WIDTH + LEFT) * CHANNELS);
        constexpr int GROUP = std::min(PIXELS, COLUMNS), REST = COLUMNS % GROUP;
        for (int y = 0; y < ROWS; y++) {
            const int32_t *row = padded + y * STRIDE_Y * PADDED_WIDTH * CHANNELS;
            int32_t *to = output + y * COLUMNS * FILTERS;
            int x = 0;
            for (; x + GROUP <= COLUMNS; x += GROUP)
                pixels<GROUP>(row + x * STRIDE_X * CHANNELS, weights, bias, to + x * FILTERS);
            if constexpr (REST != 0)
                pixels<REST>(row + x * STRIDE_X * CHANNELS, weights, bias, to + x * FILTERS);
        }
    }
};

template <int INPUTS, int OUTPUTS, class END> struct Dense {
    static void run(const int32_t *__restrict input, const int32_t *__restrict weights, const int32_t *__restrict bias,
                    int32_t *__restrict output) {
        int32_t sums[OUTPUTS];
        std::copy_n(bias, OUTPUTS, sums);
        for (int i = 0; i < INPUTS; i++)
            for (int j = 0; j < OUTPUTS; j++)
                sums[j] += input[i] * weights[i * OUTPUTS + j];
        for (int j = 0; j < OUTPUTS; j++)
            output[j] = END::of(sums[j]);
    }
};

// Windows without padding.
template <int WIDTH, int CHANNELS, int ROWS, int COLUMNS, int POOL_HEIGHT, int POOL_WIDTH, int STRIDE_Y, int STRIDE_X>
struct MaxPool {
    static void run(const int32_t *__restrict input, int32_t *__restrict output) {
        for (int y = 0; y < ROWS; y++) {
            for (int x = 0; x < COLUMNS; x++) {
                const int32_t *corner = input + (y * STRIDE_Y * WIDTH + x * STRIDE_X) * CHANNELS;
                int32_t *best = output + (y * COLUMNS + x) * CHANNELS;
                for (int channel = 0; channel < CHANNELS; channel++) {
                    int32_t most = corner[channel];
                    for (int i = 0; i < POOL_HEIGHT; i++)
                        for (int j = 0; j < POOL_WIDTH; j++)
                            most = std::max(most, corner[(i * WIDTH + j) * CHANNELS + channel]);
                    best[channel] = most;
                }
            }
        }
    }
};

template <int SIZE, class END> struct Pointwise {
    static void run(const int32_t *__restrict input, int32_t *__restrict output) {
        for (int i = 0; i < SIZE; i++)
            output[i] = END::of(input[i]);
    }
};

#endif
