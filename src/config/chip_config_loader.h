// From a chip file to a ChipConfig and back.
//
// A chip file is YAML (docs/configuration.md lists the keys, chip_keys.h defines them). A key that is left
// out has its default; `name` must be given. Nothing is read leniently: unknown and duplicate keys, bare
// numbers where a unit belongs, values out of range, and keys that the rest of the file makes meaningless are
// InputErrors of one line,
//
//     FILE:LINE:COLUMN: key.path: value VALUE: RULE        or        --set KEY=VALUE: key.path: value VALUE:
//     RULE
//
// What only the network or the cost tables can tell (layer names, number of layers, names of laws and
// actions) is checked where those are known, not here. Called by the program and the studies; pure functions
// apart from reading the file.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/chip_config.h"

namespace sliver::config {

struct YamlNode;

/// A chip file that was read once, for many chips that differ in a few keys.
class ChipFile {
  public:
    /// Reads the file; InputError where it cannot be read or is no chip file by its structure.
    explicit ChipFile(const std::filesystem::path& path);
    ChipFile(std::string_view text, const std::string& filename);
    /// The chip with these overrides, as load_chip() has it.
    [[nodiscard]] ChipConfig with(const std::vector<std::string>& overrides) const;

  private:
    std::shared_ptr<const YamlNode> root_;
};

/// `overrides` are "key=value" texts as behind `--set`, applied over the file before anything is checked:
/// "adc.bits=6", "array.cycle=50 ns", "adc.slice_widths=[3, 3, 3, 1]"; a single entry of a mapping as
/// "adc.layer_widths.conv1=[...]".
ChipConfig load_chip(const std::filesystem::path& path, const std::vector<std::string>& overrides = {});

/// The same for text in memory; `filename` stands in messages.
ChipConfig parse_chip(std::string_view text, const std::string& filename,
                      const std::vector<std::string>& overrides = {});

/// The resolved configuration as a chip file, every value with its unit. parse_chip(to_yaml(c)) == c, to the
/// last bit of every number, for every c that load_chip() or parse_chip() gave.
std::string to_yaml(const ChipConfig& chip);

/// Whether `path` can be set: a key, or an entry of one that is a mapping ("adc.layer_widths.conv1").
bool is_chip_key(const std::string& path);

/// What documentation says of one key.
struct KeyDoc {
    std::string key;       ///< "adc.bits"
    std::string value;     ///< what it accepts, with units: "a whole number from 1 to 12"
    std::string fallback;  ///< the default as one would write it; "(required)"
    std::string meaning;
};

/// All keys in the order of the file.
std::vector<KeyDoc> chip_key_docs();
/// The same as the Markdown table of docs/configuration.md.
std::string chip_key_table();

}  // namespace sliver::config
