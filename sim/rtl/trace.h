// Traces some of the sends: toggles counted on the fly (HWGEN_TRACE=1), or an FST to look at (HWGEN_TRACE=2).
//
// Contract  Tracing begins when send trace_from is offered and ends when trace_to is offered or all is over. windows=each:
//           a window per send, which holds what happens from its offer to the next one's (meant for spaced=..);
//           windows=one: one window over all. What changes between two windows is not counted.
#ifndef HWGEN_RTL_TRACE_H_
#define HWGEN_RTL_TRACE_H_

#include "options.h"

#ifndef HWGEN_TRACE
#define HWGEN_TRACE 0
#endif

#if HWGEN_TRACE == 1
#include "activity_files.h"
#include "verilated_vcd_c.h"
#elif HWGEN_TRACE == 2
#include "verilated_fst_c.h"
#endif

namespace hwgen {

#if HWGEN_TRACE == 0
template <class MODEL> class Trace {
  public:
    Trace(MODEL &, const Options &) {}
    void offered(size_t) {}
    void dump() {}
    void close() {}
};
#else

#if HWGEN_TRACE == 1
// Takes the text of the dump in place of a file.
class Listener : public VerilatedVcdFile {
  public:
    explicit Listener(Vcd &vcd) : vcd_(vcd) {}
    bool open(const std::string &) override { return true; }
    void close() override {}
    ssize_t write(const char *data, ssize_t size) override {
        vcd_.feed(data, static_cast<size_t>(size));
        return size;
    }

  private:
    Vcd &vcd_;
};
#endif

template <class MODEL> class Trace {
  public:
    Trace(MODEL &model, const Options &options)
        : from_(options.number("trace_from", 0)), to_(options.number("trace_to", INT64_MAX)),
          each_(options.text("windows") == "each"), prefix_(options.prefix)
#if HWGEN_TRACE == 1
          ,
          vcd_(options.text("nets"), static_cast<size_t>(options.number("depth", 99))), listener_(vcd_),
          dump_(&listener_)
#endif
    {
        model.trace(&dump_, 99);
        dump_.open((prefix_ + ".fst").c_str());
    }

    // Called before the offer changes anything.
    void offered(size_t send) {
        const int64_t number = static_cast<int64_t>(send);
        const bool wanted = number >= from_ && number < to_;
        if (on_ && (!wanted || each_))
            end_window();
        if (wanted && !on_)
            begin();
        on_ = wanted;
    }

    // After each change of the clock has settled.
    void dump() {
        time_ += HALF_CYCLE;
        if (on_)
            dump_.dump(last_ = time_);
    }

    void close() {
        if (on_)
            end_window();
        dump_.close();
#if HWGEN_TRACE == 1
        write_activity(vcd_, windows_, prefix_);
#endif
    }

  private:
    static constexpr uint64_t HALF_CYCLE = 5000; // ps

    // What changed since the last dump is taken in without being counted.
    void begin() {
        if (last_ != time_)
            dump_.dump(last_ = time_);
#if HWGEN_TRACE == 1
        dump_.flush();
        vcd_.count(true);
#endif
    }

    void end_window() {
#if HWGEN_TRACE == 1
        dump_.flush();
        windows_.push_back(vcd_.window());
        vcd_.count(each_);
#endif
    }

    const int64_t from_, to_;
    const bool each_;
    const std::string prefix_;
    uint64_t time_ = 0, last_ = 0;
    bool on_ = false;
#if HWGEN_TRACE == 1
    Vcd vcd_;
    Listener listener_;
    VerilatedVcdC dump_;
    std::vector<std::vector<int64_t>> windows_;
#else
    VerilatedFstC dump_;
#endif
};
#endif

} // namespace hwgen

#endif
