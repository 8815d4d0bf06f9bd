// A chip file; one that is taken is written again.
#include "config/chip_config_loader.h"
#include "fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sliver;
    const std::string text = fuzz::text_of(bytes, size);
    return fuzz::only_input_error([&] { return config::to_yaml(config::parse_chip(text, "fuzz.yaml")); });
}
