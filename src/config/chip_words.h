// The words by which the choices of a chip configuration are written, one table for the loader, the writer,
// the documentation and whoever prints a choice (stats.json, tables).
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "config/chip_config.h"

namespace sliver::config {

template <typename Choice>
struct Word {
    Choice value;
    std::string_view word;
};

inline constexpr std::array<Word<Encoding>, 2> kEncodingWords = {
    {{Encoding::differential, "differential"}, {Encoding::offset, "offset"}}};
inline constexpr std::array<Word<GroupPlacement>, 2> kGroupPlacementWords = {
    {{GroupPlacement::packed, "packed"}, {GroupPlacement::dense, "dense"}}};
inline constexpr std::array<Word<SlicePlacement>, 2> kSlicePlacementWords = {
    {{SlicePlacement::grouped, "grouped"}, {SlicePlacement::interleaved, "interleaved"}}};
inline constexpr std::array<Word<DigitColumns>, 4> kDigitsWords = {{{DigitColumns::slices, "slices"},
                                                                    {DigitColumns::packed, "packed"},
                                                                    {DigitColumns::planes, "planes"},
                                                                    {DigitColumns::shared, "shared"}}};
inline constexpr std::array<Word<Packing>, 5> kPackingWords = {{{Packing::none, "none"},
                                                                {Packing::channels, "channels"},
                                                                {Packing::columns, "columns"},
                                                                {Packing::rows, "rows"},
                                                                {Packing::fewest, "fewest"}}};
inline constexpr std::array<Word<ColumnOrder>, 3> kColumnOrderWords = {
    {{ColumnOrder::natural, "natural"},
     {ColumnOrder::light_first, "light-first"},
     {ColumnOrder::heavy_first, "heavy-first"}}};
inline constexpr std::array<Word<Rounding>, 2> kRoundingWords = {
    {{Rounding::nearest, "nearest"}, {Rounding::floor, "floor"}}};
inline constexpr std::array<Word<ConversionTime>, 2> kConversionTimeWords = {
    {{ConversionTime::fixed, "fixed"}, {ConversionTime::per_bit, "per-bit"}}};
inline constexpr std::array<Word<Accounting>, 4> kAccountingWords = {
    {{Accounting::whole, "whole"},
     {Accounting::used, "used"},
     {Accounting::driven, "driven"},
     {Accounting::conducting, "conducting"}}};
inline constexpr std::array<Word<AdcPolicy>, 5> kAdcPolicyWords = {{{AdcPolicy::fixed, "fixed"},
                                                                    {AdcPolicy::worst_case, "worst-case"},
                                                                    {AdcPolicy::profiled, "profiled"},
                                                                    {AdcPolicy::percentile, "percentile"},
                                                                    {AdcPolicy::accuracy, "accuracy"}}};
inline constexpr std::array<Word<AdcGranularity>, 4> kAdcGranularityWords = {
    {{AdcGranularity::chip, "chip"},
     {AdcGranularity::slice, "slice"},
     {AdcGranularity::layer_slice, "layer-slice"},
     {AdcGranularity::layer_slice_sign, "layer-slice-sign"}}};
inline constexpr std::array<Word<AdcOverflow>, 2> kAdcOverflowWords = {
    {{AdcOverflow::clip, "clip"}, {AdcOverflow::split, "split"}}};
inline constexpr std::array<Word<AdcBank>, 2> kAdcBankWords = {
    {{AdcBank::single, "single"}, {AdcBank::per_slice, "per-slice"}}};
inline constexpr std::array<Word<MeshKind>, 3> kMeshKindWords = {
    {{MeshKind::mesh, "mesh"}, {MeshKind::crossbar_switch, "crossbar-switch"}, {MeshKind::ideal, "ideal"}}};
inline constexpr std::array<Word<Multicast>, 2> kMulticastWords = {
    {{Multicast::unicast, "unicast"}, {Multicast::tree, "tree"}}};
inline constexpr std::array<Word<ReplicationMode>, 3> kReplicationModeWords = {
    {{ReplicationMode::none, "none"},
     {ReplicationMode::list, "list"},
     {ReplicationMode::balance, "balance"}}};

inline constexpr std::array<Word<CellKind>, 2> kCellKindWords = {
    {{CellKind::ideal, "ideal"}, {CellKind::resistive, "resistive"}}};
inline constexpr std::array<Word<OffReference>, 2> kOffReferenceWords = {
    {{OffReference::ideal, "ideal"}, {OffReference::column, "column"}}};
inline constexpr std::array<Word<WireKind>, 3> kWireKindWords = {
    {{WireKind::ideal, "ideal"}, {WireKind::separable, "separable"}, {WireKind::exact, "exact"}}};
inline constexpr std::array<Word<AdcCalibration>, 3> kAdcCalibrationWords = {
    {{AdcCalibration::none, "none"}, {AdcCalibration::array, "array"}, {AdcCalibration::column, "column"}}};

constexpr const auto& words_of(Encoding) {
    return kEncodingWords;
}
constexpr const auto& words_of(GroupPlacement) {
    return kGroupPlacementWords;
}
constexpr const auto& words_of(SlicePlacement) {
    return kSlicePlacementWords;
}
constexpr const auto& words_of(DigitColumns) {
    return kDigitsWords;
}
constexpr const auto& words_of(Packing) {
    return kPackingWords;
}
constexpr const auto& words_of(ColumnOrder) {
    return kColumnOrderWords;
}
constexpr const auto& words_of(Rounding) {
    return kRoundingWords;
}
constexpr const auto& words_of(ConversionTime) {
    return kConversionTimeWords;
}
constexpr const auto& words_of(Accounting) {
    return kAccountingWords;
}
constexpr const auto& words_of(AdcPolicy) {
    return kAdcPolicyWords;
}
constexpr const auto& words_of(AdcGranularity) {
    return kAdcGranularityWords;
}
constexpr const auto& words_of(AdcOverflow) {
    return kAdcOverflowWords;
}
constexpr const auto& words_of(AdcBank) {
    return kAdcBankWords;
}
constexpr const auto& words_of(MeshKind) {
    return kMeshKindWords;
}
constexpr const auto& words_of(Multicast) {
    return kMulticastWords;
}
constexpr const auto& words_of(ReplicationMode) {
    return kReplicationModeWords;
}

constexpr const auto& words_of(CellKind) {
    return kCellKindWords;
}
/// Every law that device/ has.
inline const auto& words_of(device::Variation) {
    static const auto kWords = [] {
        std::vector<Word<device::Variation>> words;
        for (const device::VariationLaw& law : device::variation_laws())
            words.push_back({device::variation_named(law.name), law.name});
        return words;
    }();
    return kWords;
}
constexpr const auto& words_of(OffReference) {
    return kOffReferenceWords;
}
constexpr const auto& words_of(WireKind) {
    return kWireKindWords;
}
constexpr const auto& words_of(AdcCalibration) {
    return kAdcCalibrationWords;
}

/// The word of a choice: word_of(AdcPolicy::worst_case) is "worst-case".
template <typename Choice>
constexpr std::string_view word_of(Choice value) {
    for (const auto& entry : words_of(value))
        if (entry.value == value) return entry.word;
    return {};
}

}  // namespace sliver::config
