// A strict reading of one YAML document into a plain tree that knows where each of its nodes stands.
//
// yaml-cpp 0.7 would keep duplicate keys, read `010` as 8, apply aliases silently and leave `<<` alone. This
// reader takes its events only and refuses what a configuration has no use for: duplicate keys, anchors,
// aliases, merge keys, tags, keys that are not plain words, a second document, bytes that are not printable
// UTF-8, characters that steer a terminal (base/text.h) even where they are written as escapes. Scalars stay
// text; whoever wants a number converts it (quantity.h). The bound on text is 1 MiB.
//
// Called by the chip loader; open to any other YAML file of the project. Every error is an InputError
// `FILE:LINE:COLUMN: rule`, lines and columns counted from 1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sliver::config {

struct YamlEntry;

struct YamlNode {
    enum class Kind { nothing, scalar, list, map };
    Kind kind = Kind::nothing;
    std::string where;               ///< "FILE:LINE:COLUMN", or what stands for it
    std::string text;                ///< scalar
    std::vector<YamlNode> items;     ///< list
    std::vector<YamlEntry> entries;  ///< map, in the order of the file; keys are unique; see append()

    [[nodiscard]] const YamlEntry* find(std::string_view key) const;
    [[nodiscard]] YamlEntry* find(std::string_view key);
    /// Adds an entry to a map that has none of this key.
    YamlEntry& append(YamlEntry entry);
    /// The node as one short line for messages: `8`, `[8, 3]`, `{...}`, `(nothing)`.
    [[nodiscard]] std::string shown() const;

  private:
    std::unordered_map<std::string, std::size_t> places_;  ///< of the entries of a large map, by key
};

struct YamlEntry {
    std::string key;
    std::string where;  ///< of the key
    YamlNode value;
};

/// Reads `text`; `source` is the file's name for messages. An empty text is a node of kind `nothing`.
YamlNode parse_yaml(std::string_view text, const std::string& source);

/// Reads the value of a `key=value` override. Every node's `where` is `source` alone: there is no file to
/// point into.
YamlNode parse_yaml_value(std::string_view text, const std::string& source);

}  // namespace sliver::config
