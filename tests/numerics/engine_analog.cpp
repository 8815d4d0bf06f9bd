// Reads of non-ideal crossbars: kernels against loops; with whole levels the engine of whole numbers, bit for
// bit; with real ones a layer computed column by column.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>

#include "base/error.h"
#include "base/size.h"
#include "bitline/read_noise.h"
#include "bitline_reference.h"
#include "engine/functional_engine.h"

BOOST_AUTO_TEST_SUITE(engine_analog)

using namespace sliver;
using bitline::AnalogArray;
using bitline::AnalogNetwork;
using bitline_reference::Dice;
using bitline_reference::Setting;

namespace {

float real_between(double lowest, double highest, Dice& dice) {
    return static_cast<float>(lowest + (highest - lowest) * dice.between(0, 1000000) / 1e6);
}

/// The cells of every crossbar as they are programmed.
std::shared_ptr<AnalogNetwork> whole_levels(const network::QuantisedNetwork& network,
                                            const mapping::NetworkMapping& mapping) {
    auto network_arrays = std::make_shared<AnalogNetwork>();
    AnalogNetwork& arrays = *network_arrays;
    for (const mapping::LayerMapping& layer : mapping.layers) {
        const network::MatrixWeights& weights = network.nodes[layer.node].weights;
        const std::vector<bool> flipped = mapping::flipped_columns(weights, layer);
        arrays.emplace_back();
        for (const mapping::CrossbarSlot& slot : layer.crossbars) {
            const mapping::CellArray cells = mapping::program_cells(weights, layer, slot, flipped);
            std::vector<float> levels;
            for (int row = 0; row < slot.rows; ++row)
                for (int column = 0; column < slot.used_columns(); ++column)
                    levels.push_back(static_cast<float>(cells.level(row, column)));
            arrays.back().emplace_back(slot.rows, slot.used_columns(), levels);
        }
    }
    return network_arrays;
}

struct Case {
    network::QuantisedNetwork network;
    mapping::NetworkMapping mapping;
    std::vector<std::int32_t> images;
    int dac_bits = 1;
    mapping::AdcWidths widths;
};
constexpr std::size_t kImages = 3;

Case random_case(Dice& dice) {
    Case c;
    Setting setting;
    setting.array_rows = dice.one_of<int>({16, 17, 32, 64, 100, 128, 256});
    setting.cell_bits = dice.between(1, 4);
    setting.weight_bits = dice.between(1, 8);
    setting.dac_bits = c.dac_bits = dice.one_of<int>({1, 1, 2, 3});
    setting.encoding = dice.chance(50) ? config::Encoding::offset : config::Encoding::differential;
    setting.flip_columns = setting.encoding == config::Encoding::offset && dice.chance(60);
    const int input_bits = dice.between(1, 8);
    c.network = bitline_reference::random_network(setting.weight_bits, input_bits, dice);
    config::ChipConfig chip = setting.chip(input_bits);
    if (dice.chance(50)) chip.weights.slices = config::SlicePlacement::interleaved;
    c.mapping = mapping::map_network(c.network, chip);
    c.images = bitline_reference::random_images(c.network.nodes.front(), kImages, dice);
    const auto table = [&](int lowest, int highest) {
        std::vector<std::vector<int>> numbers(c.mapping.layers.size());
        for (auto& layer : numbers)
            for (int slice = 0; slice < setting.slices(); ++slice)
                layer.push_back(dice.between(lowest, highest));
        return numbers;
    };
    c.widths = bitline_reference::unit_steps(table(1, dice.one_of<int>({3, 6, 12})));
    if (dice.chance(40)) c.widths.negative_bits = table(1, 6);
    if (dice.chance(50)) c.widths.drops = table(0, 4);
    return c;
}

engine::EngineOptions options(InstructionSet set, int threads) {
    engine::EngineOptions result;
    result.instruction_set = set;
    result.threads = threads;
    result.record_sums = true;
    return result;
}

void check_equal(const engine::BatchResult& got, const engine::BatchResult& want) {
    BOOST_TEST(got.logits == want.logits, boost::test_tools::per_element());
    for (std::size_t layer = 0; layer < want.statistics.size(); ++layer)
        for (std::size_t slice = 0; slice < want.statistics[layer].size(); ++slice) {
            const engine::SliceStatistics &one = got.statistics[layer][slice],
                                          &other = want.statistics[layer][slice];
            BOOST_TEST_CONTEXT("layer " << layer << " slice " << slice) {
                BOOST_TEST(one.clipped == other.clipped);
                BOOST_TEST(one.clipped_by_sign == other.clipped_by_sign, boost::test_tools::per_element());
                BOOST_TEST(one.largest_sum == other.largest_sum);
            }
        }
}

}  // namespace

