// Where the firmware tree lies while test benches run: the environment's HWGEN_TREE, else the working folder.
#ifndef HWGEN_TREE_H_
#define HWGEN_TREE_H_

#ifndef __SYNTHESIS__
#include <cstdlib>
#include <string>

namespace hwgen {

inline std::string tree() {
    const char *folder = std::getenv("HWGEN_TREE");
    return folder ? folder : ".";
}

} // namespace hwgen
#endif

#endif
