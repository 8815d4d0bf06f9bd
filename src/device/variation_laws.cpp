#include "device/variation_laws.h"

#include <algorithm>

#include "base/error.h"
#include "device/cell_device.h"

namespace sliver::device {
namespace {

constexpr double kMicro = 1e-6;

using Device = const CellDevice&;

/// Of a polynomial in microsiemens: below zero means no spread.
double positive(double deviation_us) {
    return std::max(deviation_us, 0.0) * kMicro;
}

}  // namespace

const std::vector<VariationLaw>& variation_laws() {
    // Name, sigma, of the logarithm, law, formula, source.
    static const std::vector<VariationLaw> kLaws = {
        {"none", false, false, [](Device, double) { return 0.0; }, "0", "-"},
        {"gaussian-range", true, false,
         [](Device cell, double) { return cell.sigma * (1 / cell.on_ohm - 1 / cell.off_ohm); },
         "sigma · (G_on − G_off)", "-"},
        {"gaussian-level", true, false, [](Device cell, double siemens) { return cell.sigma * siemens; },
         "sigma · G", "paper B, from memory"},
        {"lognormal", true, true, [](Device cell, double) { return cell.sigma; }, "sigma of ln G", "FORMS"},
        {"hfox-milo", false, false,
         [](Device, double siemens) { return positive(4.7823 - 0.009107 * (siemens / kMicro)); },
         "4.7823 − 0.009107 G uS, at least 0", "as coded in CrossSim 3"},
        {"hfox-wan", false, false,
         [](Device, double siemens) {
             const double g = siemens / kMicro;
             return positive(((1.536e-4 * g - 1.167e-2) * g + 0.2374) * g + 1.053);
         },
         "1.536e-4 G³ − 1.167e-2 G² + 0.2374 G + 1.053 uS, after one second, at least 0",
         "as coded in CrossSim 3"},
        {"cmo-hfox", false, false,
         [](Device, double siemens) { return (0.01122 + 0.01129 * (siemens / kMicro)) * kMicro; },
         "0.01122 + 0.01129 G uS, 2 % acceptance", "as coded in AIHWKIT"},
        {"pcm-joshi", false, false,
         [](Device, double siemens) {
             const double g = siemens / kMicro;
             return positive((-0.00178767 * g + 0.07585724) * g + 0.28638599);
         },
         "−0.00178767 G² + 0.07585724 G + 0.28638599 uS, at least 0", "as coded in CrossSim 3"},
    };
    return kLaws;
}

const VariationLaw& law_of(Variation variation) {
    return variation_laws().at(static_cast<std::size_t>(variation));
}

Variation variation_named(std::string_view name) {
    std::string known;
    const std::vector<VariationLaw>& laws = variation_laws();
    for (std::size_t i = 0; i < laws.size(); ++i) {
        if (laws[i].name == name) return static_cast<Variation>(i);
        known += fmt::format("{}{}", known.empty() ? "" : ", ", laws[i].name);
    }
    refuse("law of variation: value {}: the laws are {}", name, known);
}

std::string names_of_sigma_laws() {
    std::vector<std::string_view> names;
    for (const VariationLaw& law : variation_laws())
        if (law.needs_sigma) names.push_back(law.name);
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : i + 1 == names.size() ? " or " : ", ", names[i]);
    return text;
}

double between_points(const std::vector<std::pair<double, double>>& points_us, double siemens) {
    const double g = siemens / kMicro;
    if (g <= points_us.front().first) return points_us.front().second * kMicro;
    if (g >= points_us.back().first) return points_us.back().second * kMicro;
    const auto next = std::upper_bound(points_us.begin(), points_us.end(), g,
                                       [](double value, const auto& point) { return value < point.first; });
    const auto& [from, low] = *std::prev(next);
    const auto& [to, high] = *next;
    return (low + (high - low) * (g - from) / (to - from)) * kMicro;
}

}  // namespace sliver::device
