// The AXI-Lite master that executes the script, one access at a time.
#ifndef HWGEN_RTL_HOST_H_
#define HWGEN_RTL_HOST_H_

#include <vector>

#include "ports.h"
#include "script.h"

namespace hwgen {

struct Access { // one execution of a command
    size_t command;
    int64_t start, done; // cycles; done = -1 until it is
    uint32_t value;
};

template <class MODEL> class Host {
  public:
    Host(MODEL &model, const Script &script) : model_(model), commands_(script.commands) { idle(); }

    // Whether sample number `next` may not enter yet.
    bool holds(int64_t next) {
        while (looked_ < commands_.size() && commands_[looked_].due <= next && commands_[looked_].due != AT_END) {
            if (commands_[looked_].due < 0 || commands_[looked_].kind == Command::HOLD)
                hold_until_ = looked_ + 1;
            looked_++;
        }
        return done_ < hold_until_;
    }

    // Everything is executed, or waits for a sample beyond `next`.
    bool finished(int64_t next) const { return !busy_ && (done_ == commands_.size() || commands_[done_].due > next); }

    bool busy() const { return busy_; }

    void reset(int64_t next) {
        if (busy_)
            log.back().done = -2; // cut off
        busy_ = false;
        idle();
        holds(next);
        hold_until_ = looked_;
        done_ = 0;
    }

    // Before the clock's edge: starts what is due.
    void drive(int64_t next, int64_t cycle) {
        while (!busy_ && done_ < commands_.size() && commands_[done_].due <= next) {
            const Command &command = commands_[done_];
            log.push_back({done_, cycle, -1, 0});
            if (command.kind == Command::HOLD) {
                log.back().done = cycle;
                done_++;
                continue;
            }
            busy_ = true;
            start(command);
        }
    }

    // After the model has settled: sees which channels move. Returns whether anything moved.
    bool observe(int64_t cycle) {
        if (!busy_)
            return false;
        const bool aw = model_.s_axil_awvalid && model_.s_axil_awready, w = model_.s_axil_wvalid && model_.s_axil_wready,
                   ar = model_.s_axil_arvalid && model_.s_axil_arready, b = model_.s_axil_bvalid && model_.s_axil_bready,
                   r = model_.s_axil_rvalid && model_.s_axil_rready;
        taken_aw_ = aw;
        taken_w_ = w;
        taken_ar_ = ar;
        if (b || r) {
            refused += b ? model_.s_axil_bresp != 0 : model_.s_axil_rresp != 0;
            log.back().value = r ? static_cast<uint32_t>(model_.s_axil_rdata) : 0;
            const Command &command = commands_[done_];
            again_ = command.kind == Command::WAIT && (log.back().value & command.mask) != command.value;
            if (!again_)
                log.back().done = cycle;
            answered_ = true;
        }
        // Reading a register again and again is no progress.
        return !again_ && (aw || w || ar || b || r);
    }

    // After the clock's edge.
    void advance() {
        if (!busy_)
            return;
        if (taken_aw_)
            put(model_.s_axil_awvalid, 0);
        if (taken_w_)
            put(model_.s_axil_wvalid, 0);
        if (taken_ar_)
            put(model_.s_axil_arvalid, 0);
        taken_aw_ = taken_w_ = taken_ar_ = false;
        if (!answered_)
            return;
        answered_ = false;
        if (again_) {
            start(commands_[done_]);
            return;
        }
        busy_ = false;
        done_++;
    }

    std::vector<Access> log;
    int64_t refused = 0; // answers other than OKAY

  private:
    void idle() {
        put(model_.s_axil_awvalid, 0);
        put(model_.s_axil_wvalid, 0);
        put(model_.s_axil_arvalid, 0);
        put(model_.s_axil_awprot, 0);
        put(model_.s_axil_arprot, 0);
        put(model_.s_axil_wstrb, 15);
        put(model_.s_axil_bready, 1);
        put(model_.s_axil_rready, 1);
        taken_aw_ = taken_w_ = taken_ar_ = answered_ = again_ = false;
    }

    void start(const Command &command) {
        if (command.kind == Command::WRITE) {
            put(model_.s_axil_awaddr, command.address);
            put(model_.s_axil_wdata, command.value);
            put(model_.s_axil_awvalid, 1);
            put(model_.s_axil_wvalid, 1);
        } else {
            put(model_.s_axil_araddr, command.address);
            put(model_.s_axil_arvalid, 1);
        }
    }

    MODEL &model_;
    const std::vector<Command> &commands_;
    size_t looked_ = 0, hold_until_ = 0, done_ = 0;
    bool busy_ = false, taken_aw_ = false, taken_w_ = false, taken_ar_ = false, answered_ = false, again_ = false;
};

} // namespace hwgen

#endif
