#include "network/card.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "network/file_bytes.h"

namespace sliver::network {

namespace {

class CardReader {
  public:
    explicit CardReader(std::string source) : source_(std::move(source)) {}

    [[noreturn]] void fail(const YAML::Node& node, const std::string& key, const char* rule) const {
        refuse("{}: line {}: {}: {}", source_, node.Mark().line + 1, key, rule);
    }

    std::string text(const YAML::Node& parent, const char* key, bool required) const {
        const YAML::Node node = parent[key];
        if (!node && required) fail(parent, key, "is missing");
        if (!node || node.IsNull()) return "";
        if (!node.IsScalar()) fail(node, key, "must be a text");
        return node.Scalar();
    }

    std::vector<double> numbers(const YAML::Node& parent, const char* key) const {
        const YAML::Node node = parent[key];
        std::vector<double> values;
        if (!node) return values;
        if (node.IsScalar()) return {number(node, key)};
        if (!node.IsSequence()) fail(node, key, "must be a list of numbers, one a channel");
        for (const YAML::Node& item : node) values.push_back(number(item, key));
        return values;
    }

    int whole(const YAML::Node& parent, const char* key, int fallback) const {
        const YAML::Node node = parent[key];
        if (!node) return fallback;
        const double value = number(node, key);
        if (value < 0 || value > 1024 || std::floor(value) != value)
            fail(node, key, "must be a whole number from 0 to 1024");
        return static_cast<int>(value);
    }

    std::vector<std::string> texts(const YAML::Node& parent, const char* key) const {
        const YAML::Node node = parent[key];
        std::vector<std::string> values;
        if (!node) return values;
        if (!node.IsSequence()) fail(node, key, "must be a list of names");
        for (const YAML::Node& item : node) {
            if (!item.IsScalar()) fail(item, key, "must be a list of names");
            values.push_back(item.Scalar());
        }
        return values;
    }

  private:
    double number(const YAML::Node& node, const char* key) const {
        double value = 0;
        if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value))
            fail(node, key, "must be a finite number");
        return value;
    }

    std::string source_;
};

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
    NetworkCard card;
    card.source = path.string();
    const std::string bytes = read_unpacked(path);
    try {
        const YAML::Node document = YAML::Load(bytes);
        if (!document.IsMap()) refuse("{}: a network's card must be a map of keys", card.source);
        const CardReader reader(card.source);
        card.name = reader.text(document, "name", true);
        card.summary = reader.text(document, "summary", false);
        card.architecture = reader.text(document, "architecture", false);
        card.sha256 = reader.text(document, "sha256", false);
        const YAML::Node data = document["data"];
        if (!data) return card;
        if (!data.IsMap()) reader.fail(data, "data", "must be a map of keys");
        card.data_set = reader.text(data, "set", false);
        card.pad = reader.whole(data, "pad", 0);
        card.mean = reader.numbers(data, "mean");
        card.std = reader.numbers(data, "std");
        card.classes = reader.texts(data, "classes");
        if (std::any_of(card.std.begin(), card.std.end(), [](double value) { return value <= 0; }))
            reader.fail(data["std"], "std", "must be positive");
    } catch (const YAML::Exception& error) {
        refuse("{}: line {}: {}", card.source, error.mark.line + 1, error.msg);
    }
    return card;
}

std::optional<NetworkCard> find_card(const std::filesystem::path& network) {
    const std::filesystem::path path = card_path(network);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::nullopt;
    return read_card(path);
}

}  // namespace sliver::network
