// The four effects of sparsity against plain loops over every cell of every read, and their sum against the
// whole.
#include <boost/test/unit_test.hpp>

#include "bitline_reference.h"
#include "cost/adc_laws.h"
#include "cost/energy.h"
#include "network/golden.h"
#include "network/integer_ops.h"
#include "study/adc_ablation.h"

BOOST_AUTO_TEST_SUITE(study_adc_ablation)

using namespace sliver;
using bitline_reference::Dice;
using bitline_reference::Setting;

namespace {

struct Case {
    Setting setting;
    network::QuantisedNetwork network;
    mapping::NetworkMapping mapping;
    std::vector<std::vector<std::int32_t>> images;
};

Case random_case(Dice& dice) {
    Case c;
    c.setting.array_rows = dice.one_of<int>({32, 33, 64});
    c.setting.cell_bits = dice.between(1, 4);
    c.setting.weight_bits = dice.between(1, 8);
    c.setting.dac_bits = dice.one_of<int>({1, 1, 2});
    c.setting.encoding = dice.chance(40) ? config::Encoding::offset : config::Encoding::differential;
    c.setting.flip_columns = c.setting.encoding == config::Encoding::offset && dice.chance(60);
    const int input_bits = dice.between(1, 8);
    c.network = bitline_reference::random_network(c.setting.weight_bits, input_bits, dice);
    c.mapping = mapping::map_network(c.network, c.setting.chip(input_bits));
    const std::size_t pixels = c.network.nodes.front().shape.size();
    const auto codes = bitline_reference::random_images(c.network.nodes.front(), 2, dice);
    for (std::size_t image = 0; image < 2; ++image)
        c.images.emplace_back(codes.begin() + static_cast<std::ptrdiff_t>(image * pixels),
                              codes.begin() + static_cast<std::ptrdiff_t>((image + 1) * pixels));
    return c;
}

/// What remains of conversions (by slice and sign), cells and row drives when effects are taken: every read,
/// row and column looked at one by one.
struct Left {
    std::vector<std::array<std::uint64_t, 2>> conversions;
    std::uint64_t cells = 0, row_drives = 0, reads = 0;
};

std::vector<Left> look(const Case& c, const study::Effects& effects) {
    const int highest = (1 << c.setting.cell_bits) - 1;
    std::vector<Left> layers(c.mapping.layers.size());
    for (const auto& image : c.images) {
        const auto maps = network::run_golden_maps(c.network, image);
        for (std::size_t l = 0; l < layers.size(); ++l) {
            const mapping::LayerMapping& layer = c.mapping.layers[LayerIndex(l)];
            const network::Node& node = c.network.nodes[layer.node];
            const network::Node& input = c.network.nodes[node.inputs.front()];
            Left& left = layers[l];
            left.conversions.resize(static_cast<std::size_t>(c.setting.slices()));
            std::vector<std::int32_t> window(static_cast<std::size_t>(layer.rows));
            for (int y = 0; y < node.shape.height; ++y)
                for (int x = 0; x < node.shape.width; ++x) {
                    network::gather_window(node, input.shape, maps[node.inputs.front()].data(), y, x,
                                           window.data());
                    for (const auto& digit : bitline_reference::digits_of(input.format, c.setting.dac_bits))
                        for (const mapping::CrossbarSlot& slot : layer.crossbars) {
                            const auto driven = [&](int row) {
                                return (window[static_cast<std::size_t>(slot.first_row + row)] >>
                                            digit.shift &
                                        ((1 << digit.bits) - 1)) != 0;
                            };
                            std::uint64_t rows = 0;
                            for (int row = 0; row < slot.rows; ++row) rows += driven(row) ? 1 : 0;
                            if (effects.empty_planes && rows == 0) continue;
                            ++left.reads;
                            left.row_drives +=
                                effects.empty_planes ? rows : static_cast<std::uint64_t>(slot.rows);
                            for (int slice = slot.first_slice; slice < slot.first_slice + slot.slices;
                                 ++slice)
                                for (int output = slot.first_output;
                                     output < slot.first_output + slot.outputs; ++output) {
                                    const auto level = [&](int row, bool negative) {
                                        const auto place = static_cast<std::size_t>(output * layer.rows +
                                                                                    slot.first_row + row);
                                        return bitline_reference::level_of(
                                            c.setting, node.weights.codes[place], slice, negative);
                                    };
                                    int plain = 0;
                                    for (int row = 0; row < slot.rows; ++row) plain += level(row, false);
                                    const bool flipped =
                                        c.setting.flip_columns && 2 * plain > slot.rows * highest;
                                    const bool negative = slot.sign == mapping::Sign::negative;
                                    bool empty = true;
                                    for (int row = 0; row < slot.rows; ++row) {
                                        const int stored =
                                            flipped ? highest - level(row, negative) : level(row, negative);
                                        empty = empty && stored == 0;
                                        if (effects.conducting_cells && stored == 0) continue;
                                        if (effects.empty_planes && !driven(row)) continue;
                                        ++left.cells;
                                    }
                                    if (effects.empty_columns && empty) continue;
                                    ++left.conversions[static_cast<std::size_t>(slice)][negative ? 1 : 0];
                                }
                        }
                }
        }
    }
    return layers;
}

mapping::AdcWidths random_widths(const Case& c, Dice& dice) {
    mapping::AdcWidths widths;
    for (std::size_t l = 0; l < c.mapping.layers.size(); ++l) {
        widths.bits.emplace_back();
        widths.negative_bits.emplace_back();
        for (int slice = 0; slice < c.setting.slices(); ++slice) {
            widths.bits.back().push_back(dice.between(1, 9));
            widths.negative_bits.back().push_back(dice.between(1, 9));
        }
    }
    return widths;
}

}  // namespace

