// The laws of programming variation there are, by name.
//
// A new law is one row of the table in variation_laws.cpp: what `cells.variation` accepts, the rules about
// `cells.sigma`, `sliver list keys`, docs/nonideal.md and the tests of every law read that table.
// Conductances are in siemens here, in microsiemens inside the published laws. Called by config/ (words and
// rules) and by whoever programs cells (cell_device.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sliver::device {

struct CellDevice;

/// A law, by its place in variation_laws().
enum class Variation : std::uint8_t { none = 0 };

struct VariationLaw {
    std::string_view name;      ///< as `cells.variation` has it
    bool needs_sigma = false;   ///< the spread follows `cells.sigma`, and is none where that is 0
    bool of_logarithm = false;  ///< the spread is that of ln G, without a unit; else that of G in siemens
    /// Standard deviation of a cell that should have `siemens`; never negative.
    double (*spread)(const CellDevice& device, double siemens) = nullptr;
    std::string_view formula, source;  ///< for docs/nonideal.md
};

/// All laws; the first is `none`.
const std::vector<VariationLaw>& variation_laws();

const VariationLaw& law_of(Variation variation);

/// InputError for a name that no law has.
Variation variation_named(std::string_view name);

/// Names of the laws that follow `cells.sigma`, in words: "a, b or c".
std::string names_of_sigma_laws();

/// A measured spread: straight lines between points of conductance and standard deviation, both in
/// microsiemens, conductances ascending; before the first and behind the last point as there. Returns
/// siemens.
double between_points(const std::vector<std::pair<double, double>>& points_us, double siemens);

}  // namespace sliver::device
