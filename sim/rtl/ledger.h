// Which samples are in the pipeline, what came of each, and every result in the order they came.
//
// Files     PREFIX.results  int64 rows: send, tag, class, exit, abstain, cycle in, cycle out; send is -1 for a result
//                           whose tag no sample in flight has
//           PREFIX.sends    int64 rows, one per send: cycle in (first beat), cycle out, times entered, state
// A sample sent is called a send: the same sample can be sent several times. Cycles count from the end of the first
// reset.
#ifndef HWGEN_RTL_LEDGER_H_
#define HWGEN_RTL_LEDGER_H_

#include <algorithm>
#include <string>
#include <vector>

#include "binary_io.h"

namespace hwgen {

enum State : int64_t { NOT_SENT = 0, ANSWERED = 1, CUT_BY_RESET = 2, NOT_ANSWERED = 3 };

struct Send {
    int64_t in, out, entered, state;
};

class Ledger {
  public:
    explicit Ledger(size_t count) : sends(count, Send{-1, -1, 0, NOT_SENT}) {
        rows_.reserve(count * COLUMNS);
        inside_.reserve(256);
        occupancy.assign(1, 0);
    }

    void enter(size_t send, uint64_t tag, int64_t cycle) {
        if (first_in < 0)
            first_in = cycle;
        Send &entry = sends[send];
        entry.in = cycle;
        entry.entered++;
        entry.state = NOT_ANSWERED;
        inside_.push_back({send, tag});
        if (inside_.size() >= occupancy.size())
            occupancy.resize(inside_.size() + 1);
    }

    // Returns the send a result belongs to: the oldest with this tag; -1 if there is none.
    int64_t answer(uint64_t tag, uint32_t word, int64_t cycle) {
        int64_t send = -1, in = -1;
        for (size_t i = 0; i < inside_.size(); i++) {
            if (inside_[i].tag != tag)
                continue;
            send = static_cast<int64_t>(inside_[i].send);
            inside_.erase(inside_.begin() + static_cast<std::ptrdiff_t>(i));
            break;
        }
        if (send >= 0) {
            Send &entry = sends[static_cast<size_t>(send)];
            in = entry.in;
            entry.out = cycle;
            entry.state = ANSWERED;
            answered++;
        } else {
            strays++;
        }
        last_out = cycle;
        const int64_t row[COLUMNS] = {send, static_cast<int64_t>(tag), word & 0xffff, word >> 16 & 0xff, word >> 24 & 1,
                                      in, cycle};
        rows_.insert(rows_.end(), row, row + COLUMNS);
        return send;
    }

    // All samples inside are lost; returns them, oldest first.
    std::vector<size_t> reset() {
        std::vector<size_t> lost;
        for (const Inside &entry : inside_) {
            sends[entry.send].state = CUT_BY_RESET;
            lost.push_back(entry.send);
        }
        cut += static_cast<int64_t>(lost.size());
        inside_.clear();
        return lost;
    }

    void count_cycle() { occupancy[inside_.size()]++; }
    size_t inside() const { return inside_.size(); }

    // The oldest samples that never came out.
    std::vector<size_t> waiting(size_t most) const {
        std::vector<size_t> found;
        for (size_t i = 0; i < inside_.size() && i < most; i++)
            found.push_back(inside_[i].send);
        return found;
    }

    void write(const std::string &prefix) const {
        write_rows((prefix + ".results").c_str(), rows_);
        std::vector<int64_t> flat;
        for (const Send &entry : sends)
            flat.insert(flat.end(), {entry.in, entry.out, entry.entered, entry.state});
        write_rows((prefix + ".sends").c_str(), flat);
    }

    std::vector<Send> sends;
    std::vector<int64_t> occupancy; // cycles with this many samples inside
    int64_t answered = 0, strays = 0, cut = 0, first_in = -1, last_out = -1;

  private:
    static constexpr size_t COLUMNS = 7;
    struct Inside {
        size_t send;
        uint64_t tag;
    };
    std::vector<Inside> inside_; // oldest first; a few dozen at most
    std::vector<int64_t> rows_;
};

} // namespace hwgen

#endif
