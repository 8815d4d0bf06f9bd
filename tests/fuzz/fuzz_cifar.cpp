// Images as CIFAR records; whatever the bytes say they are is tried.
#include "fuzz_support.h"
#include "network/image_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sliver;
    const std::string text = fuzz::text_of(bytes, size);
    return fuzz::only_input_error([&] { return network::parse_images(text, "fuzz.bin", 10); });
}
