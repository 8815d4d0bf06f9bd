#include "mapping/shared_bits.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/error.h"
#include "base/size.h"
#include "base/worker_team.h"

namespace sliver::mapping {
namespace {

constexpr int kSigns = 2;
/// Halvings of lambda: to the last bit that a double distinguishes, and no endless loop.
constexpr int kHalvings = 200;

/// One group: where its weights lie, and what each number of windows costs it.
struct Group {
    int output = 0, first_row = 0, rows = 0, sign = 0;
    std::vector<GroupChoice> choices;  ///< by windows

    [[nodiscard]] std::size_t best(double lambda) const {
        std::size_t best = 0;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t windows = 0; windows < choices.size(); ++windows) {
            const double cost =
                static_cast<double>(choices[windows].cost) + lambda * static_cast<double>(windows);
            if (cost < least) {
                least = cost;
                best = windows;
            }
        }
        return best;
    }
};

bool is_of(int code, int sign) {
    return (code < 0) == (sign == 1) && code != 0;
}

double mean_windows(const std::vector<Group>& groups, double lambda) {
    std::size_t windows = 0;
    for (const Group& group : groups) windows += group.best(lambda);
    return static_cast<double>(windows) / static_cast<double>(groups.size());
}

/// Windows by group. At the price where the mean would pass `target` several groups are worth one more, at
/// the same gain a window: those that come first get them, as far as the target goes.
std::vector<std::size_t> scheduled(const std::vector<Group>& groups, double target) {
    std::vector<std::size_t> windows;
    double low = 0, high = 1;
    if (mean_windows(groups, 0) <= target) high = 0;
    while (mean_windows(groups, high) > target) high *= 2;
    for (int i = 0; i < kHalvings && low < high; ++i) {
        const double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) break;
        (mean_windows(groups, middle) > target ? low : high) = middle;
    }
    std::size_t used = 0;
    for (const Group& group : groups) {
        windows.push_back(group.best(high));
        used += windows.back();
    }
    const auto most = static_cast<std::size_t>(target * static_cast<double>(groups.size()));
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const std::size_t wanted = groups[i].best(low);
        if (used + wanted - windows[i] > most) continue;
        used += wanted - windows[i];
        windows[i] = wanted;
    }
    return windows;
}

}  // namespace

WindowMasks::WindowMasks(int bits, int cell_bits, bool consecutive)
    : masks_(1U << static_cast<unsigned>(bits)) {
    const std::uint32_t all = masks_ - 1, window = (1U << static_cast<unsigned>(cell_bits)) - 1U;
    windows_.assign(masks_, -1);
    windows_[0] = 0;
    if (consecutive) {
        for (int first = 0; first < bits; ++first) {
            std::uint32_t mask = 0;
            int windows = 0;
            for (int start = first; start < bits; start += cell_bits) {
                mask |= window << static_cast<unsigned>(start) & all;
                ++windows;
                if (windows_[mask] < 0 || windows < windows_[mask])
                    windows_[mask] = static_cast<std::int8_t>(windows);
            }
        }
    } else {
        // Each window more: from masks of one window less.
        for (int windows = 0; windows < bits; ++windows)
            for (std::uint32_t mask = 0; mask < masks_; ++mask)
                if (windows_[mask] == windows)
                    for (int start = 0; start < bits; ++start) {
                        std::int8_t& next = windows_[mask | (window << static_cast<unsigned>(start) & all)];
                        if (next < 0) next = static_cast<std::int8_t>(windows + 1);
                    }
    }
    for (const std::int8_t windows : windows_) most_windows_ = std::max<int>(most_windows_, windows);
    nearest_.assign(std::size_t{masks_} * masks_, 0);
    for (std::uint32_t mask = 0; mask < masks_; ++mask) {
        if (windows_[mask] < 0) continue;
        std::vector<int> within;  // rising
        for (std::uint32_t number = 0; number < masks_; ++number)
            if ((number & ~mask) == 0) within.push_back(static_cast<int>(number));
        std::size_t place = 0;
        for (int magnitude = 0; magnitude < static_cast<int>(masks_); ++magnitude) {
            while (place + 1 < within.size() &&
                   std::abs(within[place + 1] - magnitude) <= std::abs(within[place] - magnitude))
                ++place;
            nearest_[std::size_t{mask} * masks_ + size(magnitude)] = static_cast<std::uint8_t>(within[place]);
        }
    }
}

