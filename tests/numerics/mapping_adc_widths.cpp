// ADC widths against brute force: worst-case columns by plain loops, shared widths by their definition,
// percentiles by sorting, tables through the configuration and back.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "base/error.h"
#include "bitline_reference.h"
#include "config/chip_config_loader.h"
#include "mapping/adc_widths.h"

BOOST_AUTO_TEST_SUITE(mapping_adc_widths)

using namespace sliver;
using bitline_reference::Dice;
using bitline_reference::Setting;
using config::AdcGranularity;
using config::AdcPolicy;

namespace {

struct Case {
    Setting setting;
    config::ChipConfig chip;
    network::QuantisedNetwork network;
    mapping::NetworkMapping mapping;
};

Case random_case(Dice& dice) {
    Case c;
    c.setting.array_rows = dice.one_of<int>({32, 33, 64, 128});
    c.setting.cell_bits = dice.between(1, 4);
    c.setting.weight_bits = dice.between(1, 8);
    c.setting.dac_bits = dice.one_of<int>({1, 1, 2, 4});
    c.setting.encoding = dice.chance(40) ? config::Encoding::offset : config::Encoding::differential;
    c.setting.flip_columns = c.setting.encoding == config::Encoding::offset && dice.chance(60);
    const int input_bits = dice.between(1, 8);
    c.chip = c.setting.chip(input_bits);
    c.chip.name = "test";
    c.network = bitline_reference::random_network(c.setting.weight_bits, input_bits, dice);
    c.mapping = mapping::map_network(c.network, c.chip);
    return c;
}

/// Sum of the levels of a column as stored, times the largest digit any plane drives.
std::uint32_t column_at_full_input(const Case& c, const mapping::LayerMapping& layer, int block, int slice,
                                   bool negative, int output) {
    const network::Node& node = c.network.nodes[layer.node];
    const int highest = (1 << c.setting.cell_bits) - 1;
    const int first = block * c.setting.array_rows, last = std::min(layer.rows, first + c.setting.array_rows);
    int plain = 0, sum = 0, digit = 1;
    for (const mapping::InputPlane& plane : layer.planes) digit = std::max(digit, (1 << plane.bits) - 1);
    const auto level = [&](int row, bool sign) {
        return bitline_reference::level_of(
            c.setting, node.weights.codes[static_cast<std::size_t>(output * layer.rows + row)], slice, sign);
    };
    for (int row = first; row < last; ++row) plain += level(row, false);
    const bool flipped = c.setting.flip_columns && 2 * plain > (last - first) * highest;
    for (int row = first; row < last; ++row)
        sum += flipped ? highest - level(row, negative) : level(row, negative);
    return static_cast<std::uint32_t>(sum * digit);
}

int bits_for(std::uint32_t sum) {
    return std::max(1, static_cast<int>(std::ceil(std::log2(static_cast<double>(sum) + 1))));
}

/// Groups that must share a width, as the words of the configuration say.
bool share(AdcGranularity granularity, std::size_t layer, std::size_t slice, std::size_t sign,
           std::size_t other_layer, std::size_t other_slice, std::size_t other_sign) {
    if (granularity == AdcGranularity::chip) return true;
    if (slice != other_slice) return false;
    if (granularity == AdcGranularity::slice) return true;
    if (layer != other_layer) return false;
    return granularity == AdcGranularity::layer_slice || sign == other_sign;
}

constexpr std::array kGranularities = {AdcGranularity::chip, AdcGranularity::slice,
                                       AdcGranularity::layer_slice, AdcGranularity::layer_slice_sign};

bool refused(const std::function<void()>& act, const std::string& part) {
    try {
        act();
    } catch (const InputError& error) {
        return std::string(error.what()).find(part) != std::string::npos;
    }
    return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(converters_round_to_their_step_and_saturate) {
    // 3 bits, step 4: codes 0..7 stand for 0, 4, .., 28; half a step rounds up; 30 is the first that is cut.
    const mapping::Converter coarse{3, 2};
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> expected = {
        {0, 0}, {1, 0}, {2, 4}, {5, 4}, {6, 8}, {25, 24}, {26, 28}, {29, 28}, {30, 28}, {400, 28}};
    for (const auto& [sum, value] : expected) BOOST_TEST(mapping::converted(coarse, sum) == value, sum);
    BOOST_TEST(coarse.range() == 29U);
    BOOST_TEST((mapping::Converter{3, 0}).range() == 7U);
    BOOST_TEST((mapping::Converter{1, 1}).range() == 2U);
    for (int bits = 1; bits <= 5; ++bits)
        for (int drop = 0; drop <= 3; ++drop) {
            const mapping::Converter converter{bits, drop};
            for (std::uint32_t sum = 0; sum < 300; ++sum) {
                const double step = std::pow(2, drop), top = step * (std::pow(2, bits) - 1);
                const double wanted = std::min(top, std::floor(sum / step + 0.5) * step);
                BOOST_TEST(mapping::converted(converter, sum) == wanted);
                BOOST_TEST((sum > converter.range()) == (std::floor(sum / step + 0.5) * step > top));
            }
        }
}

BOOST_AUTO_TEST_CASE(worst_case_columns_equal_plain_loops) {
    Dice dice(7);
    for (int round = 0; round < 40; ++round) {
        const Case c = random_case(dice);
        const auto columns = mapping::worst_case_columns(c.network, c.mapping, c.setting.dac_bits);
        const auto sums = mapping::worst_case_sums(c.network, c.mapping, c.setting.dac_bits);
        for (std::size_t l = 0; l < c.mapping.layers.size(); ++l) {
            const mapping::LayerMapping& layer = c.mapping.layers[LayerIndex(l)];
            for (int slice = 0; slice < c.setting.slices(); ++slice) {
                const auto s = static_cast<std::size_t>(slice);
                for (const bool negative : {false, true}) {
                    mapping::ColumnExtreme want;
                    if (!negative || c.setting.encoding == config::Encoding::differential)
                        for (int block = 0; block < layer.row_blocks; ++block)
                            for (int output = 0; output < layer.outputs; ++output) {
                                const std::uint32_t sum =
                                    column_at_full_input(c, layer, block, slice, negative, output);
                                if (sum > want.sum)
                                    want = {sum, RowBlockIndex(static_cast<std::size_t>(block)), output};
                            }
                    const mapping::ColumnExtreme& got = columns[l][s][negative ? 1 : 0];
                    BOOST_TEST(got.sum == want.sum);
                    BOOST_TEST(got.row_block.value() == want.row_block.value());
                    BOOST_TEST(got.output == want.output);
                }
                BOOST_TEST(sums[l][s] == std::max(columns[l][s][0].sum, columns[l][s][1].sum));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(shared_widths_are_the_narrowest_that_hold_all) {
    Dice dice(8);
    for (int round = 0; round < 40; ++round) {
        mapping::ByColumnGroup<std::uint32_t> sums(static_cast<std::size_t>(dice.between(1, 4)));
        const auto slices = static_cast<std::size_t>(dice.between(1, 9));
        for (auto& layer : sums)
            for (std::size_t slice = 0; slice < slices; ++slice)
                layer.push_back({static_cast<std::uint32_t>(dice.between(0, 400)),
                                 static_cast<std::uint32_t>(dice.between(0, 400))});
        for (const AdcGranularity granularity : kGranularities) {
            const mapping::AdcWidths widths = mapping::allocate_from_sums(sums, granularity);
            BOOST_TEST(widths.negative_bits.empty() == (granularity != AdcGranularity::layer_slice_sign));
            for (std::size_t l = 0; l < sums.size(); ++l)
                for (std::size_t s = 0; s < slices; ++s)
                    for (std::size_t sign = 0; sign < 2; ++sign) {
                        std::uint32_t largest = 0;
                        for (std::size_t l2 = 0; l2 < sums.size(); ++l2)
                            for (std::size_t s2 = 0; s2 < slices; ++s2)
                                for (std::size_t sign2 = 0; sign2 < 2; ++sign2)
                                    if (share(granularity, l, s, sign, l2, s2, sign2))
                                        largest = std::max(largest, sums[l2][s2][sign2]);
                        const mapping::Converter converter =
                            widths.at(LayerIndex(l), SliceIndex(s),
                                      sign == 0 ? mapping::Sign::positive : mapping::Sign::negative);
                        BOOST_TEST(converter.bits == bits_for(largest));
                        BOOST_TEST(converter.drop == 0);
                    }
        }
    }
    BOOST_TEST(refused(
        [] {
            mapping::allocate_from_sums({{{4096, 0}}}, AdcGranularity::chip);
        },
        "a column sum of 4096 needs 13 bits"));
}

BOOST_AUTO_TEST_CASE(profiled_and_percentile_widths_equal_sorted_lists) {
    Dice dice(9);
    for (int round = 0; round < 60; ++round) {
        mapping::ColumnProfile profile;
        std::vector<std::vector<std::array<std::vector<std::uint32_t>, 2>>> lists(2);
        for (std::size_t l = 0; l < 2; ++l) {
            profile.groups.emplace_back(3);
            lists[l].resize(3);
            for (std::size_t s = 0; s < 3; ++s)
                for (std::size_t sign = 0; sign < 2; ++sign) {
                    auto& counts = profile.groups[l][s][sign].counts;
                    for (int i = dice.between(1, 60); i > 0; --i) {
                        const auto sum = static_cast<std::uint32_t>(dice.between(0, 4 << dice.between(0, 5)));
                        lists[l][s][sign].push_back(sum);
                        if (counts.size() <= sum) counts.resize(sum + 1, 0);
                        ++counts[sum];
                    }
                }
        }
        for (const AdcGranularity granularity : kGranularities) {
            config::ChipConfig chip;
            chip.adc.granularity = granularity;
            const bool percentile = dice.chance(60);
            chip.adc.policy = percentile ? AdcPolicy::percentile : AdcPolicy::profiled;
            if (percentile)
                chip.adc.percentile = dice.one_of<double>({1, 50, 90, 99, 99.9, 100});
            else
                chip.adc.margin = dice.between(0, 9);
            const mapping::AdcWidths widths = mapping::allocate_from_profile(profile, chip);
            for (std::size_t l = 0; l < 2; ++l)
                for (std::size_t s = 0; s < 3; ++s)
                    for (std::size_t sign = 0; sign < 2; ++sign) {
                        std::vector<std::uint32_t> all;
                        for (std::size_t l2 = 0; l2 < 2; ++l2)
                            for (std::size_t s2 = 0; s2 < 3; ++s2)
                                for (std::size_t sign2 = 0; sign2 < 2; ++sign2)
                                    if (share(granularity, l, s, sign, l2, s2, sign2))
                                        all.insert(all.end(), lists[l2][s2][sign2].begin(),
                                                   lists[l2][s2][sign2].end());
                        std::sort(all.begin(), all.end());
                        std::size_t rank = all.size();
                        if (percentile)  // fewest sums that make up the share
                            rank = static_cast<std::size_t>(
                                std::ceil(chip.adc.percentile / 100 * static_cast<double>(all.size())));
                        const std::uint32_t sum = all[rank - 1] + static_cast<std::uint32_t>(chip.adc.margin);
                        const mapping::Converter converter =
                            widths.at(LayerIndex(l), SliceIndex(s),
                                      sign == 0 ? mapping::Sign::positive : mapping::Sign::negative);
                        BOOST_TEST(converter.bits == bits_for(sum));
                    }
        }
    }
}

BOOST_AUTO_TEST_CASE(fixed_tables_name_layers_signs_and_steps) {
    Dice dice(10);
    Case c = random_case(dice);
    while (c.setting.slices() != 4 || c.setting.encoding != config::Encoding::differential ||
           c.mapping.layers.size() < 2)
        c = random_case(dice);
    const std::string first = c.mapping.layers[LayerIndex(0)].name,
                      second = c.mapping.layers[LayerIndex(1)].name;
    c.chip.adc.bits = 6;
    c.chip.adc.layer_widths[second] = {1, 2, 3, 4};
    c.chip.adc.negative_layer_widths[first] = {4, 3, 2, 1};
    c.chip.adc.slice_drops = {2, 1, 0, 0};
    c.chip.adc.layer_drops[second] = {0, 0, 0, 3};
    const mapping::AdcWidths widths = mapping::allocate_adcs(c.network, c.mapping, c.chip);
    const LayerIndex one(0), two(1);
    BOOST_TEST((widths.at(one, SliceIndex(0)) == mapping::Converter{6, 2}));
    BOOST_TEST((widths.at(one, SliceIndex(0), mapping::Sign::negative) == mapping::Converter{4, 2}));
    BOOST_TEST((widths.at(two, SliceIndex(3)) == mapping::Converter{4, 3}));
    BOOST_TEST((widths.at(two, SliceIndex(3), mapping::Sign::negative) == mapping::Converter{4, 3}));
    for (const auto& [key, table] :
         {std::pair{"adc.negative_layer_widths", &config::AdcConfig::negative_layer_widths},
          std::pair{"adc.layer_drops", &config::AdcConfig::layer_drops}}) {
        config::ChipConfig wrong = c.chip;
        (wrong.adc.*table)["nowhere"] = {1, 1, 1, 1};
        BOOST_TEST(refused([&] { mapping::allocate_adcs(c.network, c.mapping, wrong); }, key));
        BOOST_TEST(refused([&] { mapping::allocate_adcs(c.network, c.mapping, wrong); }, "'nowhere'"));
    }
}

BOOST_AUTO_TEST_CASE(found_widths_survive_as_a_chip_file) {
    Dice dice(11);
    for (int round = 0; round < 20; ++round) {
        Case c = random_case(dice);
        c.chip.adc.policy = AdcPolicy::worst_case;
        c.chip.adc.granularity = dice.one_of<AdcGranularity>(
            {AdcGranularity::chip, AdcGranularity::slice, AdcGranularity::layer_slice});
        if (c.setting.encoding == config::Encoding::differential && dice.chance(50))
            c.chip.adc.granularity = AdcGranularity::layer_slice_sign;
        const mapping::AdcWidths found = mapping::allocate_adcs(c.network, c.mapping, c.chip);
        const config::ChipConfig fixed = config::parse_chip(
            config::to_yaml(mapping::with_fixed_widths(c.chip, c.mapping, found)), "fixed.yaml");
        const mapping::AdcWidths again = mapping::allocate_adcs(c.network, c.mapping, fixed);
        for (std::size_t l = 0; l < found.bits.size(); ++l)
            for (std::size_t s = 0; s < found.bits[l].size(); ++s)
                for (const mapping::Sign sign : {mapping::Sign::positive, mapping::Sign::negative})
                    BOOST_TEST((found.at(LayerIndex(l), SliceIndex(s), sign) ==
                                again.at(LayerIndex(l), SliceIndex(s), sign)));
    }
}

BOOST_AUTO_TEST_SUITE_END()
