// Arguments of the form name=value.
#ifndef HWGEN_RTL_OPTIONS_H_
#define HWGEN_RTL_OPTIONS_H_

#include <cstdlib>
#include <map>
#include <string>

#include "binary_io.h"

namespace hwgen {

class Options {
  public:
    // The last argument is no option: it is where results go.
    Options(int count, char **words) {
        if (count < 2)
            give_up("expects name=value ... and the prefix of the results", words[0]);
        for (int i = 1; i < count - 1; i++) {
            const std::string word = words[i];
            const size_t equals = word.find('=');
            if (equals == std::string::npos)
                give_up("is not of the form name=value", words[i]);
            values_[word.substr(0, equals)] = word.substr(equals + 1);
        }
        prefix = words[count - 1];
    }

    std::string text(const char *name) const {
        const auto found = values_.find(name);
        return found == values_.end() ? "" : found->second;
    }

    int64_t number(const char *name, int64_t otherwise) const {
        const auto found = values_.find(name);
        return found == values_.end() ? otherwise : std::strtoll(found->second.c_str(), nullptr, 10);
    }

    std::string prefix;

  private:
    std::map<std::string, std::string> values_;
};

} // namespace hwgen

#endif
