// Arrays of a .npz by name, as the exported archives have them (docs/results.md): text as UTF-8 bytes, single
// numbers as lists of one. Internal to network_archive.cpp and map_archive.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "network/npy.h"
#include "network/npz.h"

namespace sliver::app {

class Archive {
  public:
    template <typename T>
    void add(const std::string& name, const std::vector<std::size_t>& shape, const std::vector<T>& values) {
        writer_.add(name, network::npy_bytes(shape, values));
    }
    void text(const std::string& name, const std::string& value) {
        add(name, {value.size()}, std::vector<std::uint8_t>(value.begin(), value.end()));
    }
    void number(const std::string& name, std::int32_t value) {
        add(name, {1}, std::vector<std::int32_t>{value});
    }
    [[nodiscard]] std::string finish() const { return writer_.finish(); }

  private:
    network::NpzWriter writer_;
};

}  // namespace sliver::app
