// Flips single bits of a pipeline's state, one in each experiment, and says what came of it.
//
// Built like bench.cpp, with the pipeline's registers public (state.h). Arguments: name=value ..., then the prefix.
//   samples= count= beats= bits= tags= script= gaps= stalls= seed= junk=   as in bench.cpp
//   answers=FILE    int64, one per send: class | exit << 16 | abstain << 24
//   main= fresh=    sends of the batch the fault falls into, and of each batch after it; main + 2 * fresh tags
//   faults=FILE injections=   int64 rows: element, word, bit, cycle; element -1: no fault. Cycle 1 is the one after the
//                   first sample was offered; the batch must last that long. Without it only PREFIX.state is written.
//   error=          address of the error register
//   patience=       cycles in which nothing moves before a batch is given up
//   cleared=        elements held at 0 throughout, a,b,...: to see what happens without them
// Experiment  Reset, setup, the main batch with the fault, the register of errors read and cleared, a fresh batch back
//           to back. If the fresh one is not right, a reset and a second fresh batch.
// Files     PREFIX.state   text lines `path words bits`, in the order of their numbers
//           PREFIX.faults  int64 rows, see `Column`
#include <memory>
#include <unordered_map>

#include "Vdut.h"

#include "host.h"
#include "ledger.h"
#include "options.h"
#include "sink.h"
#include "source.h"
#include "state.h"

namespace {

using Model = Vdut;

// Main batch; the fresh one; the one after a reset, all 0 if there was none.
enum Column {
    WRONG,     // answers that are not right
    WRONG_TAG, // answers under a tag that nobody sent
    DOUBLED,   // answers to samples that had one
    LOST,      // samples without an answer
    END,       // 0: all answered and quiet; 1: nothing moved for too long; 2: no end
    UNSENT,    // samples that were not let in
    CYCLES,    // from the start of the batch to the last answer
    HOST,      // of a script that was not done: 1: an access is not answered; 2: what it waits for does not come
    PER_BATCH,
    ERRORS = 3 * PER_BATCH, // word of the error register after the main batch; -1: it could not be read
    RAISED,                 // cycle in which error rose, -1: never
    RAISED_AGAIN,           // 1: error was high after the fresh batch
    RESET,                  // 1: there was one
    COLUMNS
};

constexpr int64_t DRAIN = 64, SETTLE = 256, ACCESS = 256;

struct Batch {
    hwgen::Stimuli stimuli;
    size_t first; // number of its first send
};

class Bench {
  public:
    explicit Bench(const hwgen::Options &options)
        : options_(options), model_(make(options, context_)), state_(context_), script_(options.text("script")),
          main_(count("main")), fresh_(count("fresh")), patience_(options.number("patience", 10000)),
          error_address_(static_cast<uint32_t>(options.number("error", 0))) {
        const size_t sends = main_ + 2 * fresh_;
        answers_ = hwgen::read_rows<int64_t>(options.text("answers").c_str(), 0, sends, 1);
        const std::vector<uint64_t> tags = hwgen::read_rows<uint64_t>(options.text("tags").c_str(), 0, sends, 1);
        hwgen::Stimuli all;
        all.samples = count("count");
        all.beats_per_sample = count("beats");
        all.bits = count("bits");
        all.words = (all.bits + 31) / 32;
        all.beats = hwgen::read_rows<uint32_t>(options.text("samples").c_str(), 0, all.samples * all.beats_per_sample,
                                               all.words);
        for (size_t send = 0; send < sends; send++)
            sent_by_[tags[send]] = send;
        batches_ = {slice(all, tags, 0, main_), slice(all, tags, main_, fresh_),
                    slice(all, tags, main_ + fresh_, fresh_)};
        std::string word;
        std::istringstream list(options.text("cleared"));
        while (std::getline(list, word, ','))
            cleared_.push_back(std::stoul(word));
    }

    void run(const std::string &file) {
        const std::vector<int64_t> rows = hwgen::read_rows<int64_t>(file.c_str(), 0, count("injections"), 4);
        std::vector<int64_t> found;
        for (size_t row = 0; row < rows.size() / 4; row++) {
            int64_t columns[COLUMNS] = {};
            experiment(&rows[4 * row], columns);
            found.insert(found.end(), columns, columns + COLUMNS);
            if (row % 64 == 63)
                hwgen::report_progress(row + 1);
        }
        hwgen::write_rows((options_.prefix + ".faults").c_str(), found);
        model_->final();
    }

  private:
    static Model *make(const hwgen::Options &options, VerilatedContext &context) {
        context.randReset(2);
        context.randSeed(static_cast<int>(options.number("seed", 1)) & 0x7fffffff);
        // An upset breaks what assertions of the source promise, and hardware has none.
        context.assertOn(false);
        return new Model(&context);
    }

