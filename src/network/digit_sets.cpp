#include "network/digit_sets.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>

#include "base/error.h"
#include "base/text.h"
#include "config/quantity.h"
#include "network/float_network.h"

namespace sliver::network {
namespace {

constexpr const char* kKey = "sliver.digits";
constexpr const char* kHex = "0123456789abcdef";
constexpr int kSigns = 2;
constexpr const char* kOwnGrid = "file";
constexpr int kMostExponent = 120;  ///< of a step that single precision holds with its codes

int row_blocks_of(int rows, int group_rows) {
    return (rows + group_rows - 1) / group_rows;
}

/// "NAME=number" among the words of the head.
int number_in(const std::map<std::string, std::string>& words, const char* name, int lowest, int highest,
              const std::string& source) {
    const auto found = words.find(name);
    const auto number = found == words.end() ? std::nullopt : config::parse_integer(found->second);
    if (!number || *number < lowest || *number > highest)
        refuse("{}: metadata {}: {} must be a whole number from {} to {}", source, kKey, name, lowest,
               highest);
    return static_cast<int>(*number);
}

std::vector<std::uint8_t> bytes_of(const std::string& hex) {
    std::vector<std::uint8_t> bytes;
    const auto digit = [](char c) -> int {
        const char* const end = kHex + 16;
        const char* const found = std::find(kHex, end, c);
        return found == end ? -1 : static_cast<int>(found - kHex);
    };
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const int high = digit(hex[i]), low = digit(hex[i + 1]);
        if (high < 0 || low < 0) return {};
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

/// "NAME STEP HEX"; names may have blanks.
void split(const std::string& text, DigitSets::Layer& layer, std::string& step) {
    const std::size_t second = text.rfind(' ');
    if (second == std::string::npos || second == 0) return;
    const std::size_t first = text.rfind(' ', second - 1);
    if (first == std::string::npos) return;
    layer.name = text.substr(0, first);
    step = text.substr(first + 1, second - first - 1);
    layer.masks = bytes_of(text.substr(second + 1));
}

}  // namespace

Metadata metadata_of(const DigitSets& digits) {
    Metadata metadata = {
        {kKey, fmt::format("{} cell_bits={} rows={} bits={} source={}", digits.scheme, digits.cell_bits,
                           digits.group_rows, digits.weight_bits, digits.source)}};
    for (std::size_t i = 0; i < digits.layers.size(); ++i) {
        std::string hex;
        for (const std::uint8_t mask : digits.layers[i].masks) {
            hex += kHex[mask >> 4];
            hex += kHex[mask & 15];
        }
        metadata.emplace_back(
            fmt::format("{}.{}", kKey, i),
            digits.layers[i].name + " " +
                (digits.layers[i].exponent ? std::to_string(*digits.layers[i].exponent) : kOwnGrid) + " " +
                hex);
    }
    return metadata;
}

void read_digit_sets(const Metadata& metadata, const std::string& source, FloatNetwork& network) {
    const std::map<std::string, std::string> entries(metadata.begin(), metadata.end());
    const auto head = entries.find(kKey);
    if (head == entries.end()) return;
    DigitSets digits;
    std::istringstream words(head->second);
    words >> digits.scheme;
    std::map<std::string, std::string> settings;
    for (std::string word; words >> word;)
        if (const std::size_t sign = word.find('='); sign != std::string::npos)
            settings[word.substr(0, sign)] = word.substr(sign + 1);
    digits.cell_bits = number_in(settings, "cell_bits", 1, 4, source);
    digits.group_rows = number_in(settings, "rows", 1, 1 << 20, source);
    digits.weight_bits = number_in(settings, "bits", 1, 8, source);
    digits.source = printable(settings["source"]);
    std::size_t number = 0;
    for (FloatNode& node : network.nodes) {
        if (node.kind != NodeKind::matrix) continue;
        const std::string key = fmt::format("{}.{}", kKey, number++);
        const auto found = entries.find(key);
        DigitSets::Layer layer;
        std::string step;
        if (found != entries.end()) split(found->second, layer, step);
        const auto groups =
            static_cast<std::size_t>(row_blocks_of(node.rows / node.groups, digits.group_rows) * kSigns) *
            static_cast<std::size_t>(node.outputs);
        if (layer.name != node.name || layer.masks.size() != groups)
            refuse(
                "{}: metadata {}: digit sets of another network: layer '{}' with {} sets, the file has layer "
                "'{}' "
                "with {}; decompose this network anew",
                source, key, printable(layer.name), layer.masks.size(), node.name, groups);
        for (const std::uint8_t mask : layer.masks)
            if (mask >> digits.weight_bits != 0)
                refuse(
                    "{}: metadata {}: a digit set of layer '{}' has a shift beyond the {} bits of its "
                    "weights",
                    source, key, node.name, digits.weight_bits);
        if (step != kOwnGrid) {
            const auto exponent = config::parse_integer(step);
            if (!exponent || *exponent < -kMostExponent || *exponent > kMostExponent)
                refuse("{}: metadata {}: the step of layer '{}' must be 2^e, e from -{} to {}", source, key,
                       node.name, kMostExponent, kMostExponent);
            layer.exponent = static_cast<int>(*exponent);
            node.weight_grid = WeightGrid{{std::ldexp(1.0F, *layer.exponent)}, digits.weight_bits};
        }
        digits.layers.push_back(std::move(layer));
    }
    network.digits = std::move(digits);
}

void check_digit_sets(const DigitSets& digits, const QuantisedNetwork& network) {
    const std::vector<NodeId> ids = network.matrix_nodes();
    for (std::size_t number = 0; number < ids.size(); ++number) {
        const MatrixWeights& weights = network.nodes[ids[number]].weights;
        const std::vector<std::uint8_t>& masks = digits.layers[number].masks;
        for (int output = 0; output < weights.outputs; ++output)
            for (int row = 0; row < weights.group_rows(); ++row) {
                const int code = weights.codes_of(output)[row];
                const int set =
                    (row / digits.group_rows * kSigns + (code < 0 ? 1 : 0)) * weights.outputs + output;
                if ((std::abs(code) & ~masks[static_cast<std::size_t>(set)]) != 0)
                    refuse(
                        "{}: its digit sets do not sum to the codes: layer '{}', output {}, row {}: weight "
                        "{} has "
                        "bits that its set does not hold; the weights were changed after sliver decompose",
                        network.source, network.nodes[ids[number]].name, output, row, code);
            }
    }
}

}  // namespace sliver::network
