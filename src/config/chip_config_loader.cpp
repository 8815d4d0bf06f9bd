#include "config/chip_config_loader.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"
#include "config/chip_keys.h"
#include "config/chip_rules.h"
#include "config/key_rules.h"
#include "config/nearest_name.h"
#include "config/yaml_document.h"

namespace sliver::config {
namespace {

[[noreturn]] void fail(const YamlNode& node, std::string_view key, std::string_view rule) {
    refuse("{}: {}: value {}: {}", node.where, shown_text(key), node.shown(), rule);
}

bool is_name(std::string_view text) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto other = [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
    if (text.empty() || text.size() > 64 || !letter(text.front())) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || other(c); });
}

bool is_line(std::string_view text) {
    return text.size() <= 200 && cleaned(text) == text;
}

// "adc.bits" is key `bits` of section `adc`; "name" stands at the top.
struct KeyPath {
    std::string_view section;
    std::string_view leaf;
};
KeyPath split(std::string_view path) {
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) return {{}, path};
    return {path.substr(0, dot), path.substr(dot + 1)};
}

// The keys there are, and which of them are mappings whose entries an override may name.
class KnownKeys {
  public:
    KnownKeys() {
        for (const KeyDoc& doc : chip_key_docs()) {
            names_.push_back(doc.key);
            const std::string_view section = split(doc.key).section;
            if (!section.empty() && sections_.insert(std::string(section)).second)
                names_.emplace_back(section);
        }
    }
    [[nodiscard]] bool is_section(const std::string& name) const { return sections_.count(name) != 0; }
    [[nodiscard]] bool is_key(const std::string& path) const {
        return !is_section(path) && std::find(names_.begin(), names_.end(), path) != names_.end();
    }
    [[noreturn]] void refuse_unknown(const std::string& where, const std::string& path) const {
        if (is_section(path))
            refuse("{}: {}: is a section: name one key of it, as in {}", where, path, first_key(path));
        if (path == "mesh.enabled")
            refuse("{}: {}: is no key any more: write mesh.kind: ideal for `false`, mesh for `true`", where,
                   path);
        const std::string nearest = nearest_name(path, names_);
        refuse(
            "{}: {}: unknown key{}", where, shown_text(path),
            nearest.empty() ? "; docs/configuration.md lists the keys" : ": did you mean " + nearest + "?");
    }

  private:
    [[nodiscard]] std::string first_key(const std::string& section) const {
        const auto inside = [&](const std::string& name) { return split(name).section == section; };
        return *std::find_if(names_.begin(), names_.end(), inside);
    }

    std::vector<std::string> names_;
    std::set<std::string> sections_;
};

/// Built once: sweeps resolve thousands of chips.
const KnownKeys& known_keys() {
    static const KnownKeys keys;
    return keys;
}

void check_structure(const YamlNode& root, const KnownKeys& keys) {
    if (root.kind == YamlNode::Kind::nothing)
        refuse("{}: the file is empty: a chip needs at least a name", root.where);
    if (root.kind != YamlNode::Kind::map)
        refuse("{}: value {}: a chip file is a mapping of keys, such as `name: isaac`", root.where,
               root.shown());
    for (const YamlEntry& entry : root.entries) {
        if (keys.is_key(entry.key)) continue;
        if (!keys.is_section(entry.key)) keys.refuse_unknown(entry.where, entry.key);
        if (entry.value.kind != YamlNode::Kind::map)
            fail(entry.value, entry.key, "must be a mapping of keys");
        for (const YamlEntry& inner : entry.value.entries) {
            const std::string path = entry.key + "." + inner.key;
            if (!keys.is_key(path)) keys.refuse_unknown(inner.where, path);
        }
    }
}

// The value under `key` in `map`, made if it is not there.
YamlNode& value_at(YamlNode& map, std::string_view key, const std::string& where) {
    if (YamlEntry* entry = map.find(key)) return entry->value;
    return map.append({std::string(key), where, {}}).value;
}

YamlNode& map_at(YamlNode& map, std::string_view key, const std::string& where) {
    YamlNode& value = value_at(map, key, where);
    if (value.kind != YamlNode::Kind::map) {
        value = YamlNode{};
        value.kind = YamlNode::Kind::map;
        value.where = where;
    }
    return value;
}

// The mapping whose entry `path` names ("adc.layer_widths" for "adc.layer_widths.conv1"); empty when there is
// none.
std::string entry_parent(const std::string& path) {
    for (const std::string_view parent :
         {"adc.layer_widths", "adc.negative_layer_widths", "adc.layer_drops", "cost.energy_overrides"})
        if (path.size() > parent.size() + 1 && path.compare(0, parent.size(), parent) == 0 &&
            path[parent.size()] == '.')
            return std::string(parent);
    return {};
}

