// Packed bytes, whatever comes out of them.
#include "base/input_file.h"
#include "fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sliver;
    const std::string text = fuzz::text_of(bytes, size);
    return fuzz::only_input_error([&] { return unpacked(text, "fuzz.gz", kDataFile); });
}
