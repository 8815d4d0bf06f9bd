// What several sections of an ADC study's report need: places in adc.json, and choices for charts.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/sections/rows.h"
#include "report/source.h"

namespace sliver::report::adc_study {

using sections::NamedPlace;

/// Names of the networks; those of the same name are told apart by their number.
std::vector<NamedPlace> networks(const Source& study);

/// Allocations of a network: their titles.
std::vector<NamedPlace> allocations_of(const Source& study, const Pointer& network);

/// Before, lossless, and within the loss: what charts of few bars compare.
constexpr std::array<const char*, 3> kCompared = {"fixed-8", "worst-case", "accuracy"};
/// Those of kCompared that the network has.
std::vector<NamedPlace> compared_allocations(const Source& study, const Pointer& network);

/// The allocation of that key; none where the network has not got it.
std::optional<NamedPlace> allocation(const Source& study, const Pointer& network, const std::string& key);

/// Layers of a network; those of the same name are told apart by their number.
std::vector<NamedPlace> layers_of(const Source& study, const Pointer& network);

/// Layers of the network that has most of them.
std::size_t most_layers(const Source& study);

/// One entry of `list` (histograms or certificates) about a layer, slice and sign.
struct ColumnGroup {
    std::size_t layer = 0;
    std::uint64_t slice = 0;
    bool negative = false;
    Pointer place;
};
/// The entries, which stand in the order of layers, slices and signs: that tells layers of the same name
/// apart. InputError for an entry out of order.
std::vector<ColumnGroup> column_groups(const Source& study, const Pointer& network, const Pointer& list);

/// A value that a chart's reader chooses, as a Vega-Lite parameter: `name` in expressions. One option needs
/// no choice.
struct Option {
    Json value;
    std::string label;
};
Json choice(const std::string& name, const std::vector<Option>& options, const Json& chosen);
/// A choice `network` among `places`.
Json network_choice(const std::vector<NamedPlace>& places);
/// A choice `allocation` among the keys of all networks; `accuracy` where it is there.
Json allocation_choice(const Source& study);

/// A transform: only rows for which `expression` holds.
Json kept_if(const std::string& expression);

/// An axis of energies of one image; the second for a logarithmic one, with fewer labels.
Json image_joule_axis();
Json log_joule_axis();
/// An axis of accuracies.
Json accuracy_axis();

}  // namespace sliver::report::adc_study
