// The statistics of a finished run.
#include "fuzz_support.h"
#include "results/stats_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sliver;
    const std::string text = fuzz::text_of(bytes, size);
    return fuzz::only_input_error([&] { return results::read_stats(text, "fuzz.json"); });
}
