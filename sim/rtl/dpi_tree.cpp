// Tells the stages' code where the tree lies, with its weights: a bench runs in a folder of its own.
// Built with -DHWGEN_TREE_FOLDER='"/the/tree"'.
#include <cstdlib>

namespace {
const int told = setenv("HWGEN_TREE", HWGEN_TREE_FOLDER, 1);
}