void apply_overrides(YamlNode& root, const std::vector<std::string>& overrides, const KnownKeys& keys) {
    std::set<std::string> given;
    for (const std::string& text : overrides) {
        const std::string where = "--set " + shown_text(text);
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            refuse("{}: must be KEY=VALUE, such as adc.bits=6", where);
        const std::string path = text.substr(0, equals);
        const std::string parent = entry_parent(path);
        if (parent.empty() && !keys.is_key(path)) keys.refuse_unknown(where, path);
        if (!given.insert(path).second) refuse("{}: {}: given twice", where, shown_text(path));

        YamlNode value = parse_yaml_value(std::string_view(text).substr(equals + 1), where);
        const KeyPath key = split(parent.empty() ? path : parent);
        YamlNode& section = key.section.empty() ? root : map_at(root, key.section, where);
        if (parent.empty())
            value_at(section, key.leaf, where) = std::move(value);
        else
            value_at(map_at(section, key.leaf, where), path.substr(parent.size() + 1), where) =
                std::move(value);
    }
}

// The visitor that fills a ChipConfig from the tree.
class Loader {
  public:
    explicit Loader(const YamlNode& root) : root_(root) {}

    /// The node that gives `path`; null when the file leaves it out.
    [[nodiscard]] const YamlNode* node(std::string_view path) const {
        const KeyPath key = split(path);
        const YamlNode* section = &root_;
        if (!key.section.empty()) {
            const YamlEntry* entry = root_.find(key.section);
            if (entry == nullptr) return nullptr;
            section = &entry->value;
        }
        const YamlEntry* entry = section->find(key.leaf);
        return entry == nullptr ? nullptr : &entry->value;
    }

    void text(const char* path, std::string& field, TextForm form, const char*) const {
        const YamlNode* value = node(path);
        if (value == nullptr) {
            if (form == TextForm::name) refuse("{}: {}: missing: must be {}", root_.where, path, name_rule());
            return;
        }
        const bool line = form == TextForm::line;
        const bool good =
            value->kind == YamlNode::Kind::scalar && (line ? is_line(value->text) : is_name(value->text));
        if (!good) fail(*value, path, "must be " + (line ? line_rule() : name_rule()));
        field = value->text;
    }
    void integer(const char* path, int& field, Range<int> range, const char*) const {
        if (const YamlNode* value = node(path)) field = to_integer(*value, path, range, integer_rule(range));
    }
    void number(const char* path, double& field, Range<double> range, const char*) const {
        const YamlNode* value = node(path);
        if (value == nullptr) return;
        const auto parsed = parse_number(value->text);
        if (!parsed || *parsed < range.lowest || *parsed > range.highest)
            fail(*value, path, "must be " + number_rule(range));
        field = *parsed;
    }
    void flag(const char* path, bool& field, const char*) const {
        const YamlNode* value = node(path);
        if (value == nullptr) return;
        if (value->text != "true" && value->text != "false") fail(*value, path, "must be " + flag_rule());
        field = value->text == "true";
    }
    template <typename Choice>
    void choice(const char* path, Choice& field, const char*) const {
        const YamlNode* value = node(path);
        if (value == nullptr) return;
        for (const auto& entry : words_of(field)) {
            if (entry.word != value->text) continue;
            field = entry.value;
            return;
        }
        fail(*value, path, "must be " + choice_rule(field));
    }
    void quantity(const char* path, double& field, Dimension dimension, Range<double> range,
                  Unlimited unlimited, const char*) const {
        const YamlNode* value = node(path);
        if (value == nullptr) return;
        if (unlimited == Unlimited::yes && value->text == "unlimited")
            field = 0;
        else
            field = to_quantity(*value, path, dimension, range, quantity_rule(dimension, range, unlimited));
    }
    void bytes(const char* path, std::optional<std::int64_t>& field, Range<std::int64_t> range,
               const char*) const {
        const YamlNode* value = node(path);
        if (value == nullptr) return;
        if (value->text == "unlimited") {
            field.reset();
            return;
        }
        field = parse_bytes(value->text);
        if (!field || *field < range.lowest || *field > range.highest)
            fail(*value, path, "must be " + bytes_rule(range));
    }
    void integers(const char* path, std::vector<int>& field, Range<int> range, const char*) const {
        if (const YamlNode* value = node(path)) field = to_integers(*value, path, range);
    }
    void layer_integers(const char* path, std::map<std::string, std::vector<int>>& field, Range<int> range,
                        const char*) const {
        const YamlNode* value = node(path);
        if (value == nullptr) return;
        if (value->kind != YamlNode::Kind::map) fail(*value, path, "must be " + layer_integers_rule(range));
        for (const YamlEntry& entry : value->entries) {
            const std::string name = std::string(path) + "." + entry.key;
            if (!is_line(entry.key))
                refuse("{}: {}: a layer name must be {}", entry.where, shown_text(name), line_rule());
            field[entry.key] = to_integers(entry.value, name, range);
        }
    }
    void energies(const char* path, std::map<std::string, double>& field, Range<double> range,
                  const char*) const {
        const YamlNode* value = node(path);
        if (value == nullptr) return;
        if (value->kind != YamlNode::Kind::map) fail(*value, path, "must be " + energies_rule(range));
        for (const YamlEntry& entry : value->entries) {
            const std::string name = std::string(path) + "." + entry.key;
            if (!is_name(entry.key))
                refuse("{}: {}: an action name must be {}", entry.where, shown_text(name), name_rule());
            field[entry.key] = to_quantity(entry.value, name, Dimension::energy, range,
                                           quantity_rule(Dimension::energy, range, Unlimited::no));
        }
    }

