#include "study/names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sliver::study {
namespace {

struct Name {
    std::string_view key, title;
};

constexpr std::array<Name, 4> kModels = {
    {{"mlp", "MLP"}, {"vgg11", "VGG-11"}, {"vgg16", "VGG-16"}, {"resnet20", "ResNet-20"}}};
constexpr std::array<Name, 4> kData = {{{"mnist", "MNIST"},
                                        {"fashionmnist", "Fashion-MNIST"},
                                        {"cifar10", "CIFAR-10"},
                                        {"cifar100", "CIFAR-100"}}};
constexpr std::array<Name, 4> kMethods = {
    {{"dense", "dense"}, {"pruned", "pruned"}, {"l1", "l1"}, {"bitslice-l1", "bit-slice l1"}}};
constexpr std::array<char, kMethods.size()> kLetters = {'D', 'P', 'L', 'B'};
constexpr std::string_view kColumns = "+columns";

/// Lower case, letters and digits only.
std::string bare(std::string_view text) {
    std::string result;
    for (const char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

template <typename Names>
std::string title_of(const Names& names, const std::string& key) {
    for (const Name& name : names)
        if (name.key == key) return std::string(name.title);
    return key;
}

bool has_columns(const std::string& key) {
    return key.size() > kColumns.size() &&
           key.compare(key.size() - kColumns.size(), kColumns.size(), kColumns) == 0;
}

}  // namespace

std::string known_model(std::string_view text) {
    for (const Name& model : kModels) {
        std::size_t matched = 0, at = 0;
        for (; at < text.size() && matched < model.key.size(); ++at) {
            const std::string letter = bare(text.substr(at, 1));
            if (letter.empty()) continue;
            if (letter.front() != model.key[matched]) break;
            ++matched;
        }
        // "resnet20" must not stand for a ResNet-200.
        const bool ends = at == text.size() || std::isdigit(static_cast<unsigned char>(text[at])) == 0;
        if (matched == model.key.size() && ends) return std::string(model.key);
    }
    return "";
}

std::string model_key(std::string_view text) {
    std::string known = known_model(text);
    return known.empty() ? std::string(text) : known;
}

std::string data_key(std::string_view text) {
    std::string typed = bare(text);
    const bool known =
        std::any_of(kData.begin(), kData.end(), [&](const Name& name) { return name.key == typed; });
    return known ? typed : std::string(text);
}

std::string method_key(std::string_view method, bool column_budgets) {
    return std::string(method) + (column_budgets ? std::string(kColumns) : "");
}

std::string model_title(const std::string& key) {
    return title_of(kModels, key);
}

std::string data_title(const std::string& key) {
    return title_of(kData, key);
}

std::string method_title(const std::string& key) {
    if (!has_columns(key)) return title_of(kMethods, key);
    return title_of(kMethods, key.substr(0, key.size() - kColumns.size())) + ", columns";
}

std::string group_title(const std::string& model, const std::string& data) {
    return data.empty() ? model_title(model) : model_title(model) + " on " + data_title(data);
}

int method_rank(const std::string& key) {
    for (std::size_t i = 0; i < kMethods.size(); ++i)
        if (kMethods[i].key == key) return static_cast<int>(i);
    return static_cast<int>(kMethods.size());
}

char method_letter(const std::string& key) {
    if (has_columns(key)) return 'C';
    const auto rank = static_cast<std::size_t>(method_rank(key));
    return rank < kLetters.size() ? kLetters[rank] : 'O';
}

}  // namespace sliver::study
