#include "cli/option_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace sliver::cli {
namespace {

/// Options whose values have names, and the kind of `sliver list` that has them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kKinds = {
    {{"chip", "chips"},
     {"network", "networks"},
     {"networks", "networks"},
     {"images", "images"},
     {"adc", "policies"},
     {"adc-law", "adc-laws"},
     {"accounting", "accountings"},
     {"set", "keys"},
     {"objective", "metrics"}}};

}  // namespace

std::vector<std::string> names_of(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames()) names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
    return names;
}

bool is_flag(const CLI::Option& option) {
    return !option.get_positional() && option.get_items_expected_max() == 0;
}

std::string value_name(const CLI::Option& option) {
    if (is_flag(option)) return {};
    if (!option.get_option_text().empty()) return option.get_option_text();
    if (option.get_positional()) return option.get_name(true);
    std::string name = option.get_lnames().empty() ? "value" : option.get_lnames().front();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return name;
}

std::string listed_kind(const CLI::Option& option) {
    for (const std::string& name : option.get_lnames())
        for (const auto& [own, kind] : kKinds)
            if (name == own) return std::string(kind);
    return {};
}

std::vector<std::string> words_of(const CLI::Option& option) {
    const std::string& text = option.get_option_text();
    if (text.find('|') == std::string::npos) return {};
    std::vector<std::string> words;
    for (std::size_t begin = 0, end = 0; begin <= text.size(); begin = end + 1) {
        end = std::min(text.find('|', begin), text.size());
        words.push_back(text.substr(begin, end - begin));
    }
    return words;
}

}  // namespace sliver::cli
