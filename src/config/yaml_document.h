// A strict reading of one YAML document into a plain tree that knows where each of its nodes stands.
//
// yaml-cpp 0.7 would keep duplicate keys, read `010` as 8, apply aliases silently and leave `<<` alone. This
// reader takes its events only and refuses what a configuration has no use for: duplicate keys, anchors,
// aliases, merge keys, tags, keys that are not plain words, a second document, bytes that are not printable
// UTF-8. Scalars stay text; whoever wants a number converts it (quantity.h). The bound on text is 1 MiB.
//
// Called by the chip loader; open to any other YAML file of the project. Every error is an InputError
// `FILE:LINE:COLUMN: rule`, lines and columns counted from 1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sliver::config {

struct YamlEntry;

struct YamlNode {
    enum class Kind { nothing, scalar, list, map };
    Kind kind = Kind::nothing;
    std::string where;               ///< "FILE:LINE:COLUMN", or what stands for it
    std::string text;                ///< scalar
    std::vector<YamlNode> items;     ///< list
    std::vector<YamlEntry> entries;  ///< map, in the order of the file; keys are unique

    [[nodiscard]] const YamlEntry* find(std::string_view key) const;
    [[nodiscard]] YamlEntry* find(std::string_view key);
    /// The node as one short line for messages: `8`, `[8, 3]`, `{...}`, `(nothing)`.
    [[nodiscard]] std::string shown() const;
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

/// `text` cut to a length that fits a message, control characters replaced: one line whatever was in the
/// file.
std::string shown_text(std::string_view text);

}  // namespace sliver::config
