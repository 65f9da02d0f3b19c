// Drives s_axis: the beats of one sample after the other, with random gaps, back to back or spaced.
//
// Contract  tvalid, once high, stays with its data until taken. While it is low tdata, tuser and tlast are junk (junk = 1)
//           or stand still (junk = 0, for counting toggles). Nothing is offered during a reset; a sample cut in two by
//           one is not continued.
#ifndef HWGEN_RTL_SOURCE_H_
#define HWGEN_RTL_SOURCE_H_

#include <deque>
#include <vector>

#include "chance.h"
#include "ports.h"

namespace hwgen {

struct Stimuli {
    std::vector<uint32_t> beats; // samples * beats_per_sample * words
    std::vector<uint64_t> tags;  // one per send
    size_t samples, beats_per_sample, words, bits, sends;
};

template <class MODEL> class Source {
  public:
    Source(MODEL &model, const Stimuli &stimuli, Chance gaps, bool junk)
        : model_(model), stimuli_(stimuli), gaps_(gaps), junk_(junk), noise_(gaps), scratch_(stimuli.words) {
        put(model_.s_axis_tvalid, 0);
        put(model_.s_axis_tlast, 0);
        put(model_.s_axis_tuser, 0);
        put_words(model_.s_axis_tdata, scratch_.data());
    }

    // The send that will enter next; `stimuli.sends` when all have.
    size_t next() const { return again.empty() ? fresh_ : again.front(); }
    // Sends that were begun at least once: what the script goes by.
    int64_t begun() const { return static_cast<int64_t>(fresh_); }
    bool finished() const { return next() == stimuli_.sends; }
    bool inside_a_sample() const { return beat_ > 0; }
    bool offering() const { return offering_; }

    // Before the edge. `may_begin`: whether a new sample may be offered; `tell`: told its number before it is.
    template <class TELL> void drive(bool may_begin, TELL tell) {
        if (offering_)
            return;
        if (finished() || (beat_ == 0 && !may_begin) || gaps_.happens()) {
            if (junk_)
                scribble();
            return;
        }
        if (beat_ == 0)
            tell(next());
        offering_ = true;
        const size_t row = (next() % stimuli_.samples) * stimuli_.beats_per_sample + beat_;
        put_words(model_.s_axis_tdata, &stimuli_.beats[row * stimuli_.words]);
        put(model_.s_axis_tuser, stimuli_.tags[next()]);
        put(model_.s_axis_tlast, beat_ + 1 == stimuli_.beats_per_sample);
        put(model_.s_axis_tvalid, 1);
    }

    // After the model has settled: whether a beat is taken at this edge.
    bool taken() const { return offering_ && model_.s_axis_tready; }

    // After an edge at which a beat was taken.
    void advance() {
        offering_ = false;
        put(model_.s_axis_tvalid, 0);
        if (++beat_ < stimuli_.beats_per_sample)
            return;
        beat_ = 0;
        if (again.empty())
            fresh_++;
        else
            again.pop_front();
    }

    // `cut`: whether the sample being sent was already begun, so that it counts as lost.
    void reset(bool cut) {
        offering_ = false;
        put(model_.s_axis_tvalid, 0);
        if (cut) {
            beat_ = static_cast<size_t>(stimuli_.beats_per_sample - 1);
            advance();
        }
    }

    std::deque<size_t> again; // sends to repeat before the others

  private:
    void scribble() {
        for (uint32_t &word : scratch_)
            word = noise_.draw();
        const size_t rest = stimuli_.bits % 32;
        if (rest)
            scratch_.back() &= (1u << rest) - 1;
        put_words(model_.s_axis_tdata, scratch_.data());
        put(model_.s_axis_tuser, stimuli_.tags[noise_.draw() % stimuli_.sends]);
        put(model_.s_axis_tlast, noise_.draw() & 1);
    }

    MODEL &model_;
    const Stimuli &stimuli_;
    Chance gaps_;
    bool junk_, offering_ = false;
    Chance noise_;
    std::vector<uint32_t> scratch_;
    size_t fresh_ = 0, beat_ = 0;
};

} // namespace hwgen

#endif
