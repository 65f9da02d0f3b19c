// Reads a value change dump as it comes and counts the toggles of each net, in windows.
//
// Contract  Each net counts once. Names that share an identifier code are one net. With a list of nets (below) it counts in
//           the scope of the name that is no copy; a code that has copies only is not counted: the net it copies has
//           a code of its own. A name that the list lacks counts. Without a list a code counts in the outermost scope
//           that names it, and copies with codes of their own count again.
//           A toggle is a bit that goes from 0 to 1 or back. x and z are no values: going there is no toggle.
//           Nothing counts before `count(true)`; first values never count.
//           The outermost scope is left out if it is called TOP: simulators put it around the design.
// nets      text lines `kind path`: kind r register, c clock, o other, a copy of another net, p parameter; path: scopes and
//           name with points, the top module first; of an array without the index, of a structure without
//           the member
#ifndef HWGEN_RTL_VCD_H_
#define HWGEN_RTL_VCD_H_

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "binary_io.h"

namespace hwgen {

inline std::unordered_map<std::string, char> known_nets(const std::string &file) {
    std::unordered_map<std::string, char> found;
    if (file.empty())
        return found;
    std::ifstream stream(file);
    if (!stream)
        give_up("cannot be opened", file.c_str());
    char kind;
    std::string path;
    while (stream >> kind >> path)
        found[path] = kind;
    return found;
}

// One name of a net.
struct Name {
    size_t scope, signal;
    std::string text, range; // `data`, `[7:0]` or nothing
};

struct Scope {
    std::string name, path;
    size_t parent, depth;
};

struct Signal {
    size_t width = 0, first = 0; // bits, number of its first (most significant) bit
    size_t group = 0;
    char kind = 'o';
    bool counted = true; // false: a copy of another net
};

class Vcd {
  public:
    // Args: `nets` as above; `depth`: scopes below this depth are added to the scope at it.
    Vcd(const std::string &nets, size_t depth) : known_(known_nets(nets)), depth_(depth) {}

    void feed(const char *data, size_t size) {
        const char *end = data + size;
        while (data < end) {
            const char *stop = static_cast<const char *>(std::memchr(data, '\n', static_cast<size_t>(end - data)));
            if (!stop) {
                pending_.append(data, end);
                return;
            }
            if (pending_.empty()) {
                line(data, stop);
            } else {
                pending_.append(data, stop);
                line(pending_.data(), pending_.data() + pending_.size());
                pending_.clear();
            }
            data = stop + 1;
        }
    }

    void count(bool on) { counting_ = on; }

    // Ends a window: toggles per group since the last one.
    std::vector<int64_t> window() {
        std::vector<int64_t> row(groups.size());
        row.swap(sums_);
        return row;
    }

    // Brings the times of all bits up to date.
    void settle() {
        for (size_t bit = 0; bit < values_.size(); bit++)
            spend(bit);
    }

    size_t bit_index(const Signal &signal, size_t from_top) const { return signal.first + from_top; }
    int64_t duration() const { return now_; }
    int64_t toggles(size_t bit) const { return toggles_[bit]; }
    int64_t time_at(char value, size_t bit) const { return (value == '0' ? t0_ : value == '1' ? t1_ : tx_)[bit]; }

    // Kind of a name: r, c, o, a, p, or ? if the list lacks it.
    char kind_of(const Name &name) const {
        std::string path = scopes[name.scope].path + "." + name.text;
        auto found = known_.find(path);
        // Of arrays the list has the name without the index, of structures the variable without the member.
        while (found == known_.end()) {
            const size_t cut = path.find_last_of(".[");
            if (cut == std::string::npos)
                return '?';
            path.resize(cut);
            found = known_.find(path);
        }
        return found->second;
    }

    std::vector<Scope> scopes;
    std::vector<Name> names;
    std::vector<Signal> signals;
    struct Group {
        size_t scope;
        char kind;
    };
    std::vector<Group> groups;
    int64_t unlisted = 0; // names that the list of nets lacks

  private:
    static size_t code_of(const char *at, const char *stop) {
        size_t code = 0;
        for (; at < stop && *at > ' '; at++)
            code = code * 95 + static_cast<size_t>(*at - '!') + 1;
        return code;
    }

    void line(const char *at, const char *stop) {
        if (in_header_) {
            header(std::string(at, stop));
            return;
        }
        if (at == stop)
            return;
        const char first = *at;
        if (first == '0' || first == '1' || first == 'x' || first == 'z') {
            change(at + 1, stop, at, 1);
        } else if (first == 'b' || first == 'B') {
            const char *space = static_cast<const char *>(std::memchr(at, ' ', static_cast<size_t>(stop - at)));
            if (space)
                change(space + 1, stop, at + 1, static_cast<size_t>(space - at - 1));
        } else if (first == '#') {
            const int64_t raw = std::strtoll(std::string(at + 1, stop).c_str(), nullptr, 10);
            if (counting_ && raw_ >= 0)
                now_ += raw - raw_;
            raw_ = raw;
        }
    }

