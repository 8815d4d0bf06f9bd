// Small helpers of the network tests: temporary files, the text of a refusal, a random source that is the
// same everywhere.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "../support/gzip.h"
#include "base/error.h"

namespace sliver::network::test {

using sliver::support::gzip;

/// A folder that disappears with the object.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        static int next = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("sliver-network-" + std::to_string(::getpid()) + "-" + std::to_string(next++));
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }

  private:
    std::filesystem::path path_;
};

inline std::string read_bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The text of the InputError that `action` throws; "" where it throws nothing. Anything else passes through.
template <typename Action>
std::string refusal(Action action) {
    try {
        action();
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

/// One line that holds every word.
template <typename... Words>
bool one_line_with(const std::string& text, Words... words) {
    return !text.empty() && text.find('\n') == std::string::npos &&
           ((text.find(words) != std::string::npos) && ...);
}

/// splitmix64: the standard distributions differ between libraries, this does not.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }
    /// lowest..highest, both included
    int between(int lowest, int highest) {
        return lowest + static_cast<int>(next() % static_cast<std::uint64_t>(highest - lowest + 1));
    }
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  private:
    std::uint64_t state_;
};

}  // namespace sliver::network::test
