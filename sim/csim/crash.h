// Says which sample was simulated when the firmware crashed: a lost process tells nothing.
#ifndef HWGEN_CRASH_H_
#define HWGEN_CRASH_H_

#include <cstddef>
#include <cstring>
#include <signal.h>
#include <unistd.h>

namespace hwgen {

// The sample that is being simulated, or the first and the last of a batch.
struct current_samples {
    static volatile size_t &first() {
        static volatile size_t number = 0;
        return number;
    }
    static volatile size_t &last() {
        static volatile size_t number = 0;
        return number;
    }
    static void are(size_t from, size_t to) {
        first() = from;
        last() = to;
    }
};

// Only what a signal handler may call: no printf, no memory.
inline void write_text(const char *text) {
    if (write(STDERR_FILENO, text, std::strlen(text)) < 0)
        return;
}

inline void write_number(size_t number) {
    char digits[24];
    char *start = digits + sizeof digits;
    *--start = '\0';
    do
        *--start = static_cast<char>('0' + number % 10);
    while (number /= 10);
    write_text(start);
}

inline void tell_samples(int signal) {
    const size_t first = current_samples::first(), last = current_samples::last();
    write_text(first == last ? "\ncrashed: in sample " : "\ncrashed: in one of samples ");
    write_number(first);
    if (first != last) {
        write_text(" to ");
        write_number(last);
    }
    write_text("\n");
    ::signal(signal, SIG_DFL);
    raise(signal);
}

inline void tell_samples_on_a_crash() {
    // A stack of its own: the firmware's may be what has run full.
    static char memory[1 << 16];
    stack_t stack = {};
    stack.ss_sp = memory;
    stack.ss_size = sizeof memory;
    sigaltstack(&stack, nullptr);
    struct sigaction action = {};
    action.sa_handler = tell_samples;
    action.sa_flags = SA_ONSTACK;
    current_samples::are(0, 0);
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        sigaction(signal, &action, nullptr);
}

} // namespace hwgen

#endif
