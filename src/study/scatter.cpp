#include "study/scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sliver::study {
namespace {

constexpr std::size_t kWidth = 56, kHeight = 12;
constexpr double kLeast = 0.01;  ///< percent: a logarithm must exist

struct Axis {
    double low = 0, high = 0;
    void take(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    /// Equal ends are moved apart, so that there is a scale.
    void widen(double least) {
        if (high - low >= least) return;
        const double middle = (low + high) / 2;
        low = middle - least / 2;
        high = middle + least / 2;
    }
    [[nodiscard]] std::size_t cell(double value, std::size_t cells) const {
        return static_cast<std::size_t>(
            std::lround((value - low) / (high - low) * static_cast<double>(cells - 1)));
    }
};

double position(double mean_percent) {
    return std::log10(std::max(mean_percent, kLeast));
}

}  // namespace

std::string scatter(const std::vector<Mark>& marks, std::size_t indent) {
    if (marks.empty()) return "";
    Axis x{position(marks.front().mean_percent), position(marks.front().mean_percent)};
    Axis y{marks.front().top1_percent, marks.front().top1_percent};
    for (const Mark& mark : marks) {
        x.take(position(mark.mean_percent));
        y.take(mark.top1_percent);
    }
    x.widen(0.1);
    y.widen(0.1);
    std::vector<std::string> rows(kHeight, std::string(kWidth, ' '));
    for (const Mark& mark : marks) {
        char& cell = rows[kHeight - 1 - y.cell(mark.top1_percent, kHeight)]
                         [x.cell(position(mark.mean_percent), kWidth)];
        cell = cell == ' ' || cell == mark.letter ? mark.letter : '&';
    }
    const std::string margin(indent, ' ');
    std::string text = margin + "top-1 %\n";
    for (std::size_t row = 0; row < kHeight; ++row) {
        const bool labelled = row == 0 || row + 1 == kHeight;
        std::string line = margin +
                           (labelled ? fmt::format("{:7.2f} |", row == 0 ? y.high : y.low) : "        |") +
                           rows[row];
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    const std::string left = fmt::format("{:.2f}", std::pow(10, x.low)),
                      middle = fmt::format("{:.2f}", std::pow(10, (x.low + x.high) / 2)),
                      right = fmt::format("{:.2f}", std::pow(10, x.high));
    text += margin + "        +" + std::string(kWidth, '-') + "\n";
    text += margin + "         " + left +
            fmt::format("{:>{}}", middle, kWidth / 2 + middle.size() / 2 - left.size()) +
            fmt::format("{:>{}}", right, kWidth - kWidth / 2 - middle.size() / 2) + "\n";
    text += margin + "         mean non-zero share in %, logarithmic\n";
    return text;
}

}  // namespace sliver::study
