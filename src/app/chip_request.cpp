#include "app/chip_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "config/chip_config_loader.h"
#include "config/quantity.h"
#include "config/shipped.h"
#include "cost/actions.h"

namespace sliver::app {
namespace {

std::optional<std::vector<int>> widths_of(const std::string& text) {
    std::vector<int> widths;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::optional<std::int64_t> width = config::parse_integer(text.substr(begin, end - begin));
        if (!width || *width < 1 || *width > cost::kMaxAdcBits) return std::nullopt;
        widths.push_back(static_cast<int>(*width));
        begin = end + 1;
    }
    return widths;
}

}  // namespace

std::vector<std::string> adc_overrides(const std::string& text) {
    if (text.empty()) return {};
    // A file may hold widths, shares or losses that other policies refuse: whoever changes the policy drops
    // what he does not name. `fixed` keeps the file's own lists.
    std::vector<std::string> overrides = {"adc.margin=0", "adc.percentile=0", "adc.accuracy_loss=0"};
    const auto policy = [&](const std::string& name) {
        overrides.push_back("adc.policy=" + name);
        if (name != "fixed")
            for (const char* list :
                 {"adc.slice_widths=[]", "adc.layer_widths={}", "adc.negative_layer_widths={}",
                  "adc.slice_drops=[]", "adc.layer_drops={}"})
                overrides.emplace_back(list);
        else
            overrides.emplace_back("adc.granularity=layer-slice");
    };
    const std::size_t colon = text.find(':');
    const std::string name = text.substr(0, colon);
    const std::string number = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (name == "percentile" || name == "accuracy") {
        policy(name);
        const bool share = name == "percentile";
        const char* key = share ? "adc.percentile" : "adc.accuracy_loss";
        overrides[share ? 1 : 2] =
            fmt::format("{}={}", key, number.empty() ? (share ? "99.9" : "0.5") : number);
        return overrides;
    }
    if (text == "fixed" || text == "worst-case") {
        policy(text);
        return overrides;
    }
    if (text == "profiled") {
        policy(text);
        overrides.erase(overrides.begin());  // a margin stays
        return overrides;
    }
    const std::optional<std::vector<int>> widths = widths_of(text);
    if (!widths)
        refuse(
            "--adc: value {}: must be fixed, worst-case, profiled, percentile or percentile:SHARE, accuracy "
            "or "
            "accuracy:LOSS, a width from 1 to {}, or one width a slice such as 3,3,3,1 (slice 0, the least "
            "significant, first)",
            text, cost::kMaxAdcBits);
    policy("fixed");
    for (const char* list :
         {"adc.layer_widths={}", "adc.negative_layer_widths={}", "adc.slice_drops=[]", "adc.layer_drops={}"})
        overrides.emplace_back(list);
    if (widths->size() == 1) {
        overrides.emplace_back("adc.slice_widths=[]");
        overrides.push_back(fmt::format("adc.bits={}", widths->front()));
    } else {
        overrides.push_back(fmt::format("adc.slice_widths=[{}]", text));
    }
    return overrides;
}

std::vector<std::string> chip_overrides(const ChipRequest& options) {
    std::vector<std::string> overrides = adc_overrides(options.adc);
    // What --adc only takes back from the file, --set may give anew: --adc 3 --set
    // 'adc.slice_drops=[2,2,2,0]'.
    overrides.erase(std::remove_if(overrides.begin(), overrides.end(),
                                   [&](const std::string& entry) {
                                       const std::string key = entry.substr(0, entry.find('=') + 1);
                                       const std::string value = entry.substr(key.size());
                                       if (value != "[]" && value != "{}") return false;
                                       return std::any_of(options.set.begin(), options.set.end(),
                                                          [&](const std::string& given) {
                                                              return given.rfind(key, 0) == 0;
                                                          });
                                   }),
                    overrides.end());
    if (!options.adc_law.empty()) overrides.push_back("adc.law=" + options.adc_law);
    if (!options.accounting.empty()) overrides.push_back("cost.accounting=" + options.accounting);
    overrides.insert(overrides.end(), options.set.begin(), options.set.end());
    return overrides;
}

config::ChipConfig load_chip(const ChipRequest& options) {
    return config::load_chip(config::shipped_or_path(config::ShippedKind::chip, options.chip),
                             chip_overrides(options));
}

}  // namespace sliver::app