    size_t count(const char *name) const { return static_cast<size_t>(options_.number(name, 1)); }

    static Batch slice(const hwgen::Stimuli &all, const std::vector<uint64_t> &tags, size_t first, size_t sends) {
        Batch made{{}, first};
        made.stimuli = all;
        made.stimuli.beats.clear();
        made.stimuli.samples = made.stimuli.sends = sends;
        const size_t size = all.beats_per_sample * all.words;
        for (size_t send = first; send < first + sends; send++) {
            const auto from = all.beats.begin() + static_cast<std::ptrdiff_t>(send % all.samples * size);
            made.stimuli.beats.insert(made.stimuli.beats.end(), from, from + static_cast<std::ptrdiff_t>(size));
            made.stimuli.tags.push_back(tags[send]);
        }
        return made;
    }

    void reset() {
        model_->rst_n = 0;
        for (int i = 0; i < 3; i++)
            edges();
        model_->rst_n = 1;
    }

    void edges() {
        model_->clk = 0;
        model_->eval();
        model_->clk = 1;
        model_->eval();
        cycle_++;
    }

    void experiment(const int64_t *fault, int64_t *columns) {
        const uint64_t seed = static_cast<uint64_t>(options_.number("seed", 1));
        fault_ = fault;
        cycle_ = 0;
        begin_ = raised_ = -1;
        reset();
        hwgen::Host<Model> host(*model_, script_);
        host_ = &host;
        batch(batches_[0], hwgen::Chance(2 * seed, percent("gaps")), hwgen::Chance(2 * seed + 1, percent("stalls")), columns);
        if (fault[0] >= 0 && cycle_ - begin_ <= fault[3])
            hwgen::give_up("a fault lies beyond the end of its batch", options_.prefix.c_str());
        const bool usable = !host.busy();
        columns[RAISED] = raised_;
        columns[ERRORS] = usable ? access(error_address_, nullptr) : -1;
        const uint32_t ones = 15;
        if (columns[ERRORS] > 0)
            access(error_address_, &ones);
        raised_ = -1;
        int64_t *const after = columns + PER_BATCH;
        batch(batches_[1], hwgen::Chance(1), hwgen::Chance(1), after);
        columns[RAISED_AGAIN] = model_->error;
        if (usable && !bad(after))
            return;
        columns[RESET] = 1;
        host.reset(static_cast<int64_t>(main_));
        reset();
        batch(batches_[2], hwgen::Chance(1), hwgen::Chance(1), columns + 2 * PER_BATCH);
    }

    static bool bad(const int64_t *columns) {
        return columns[WRONG] || columns[WRONG_TAG] || columns[DOUBLED] || columns[LOST] || columns[END];
    }

    unsigned percent(const char *name) const { return static_cast<unsigned>(options_.number(name, 0)); }

    // One batch until all is answered, or nothing will be any more.
    void batch(const Batch &batch, hwgen::Chance gaps, hwgen::Chance stalls, int64_t *columns) {
        hwgen::Ledger ledger(batch.stimuli.sends);
        hwgen::Source<Model> source(*model_, batch.stimuli, gaps, options_.number("junk", 1) != 0);
        hwgen::Sink<Model> sink(*model_, stalls);
        const int64_t bound = cycle_ + 8 * patience_ + 64 * static_cast<int64_t>(batch.stimuli.sends);
        int64_t still = 0, drained = 0, last = cycle_, start = cycle_, heard = cycle_;
        bool all_in = false;
        while (drained <= DRAIN) {
            const int64_t begun = static_cast<int64_t>(batch.first) + source.begun();
            const int64_t number = begun > static_cast<int64_t>(main_) ? static_cast<int64_t>(main_) : begun;
            upset();
            host_->drive(number, cycle_);
            source.drive(!host_->holds(number), [](size_t) {});
            if (batch.first == 0 && begin_ < 0 && source.offering())
                start = begin_ = cycle_;
            sink.drive();
            model_->clk = 0;
            model_->eval();
            bool moved = host_->observe(cycle_);
            if (model_->s_axil_bvalid || model_->s_axil_rvalid)
                heard = cycle_;
            const bool taken = source.taken();
            if (taken && !source.inside_a_sample())
                ledger.enter(source.next(), batch.stimuli.tags[source.next()], cycle_);
            if (sink.observe()) {
                moved = true;
                last = cycle_;
                judge(batch, ledger, sink, columns);
            }
            if (model_->error && raised_ < 0)
                raised_ = cycle_ - begin_;
            model_->clk = 1;
            model_->eval();
            if (taken)
                source.advance();
            host_->advance();
            cycle_++;
            still = moved || taken ? 0 : still + 1;
            all_in = source.finished() && host_->finished(number);
            drained = all_in && ledger.inside() == 0 ? drained + 1 : 0;
            // Once the watchdog has spoken, what is not there soon was lost.
            const int64_t wait = all_in && raised_ >= 0 ? SETTLE : patience_;
            columns[END] = drained ? 0 : still > wait ? 1 : cycle_ > bound ? 2 : 0;
            if (columns[END])
                break;
        }
        columns[CYCLES] = last - start;
        columns[LOST] = static_cast<int64_t>(ledger.inside());
        columns[UNSENT] = static_cast<int64_t>(batch.stimuli.sends - source.next());
        columns[HOST] = host_->finished(static_cast<int64_t>(main_)) ? 0 : cycle_ - heard > ACCESS ? 1 : 2;
        hwgen::put(model_->s_axis_tvalid, 0);
    }

