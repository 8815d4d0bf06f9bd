// What several sections of an ADC study's report need: places in adc.json, and choices for charts.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/sections/column_sums_chart.h"
#include "report/sections/rows.h"
#include "report/source.h"

namespace sliver::report::adc_study {

using sections::choice;
using sections::ColumnGroup;
using sections::kept_if;
using sections::NamedPlace;
using sections::Option;

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

/// The entries of `list` (histograms or certificates), which stand in the order of layers, slices and signs:
/// that tells layers of the same name apart. InputError for an entry out of order.
std::vector<ColumnGroup> column_groups(const Source& study, const Pointer& network, const Pointer& list);

/// A choice `network` among `places`.
Json network_choice(const std::vector<NamedPlace>& places);
/// A choice `allocation` among the keys of all networks; `accuracy` where it is there.
Json allocation_choice(const Source& study);

/// An axis of energies of one image; the second for a logarithmic one, with fewer labels.
Json image_joule_axis();
Json log_joule_axis();
/// An axis of accuracies.
Json accuracy_axis();

}  // namespace sliver::report::adc_study
