// Counts the toggles of a value change dump from its first time to its last, as one window.
// Arguments: name=value ..., then the prefix of the results: vcd=FILE, nets=FILE (vcd.h), depth= (99).
#include "activity_files.h"
#include "options.h"

int main(int count, char **words) {
    const hwgen::Options options(count, words);
    hwgen::Vcd vcd(options.text("nets"), static_cast<size_t>(options.number("depth", 99)));
    const std::string file = options.text("vcd");
    std::FILE *stream = std::fopen(file.c_str(), "rb");
    if (!stream)
        hwgen::give_up("cannot be opened", file.c_str());
    std::vector<char> buffer(1 << 20);
    vcd.count(true);
    for (size_t size; (size = std::fread(buffer.data(), 1, buffer.size(), stream)) > 0;)
        vcd.feed(buffer.data(), size);
    std::fclose(stream);
    hwgen::write_activity(vcd, {vcd.window()}, options.prefix);
    return 0;
}