    void upset() {
        if (fault_[0] >= 0 && begin_ >= 0 && cycle_ - begin_ == fault_[3])
            state_.flip(static_cast<size_t>(fault_[0]), static_cast<size_t>(fault_[1]), static_cast<size_t>(fault_[2]));
        for (const size_t element : cleared_)
            state_.clear(element);
    }

    void judge(const Batch &batch, hwgen::Ledger &ledger, const hwgen::Sink<Model> &sink, int64_t *columns) {
        const int64_t send = ledger.answer(sink.tag(), sink.word(), cycle_);
        if (send >= 0)
            columns[WRONG] += answers_[batch.first + static_cast<size_t>(send)] != static_cast<int64_t>(sink.word());
        else
            columns[sent_before(batch, ledger, sink.tag()) ? DOUBLED : WRONG_TAG]++;
    }

    // Whether the tag belongs to a sample that went in, in this batch or one before.
    bool sent_before(const Batch &batch, const hwgen::Ledger &ledger, uint64_t tag) const {
        const auto found = sent_by_.find(tag);
        if (found == sent_by_.end() || found->second >= batch.first + batch.stimuli.sends)
            return false;
        return found->second < batch.first || ledger.sends[found->second - batch.first].entered;
    }

    // One access of the host besides the script: what was read; -1: no answer in time.
    int64_t access(uint32_t address, const uint32_t *value) {
        hwgen::put(value ? model_->s_axil_awaddr : model_->s_axil_araddr, address);
        if (value)
            hwgen::put(model_->s_axil_wdata, *value);
        hwgen::put(model_->s_axil_awvalid, value != nullptr);
        hwgen::put(model_->s_axil_wvalid, value != nullptr);
        hwgen::put(model_->s_axil_arvalid, value == nullptr);
        hwgen::put(model_->m_axis_tready, 1);
        int64_t answer = -1;
        for (int64_t i = 0; i < ACCESS && answer < 0; i++) {
            model_->clk = 0;
            model_->eval();
            const bool aw = model_->s_axil_awready, w = model_->s_axil_wready, ar = model_->s_axil_arready;
            if (value ? model_->s_axil_bvalid : model_->s_axil_rvalid)
                answer = value ? 0 : static_cast<int64_t>(model_->s_axil_rdata);
            model_->clk = 1;
            model_->eval();
            cycle_++;
            if (aw)
                hwgen::put(model_->s_axil_awvalid, 0);
            if (w)
                hwgen::put(model_->s_axil_wvalid, 0);
            if (ar)
                hwgen::put(model_->s_axil_arvalid, 0);
        }
        return answer;
    }

    const hwgen::Options &options_;
    VerilatedContext context_;
    std::unique_ptr<Model> model_;
    hwgen::StateBits state_;
    const hwgen::Script script_;
    const size_t main_, fresh_;
    const int64_t patience_;
    const uint32_t error_address_;
    std::vector<int64_t> answers_;
    std::vector<Batch> batches_;
    std::unordered_map<uint64_t, size_t> sent_by_;
    std::vector<size_t> cleared_;
    hwgen::Host<Model> *host_ = nullptr;
    const int64_t *fault_ = nullptr;
    int64_t cycle_ = 0, begin_ = -1, raised_ = -1;
};

void list_state(const std::string &prefix) {
    VerilatedContext context;
    Model model(&context);
    std::FILE *const stream = std::fopen((prefix + ".state").c_str(), "wb");
    if (!stream)
        hwgen::give_up("cannot be written", prefix.c_str());
    for (const hwgen::Element &element : hwgen::StateBits(context).elements)
        std::fprintf(stream, "%s %zu %zu\n", element.path.c_str(), element.words, element.bits);
    std::fclose(stream);
}

} // namespace

int main(int count, char **words) {
    const hwgen::Options options(count, words);
    if (options.text("faults").empty())
        list_state(options.prefix);
    else
        Bench(options).run(options.text("faults"));
    return 0;
}
