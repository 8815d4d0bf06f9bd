#include "results/quantity_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <stdexcept>

namespace sliver::results {

std::string si(double value, std::string_view unit) {
    if (!std::isfinite(value)) throw std::logic_error(fmt::format("a result is {} {}", value, unit));
    if (std::fpclassify(value) == FP_ZERO) return fmt::format("0 {}", unit);
    struct Prefix {
        double scale;
        const char* sign;
    };
    constexpr std::array<Prefix, 10> kPrefixes = {{{1e12, "T"},
                                                   {1e9, "G"},
                                                   {1e6, "M"},
                                                   {1e3, "k"},
                                                   {1, ""},
                                                   {1e-3, "m"},
                                                   {1e-6, "u"},
                                                   {1e-9, "n"},
                                                   {1e-12, "p"},
                                                   {1e-15, "f"}}};
    // 999.96 has to become 1.000 k, so the rounded value picks the prefix.
    const double magnitude = std::fabs(value) * (1 + 5e-5);
    const Prefix* chosen = &kPrefixes.back();
    for (const Prefix& prefix : kPrefixes)
        if (magnitude >= prefix.scale) {
            chosen = &prefix;
            break;
        }
    const double shown = value / chosen->scale;
    const double size = std::fabs(shown);
    const int decimals = size >= 999.95 ? 0 : size >= 99.995 ? 1 : size >= 9.9995 ? 2 : 3;
    return fmt::format("{:.{}f} {}{}", shown, decimals, chosen->sign, unit);
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return "-";
    if (part == 0) return "0 %";
    const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return share < 0.01 ? fmt::format("{:.1e} %", share) : fmt::format("{:.2f} %", share);
}

std::string grouped(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

std::string packing_text(std::uint64_t arrays, std::uint64_t unpacked) {
    return fmt::format("{} arrays, {} without packing: {:.2f} times fewer", grouped(arrays),
                       grouped(unpacked), static_cast<double>(unpacked) / static_cast<double>(arrays));
}

std::string cycles_text(std::uint64_t femtoseconds, std::uint64_t cycle) {
    if (femtoseconds % cycle == 0) return grouped(femtoseconds / cycle);
    return grouped(femtoseconds / cycle) +
           fmt::format(
               "{:.2f}",
               std::floor(static_cast<double>(femtoseconds % cycle) * 100 / static_cast<double>(cycle)) / 100)
               .substr(1);
}

std::string slices_text(const std::vector<int>& by_slice) {
    std::string text;
    for (auto slice = by_slice.rbegin(); slice != by_slice.rend(); ++slice)
        text += (text.empty() ? "" : " ") + std::to_string(*slice);
    return text.empty() ? "-" : text;
}

std::string exact(double value) {
    if (!std::isfinite(value)) throw std::logic_error(fmt::format("a result is {}", value));
    return fmt::format("{}", value);
}

}  // namespace sliver::results
