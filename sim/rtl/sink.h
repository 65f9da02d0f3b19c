// Takes results from m_axis with random stalls, and checks that what is offered stays.
#ifndef HWGEN_RTL_SINK_H_
#define HWGEN_RTL_SINK_H_

#include "chance.h"
#include "ports.h"

namespace hwgen {

template <class MODEL> class Sink {
  public:
    Sink(MODEL &model, Chance stalls) : model_(model), stalls_(stalls) { put(model_.m_axis_tready, 0); }

    void drive() { put(model_.m_axis_tready, !stalls_.happens()); }

    // After the model has settled: whether a result is taken at this edge; counts broken rules.
    bool observe() {
        const bool valid = model_.m_axis_tvalid;
        if (stalled_) {
            withdrawn += !valid;
            changed += valid && (tag_ != model_.m_axis_tuser || word_ != static_cast<uint64_t>(model_.m_axis_tdata));
        }
        stalled_ = valid && !model_.m_axis_tready;
        stalled_cycles += stalled_;
        tag_ = model_.m_axis_tuser;
        word_ = static_cast<uint64_t>(model_.m_axis_tdata);
        if (!valid || stalled_)
            return false;
        not_last += !model_.m_axis_tlast;
        return true;
    }

    void reset() { stalled_ = false; }
    uint64_t tag() const { return tag_; }
    uint32_t word() const { return static_cast<uint32_t>(word_); }

    // valid that fell without ready, data that changed meanwhile, results without tlast, cycles with valid and not ready
    int64_t withdrawn = 0, changed = 0, not_last = 0, stalled_cycles = 0;

  private:
    MODEL &model_;
    Chance stalls_;
    bool stalled_ = false;
    uint64_t tag_ = 0, word_ = 0;
};

} // namespace hwgen

#endif