BOOST_AUTO_TEST_CASE(counts_equal_a_look_at_every_cell) {
    Dice dice(31);
    for (int round = 0; round < 12; ++round) {
        const Case c = random_case(dice);
        const auto activity = study::count_activity(c.network, c.mapping, c.images);
        const mapping::AdcWidths baseline = random_widths(c, dice), narrow = random_widths(c, dice);
        for (unsigned mask = 0; mask < 16; ++mask) {
            const study::Effects effects{(mask & 1U) != 0, (mask & 2U) != 0, (mask & 4U) != 0,
                                         (mask & 8U) != 0};
            const std::vector<Left> want = look(c, effects);
            const cost::Actions got = study::actions_with(activity, effects, baseline, narrow);
            cost::WidthCounts conversions{};
            std::uint64_t cells = 0, row_drives = 0, reads = 0, all = 0;
            for (std::size_t l = 0; l < want.size(); ++l) {
                cells += want[l].cells;
                row_drives += want[l].row_drives;
                reads += want[l].reads;
                const mapping::AdcWidths& widths = effects.column_sums ? narrow : baseline;
                for (std::size_t slice = 0; slice < want[l].conversions.size(); ++slice)
                    for (std::size_t sign = 0; sign < 2; ++sign) {
                        const std::uint64_t made = want[l].conversions[slice][sign];
                        const auto& by_sign = sign == 0 ? widths.bits : widths.negative_bits;
                        conversions[static_cast<std::size_t>(by_sign[l][slice])] += made;
                        all += made;
                    }
            }
            BOOST_TEST((got.conversions_used == conversions));
            BOOST_TEST(got.cells_used == cells);
            BOOST_TEST(got.row_drives_used == row_drives);
            BOOST_TEST(got.crossbar_reads == reads);
            BOOST_TEST(got.samples_used == all);
            BOOST_TEST(got.shift_adds_used == all);
        }
    }
}

BOOST_AUTO_TEST_CASE(effects_add_up_to_the_whole) {
    Dice dice(32);
    const Case c = random_case(dice);
    const auto activity = study::count_activity(c.network, c.mapping, c.images);
    mapping::AdcWidths baseline, narrow;
    for (std::size_t l = 0; l < c.mapping.layers.size(); ++l) {
        baseline.bits.emplace_back(static_cast<std::size_t>(c.setting.slices()), 8);
        narrow.bits.emplace_back(static_cast<std::size_t>(c.setting.slices()), 3);
    }
    const auto law = cost::make_adc_law("isaac", {});
    const cost::UnitCosts units = cost::isaac_unit_costs();
    const auto energy = [&](const study::Effects& effects) {
        return cost::energy_by_component(study::actions_with(activity, effects, baseline, narrow), units,
                                         *law, cost::Accounting::used)
            .total();
    };
    double saved = 0;
    for (std::size_t i = 0; i < study::kEffectNames.size(); ++i)
        saved += energy(study::first_effects(i)) - energy(study::first_effects(i + 1));
    const double whole = energy(study::first_effects(0)) - energy(study::first_effects(4));
    BOOST_TEST(saved == whole, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(whole > 0);
    for (std::size_t i = 0; i < 4; ++i)
        BOOST_TEST(energy(study::first_effects(i + 1)) <= energy(study::first_effects(i)));
}

BOOST_AUTO_TEST_SUITE_END()
