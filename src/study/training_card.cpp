#include "study/training_card.h"

#include <cmath>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"
#include "config/quantity.h"
#include "config/yaml_document.h"
#include "study/names.h"

namespace sliver::study {
namespace {

using config::YamlEntry;
using config::YamlNode;

/// Cards round to 4 decimals; the last digit of a double must not decide.
constexpr double kCardRounding = 0.5e-4 + 1e-9;

const YamlNode* value_of(const YamlNode& map, std::string_view key, YamlNode::Kind kind, const char* rule) {
    const YamlEntry* entry = map.find(key);
    if (entry == nullptr || entry->value.kind == YamlNode::Kind::nothing) return nullptr;
    if (entry->value.kind != kind)
        refuse("{}: {}: value {}: must be {}", entry->value.where, key, entry->value.shown(), rule);
    return &entry->value;
}

std::string text_of(const YamlNode& map, std::string_view key) {
    const YamlNode* node = value_of(map, key, YamlNode::Kind::scalar, "a text");
    return node == nullptr ? "" : node->text;
}

const YamlNode* map_of(const YamlNode& map, std::string_view key) {
    return value_of(map, key, YamlNode::Kind::map, "a map of keys");
}

double number_in(const YamlNode& node, std::string_view key, double highest) {
    const std::optional<double> value =
        node.kind == YamlNode::Kind::scalar ? config::parse_number(node.text) : std::nullopt;
    if (!value || *value < 0 || *value > highest)
        refuse("{}: {}: value {}: must be a number from 0 to {}", node.where, key, node.shown(), highest);
    return *value;
}

std::optional<double> share_of(const YamlNode& top1, std::string_view key) {
    const YamlEntry* entry = top1.find(key);
    if (entry == nullptr || entry->value.kind == YamlNode::Kind::nothing) return std::nullopt;
    return number_in(entry->value, "top1." + std::string(key), 1);
}

/// The hyper-parameters of a training, the last one's where there are stages.
const YamlNode* last_training(const YamlNode& document) {
    const YamlNode* training = map_of(document, "hyper_parameters");
    if (training == nullptr || training->find("method") != nullptr) return training;
    for (auto stage = training->entries.rbegin(); stage != training->entries.rend(); ++stage)
        if (stage->value.kind == YamlNode::Kind::map) return &stage->value;
    return training;
}

bool has_column_budgets(const YamlNode& training) {
    const YamlEntry* entry = training.find("column_bits");
    return entry != nullptr && entry->value.kind != YamlNode::Kind::nothing && entry->value.text != "0" &&
           !(entry->value.text.empty() && entry->value.items.empty());
}

}  // namespace

TrainingCard read_training_card(const std::filesystem::path& path) {
    TrainingCard card;
    card.source = path.string();
    const YamlNode document = config::parse_yaml(read_unpacked(path, kTextFile), card.source);
    if (document.kind != YamlNode::Kind::map)
        refuse("{}: a network's card must be a map of keys", card.source);
    card.network = text_of(document, "network");
    card.method = shown_text(text_of(document, "method"));
    if (const YamlNode* training = last_training(document))
        if (const std::string method = text_of(*training, "method"); !method.empty())
            card.method = method_key(shown_text(method), has_column_budgets(*training));
    if (const YamlNode* top1 = map_of(document, "top1")) {
        card.top1_float = share_of(*top1, "float");
        card.top1_fixed_point = share_of(*top1, "fixed_point");
        card.top1_sliver = share_of(*top1, "sliver");
    }
    if (const YamlNode* sparsity = map_of(document, "sparsity"))
        for (const char* key : {"B3", "B2", "B1", "B0", "mean", "std"})
            if (const YamlEntry* entry = sparsity->find(key))
                card.sparsity.push_back(
                    {entry->value.where, key, number_in(entry->value, "sparsity." + std::string(key), 100)});
    return card;
}

void require_counted(const TrainingCard& card, const SliceShares& counted) {
    for (const TrainingCard::Claim& claim : card.sparsity) {
        const double value = claim.key == "mean" ? counted.mean
                             : claim.key == "std"
                                 ? counted.std
                                 : counted.percent.at(static_cast<std::size_t>(claim.key.back() - '0'));
        if (std::fabs(claim.value - value) > kCardRounding)
            refuse("{}: sparsity.{}: value {}: counted in the network's file {:.4f}", claim.where, claim.key,
                   claim.value, value);
    }
}

}  // namespace sliver::study
