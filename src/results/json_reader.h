// Reading JSON that others may have edited: every access names its place, so that a wrong value is one line
// for the user.
//
// A Field is a value and its path ("DIR/stats.json: layers[3].rows"). Wrong types and missing keys are
// InputErrors. Private to results.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sliver::results {

class Field {
  public:
    Field(const nlohmann::json& value, std::string path) : value_(value), path_(std::move(path)) {}

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool is_null() const { return value_.is_null(); }
    [[nodiscard]] Field operator[](std::string_view key) const;                ///< of an object
    [[nodiscard]] bool has(std::string_view key) const;                        ///< an object
    [[nodiscard]] std::vector<Field> items() const;                            ///< of an array
    [[nodiscard]] std::vector<std::pair<std::string, Field>> entries() const;  ///< of an object
    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] double number() const;
    [[nodiscard]] bool flag() const;
    /// What would steer a terminal is a '?' (base/text.h).
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::vector<std::uint64_t> counts() const;
    /// Whole numbers from `lowest` to `highest`.
    [[nodiscard]] std::vector<int> integers(int lowest, int highest) const;
    [[noreturn]] void fail(std::string_view rule) const;

  private:
    const nlohmann::json& value_;
    std::string path_;
};

}  // namespace sliver::results