BOOST_AUTO_TEST_CASE(sums_are_added_row_by_row_by_every_instruction_set) {
    Dice dice(1);
    for (int round = 0; round < 200; ++round) {
        const int rows = dice.one_of<int>({1, 27, 64, 65, 128, 512});
        const int columns = dice.one_of<int>({1, 16, 17, 40, 128, 200});
        const int digit_bits = dice.one_of<int>({1, 1, 2, 4}), words = (rows + 63) / 64;
        std::vector<float> levels;
        for (int i = 0; i < rows * columns; ++i) levels.push_back(real_between(-0.1, 3.2, dice));
        const AnalogArray array(rows, columns, levels);
        std::vector<std::uint64_t> digits(size(digit_bits * words), 0);
        std::vector<float> want(size(columns), 0.0F);
        for (int row = 0; row < rows; ++row) {
            const int digit = dice.chance(60) ? dice.between(0, (1 << digit_bits) - 1) : 0;
            for (int bit = 0; bit < digit_bits; ++bit)
                digits[size(bit * words + row / 64)] |= static_cast<std::uint64_t>(digit >> bit & 1)
                                                        << (row % 64);
            for (int column = 0; column < columns; ++column)
                want[size(column)] += static_cast<float>(digit) * levels[size(row * columns + column)];
        }
        for (const InstructionSet set : available_instruction_sets()) {
            std::vector<float> sums(size(array.stride), -1.0F);
            bitline::analog_sums(set)(array, digits.data(), digit_bits, sums.data());
            sums.resize(size(columns));
            BOOST_TEST((sums == want), name_of(set) << " rows " << rows << " columns " << columns);
        }
    }
}

