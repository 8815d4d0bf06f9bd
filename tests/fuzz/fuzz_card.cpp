// The card of a network.
#include "fuzz_support.h"
#include "network/card.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sliver;
    const std::string text = fuzz::text_of(bytes, size);
    return fuzz::only_input_error([&] { return network::parse_card(text, "fuzz.yaml").image_options(); });
}