  private:
    static int to_integer(const YamlNode& value, std::string_view path, Range<int> range,
                          const std::string& rule) {
        const auto parsed = parse_integer(value.text);
        if (!parsed || *parsed < range.lowest || *parsed > range.highest)
            fail(value, path, "must be " + rule);
        return static_cast<int>(*parsed);
    }
    static std::vector<int> to_integers(const YamlNode& value, std::string_view path, Range<int> range) {
        if (value.kind != YamlNode::Kind::list) fail(value, path, "must be " + integers_rule(range));
        std::vector<int> numbers;
        for (const YamlNode& item : value.items)
            numbers.push_back(to_integer(item, path, range, "a list of whole numbers " + range_text(range)));
        return numbers;
    }
    static double to_quantity(const YamlNode& value, std::string_view path, Dimension dimension,
                              Range<double> range, const std::string& rule) {
        const auto parsed = parse_quantity(value.text, dimension);
        if (!parsed || *parsed < range.lowest || *parsed > range.highest)
            fail(value, path, "must be " + rule);
        return *parsed;
    }

    const YamlNode& root_;
};

ChipConfig read_chip(const YamlNode& root) {
    ChipConfig chip;
    const Loader loader(root);
    describe_chip(loader, chip);
    check_rules(chip, [&](const std::string& key, const std::string& rule) {
        // An entry of a mapping ("adc.layer_widths.conv1") has its own place.
        const std::string parent = entry_parent(key);
        const YamlNode* node = loader.node(parent.empty() ? key : parent);
        if (node != nullptr && !parent.empty()) node = &node->find(key.substr(parent.size() + 1))->value;
        if (node != nullptr) fail(*node, key, rule);
        refuse("{}: {}: {}", root.where, key, rule);
    });
    if (chip.weights.encoding != Encoding::offset) {
        const YamlNode* flip = loader.node(kFlipColumnsKey);
        if (flip != nullptr && chip.weights.flip_columns)
            fail(*flip, kFlipColumnsKey, "only with weights.encoding: offset");
        // Without meaning: the same value whatever the file said, so that equal chips compare equal.
        chip.weights.flip_columns = WeightConfig{}.flip_columns;
    }
    return chip;
}

}  // namespace

bool is_chip_key(const std::string& path) {
    return !entry_parent(path).empty() || known_keys().is_key(path);
}

ChipFile::ChipFile(const std::filesystem::path& path) : ChipFile(read_file(path, kTextFile), path.string()) {}

ChipFile::ChipFile(std::string_view text, const std::string& filename) {
    YamlNode root = parse_yaml(text, filename);
    check_structure(root, known_keys());
    root_ = std::make_shared<const YamlNode>(std::move(root));
}

ChipConfig ChipFile::with(const std::vector<std::string>& overrides) const {
    YamlNode root = *root_;
    apply_overrides(root, overrides, known_keys());
    return read_chip(root);
}

ChipConfig parse_chip(std::string_view text, const std::string& filename,
                      const std::vector<std::string>& overrides) {
    return ChipFile(text, filename).with(overrides);
}

ChipConfig load_chip(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
    return ChipFile(path).with(overrides);
}

}  // namespace sliver::config
