// Simulates a generated `hwgen_pipeline` cycle by cycle: samples in, results out, registers written, resets.
//
// Built with -DHWGEN_STAGES=.. and, for traces, -DHWGEN_TRACE=1 (VCD, counts toggles) or 2 (FST).
// Arguments: name=value ..., then the prefix of all results.
//   samples=FILE    uint32 words, count * beats * ceil(bits / 32), least significant word first
//   count= beats= bits=   samples in the file, beats of a sample, bits of a beat
//   sends=          how many to send; the file is begun again after its end (default: count)
//   tags=FILE       uint64, one per send, no two samples in flight with the same; default: tags.bits of 0, 1, 2, ...
//   tag_bits=       width of tuser (16)
//   script=FILE     see script.h
//   gaps= stalls=   percent of cycles in which s_axis offers nothing, in which m_axis is not ready (0)
//   spaced=         a sample enters only after this many cycles with nothing inside; -1: back to back (-1)
//   seed=           of stalls, junk and of registers that no reset sets (1)
//   junk=           1: random data while tvalid is low (1)
//   resend=         1: samples lost to a reset are sent again (0)
//   limit=          cycles after which the run is given up (2^62)
//   silence=        cycles without a handshake that count as a hang (10000)
//   drain=          cycles run after the last result, in which nothing may come (64)
//   watch_from= watch_to=  sends whose way through the stages is written down
//   trace_from= trace_to=  sends that are traced; windows=each|one, nets=FILE, depth= : see trace.h
// Files: PREFIX.json (counters, see summary.h), PREFIX.results and PREFIX.sends (ledger.h), PREFIX.timeline (stages.h),
// PREFIX.toggles and PREFIX.saif, or PREFIX.fst.
#include <chrono>
#include <memory>

#include "Vdut.h"
#include "verilated.h"

#include "host.h"
#include "ledger.h"
#include "options.h"
#include "sink.h"
#include "source.h"
#include "stages.h"
#include "summary.h"
#include "trace.h"

namespace {

using Model = Vdut;

hwgen::Stimuli stimuli(const hwgen::Options &options) {
    hwgen::Stimuli found;
    found.samples = static_cast<size_t>(options.number("count", 0));
    found.beats_per_sample = static_cast<size_t>(options.number("beats", 1));
    found.bits = static_cast<size_t>(options.number("bits", 8));
    found.words = (found.bits + 31) / 32;
    found.sends = static_cast<size_t>(options.number("sends", static_cast<int64_t>(found.samples)));
    if (!found.samples || !found.beats_per_sample || found.words > hwgen::words_of<decltype(Model::s_axis_tdata)>())
        hwgen::give_up("count, beats or bits do not fit the pipeline", options.prefix.c_str());
    found.beats = hwgen::read_rows<uint32_t>(options.text("samples").c_str(), 0, found.samples * found.beats_per_sample,
                                             found.words);
    if (!options.text("tags").empty()) {
        found.tags = hwgen::read_rows<uint64_t>(options.text("tags").c_str(), 0, found.sends, 1);
        return found;
    }
    const uint64_t mask = ~0ull >> (64 - options.number("tag_bits", 16));
    for (size_t send = 0; send < found.sends; send++)
        found.tags.push_back(send & mask);
    return found;
}

class Bench {
  public:
    explicit Bench(const hwgen::Options &options)
        : options_(options), context_(prepare(options)), model_(new Model(context_.get())), stimuli_(stimuli(options)),
          script_(options.text("script")), seed_(static_cast<uint64_t>(options.number("seed", 1))),
          host_(*model_, script_), ledger_(stimuli_.sends),
          source_(*model_, stimuli_, hwgen::Chance(2 * seed_, percent("gaps")), options.number("junk", 1) != 0),
          sink_(*model_, hwgen::Chance(2 * seed_ + 1, percent("stalls"))),
          stages_(*model_, options.number("watch_from", 0), options.number("watch_to", 0)), trace_(*model_, options),
          spaced_(options.number("spaced", -1)), drain_(options.number("drain", 64)),
          silence_(options.number("silence", 10000)), limit_(options.number("limit", int64_t{1} << 62)),
          resend_(options.number("resend", 0) != 0) {}

    void run() {
        for (int i = 0; i < 10; i++)
            edges(true);
        const auto begin = std::chrono::steady_clock::now();
        while (!over())
            cycle();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        trace_.close();
        model_->final();
        ledger_.write(options_.prefix);
        stages_.write(options_.prefix);
        hwgen::Summary summary(options_.prefix + ".json");
        summary.number("cycles", cycle_);
        summary.real("seconds", took.count());
        summary.text("ended", ended_);
        summary.ledger(ledger_);
        summary.sink(sink_);
        summary.host(host_, script_);
        summary.stages(stages_);
        summary.number("door_closed_cycles", closed_);
        summary.number("active_at_end", static_cast<int64_t>(model_->event_active));
    }