    void header(const std::string &text) {
        std::istringstream stream(text);
        std::string word, type, width, code, name, range;
        stream >> word;
        if (word == "$scope") {
            stream >> type >> name;
            open(name);
        } else if (word == "$upscope") {
            if (!open_.empty())
                open_.pop_back();
        } else if (word == "$var") {
            stream >> type >> width >> code >> name >> range;
            if (type == "real" || type == "event" || type == "string" || type == "parameter")
                return;
            variable(std::strtoull(width.c_str(), nullptr, 10), code, name, range == "$end" ? "" : range);
        } else if (word == "$enddefinitions") {
            in_header_ = false;
            define();
        }
    }

    void open(const std::string &name) {
        if (open_.empty() && name == "TOP") {
            open_.push_back(NONE);
            return;
        }
        const size_t parent = open_.empty() ? NONE : open_.back();
        const std::string path = parent == NONE ? name : scopes[parent].path + "." + name;
        for (size_t i = 0; i < scopes.size(); i++) {
            if (scopes[i].path == path) { // opened again
                open_.push_back(i);
                return;
            }
        }
        open_.push_back(scopes.size());
        scopes.push_back({name, path, parent, parent == NONE ? 0 : scopes[parent].depth + 1});
    }

    void variable(size_t width, const std::string &code, const std::string &name, const std::string &range) {
        if (open_.empty() || open_.back() == NONE)
            return; // the simulator's copy of the ports of the top
        const size_t number = code_of(code.data(), code.data() + code.size());
        if (number >= size_t{1} << 26)
            give_up("identifier code is too long", code.c_str());
        if (number >= by_code_.size())
            by_code_.resize(number + 1, NONE);
        size_t &signal = by_code_[number];
        if (signal == NONE) {
            signal = signals.size();
            signals.emplace_back();
            signals.back().width = width;
        }
        names.push_back({open_.back(), signal, name, range});
    }

    // Home, kind and group of every net, once all names are read.
    void define() {
        std::vector<const Name *> home(signals.size(), nullptr);
        std::vector<long> best(signals.size());
        for (const Name &name : names) {
            const char kind = kind_of(name);
            unlisted += kind == '?';
            const size_t place = std::string("a?ocr").find(kind == 'p' ? 'a' : kind);
            // The better kind, and of equal ones the outermost.
            const long rank = static_cast<long>(place) * 1000000 - static_cast<long>(scopes[name.scope].depth);
            if (home[name.signal] && rank <= best[name.signal])
                continue;
            home[name.signal] = &name;
            best[name.signal] = rank;
            signals[name.signal].counted = kind != 'a' && kind != 'p';
            signals[name.signal].kind = kind == 'r' || kind == 'c' ? kind : 'o';
        }
        size_t bits = 0;
        std::map<std::pair<size_t, char>, size_t> numbers;
        for (size_t i = 0; i < signals.size(); i++) {
            Signal &signal = signals[i];
            signal.first = bits;
            bits += signal.width;
            size_t scope = home[i]->scope;
            while (scopes[scope].depth > depth_)
                scope = scopes[scope].parent;
            const auto made = numbers.emplace(std::make_pair(scope, signal.kind), groups.size());
            if (made.second)
                groups.push_back({scope, signal.kind});
            signal.group = made.first->second;
        }
        sums_.resize(groups.size());
        values_.assign(bits, '-');
        toggles_.resize(bits);
        t0_.resize(bits);
        t1_.resize(bits);
        tx_.resize(bits);
        since_.resize(bits);
    }

    void spend(size_t bit) {
        const char value = values_[bit];
        (value == '0' ? t0_ : value == '1' ? t1_ : tx_)[bit] += now_ - since_[bit];
        since_[bit] = now_;
    }

    void set(const Signal &signal, size_t bit, char value) {
        char &old = values_[bit];
        if (old == value)
            return;
        spend(bit);
        if (counting_ && (old == '0' || old == '1') && (value == '0' || value == '1')) {
            toggles_[bit]++;
            sums_[signal.group] += signal.counted;
        }
        old = value;
    }

    void change(const char *code, const char *stop, const char *bits, size_t count) {
        const size_t number = code_of(code, stop);
        if (number >= by_code_.size() || by_code_[number] == NONE)
            return;
        const Signal &signal = signals[by_code_[number]];
        if (count > signal.width) {
            bits += count - signal.width;
            count = signal.width;
        }
        // Leading bits may be left out: zeros, or what the first one is if that is no digit.
        const char fill = bits[0] == '1' ? '0' : bits[0];
        const size_t left = signal.width - count;
        for (size_t i = 0; i < left; i++)
            set(signal, signal.first + i, fill);
        const char *old = &values_[signal.first + left];
        for (size_t i = 0; i < count; i++)
            if (old[i] != bits[i])
                set(signal, signal.first + left + i, bits[i]);
    }

    static constexpr size_t NONE = static_cast<size_t>(-1);
    const std::unordered_map<std::string, char> known_;
    const size_t depth_;
    std::string pending_;
    bool in_header_ = true, counting_ = false;
    std::vector<size_t> open_, by_code_;
    std::vector<char> values_;
    std::vector<int64_t> sums_, toggles_, t0_, t1_, tx_, since_;
    int64_t now_ = 0, raw_ = -1;
};

} // namespace hwgen

#endif
