// The ADC study: what converters of which width cost and lose, on networks trained by different methods.
//
// Plain data, filled by `sliver study adc` from the functional engine (accuracy, clips), the chip (energy,
// time, area) and the policies; this file derives what follows from them: savings, mean bits, the paper's
// table 3 in two readings, what training and what measuring buy, the verdict. adc_text.h and adc_files.h show
// it. Energies in joule an image, times in second.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/adc_accuracy.h"
#include "config/chip_config.h"
#include "cost/adc_laws.h"
#include "mapping/adc_certificate.h"
#include "mapping/adc_widths.h"
#include "mapping/column_profile.h"
#include "study/adc_ablation.h"

namespace sliver::study {

/// Energy of a run under one ADC law.
struct LawEnergy {
    std::string law;
    std::optional<double> adc_j, total_j;  ///< none: the law refuses a width in use
};

/// One simulation of one image on the chip.
struct ChipCost {
    double adc_j = 0, total_j = 0;    ///< under the study's law; dynamic
    std::vector<double> adc_slice_j;  ///< by slice
    std::vector<LawEnergy> laws;      ///< in the order of adc_law_names()
    double latency_s = 0;
    std::optional<double> interval_s;  ///< none: it did not settle
    double area_mm2 = 0, adc_area_mm2 = 0;
    std::uint64_t converters = 0;  ///< of tiles in use
    double adc_busy_s = 0;         ///< summed over converters
    double adc_wait_s = 0;         ///< samples held before their conversion starts, summed over bursts
};

/// One way to choose converters, on one network.
struct AdcOutcome {
    std::string key;    ///< "fixed-8", "accuracy", ...
    std::string title;  ///< for tables
    mapping::AdcWidths widths;
    double mean_bits = 0;  ///< over the conversions of an image
    std::uint64_t correct = 0, images = 0;
    std::uint64_t clipped = 0, conversions = 0;                ///< over those images
    std::vector<std::vector<std::uint64_t>> clipped_by_slice;  ///< [layer][slice]
    std::vector<mapping::ColumnCertificate> certificates;
    bool certified_for_all_inputs = false;  ///< certificates from worst-case sums, else from the profile
    ChipCost cost;
    [[nodiscard]] double top1() const { return static_cast<double>(correct) / static_cast<double>(images); }
};

/// Converters shared by several arrays whose time follows their width.
struct SharedOutcome {
    std::string allocation;  ///< key of an AdcOutcome
    int arrays_per_adc = 1;
    config::AdcBank bank = config::AdcBank::single;
    ChipCost cost;
};

/// Accuracy with the same width in every slice.
struct UniformPoint {
    int bits = 0;
    std::uint64_t correct = 0, images = 0;
};

struct AdcSubject {
    std::string name, sha256, method;  ///< method: key of names.h
    std::vector<std::string> layers;
    std::vector<std::uint64_t> conversions;  ///< of one slice (both signs) of a layer, one image
    double card_top1 = -1;                   ///< below 0: no card
    std::vector<AdcOutcome> outcomes;
    std::optional<app::AccuracyAllocation> search;
    mapping::ColumnProfile profile;
    mapping::ByColumnGroup<mapping::ColumnExtreme> worst_case;
    std::vector<UniformPoint> uniform;
    std::vector<SharedOutcome> shared;
    std::optional<Ablation> ablation;
    [[nodiscard]] const AdcOutcome* outcome(std::string_view key) const;
};

struct AdcStudy {
    std::string version;
    config::ChipConfig chip;
    std::string chip_yaml;
    std::string images, calibration;  ///< sources
    std::uint64_t count = 0;          ///< test images
    std::uint64_t profile_first = 0, profile_count = 0, held_out_first = 0, held_out_count = 0;
    double loss_points = 0;
    std::uint64_t budget = 0;
    std::vector<AdcSubject> subjects;  ///< dense first, where there is one
    /// The dense network that savings are told against; null without one.
    [[nodiscard]] const AdcSubject* dense() const;
};

inline constexpr std::string_view kFixedKey = "fixed-8", kPaperKey = "paper", kPaperStepsKey = "paper-steps",
                                  kWorstKey = "worst-case", kAccuracyKey = "accuracy", kSplitKey = "split";

/// Mean width over the conversions of one image.
double mean_bits(const AdcSubject& subject, const mapping::AdcWidths& widths);

/// Widest converter of each slice over layers and signs.
std::vector<int> widest_by_slice(const mapping::AdcWidths& widths);

/// One line of the paper's table 3.
struct SliceSaving {
    std::string group;                       ///< "XB3 (most significant)"
    double bits_before = 8, bits_after = 8;  ///< mean over the conversions of the group
    double energy = 1, speed = 1, area = 1;  ///< ratios: before over after
};
/// From the law alone: P ~ 2^N/(N+1), t ~ N, area of 6 bits half that of 8 and flat below (source-papers.md
/// A.5): 28.44, 8, 2 at 1 bit and 14.22, 2.67, 2 at 3.
std::vector<SliceSaving> table3_from_law();
/// The same ratios over the conversions that the network made under `outcome`, by group of slices: the top
/// one, the others. Energy and area by `law`, time ~ N.
std::vector<SliceSaving> table3_executed(const AdcSubject& subject, const AdcOutcome& outcome,
                                         const cost::AdcLaw& law);

/// ADC energy of `outcome` under `law`; none where the law has no cost for its widths.
std::optional<double> adc_energy_j(const AdcOutcome& outcome, std::string_view law);

/// What is said in words at the end: do 1 and 3 bits hold, what does, how far beyond D.U.B. One sentence an
/// entry.
std::vector<std::string> verdict(const AdcStudy& study);

}  // namespace sliver::study
