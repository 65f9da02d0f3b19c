// The counters of a run as JSON.
#ifndef HWGEN_RTL_SUMMARY_H_
#define HWGEN_RTL_SUMMARY_H_

#include <cinttypes>
#include <string>

#include "binary_io.h"

namespace hwgen {

class Summary {
  public:
    explicit Summary(const std::string &file) : stream_(std::fopen(file.c_str(), "wb")) {
        if (!stream_)
            give_up("cannot be written", file.c_str());
        std::fputs("{\n", stream_);
    }
    ~Summary() {
        std::fputs("\n}\n", stream_);
        std::fclose(stream_);
    }

    void number(const char *name, int64_t value) {
        key(name);
        std::fprintf(stream_, "%" PRId64, value);
    }
    void real(const char *name, double value) {
        key(name);
        std::fprintf(stream_, "%.6f", value);
    }
    void text(const char *name, const char *value) {
        key(name);
        std::fprintf(stream_, "\"%s\"", value);
    }
    template <class LIST> void list(const char *name, const LIST &values) {
        key(name);
        const char *comma = "[";
        for (const auto value : values) {
            std::fprintf(stream_, "%s%" PRId64, comma, static_cast<int64_t>(value));
            comma = ", ";
        }
        std::fputs(comma[0] == '[' ? "[]" : "]", stream_);
    }

    template <class LEDGER> void ledger(const LEDGER &ledger) {
        number("sends", static_cast<int64_t>(ledger.sends.size()));
        number("answered", ledger.answered);
        number("strays", ledger.strays);
        number("cut_by_reset", ledger.cut);
        number("inside_at_end", static_cast<int64_t>(ledger.inside()));
        list("waiting", ledger.waiting(16));
        number("first_in", ledger.first_in);
        number("last_out", ledger.last_out);
        list("occupancy", ledger.occupancy);
    }
    template <class SINK> void sink(const SINK &sink) {
        number("valid_withdrawn", sink.withdrawn);
        number("data_changed", sink.changed);
        number("not_last", sink.not_last);
        number("stalled_cycles", sink.stalled_cycles);
    }
    template <class STAGES> void stages(const STAGES &stages) {
        list("active_cycles", stages.active_cycles);
        list("gated_cycles", stages.gated_cycles);
        list("starts", stages.starts);
        list("exits", stages.exits);
        number("impossible_events", stages.impossible);
    }
    // Executed commands: number in the order of `due`, sample it was due at, cycles of start and end, value read.
    template <class HOST, class SCRIPT> void host(const HOST &host, const SCRIPT &script) {
        number("refused", host.refused);
        key("script");
        const char *comma = "[";
        for (const auto &access : host.log) {
            std::fprintf(stream_, "%s\n  [%zu, %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRIu32 "]", comma, access.command,
                         script.commands[access.command].due, access.start, access.done, access.value);
            comma = ",";
        }
        std::fputs(comma[0] == '[' ? "[]" : "]", stream_);
    }

  private:
    void key(const char *name) {
        std::fprintf(stream_, "%s \"%s\": ", first_ ? "" : ",\n", name);
        first_ = false;
    }
    std::FILE *stream_;
    bool first_ = true;
};

} // namespace hwgen

#endif
