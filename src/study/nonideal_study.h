// The study of non-ideal crossbars: what wires and variation cost sparse networks, by array size, and what
// column rearrangement (R), weight-constrained training (WCT) and calibrated gains give back.
//
// Follows "Examining and Mitigating the Impact of Crossbar Non-idealities for Accurate Implementation of
// Sparse DNNs" (arXiv 2201.05229): accuracy with the error of the crossbars alone (linear converters,
// bitline/linear_layer.h), over several seeds of variation. Plain data, filled by `sliver study nonideal`;
// this file derives what follows from them, nonideal_text.h and nonideal_files.h show it. Energies in joule
// an image, times in second, areas in mm2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/chip_config.h"

namespace sliver::study {

/// What shares a gain that is fitted after programming.
inline constexpr std::array kGainKinds = {config::AdcCalibration::none, config::AdcCalibration::array,
                                          config::AdcCalibration::column};
constexpr std::size_t kNoGain = 0, kArrayGain = 1, kColumnGain = 2;  ///< places in kGainKinds

/// One programming of all arrays.
struct NonidealSeed {
    std::uint64_t seed = 0;
    double nonideality = 0;                                  ///< mean over arrays of device::ArrayCurrents
    std::array<std::uint64_t, kGainKinds.size()> correct{};  ///< images, by gain
    double mean_siemens = 0;  ///< of the used cells, as their levels ask: the same for every seed
};

/// One image on the chip.
struct NonidealCost {
    double energy_j = 0, adc_j = 0, index_j = 0;  ///< index: tables of packed and sorted arrays
    double latency_s = 0;
    double area_mm2 = 0;  ///< of the tiles in use, without host links
};

/// One network on arrays of one size, with or without each mitigation.
struct NonidealPoint {
    std::string network;  ///< NonidealNetwork::name, also where `constrained`
    int array = 0;        ///< rows and columns
    bool rearranged = false, constrained = false;
    std::uint64_t crossbars = 0, unpacked = 0;  ///< arrays with T, and without
    double mean_siemens = 0;                    ///< of the used cells, as programmed without error
    std::uint64_t images = 0, ideal_correct = 0;
    std::vector<NonidealSeed> seeds;
    std::optional<NonidealCost> cost;  ///< none: more arrays than are simulated, or not asked for

    [[nodiscard]] double compression() const {
        return static_cast<double>(unpacked) / static_cast<double>(crossbars);
    }
    [[nodiscard]] double ideal_top1() const;
    [[nodiscard]] double top1(std::size_t gain) const;    ///< mean over seeds
    [[nodiscard]] double spread(std::size_t gain) const;  ///< sample standard deviation over seeds
    [[nodiscard]] double lost(std::size_t gain) const { return ideal_top1() - top1(gain); }
    [[nodiscard]] double nonideality() const;  ///< mean over seeds
};

/// The same width in every slice, on ideal and on real devices (gain by column, first seed).
struct NonidealWidth {
    std::string network;
    int array = 0, bits = 0;  ///< bits 0: lossless on ideal cells, by layer and slice
    std::uint64_t images = 0, ideal_correct = 0, real_correct = 0;
};

struct NonidealNetwork {
    std::string name, sha256, method;                  ///< method: key of names.h, empty without a card
    std::string constrained_name, constrained_sha256;  ///< empty: no twin
};

struct NonidealStudy {
    std::string version;
    config::ChipConfig chip;  ///< of the first size, without R
    std::string devices;      ///< where cells and wires come from, in words
    std::string images;
    std::uint64_t count = 0;
    std::vector<std::uint64_t> seeds;
    std::vector<int> sizes;
    std::vector<NonidealNetwork> networks;
    std::vector<NonidealPoint> points;
    std::vector<NonidealWidth> widths;

    [[nodiscard]] const NonidealPoint* find(std::string_view network, int array, bool rearranged,
                                            bool constrained) const;
    /// The network that others are compared with: the first trained densely, else the first.
    [[nodiscard]] const NonidealNetwork& baseline() const;
};

/// The questions of the study, each with what the figures say.
struct NonidealAnswer {
    std::string question;
    std::vector<std::string> sentences;
};
std::vector<NonidealAnswer> answers(const NonidealStudy& study);

}  // namespace sliver::study
