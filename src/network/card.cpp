#include "network/card.h"

#include <algorithm>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"
#include "config/quantity.h"
#include "config/yaml_document.h"

namespace sliver::network {

namespace {

using config::YamlEntry;
using config::YamlNode;
using YamlKind = YamlNode::Kind;

[[noreturn]] void fail(const YamlNode& node, const char* key, const char* rule) {
    refuse("{}: {}: value {}: {}", node.where, key, node.shown(), rule);
}

/// The value under `key`; null where it is left out.
const YamlNode* value_of(const YamlNode& parent, const char* key) {
    const YamlEntry* entry = parent.find(key);
    return entry == nullptr ? nullptr : &entry->value;
}

std::string text_of(const YamlNode& parent, const char* key) {
    const YamlNode* node = value_of(parent, key);
    if (node == nullptr || node->kind == YamlKind::nothing) return "";
    if (node->kind != YamlKind::scalar) fail(*node, key, "must be a text");
    return node->text;
}

double number_of(const YamlNode& node, const char* key) {
    const auto value = config::parse_number(node.text);
    if (node.kind != YamlKind::scalar || !value) fail(node, key, "must be a finite number");
    return *value;
}

std::vector<double> numbers_of(const YamlNode& parent, const char* key) {
    const YamlNode* node = value_of(parent, key);
    if (node == nullptr) return {};
    if (node->kind == YamlKind::scalar) return {number_of(*node, key)};
    if (node->kind != YamlKind::list) fail(*node, key, "must be a list of numbers, one a channel");
    std::vector<double> values;
    for (const YamlNode& item : node->items) values.push_back(number_of(item, key));
    return values;
}

int pad_of(const YamlNode& parent) {
    const YamlNode* node = value_of(parent, "pad");
    if (node == nullptr) return 0;
    const auto value = config::parse_integer(node->text);
    if (node->kind != YamlKind::scalar || !value || *value < 0 || *value > kMostPadding)
        fail(*node, "pad", "must be a whole number from 0 to 1024");
    return static_cast<int>(*value);
}

std::vector<std::string> texts_of(const YamlNode& parent, const char* key) {
    const YamlNode* node = value_of(parent, key);
    if (node == nullptr) return {};
    if (node->kind != YamlKind::list) fail(*node, key, "must be a list of names");
    std::vector<std::string> values;
    for (const YamlNode& item : node->items) {
        if (item.kind != YamlKind::scalar) fail(item, key, "must be a list of names");
        values.push_back(item.text);
    }
    return values;
}

}  // namespace

ImageOptions NetworkCard::image_options() const {
    ImageOptions options;
    options.mean = mean;
    options.std = std;
    options.pad = pad;
    return options;
}

std::filesystem::path card_path(const std::filesystem::path& network) {
    std::filesystem::path stem = network;
    if (stem.extension() == ".gz") stem.replace_extension();
    if (stem.extension() == ".onnx") stem.replace_extension();
    return stem += ".yaml";
}

NetworkCard read_card(const std::filesystem::path& path) {
    return parse_card(read_file(path, kTextFile), path.string());
}

NetworkCard parse_card(std::string_view text, const std::string& source) {
    NetworkCard card;
    card.source = source;
    const YamlNode document = config::parse_yaml(text, source);
    if (document.kind != YamlKind::map) refuse("{}: a network's card must be a map of keys", document.where);
    if (document.find("name") == nullptr) refuse("{}: name: is missing", document.where);
    card.name = text_of(document, "name");
    card.summary = text_of(document, "summary");
    card.architecture = text_of(document, "architecture");
    card.sha256 = text_of(document, "sha256");
    const YamlNode* data = value_of(document, "data");
    if (data == nullptr) return card;
    if (data->kind != YamlKind::map) fail(*data, "data", "must be a map of keys");
    card.data_set = text_of(*data, "set");
    card.pad = pad_of(*data);
    card.mean = numbers_of(*data, "mean");
    card.std = numbers_of(*data, "std");
    card.classes = texts_of(*data, "classes");
    if (std::any_of(card.std.begin(), card.std.end(), [](double value) { return value <= 0; }))
        fail(*value_of(*data, "std"), "std", "must be positive");
    return card;
}

std::optional<NetworkCard> find_card(const std::filesystem::path& network) {
    const std::filesystem::path path = card_path(network);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::nullopt;
    return read_card(path);
}

}  // namespace sliver::network
