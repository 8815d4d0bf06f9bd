#include "study/nonideal_study.h"

#include <fmt/format.h>

#include <cmath>
#include <tuple>
#include <utility>

#include "study/names.h"

namespace sliver::study {
namespace {

double share(double part, std::uint64_t whole) {
    return part / static_cast<double>(whole);
}

std::string points_text(double share_lost) {
    return fmt::format("{:.1f}", 100 * share_lost);
}

/// "A 1.0, B 2.0".
std::string listed(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
    return text;
}

std::string size_text(int array) {
    return fmt::format("{0} x {0}", array);
}

/// Without a gain, and with one for each array: what the loss of current alone does, and what is left of it
/// when its mean is made good.
constexpr std::array<std::pair<std::size_t, const char*>, 2> kCompared = {
    {{kNoGain, "without a gain"}, {kArrayGain, "a gain for each array"}}};

NonidealAnswer compressed_networks(const NonidealStudy& study) {
    NonidealAnswer answer{
        "Do compressed networks lose more than dense ones? (paper: about 39 against 21 "
        "points at 64 x 64, secondary source)",
        {}};
    const NonidealNetwork& dense = study.baseline();
    for (const int size : study.sizes) {
        const NonidealPoint* base = study.find(dense.name, size, false, false);
        if (base == nullptr) continue;
        for (const auto& [gain, words] : kCompared) {
            std::vector<std::string> more, less;
            for (const NonidealNetwork& network : study.networks) {
                const NonidealPoint* point = study.find(network.name, size, false, false);
                if (point == nullptr || network.name == dense.name) continue;
                (point->lost(gain) > base->lost(gain) ? more : less)
                    .push_back(fmt::format("{} {} ({:.2f} times fewer arrays, NF {:.3f})", network.name,
                                           points_text(point->lost(gain)), point->compression(),
                                           point->nonideality()));
            }
            std::string text = fmt::format("{}, {}: {} loses {} points (NF {:.3f})", size_text(size), words,
                                           dense.name, points_text(base->lost(gain)), base->nonideality());
            if (!more.empty()) text += "; more: " + listed(more);
            if (!less.empty()) text += "; not more: " + listed(less);
            answer.sentences.push_back(text + ".");
        }
    }
    return answer;
}

NonidealAnswer mitigations(const NonidealStudy& study) {
    NonidealAnswer answer{"How much do R and WCT give back?", {}};
    for (const int size : study.sizes) {
        for (const auto& [gain, words] : kCompared) {
            std::vector<std::string> items;
            for (const NonidealNetwork& network : study.networks) {
                const NonidealPoint* base = study.find(network.name, size, false, false);
                if (base == nullptr) continue;
                std::vector<std::string> gains;
                for (const auto& [rearranged, constrained, name] :
                     {std::tuple{true, false, "R"}, std::tuple{false, true, "WCT"},
                      std::tuple{true, true, "both"}}) {
                    const NonidealPoint* point = study.find(network.name, size, rearranged, constrained);
                    if (point != nullptr)
                        gains.push_back(
                            fmt::format("{} {:+.1f}", name, 100 * (point->top1(gain) - base->top1(gain))));
                }
                if (!gains.empty()) items.push_back(fmt::format("{} ({})", network.name, listed(gains)));
            }
            if (!items.empty())
                answer.sentences.push_back(
                    fmt::format("{}, {}, points of top-1: {}.", size_text(size), words, listed(items)));
        }
    }
    return answer;
}

NonidealAnswer collapse(const NonidealStudy& study) {
    NonidealAnswer answer{
        "Does accuracy collapse from 64 to 128? (VGG-16: 74.4 and 32.9 %, secondary source)", {}};
    for (const NonidealNetwork& network : study.networks) {
        const NonidealPoint* any = nullptr;
        std::string text;
        for (const auto& [gain, words] : kCompared) {
            std::vector<std::string> items;
            for (const int size : study.sizes) {
                const NonidealPoint* point = study.find(network.name, size, false, false);
                if (point == nullptr) continue;
                any = point;
                items.push_back(fmt::format("{} {:.1f} %", size, 100 * point->top1(gain)));
            }
            text += fmt::format("; {}: {}", words, listed(items));
        }
        if (any != nullptr)
            answer.sentences.push_back(fmt::format("{}, {:.1f} % on ideal crossbars{}.", network.name,
                                                   100 * any->ideal_top1(), text));
    }
    return answer;
}

NonidealAnswer bit_slices(const NonidealStudy& study) {
    NonidealAnswer answer{"Does bit-slice sparsity help or hurt under IR drop?", {}};
    const NonidealNetwork& dense = study.baseline();
    for (const NonidealNetwork& network : study.networks) {
        if (network.method != "bitslice-l1" || network.name == dense.name) continue;
        for (const int size : study.sizes) {
            const NonidealPoint* base = study.find(dense.name, size, false, false);
            const NonidealPoint* point = study.find(network.name, size, false, false);
            if (base == nullptr || point == nullptr) continue;
            for (const auto& [gain, words] : kCompared) {
                const double difference = 100 * (base->lost(gain) - point->lost(gain));
                answer.sentences.push_back(fmt::format(
                    "{}, {}: {} loses {} points (NF {:.3f}, mean cell {:.2f} uS), {} {} (NF {:.3f}, {:.2f} "
                    "uS): it {}.",
                    size_text(size), words, network.name, points_text(point->lost(gain)),
                    point->nonideality(), 1e6 * point->mean_siemens, dense.name,
                    points_text(base->lost(gain)), base->nonideality(), 1e6 * base->mean_siemens,
                    std::abs(difference) < 1 ? "makes no difference of a point"
                                             : (difference > 0 ? "helps" : "hurts")));
            }
        }
    }
    return answer;
}

NonidealAnswer column_gains(const NonidealStudy& study) {
    NonidealAnswer answer{"Does a gain for each column make R unnecessary?", {}};
    for (const int size : study.sizes) {
        std::vector<std::string> items;
        double most = 0;
        for (const NonidealNetwork& network : study.networks) {
            const NonidealPoint* plain = study.find(network.name, size, false, false);
            const NonidealPoint* sorted = study.find(network.name, size, true, false);
            if (plain == nullptr || sorted == nullptr) continue;
            const double more = 100 * (sorted->top1(kColumnGain) - plain->top1(kColumnGain));
            most = std::max(most, more);
            items.push_back(fmt::format("{} {:.1f} -> {:.1f} %, with R {:+.1f}", network.name,
                                        100 * plain->top1(kNoGain), 100 * plain->top1(kColumnGain), more));
        }
        if (!items.empty())
            answer.sentences.push_back(fmt::format(
                "{}, top-1 without and with a gain by column: {}: R {}.", size_text(size), listed(items),
                most < 1 ? "adds less than a point" : fmt::format("still adds up to {:.1f} points", most)));
    }
    return answer;
}

NonidealAnswer adc_widths(const NonidealStudy& study) {
    NonidealAnswer answer{"What do non-ideal crossbars do to the ADC widths?", {}};
    for (const NonidealNetwork& network : study.networks) {
        std::vector<std::string> items;
        int array = 0;
        std::uint64_t images = 0;
        for (const NonidealWidth& width : study.widths) {
            if (width.network != network.name) continue;
            array = width.array;
            images = width.images;
            items.push_back(fmt::format("{} {:.0f} and {:.0f} %",
                                        width.bits == 0 ? "lossless" : fmt::format("{} bits", width.bits),
                                        100 * share(static_cast<double>(width.ideal_correct), width.images),
                                        100 * share(static_cast<double>(width.real_correct), width.images)));
        }
        if (!items.empty())
            answer.sentences.push_back(
                fmt::format("{} at {}, {} images, on ideal and on real devices (gain by column): {}.",
                            network.name, size_text(array), images, listed(items)));
    }
    return answer;
}

}  // namespace

double NonidealPoint::ideal_top1() const {
    return share(static_cast<double>(ideal_correct), images);
}

double NonidealPoint::top1(std::size_t gain) const {
    double sum = 0;
    for (const NonidealSeed& seed : seeds) sum += static_cast<double>(seed.correct[gain]);
    return share(sum, images) / static_cast<double>(seeds.size());
}

double NonidealPoint::spread(std::size_t gain) const {
    if (seeds.size() < 2) return 0;
    const double mean = top1(gain);
    double squares = 0;
    for (const NonidealSeed& seed : seeds)
        squares += std::pow(share(static_cast<double>(seed.correct[gain]), images) - mean, 2);
    return std::sqrt(squares / static_cast<double>(seeds.size() - 1));
}

double NonidealPoint::nonideality() const {
    double sum = 0;
    for (const NonidealSeed& seed : seeds) sum += seed.nonideality;
    return sum / static_cast<double>(seeds.size());
}

const NonidealPoint* NonidealStudy::find(std::string_view network, int array, bool rearranged,
                                         bool constrained) const {
    for (const NonidealPoint& point : points)
        if (point.network == network && point.array == array && point.rearranged == rearranged &&
            point.constrained == constrained)
            return &point;
    return nullptr;
}

const NonidealNetwork& NonidealStudy::baseline() const {
    for (const NonidealNetwork& network : networks)
        if (network.method == "dense") return network;
    return networks.front();
}

std::vector<NonidealAnswer> answers(const NonidealStudy& study) {
    std::vector<NonidealAnswer> all = {compressed_networks(study), mitigations(study),  collapse(study),
                                       bit_slices(study),          column_gains(study), adc_widths(study)};
    for (NonidealAnswer& answer : all)
        if (answer.sentences.empty())
            answer.sentences.emplace_back(
                "Nothing in this study can say: it takes other networks, sizes or "
                "mitigations (sliver study nonideal --help).");
    return all;
}

}  // namespace sliver::study