std::vector<GroupChoice> best_masks(const std::vector<int>& magnitudes, const WindowMasks& masks,
                                    bool keeps_mean) {
    std::vector<int> counts(masks.masks(), 0);
    for (const int magnitude : magnitudes) ++counts[size(magnitude)];
    std::vector<std::pair<int, int>> histogram;  // magnitude, weights that have it
    for (int magnitude = 1; magnitude < static_cast<int>(counts.size()); ++magnitude)
        if (counts[size(magnitude)] != 0) histogram.emplace_back(magnitude, counts[size(magnitude)]);
    constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
    std::vector<GroupChoice> best(size(masks.most_windows() + 1), {0, kNone});
    for (std::uint32_t mask = 0; mask < masks.masks(); ++mask) {
        const int windows = masks.windows(mask);
        if (windows < 0) continue;
        std::int64_t squares = 0, sum = 0;
        for (const auto& [magnitude, count] : histogram) {
            const std::int64_t error = masks.nearest(mask, magnitude) - magnitude;
            squares += error * error * count;
            sum += error * count;
        }
        const std::int64_t cost = squares + (keeps_mean ? sum * sum : 0);
        GroupChoice& own = best[size(windows)];
        if (cost < own.cost) own = {mask, cost};
    }
    for (std::size_t windows = 1; windows < best.size(); ++windows)
        if (best[windows - 1].cost <= best[windows].cost) best[windows] = best[windows - 1];
    return best;
}

SharedBits share_bits(const network::MatrixWeights& weights, const SharedBitsOptions& options) {
    const WindowMasks masks(weights.bits, options.cell_bits, options.consecutive);
    const int most = options.most_digits == 0 ? masks.most_windows() : options.most_digits;
    if (most < 1 || most > masks.most_windows())
        refuse("--digits: value {}: weights of {} bits have room for 1 to {} digits of {} bits",
               options.most_digits, weights.bits, masks.most_windows(), options.cell_bits);
    const int own_rows = weights.group_rows();
    SharedBits made;
    made.row_blocks = (own_rows + options.group_rows - 1) / options.group_rows;
    made.codes.assign(weights.codes.size(), 0);
    made.masks.assign(size(made.row_blocks * kSigns) * size(weights.outputs), 0);
    std::vector<Group> groups;
    for (int block = 0; block < made.row_blocks; ++block)
        for (int sign = 0; sign < kSigns; ++sign)
            for (int output = 0; output < weights.outputs; ++output) {
                const int first = block * options.group_rows;
                groups.push_back({output, first, std::min(options.group_rows, own_rows - first), sign, {}});
            }
    in_parallel(groups.size(), options.threads, [&](std::size_t i, int) {
        Group& group = groups[i];
        std::vector<int> magnitudes;
        const std::int16_t* codes = weights.codes_of(group.output) + group.first_row;
        for (int row = 0; row < group.rows; ++row)
            if (is_of(codes[row], group.sign)) magnitudes.push_back(std::abs(int{codes[row]}));
        group.choices = best_masks(magnitudes, masks, options.keeps_mean);
        group.choices.resize(size(most + 1));
    });
    const std::vector<std::size_t> chosen = options.average > 0
                                                ? scheduled(groups, options.average)
                                                : std::vector<std::size_t>(groups.size(), size(most));
    std::size_t windows = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const Group& group = groups[i];
        const std::uint32_t mask = group.choices[chosen[i]].mask;
        windows += size(masks.windows(mask));
        made.masks[i] = static_cast<std::uint8_t>(mask);
        const std::size_t first =
            static_cast<std::size_t>(weights.codes_of(group.output) - weights.codes.data()) +
            size(group.first_row);
        for (std::size_t place = first; place < first + size(group.rows); ++place) {
            const int code = weights.codes[place];
            if (!is_of(code, group.sign)) continue;
            const int magnitude = masks.nearest(mask, std::abs(code));
            made.codes[place] = static_cast<std::int16_t>(group.sign == 1 ? -magnitude : magnitude);
            const double error = magnitude - std::abs(code);
            made.squared_error += error * error;
            made.squared_weights += static_cast<double>(code) * code;
        }
    }
    made.average = static_cast<double>(windows) / static_cast<double>(groups.size());
    return made;
}

}  // namespace sliver::mapping
