// What a Vcd counted, as files.
//
// PREFIX.toggles       JSON: duration (ps), windows (their number), unlisted (names that the list of nets
//                      lacks), groups (scope path, kind, nets, bits, toggles)
// PREFIX.windows       int64 rows, one per window: toggles of each group
// PREFIX.saif          SAIF 2.0, backward: every name of every net with its own bits, so aliases stand in each scope
//                      that has them: whoever reads it looks names up. Instances nested as in the design, the top
//                      module first; brackets of names escaped; TX is 0 in a two-valued simulation; IG (glitches) is
//                      always 0
#ifndef HWGEN_RTL_ACTIVITY_FILES_H_
#define HWGEN_RTL_ACTIVITY_FILES_H_

#include <cinttypes>

#include "vcd.h"

namespace hwgen {

inline std::string saif_name(const std::string &name) {
    std::string safe;
    for (const char letter : name) {
        if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '_')
            safe += '\\';
        safe += letter;
    }
    return safe;
}

class Saif {
  public:
    Saif(const Vcd &vcd, const std::string &file) : vcd_(vcd), stream_(std::fopen(file.c_str(), "wb")) {
        if (!stream_)
            give_up("cannot be written", file.c_str());
        children_.resize(vcd.scopes.size());
        nets_.resize(vcd.scopes.size());
        std::vector<size_t> tops;
        for (size_t i = 0; i < vcd.scopes.size(); i++)
            (vcd.scopes[i].parent < children_.size() ? children_[vcd.scopes[i].parent] : tops).push_back(i);
        for (const Name &name : vcd.names)
            if (vcd.kind_of(name) != 'p')
                nets_[name.scope].push_back(&name);
        std::fprintf(stream_,
                     "(SAIFILE\n(SAIFVERSION \"2.0\")\n(DIRECTION \"backward\")\n(DESIGN)\n(VENDOR \"hwgen\")\n"
                     "(PROGRAM_NAME \"hwgen\")\n(DIVIDER /)\n(TIMESCALE 1 ps)\n(DURATION %" PRId64 ")\n",
                     vcd.duration());
        for (const size_t top : tops)
            instance(top, 0);
        std::fputs(")\n", stream_);
        std::fclose(stream_);
    }

  private:
    void instance(size_t scope, int indent) {
        std::fprintf(stream_, "%*s(INSTANCE %s\n", indent, "", saif_name(vcd_.scopes[scope].name).c_str());
        if (!nets_[scope].empty()) {
            std::fprintf(stream_, "%*s (NET\n", indent, "");
            for (const Name *name : nets_[scope])
                net(*name, indent + 2);
            std::fprintf(stream_, "%*s )\n", indent, "");
        }
        for (const size_t child : children_[scope])
            instance(child, indent + 1);
        std::fprintf(stream_, "%*s)\n", indent, "");
    }

    void net(const Name &name, int indent) {
        const Signal &signal = vcd_.signals[name.signal];
        int high = 0, low = 0;
        const bool vector = std::sscanf(name.range.c_str(), "[%d:%d]", &high, &low) == 2;
        const std::string text = saif_name(name.text);
        for (size_t i = 0; i < signal.width; i++) {
            const size_t bit = signal.first + i;
            const int index = high >= low ? high - static_cast<int>(i) : high + static_cast<int>(i);
            const std::string suffix = vector ? "\\[" + std::to_string(index) + "\\]" : "";
            std::fprintf(stream_,
                         "%*s(%s%s (T0 %" PRId64 ") (T1 %" PRId64 ") (TX %" PRId64 ") (TC %" PRId64 ") (IG 0))\n",
                         indent, "", text.c_str(), suffix.c_str(), vcd_.time_at('0', bit), vcd_.time_at('1', bit),
                         vcd_.time_at('x', bit), vcd_.toggles(bit));
        }
    }

    const Vcd &vcd_;
    std::FILE *stream_;
    std::vector<std::vector<size_t>> children_;
    std::vector<std::vector<const Name *>> nets_;
};

inline void write_activity(Vcd &vcd, const std::vector<std::vector<int64_t>> &windows, const std::string &prefix) {
    vcd.settle();
    std::vector<int64_t> nets(vcd.groups.size()), bits(vcd.groups.size()), sums(vcd.groups.size()), flat;
    for (const Signal &signal : vcd.signals) {
        if (!signal.counted)
            continue;
        nets[signal.group]++;
        bits[signal.group] += static_cast<int64_t>(signal.width);
        for (size_t i = 0; i < signal.width; i++)
            sums[signal.group] += vcd.toggles(signal.first + i);
    }
    for (const std::vector<int64_t> &row : windows)
        flat.insert(flat.end(), row.begin(), row.end());
    write_rows((prefix + ".windows").c_str(), flat);
    const std::string file = prefix + ".toggles";
    std::FILE *stream = std::fopen(file.c_str(), "wb");
    if (!stream)
        give_up("cannot be written", file.c_str());
    std::fprintf(stream, "{\n \"duration\": %" PRId64 ",\n \"windows\": %zu,\n", vcd.duration(), windows.size());
    std::fprintf(stream, " \"unlisted\": %" PRId64 ",\n \"groups\": [", vcd.unlisted);
    for (size_t i = 0; i < vcd.groups.size(); i++) {
        const char kind = vcd.groups[i].kind;
        std::fprintf(stream,
                     "%s\n  {\"scope\": \"%s\", \"kind\": \"%s\", \"nets\": %" PRId64 ", \"bits\": %" PRId64
                     ", \"toggles\": %" PRId64 "}",
                     i ? "," : "", vcd.scopes[vcd.groups[i].scope].path.c_str(),
                     kind == 'r'   ? "register"
                     : kind == 'c' ? "clock"
                                   : "other",
                     nets[i], bits[i], sums[i]);
    }
    std::fputs("\n ]\n}\n", stream);
    std::fclose(stream);
    Saif(vcd, prefix + ".saif");
}

} // namespace hwgen

#endif
