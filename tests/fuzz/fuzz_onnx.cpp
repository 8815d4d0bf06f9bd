// An ONNX file.
#include "fuzz_support.h"
#include "network/onnx_import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sliver;
    const std::string text = fuzz::text_of(bytes, size);
    return fuzz::only_input_error([&] { return network::import_onnx_bytes(text, "fuzz.onnx"); });
}
