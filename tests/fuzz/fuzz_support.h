// What every fuzz target promises of a reader: whatever the bytes, it gives a value or an InputError whose
// text is one printable line of bounded length. Any other exception, a sanitizer's finding, a leak, too much
// memory or time ends the process, which is libFuzzer's finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"

namespace sliver::fuzz {

/// Longer texts help nobody: names in them are to be cut.
inline constexpr std::size_t kLongestMessage = 2'000;

inline void check_message(const std::string& text) {
    bool good = !text.empty() && text.size() <= kLongestMessage;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        good = good && byte >= 0x20 && byte != 0x7f;
    }
    if (good) return;
    std::fprintf(stderr, "fuzz: a message of %zu bytes is no printable line: %.200s\n", text.size(),
                 text.c_str());
    std::abort();
}

/// Calls `read`; 0, as LLVMFuzzerTestOneInput() wants it.
template <typename Read>
int only_input_error(Read read) {
    try {
        static_cast<void>(read());
    } catch (const InputError& error) {
        check_message(error.what());
    }
    return 0;
}

inline std::string text_of(const std::uint8_t* bytes, std::size_t size) {
    return size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(bytes), size);
}

}  // namespace sliver::fuzz

/// libFuzzer calls it with every input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);
