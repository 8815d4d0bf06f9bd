// The JSON file that a report is about, and its values by place.
//
// A place is a JSON pointer ("/layers/3/energy_j/adc"). Every number of a report is read by one and shown
// with it, so that none can be there that is not in the file. Values are not checked for sense: the caller
// has had the file read by what knows it (results/stats_reader.h). InputErrors name the file and the place.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace sliver::report {

/// Keeps the order of the file.
using Json = nlohmann::ordered_json;
using Pointer = Json::json_pointer;

class Source {
  public:
    /// `name` is the file's, for messages. InputError for text that is no JSON object.
    Source(std::string_view text, std::string name);

    [[nodiscard]] bool there(const Pointer& place) const;
    [[nodiscard]] bool has(const Pointer& place) const;  ///< there, and not null
    /// InputError when nothing is there.
    [[nodiscard]] const Json& at(const Pointer& place) const;
    [[nodiscard]] const Json& number(const Pointer& place) const;       ///< InputError for what is no number
    [[nodiscard]] const std::string& text(const Pointer& place) const;  ///< InputError for what is no text
    [[nodiscard]] std::size_t size(const Pointer& place) const;         ///< InputError for what is no list
    [[nodiscard]] bool flag(const Pointer& place) const;  ///< InputError for what is not true or false
    /// InputError unless /study (or what `place` names) is `kind` and /schema the one that is known.
    void require_kind(const Pointer& place, std::string_view kind, int schema) const;
    /// Keys of an object, in the file's order; InputError for what is none.
    [[nodiscard]] std::vector<std::string> keys(const Pointer& place) const;
    /// InputError that names the file and the place.
    [[noreturn]] void fail(const Pointer& place, std::string_view rule) const;

  private:
    Json root_;
    std::string name_;
};

}  // namespace sliver::report
