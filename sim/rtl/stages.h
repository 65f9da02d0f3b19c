// What the stages do, from the event outputs: cycles at work and gated, samples started, and who was where when.
//
// Contract  Samples pass a stage in order, so one bit per stage and event tells which sample it is about.
// Files     PREFIX.timeline  int64 rows of the watched sends: send, stage (from 0), event (0 enters, 1 leaves with a
//                            result, 2 goes on to the next stage), cycle
#ifndef HWGEN_RTL_STAGES_H_
#define HWGEN_RTL_STAGES_H_

#include <deque>
#include <string>
#include <vector>

#include "binary_io.h"

#ifndef HWGEN_STAGES
#error "define HWGEN_STAGES"
#endif

namespace hwgen {

template <class MODEL> class Stages {
  public:
    enum Event : int64_t { ENTERS = 0, LEAVES = 1, GOES_ON = 2 };

    Stages(MODEL &model, int64_t watch_from, int64_t watch_to) : model_(model), from_(watch_from), to_(watch_to) {}

    void arrives(size_t send) { before_[0].push_back(send); }

    void observe(int64_t cycle) {
        const uint64_t active = model_.event_active, gated = model_.event_gated, enter = model_.event_enter,
                       leave = model_.event_leave, stay = model_.event_stay;
        for (unsigned k = 0; k < HWGEN_STAGES; k++) {
            active_cycles[k] += active >> k & 1;
            gated_cycles[k] += gated >> k & 1;
        }
        if (!(enter | leave | stay))
            return;
        for (unsigned k = 0; k < HWGEN_STAGES; k++) {
            if (enter >> k & 1) {
                starts[k]++;
                move(before_[k], &inside_[k], k, ENTERS, cycle);
            }
            if (leave >> k & 1) {
                exits[k]++;
                move(inside_[k], nullptr, k, LEAVES, cycle);
            }
            if (stay >> k & 1)
                move(inside_[k], k + 1 < HWGEN_STAGES ? &before_[k + 1] : nullptr, k, GOES_ON, cycle);
        }
    }

    void reset() {
        for (unsigned k = 0; k < HWGEN_STAGES; k++) {
            before_[k].clear();
            inside_[k].clear();
        }
    }

    void write(const std::string &prefix) const { write_rows((prefix + ".timeline").c_str(), rows_); }

    int64_t active_cycles[HWGEN_STAGES] = {}, gated_cycles[HWGEN_STAGES] = {}, starts[HWGEN_STAGES] = {},
            exits[HWGEN_STAGES] = {};
    int64_t impossible = 0; // events of a sample that cannot be there

  private:
    void move(std::deque<size_t> &source, std::deque<size_t> *target, unsigned stage, Event event, int64_t cycle) {
        if (source.empty()) {
            impossible++;
            return;
        }
        const size_t send = source.front();
        source.pop_front();
        if (target)
            target->push_back(send);
        const int64_t number = static_cast<int64_t>(send);
        if (number >= from_ && number < to_)
            rows_.insert(rows_.end(), {number, static_cast<int64_t>(stage), event, cycle});
    }

    MODEL &model_;
    const int64_t from_, to_;
    std::deque<size_t> before_[HWGEN_STAGES], inside_[HWGEN_STAGES];
    std::vector<int64_t> rows_;
};

} // namespace hwgen

#endif
