// The file of a design space.
#include "fuzz_support.h"
#include "sweep/sweep_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sliver;
    const std::string text = fuzz::text_of(bytes, size);
    return fuzz::only_input_error([&] { return sweep::parse_sweep(text, "fuzz.yaml"); });
}