  private:
    static VerilatedContext *prepare(const hwgen::Options &options) {
        VerilatedContext *context = new VerilatedContext;
        // Registers that no reset sets start with junk: whoever reads them too early gives wrong answers.
        context->randReset(2);
        context->randSeed(static_cast<int>(options.number("seed", 1)) & 0x7fffffff);
        context->traceEverOn(HWGEN_TRACE != 0);
        return context;
    }

    unsigned percent(const char *name) const { return static_cast<unsigned>(options_.number(name, 0)); }

    void edges(bool reset) {
        model_->rst_n = !reset;
        model_->clk = 0;
        model_->eval();
        trace_.dump();
        model_->clk = 1;
        model_->eval();
        trace_.dump();
    }

    void cycle() {
        if (next_reset_ < script_.resets.size() && cycle_ >= script_.resets[next_reset_].cycle) {
            reset(script_.resets[next_reset_++].length);
            return;
        }
        const bool empty = ledger_.inside() == 0;
        quiet_ = empty ? quiet_ + 1 : 0;
        const int64_t begun = source_.finished() ? hwgen::AT_END - 1 : source_.begun();
        const bool all_out = source_.finished() && empty;
        host_.drive(all_out ? hwgen::AT_END : begun, cycle_);
        const bool may_begin = (spaced_ < 0 || quiet_ > spaced_) && !host_.holds(begun);
        source_.drive(may_begin, [this](size_t send) { trace_.offered(send); });
        sink_.drive();
        model_->clk = 0;
        model_->eval();
        trace_.dump();
        const bool moved = observe(all_out);
        const bool taken = source_.taken();
        model_->clk = 1;
        model_->eval();
        trace_.dump();
        if (taken)
            source_.advance();
        host_.advance();
        // Waiting for the bench's own spacing is no hang; its random stalls are short against any sensible limit.
        still_ = moved || !(ledger_.inside() || source_.offering() || host_.busy()) ? 0 : still_ + 1;
        cycle_++;
    }

    // What happens at the coming edge. Returns whether anything moved.
    bool observe(bool all_out) {
        ledger_.count_cycle();
        bool moved = host_.observe(cycle_);
        if (source_.taken()) {
            moved = true;
            if (!source_.inside_a_sample()) {
                ledger_.enter(source_.next(), stimuli_.tags[source_.next()], cycle_);
                stages_.arrives(source_.next());
            }
        } else if (source_.offering()) {
            closed_++;
        }
        stages_.observe(cycle_);
        if (sink_.observe()) {
            moved = true;
            ledger_.answer(sink_.tag(), sink_.word(), cycle_);
            if (ledger_.answered % 256 == 0)
                hwgen::report_progress(static_cast<size_t>(ledger_.answered));
        }
        drained_ = all_out && host_.finished(hwgen::AT_END) ? drained_ + 1 : 0;
        return moved;
    }

    void reset(int64_t length) {
        const bool cut = source_.inside_a_sample();
        source_.reset(cut);
        for (const size_t send : ledger_.reset())
            if (resend_)
                source_.again.push_back(send);
        stages_.reset();
        sink_.reset();
        host_.reset(source_.begun());
        for (int64_t i = 0; i < length; i++, cycle_++)
            edges(true);
        model_->rst_n = 1;
        still_ = 0;
    }

    bool over() {
        model_->rst_n = 1;
        if (drained_ > drain_)
            ended_ = "drained";
        else if (cycle_ >= limit_)
            ended_ = "limit";
        else if (still_ > silence_ && drained_ == 0)
            ended_ = "hang";
        return ended_[0] != 0;
    }

    const hwgen::Options &options_;
    std::unique_ptr<VerilatedContext> context_;
    std::unique_ptr<Model> model_;
    const hwgen::Stimuli stimuli_;
    const hwgen::Script script_;
    const uint64_t seed_;
    hwgen::Host<Model> host_;
    hwgen::Ledger ledger_;
    hwgen::Source<Model> source_;
    hwgen::Sink<Model> sink_;
    hwgen::Stages<Model> stages_;
    hwgen::Trace<Model> trace_;
    const int64_t spaced_, drain_, silence_, limit_;
    const bool resend_;
    int64_t cycle_ = 0, quiet_ = 0, still_ = 0, drained_ = 0, closed_ = 0;
    size_t next_reset_ = 0;
    const char *ended_ = "";
};

} // namespace

int main(int count, char **words) {
    const hwgen::Options options(count, words);
    Bench(options).run();
    return 0;
}
