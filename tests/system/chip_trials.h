// Networks on chips at random, small enough for the plain reference: what the tests of the chip's arithmetic
// try it on.
#pragma once

#include <algorithm>
#include <vector>

#include "bitline_reference.h"
#include "config/chip_config.h"
#include "golden_logits.h"
#include "mapping/adc_widths.h"
#include "network/quantised_network.h"

namespace chip_trials {

using bitline_reference::Dice;
using bitline_reference::Setting;
using test::golden_logits;
namespace config = sliver::config;
namespace mapping = sliver::mapping;
namespace network = sliver::network;

/// Chip parameters at random: array, encoding, slices, sharing, replication, mesh.
inline config::ChipConfig random_chip(const Setting& setting, int input_bits, Dice& dice) {
    config::ChipConfig chip = setting.chip(input_bits);
    chip.array.columns = dice.one_of<int>({32, 48, 64, 128, 300, 512});
    const bool fits = setting.slices() <= chip.array.columns;
    chip.weights.slices =
        fits && dice.chance(50) ? config::SlicePlacement::interleaved : config::SlicePlacement::grouped;
    chip.adc.arrays_per_adc = dice.one_of<int>({1, 2, 4, 8});
    chip.adc.bank = dice.chance(50) ? config::AdcBank::per_slice : config::AdcBank::single;
    chip.adc.time = dice.chance(50) ? config::ConversionTime::per_bit : config::ConversionTime::fixed;
    chip.tile.processing_elements = dice.one_of<int>({1, 2, 12});
    chip.tile.arrays_per_pe = dice.one_of<int>({8, 8, 16});
    chip.mesh.kind = dice.chance(60) ? config::MeshKind::mesh : config::MeshKind::ideal;
    chip.mesh.concentration = dice.one_of<int>({1, 4});
    chip.mesh.columns = chip.mesh.rows = 60;
    chip.host.bytes_per_s = dice.chance(50) ? 25.6e9 : 0;
    return chip;
}

struct Trial {
    Setting setting;
    int input_bits = 8;
    network::QuantisedNetwork network;
    config::ChipConfig chip;
    std::vector<std::int32_t> images;
    std::size_t count = 1;
    mapping::AdcWidths widths;
};

inline Trial random_trial(Dice& dice) {
    Trial t;
    t.setting.array_rows = dice.one_of<int>({32, 50, 64, 128, 256, 512});
    t.setting.cell_bits = dice.between(1, 4);
    t.setting.weight_bits = dice.between(1, 8);
    t.setting.dac_bits = dice.one_of<int>({1, 1, 2, 3, 4});
    t.setting.encoding = dice.chance(50) ? config::Encoding::offset : config::Encoding::differential;
    t.setting.flip_columns = t.setting.encoding == config::Encoding::offset && dice.chance(60);
    if (t.setting.encoding == config::Encoding::offset && t.setting.array_rows == 512)
        t.setting.dac_bits = std::min(t.setting.dac_bits, 2);  // the unit column ends at 12 bits
    t.input_bits = dice.between(1, 8);
    t.network = bitline_reference::random_network(t.setting.weight_bits, t.input_bits, dice);
    t.chip = random_chip(t.setting, t.input_bits, dice);
    t.chip.replication.mode = config::ReplicationMode::list;
    t.chip.replication.copies.clear();
    for (std::size_t i = 0; i < t.network.matrix_nodes().size(); ++i)
        t.chip.replication.copies.push_back(dice.between(1, 3));
    t.count = static_cast<std::size_t>(dice.between(1, 2));
    t.images = bitline_reference::random_images(t.network.nodes.front(), t.count, dice);
    return t;
}

/// Widths or drops for every layer and slice.
inline std::vector<std::vector<int>> random_widths(const Trial& trial, int lowest, int highest, Dice& dice) {
    std::vector<std::vector<int>> drawn(trial.network.matrix_nodes().size());
    for (auto& layer : drawn)
        for (int slice = 0; slice < trial.setting.slices(); ++slice)
            layer.push_back(dice.between(lowest, highest));
    return drawn;
}

/// Gives the trial converters that hold every sum; false where a sum is too large for any.
inline bool make_lossless(Trial& trial) {
    const mapping::NetworkMapping mapped = mapping::map_network(trial.network, trial.chip);
    trial.widths.bits = bitline_reference::lossless_bits(trial.network, mapped, trial.chip.inputs.dac_bits);
    int widest = 0;
    for (const std::vector<int>& layer : trial.widths.bits)
        widest = std::max(widest, *std::max_element(layer.begin(), layer.end()));
    return widest <= mapping::kMaxConverterBits;
}

}  // namespace chip_trials