BOOST_AUTO_TEST_CASE(whole_sums_convert_as_whole_numbers) {
    AnalogArray array(1, 48, std::vector<float>(48, 0.0F));
    for (int bits = 1; bits <= 9; ++bits) {
        for (int drop = 0; drop <= 8; ++drop) {
            for (std::uint32_t first = 0; first < 1536; first += 48) {
                std::vector<float> sums;
                std::vector<std::uint32_t> codes(48), want;
                std::uint32_t cut = 0;
                for (std::uint32_t sum = first; sum < first + 48; ++sum) {
                    sums.push_back(static_cast<float>(sum));
                    want.push_back(mapping::converted({bits, drop}, sum));
                    cut += sum > mapping::Converter{bits, drop}.range() ? 1U : 0U;
                }
                const bitline::Converted converted =
                    bitline::convert_analog(array, {bits, drop}, sums.data(), 0, 48, codes.data());
                BOOST_TEST((codes == want), "bits " << bits << " drop " << drop << " from " << first);
                BOOST_TEST(converted.cut == cut);
                BOOST_TEST(converted.largest == first + 47);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(real_sums_go_to_the_nearest_code_within_the_converter) {
    AnalogArray array(1, 6, std::vector<float>(6, 0.0F));
    array.gain = {1.0F, 1.0F, 1.0F, 2.0F, 1.0F, 1.0F};
    array.gain.resize(16, 1.0F);
    array.offset[4] = -1.0F;
    const std::vector<float> sums = {2.49F, 2.51F, -0.7F, 1.3F, 4.4F, 9.6F};
    std::vector<std::uint32_t> codes(6);
    const auto converted = bitline::convert_analog(array, {3, 0}, sums.data(), 0, 6, codes.data());
    BOOST_TEST(codes == (std::vector<std::uint32_t>{2, 3, 0, 3, 3, 7}), boost::test_tools::per_element());
    BOOST_TEST(converted.cut == 1U);
    BOOST_TEST(converted.largest == 10U);
    bitline::convert_analog(array, {2, 1}, sums.data(), 0, 6, codes.data());
    BOOST_TEST(codes == (std::vector<std::uint32_t>{2, 2, 0, 2, 4, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ideal_devices_are_the_integer_engine) {
    Dice dice(2);
    for (int round = 0; round < 60; ++round) {
        const Case c = random_case(dice);
        for (const InstructionSet set : available_instruction_sets()) {
            const int threads = dice.between(1, 3);
            const engine::FunctionalEngine whole(c.network, c.mapping, c.dac_bits, options(set, threads));
            const engine::FunctionalEngine real(c.network, c.mapping, c.dac_bits, options(set, threads),
                                                whole_levels(c.network, c.mapping));
            BOOST_TEST_CONTEXT(name_of(set)
                               << " round " << round << " rows " << c.mapping.array_rows << " cell bits "
                               << c.mapping.layers[LayerIndex(0)].format.cell_bits << " signs "
                               << c.mapping.signs() << " DAC bits " << c.dac_bits) {
                check_equal(real.run(c.images.data(), kImages, c.widths),
                            whole.run(c.images.data(), kImages, c.widths));
                const mapping::ColumnProfile got = real.profile(c.images.data(), kImages),
                                             want = whole.profile(c.images.data(), kImages);
                for (std::size_t layer = 0; layer < want.groups.size(); ++layer)
                    for (std::size_t slice = 0; slice < want.groups[layer].size(); ++slice)
                        for (std::size_t sign = 0; sign < 2; ++sign) {
                            const auto &one = got.groups[layer][slice][sign],
                                       &other = want.groups[layer][slice][sign];
                            BOOST_TEST((one.counts == other.counts));
                            BOOST_TEST(one.largest.sum == other.largest.sum);
                            BOOST_TEST((one.largest.row_block == other.largest.row_block));
                            BOOST_TEST(one.largest.output == other.largest.output);
                        }
            }
        }
    }
}

// Levels of every crossbar disturbed: the network computed anew, column by column, in single precision.
BOOST_AUTO_TEST_CASE(disturbed_levels_give_what_loops_over_crossbars_give) {
    Dice dice(3);
    for (int round = 0; round < 20; ++round) {
        network::QuantisedNetwork network;
        network.name = "line";
        network::Node input;
        input.kind = network::NodeKind::input;
        input.name = "input";
        input.shape = {dice.between(20, 300), 1, 1};
        input.format.bits = 4;
        input.format.is_signed = false;
        network.nodes.push_back(input);
        network::Window window;
        window.kernel_height = window.kernel_width = 1;
        window.stride_x = window.stride_y = 1;
        const int outputs = dice.between(1, 70);
        network.nodes.push_back(
            bitline_reference::matrix_node("line", input.shape, window, outputs, 4, 4, 0, dice));
        network::Node& node = network.nodes.back();
        node.is_output = true;
        node.format = {true, 32, 0};
        node.relu = false;
        std::fill(node.weights.bias.begin(), node.weights.bias.end(), 0);
        Setting setting;
        setting.weight_bits = 4;
        config::ChipConfig chip = setting.chip(4);
        const mapping::NetworkMapping mapping = mapping::map_network(network, chip);
        const mapping::LayerMapping& layer = mapping.layers[LayerIndex(0)];
        const std::shared_ptr<AnalogNetwork> shared = whole_levels(network, mapping);
        AnalogNetwork& arrays = *shared;
        for (AnalogArray& array : arrays[0]) {
            for (float& level : array.levels) level += real_between(-0.4, 0.6, dice);
            for (float& gain : array.gain) gain = real_between(0.8, 1.2, dice);
            for (float& offset : array.offset) offset = real_between(-1, 1, dice);
        }
        const mapping::Converter converter{dice.between(3, 7), dice.between(0, 1)};
        mapping::AdcWidths widths = bitline_reference::unit_steps({{converter.bits, converter.bits}});
        widths.drops = {{converter.drop, converter.drop}};
        std::vector<std::int32_t> image;
        for (int row = 0; row < node.weights.rows; ++row) image.push_back(dice.between(0, 15));

        std::vector<std::int64_t> want(size(outputs), 0);
        std::uint64_t clipped = 0;
        for (std::size_t index = 0; index < arrays[0].size(); ++index) {
            const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(index)];
            const AnalogArray& array = arrays[0][index];
            for (int plane = 0; plane < 4; ++plane) {
                bool any = false;
                for (int row = 0; row < slot.rows; ++row)
                    any = any || (image[size(slot.first_row + row)] >> plane & 1) != 0;
                if (!any) continue;  // an array without a driven row is not converted
                for (int column = 0; column < slot.used_columns(); ++column) {
                    float sum = 0;
                    for (int row = 0; row < slot.rows; ++row)
                        if ((image[size(slot.first_row + row)] >> plane & 1) != 0)
                            sum += array.levels[size(row * array.stride + column)];
                    const float value = array.gain[size(column)] * sum + array.offset[size(column)];
                    const double step = 1 << converter.drop, last = (1 << converter.bits) - 1;
                    double code = std::floor(static_cast<double>(value) / step + 0.5);
                    clipped += code > last ? 1U : 0U;
                    code = std::min(std::max(code, 0.0), last) * step;
                    const int slice = slot.first_slice() + column / slot.outputs;
                    const auto term = static_cast<std::int64_t>(code) * (1 << (plane + 2 * slice));
                    want[size(slot.first_output + column % slot.outputs)] +=
                        slot.sign == mapping::Sign::negative ? -term : term;
                }
            }
        }
        const engine::FunctionalEngine engine(network, mapping, 1, options(best_instruction_set(), 2),
                                              shared);
        const engine::BatchResult result = engine.run(image.data(), 1, widths);
        BOOST_TEST_CONTEXT("round " << round) {
            for (int output = 0; output < outputs; ++output)
                BOOST_TEST(result.logits[size(output)] == want[size(output)]);
            BOOST_TEST(result.statistics[0][0].clipped + result.statistics[0][1].clipped == clipped);
        }
    }
}

BOOST_AUTO_TEST_CASE(rows_are_not_split_and_arrays_must_be_all_there) {
    Dice dice(4);
    Case c = random_case(dice);
    const auto arrays = whole_levels(c.network, c.mapping);
    const engine::FunctionalEngine engine(c.network, c.mapping, c.dac_bits,
                                          options(InstructionSet::portable, 1), arrays);
    c.widths.drops.clear();
    c.widths.split_rows = true;
    BOOST_CHECK_THROW(engine.run(c.images.data(), kImages, c.widths), InputError);
    const auto fewer = std::make_shared<AnalogNetwork>(*arrays);
    fewer->front().pop_back();
    BOOST_CHECK_THROW(engine::FunctionalEngine(c.network, c.mapping, c.dac_bits,
                                               options(InstructionSet::portable, 1), fewer),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(linear_converters_on_whole_levels_are_exact_integers) {
    Dice dice(21);
    for (int round = 0; round < 25; ++round) {
        Case c = random_case(dice);
        const auto arrays = whole_levels(c.network, c.mapping);
        c.widths.drops.clear();
        c.widths.split_rows = true;  // no conversion is cut
        const engine::FunctionalEngine ideal(c.network, c.mapping, c.dac_bits,
                                             options(best_instruction_set(), 1));
        const engine::BatchResult want = ideal.run(c.images.data(), kImages, c.widths);
        c.widths.split_rows = false;
        for (const InstructionSet set : {InstructionSet::portable, best_instruction_set()}) {
            engine::EngineOptions linear = options(set, 2);
            linear.linear_converters = true;
            const engine::FunctionalEngine engine(c.network, c.mapping, c.dac_bits, linear, arrays);
            BOOST_TEST_CONTEXT("round " << round)
            BOOST_TEST(engine.run(c.images.data(), kImages, c.widths).logits == want.logits,
                       boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(linear_converters_add_what_the_arrays_conduct) {
    Dice dice(22);
    for (int round = 0; round < 20; ++round) {
        network::QuantisedNetwork network;
        network.name = "line";
        network::Node input;
        input.kind = network::NodeKind::input;
        input.name = "input";
        input.shape = {dice.between(20, 700), 1, 1};
        input.format.bits = 6;
        input.format.is_signed = dice.chance(50);
        network.nodes.push_back(input);
        network::Window window;
        window.kernel_height = window.kernel_width = 1;
        window.stride_x = window.stride_y = 1;
        const int outputs = dice.between(1, 200);
        network.nodes.push_back(
            bitline_reference::matrix_node("line", input.shape, window, outputs, 4, 6, 0, dice));
        network::Node& node = network.nodes.back();
        node.is_output = true;
        node.format = {true, 32, 0};
        node.relu = false;
        std::fill(node.weights.bias.begin(), node.weights.bias.end(), 0);
        Setting setting;
        setting.weight_bits = 4;
        setting.encoding = dice.chance(50) ? config::Encoding::offset : config::Encoding::differential;
        setting.flip_columns = setting.encoding == config::Encoding::offset;
        config::ChipConfig chip = setting.chip(6);
        if (setting.encoding == config::Encoding::differential)
            chip.weights.packing = dice.chance(50) ? config::Packing::rows : config::Packing::none;
        chip.weights.column_order = config::ColumnOrder::heavy_first;
        const mapping::NetworkMapping mapping = mapping::map_network(network, chip);
        const mapping::LayerMapping& layer = mapping.layers[LayerIndex(0)];
        const std::vector<bool> flipped = mapping::flipped_columns(node.weights, layer);
        const std::shared_ptr<AnalogNetwork> shared = whole_levels(network, mapping);
        AnalogNetwork& arrays = *shared;
        for (AnalogArray& array : arrays[0]) {
            for (float& level : array.levels) level += real_between(-0.4, 0.6, dice);
            for (float& gain : array.gain) gain = real_between(0.8, 1.2, dice);
        }
        std::vector<std::int32_t> image;
        for (int row = 0; row < node.weights.rows; ++row)
            image.push_back(dice.between(input.format.lowest(), input.format.highest()));

        // Array by array: no W' here.
        std::vector<double> want(size(outputs), 0);
        for (std::size_t index = 0; index < arrays[0].size(); ++index) {
            const mapping::CrossbarSlot& slot = layer.crossbars[CrossbarIndex(index)];
            const AnalogArray& array = arrays[0][index];
            double unit = 0;
            for (int row = 0; row < slot.rows; ++row) unit += image[size(slot.matrix_row(row))];
            for (int column = 0; column < slot.used_columns(); ++column) {
                const int slice = slot.first_slice() + column / slot.outputs;
                const int output = slot.output(column % slot.outputs);
                double sum = 0;
                for (int row = 0; row < slot.rows; ++row)
                    sum += image[size(slot.matrix_row(row))] *
                           static_cast<double>(array.levels[size(row * array.stride + column)]);
                sum *= static_cast<double>(array.gain[size(column)]);
                if (flipped[(slot.row_block.value() * size(layer.format.slices()) + size(slice)) *
                                size(outputs) +
                            size(output)])
                    sum = layer.format.highest_level() * unit - sum;
                want[size(output)] += (slot.sign == mapping::Sign::negative ? -1 : 1) * sum *
                                      (1 << (layer.format.cell_bits * slice));
                if (slice == 0) want[size(output)] -= layer.format.bias() * unit;
            }
        }
        engine::EngineOptions linear = options(best_instruction_set(), 2);
        linear.linear_converters = true;
        const engine::FunctionalEngine engine(network, mapping, 1, linear, shared);
        const mapping::AdcWidths widths = bitline_reference::unit_steps(
            {std::vector<int>(size(layer.format.slices()), 1)});  // not looked at
        const engine::BatchResult result = engine.run(image.data(), 1, widths);
        for (int output = 0; output < outputs; ++output)
            BOOST_TEST(std::abs(result.logits[size(output)] - want[size(output)]) <= 0.75);
    }
}

BOOST_AUTO_TEST_CASE(linear_converters_want_arrays_and_no_offsets) {
    Dice dice(23);
    Case c = random_case(dice);
    engine::EngineOptions linear = options(InstructionSet::portable, 1);
    linear.linear_converters = true;
    BOOST_CHECK_THROW(engine::FunctionalEngine(c.network, c.mapping, c.dac_bits, linear),
                      std::invalid_argument);
    const auto arrays = whole_levels(c.network, c.mapping);
    arrays->front().front().offset[0] = 0.5F;
    BOOST_CHECK_THROW(engine::FunctionalEngine(c.network, c.mapping, c.dac_bits, linear, arrays), InputError);
}

BOOST_AUTO_TEST_CASE(read_noise_has_the_variance_of_the_driven_cells) {
    constexpr int kRows = 70, kColumns = 5, kReads = 20000;
    Dice dice(31);
    std::vector<float> levels, variances;
    for (int cell = 0; cell < kRows * kColumns; ++cell) {
        levels.push_back(0);
        variances.push_back(real_between(0, 0.01, dice));
    }
    AnalogArray array(kRows, kColumns, levels);
    array.variances = AnalogArray(kRows, kColumns, variances).levels;
    array.noise_seed = 5;
    // Two-bit digits: row r is driven with r mod 4.
    std::vector<std::uint64_t> digits(4, 0);
    for (int row = 0; row < kRows; ++row)
        for (int bit = 0; bit < 2; ++bit)
            if ((row % 4 >> bit & 1) != 0) digits[size(bit * 2 + row / 64)] |= std::uint64_t{1} << (row % 64);
    std::vector<double> want(kColumns, 0), mean(kColumns, 0), squares(kColumns, 0);
    for (int row = 0; row < kRows; ++row)
        for (int column = 0; column < kColumns; ++column)
            want[size(column)] +=
                (row % 4) * (row % 4) * static_cast<double>(variances[size(row * kColumns + column)]);
    std::vector<float> sums(size(array.stride));
    for (int read = 0; read < kReads; ++read) {
        std::fill(sums.begin(), sums.end(), 0.0F);
        bitline::add_read_noise(array, digits.data(), 2, {1, static_cast<std::uint64_t>(read), 2},
                                sums.data());
        for (int column = 0; column < kColumns; ++column) {
            mean[size(column)] += static_cast<double>(sums[size(column)]) / kReads;
            squares[size(column)] += std::pow(static_cast<double>(sums[size(column)]), 2) / kReads;
        }
    }
    for (int column = 0; column < kColumns; ++column) {
        // Four standard errors of a variance of Gaussian samples, and of their mean.
        BOOST_TEST(squares[size(column)] / want[size(column)] == 1.0,
                   boost::test_tools::tolerance(4 * std::sqrt(2.0 / kReads)));
        BOOST_TEST(std::abs(mean[size(column)]) < 4 * std::sqrt(want[size(column)] / kReads));
    }
    for (std::size_t column = kColumns; column < sums.size(); ++column) BOOST_TEST(sums[column] == 0.0F);
    // A read has its own noise, always the same.
    const auto drawn = [&](const bitline::ReadName& name, std::uint64_t seed) {
        array.noise_seed = seed;
        std::vector<float> own(size(array.stride), 0.0F);
        bitline::add_read_noise(array, digits.data(), 2, name, own.data());
        return own;
    };
    const std::vector<float> one = drawn({1, 2, 3}, 5);
    BOOST_TEST((drawn({1, 2, 3}, 5) == one));
    for (const bitline::ReadName& other : {bitline::ReadName{2, 2, 3}, {1, 3, 3}, {1, 2, 4}})
        BOOST_TEST((drawn(other, 5) != one));
    BOOST_TEST((drawn({1, 2, 3}, 6) != one));
}

BOOST_AUTO_TEST_CASE(read_noise_does_not_depend_on_threads_or_pieces) {
    Dice dice(32);
    for (int round = 0; round < 10; ++round) {
        Case c = random_case(dice);
        const auto arrays = whole_levels(c.network, c.mapping);
        std::uint64_t number = 0;
        for (auto& layer : *arrays)
            for (AnalogArray& array : layer) {
                array.variances.assign(array.levels.size(), 0.05F);
                array.noise_seed = ++number;
            }
        const engine::FunctionalEngine one(c.network, c.mapping, c.dac_bits,
                                           options(InstructionSet::portable, 1), arrays);
        const engine::FunctionalEngine other(c.network, c.mapping, c.dac_bits,
                                             options(best_instruction_set(), 3), arrays);
        const engine::BatchResult want = one.run(c.images.data(), kImages, c.widths);
        check_equal(other.run(c.images.data(), kImages, c.widths), want);
        const std::size_t pixels = c.network.nodes.front().shape.size();
        const std::size_t classes = want.logits.size() / kImages;
        std::vector<std::int32_t> pieces;
        for (std::size_t image = 0; image < kImages; ++image) {
            const auto own = other.run(&c.images[image * pixels], 1, c.widths, image).logits;
            BOOST_TEST(own.size() == classes);
            pieces.insert(pieces.end(), own.begin(), own.end());
        }
        BOOST_TEST(pieces == want.logits, boost::test_tools::per_element());
        engine::EngineOptions linear = options(InstructionSet::portable, 1);
        linear.linear_converters = true;
        BOOST_CHECK_THROW(engine::FunctionalEngine(c.network, c.mapping, c.dac_bits, linear, arrays),
                          InputError);
    }
}

BOOST_AUTO_TEST_SUITE_END()
