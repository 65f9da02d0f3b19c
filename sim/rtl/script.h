// What happens besides samples: register accesses before the first sample or in mid-stream, and resets.
//
// One command per line, numbers decimal or 0x..:
//   setup write ADDRESS VALUE       before the first sample
//   at N write ADDRESS VALUE        as soon as sample N is the next to enter; samples go on meanwhile
//   at N hold                       sample N waits until all commands up to here are done
//   at N wait ADDRESS MASK VALUE    reads until (read & MASK) == VALUE; later commands wait for it
//   at N read ADDRESS               `setup` works in place of `at N` everywhere
//   end read ADDRESS                after the last result
//   cycle C reset LENGTH            rst_n is low for LENGTH cycles; needs no order
// Commands run one after the other. A reset forgets registers: afterwards all commands that were due are done again
// before the next sample enters.
#ifndef HWGEN_RTL_SCRIPT_H_
#define HWGEN_RTL_SCRIPT_H_

#include <algorithm>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "binary_io.h"

namespace hwgen {

const int64_t AT_END = INT64_MAX;

struct Command {
    enum Kind { WRITE, READ, WAIT, HOLD } kind;
    int64_t due; // the sample before which it starts; -1 for setup
    uint32_t address, value, mask;
};

struct Reset {
    int64_t cycle, length;
};

struct Script {
    std::vector<Command> commands; // by due
    std::vector<Reset> resets;     // by cycle

    static uint32_t word(std::istream &line) {
        std::string text;
        line >> text;
        return static_cast<uint32_t>(std::strtoull(text.c_str(), nullptr, 0));
    }

    void add(const std::string &text, const char *file) {
        std::istringstream line(text);
        std::string when, what;
        line >> when;
        if (when.empty() || when[0] == '#')
            return;
        int64_t number = when == "end" ? AT_END : -1;
        if (when == "at" || when == "cycle")
            line >> number;
        else if (when != "setup" && when != "end")
            give_up(("unknown command: " + text).c_str(), file);
        line >> what;
        if (when == "cycle" && what == "reset") {
            Reset reset{number, 1};
            line >> reset.length;
            resets.push_back(reset);
            return;
        }
        Command command{Command::HOLD, number, 0, 0, 0};
        if (what == "write") {
            command.kind = Command::WRITE;
            command.address = word(line);
            command.value = word(line);
        } else if (what == "read") {
            command.kind = Command::READ;
            command.address = word(line);
        } else if (what == "wait") {
            command.kind = Command::WAIT;
            command.address = word(line);
            command.mask = word(line);
            command.value = word(line);
        } else if (what != "hold") {
            give_up(("unknown command: " + text).c_str(), file);
        }
        if (line.fail())
            give_up(("incomplete command: " + text).c_str(), file);
        commands.push_back(command);
    }

    explicit Script(const std::string &file) {
        if (file.empty())
            return;
        std::FILE *stream = std::fopen(file.c_str(), "rb");
        if (!stream)
            give_up("cannot be opened", file.c_str());
        char line[512];
        while (std::fgets(line, sizeof line, stream))
            add(line, file.c_str());
        std::fclose(stream);
        std::stable_sort(commands.begin(), commands.end(),
                         [](const Command &a, const Command &b) { return a.due < b.due; });
        std::sort(resets.begin(), resets.end(), [](const Reset &a, const Reset &b) { return a.cycle < b.cycle; });
    }
};

} // namespace hwgen

#endif
