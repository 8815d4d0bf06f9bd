// Lossless certificates executed: inputs made to fill the very column a certificate names. With the certified
// widths no conversion is cut and the logits are the golden ones; one bit less, and that column is cut.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "bitline_reference.h"
#include "engine/functional_engine.h"
#include "mapping/adc_certificate.h"
#include "network/golden.h"

BOOST_AUTO_TEST_SUITE(mapping_adc_certificates)

using namespace sliver;
using bitline_reference::Dice;
using bitline_reference::Setting;

namespace {

/// Input, one linear layer, nothing else: an image is what the rows are driven with.
network::QuantisedNetwork one_layer(int rows, int outputs, int input_bits, Dice& dice) {
    network::QuantisedNetwork network;
    network.name = "one layer";
    network::Node input;
    input.kind = network::NodeKind::input;
    input.name = "input";
    input.shape = {rows, 1, 1};
    input.format.bits = input_bits;
    network.nodes.push_back(input);
    network.nodes.push_back(bitline_reference::matrix_node("linear", input.shape, network::Window(), outputs,
                                                           8, input_bits, 0, dice));
    network::Node& output = network.nodes.back();
    for (std::int32_t& bias : output.weights.bias) bias %= 1000;
    output.relu = false;
    output.is_output = true;
    output.format.is_signed = true;
    output.format.bits = 32;
    return network;
}

/// Every row at its highest code where `column`'s cells conduct as stored, else zero.
std::vector<std::int32_t> one_hot_column(const network::QuantisedNetwork& network,
                                         const mapping::NetworkMapping& mapped,
                                         const mapping::ColumnCertificate& certificate) {
    const network::Node& node = network.nodes.back();
    const mapping::LayerMapping& layer = mapped.layers[LayerIndex(0)];
    const mapping::CrossbarSlot& slot = layer.crossbars[certificate.place.crossbar];
    const auto flipped = mapping::flipped_columns(node.weights, layer);
    const mapping::CellArray cells = mapping::program_cells(node.weights, layer, slot, flipped);
    std::vector<std::int32_t> image(network.nodes.front().shape.size(), 0);
    for (int row = 0; row < slot.rows; ++row)
        if (cells.level(row, certificate.place.column) != 0)
            image[static_cast<std::size_t>(slot.first_row + row)] = network.nodes.front().format.highest();
    return image;
}

}  // namespace

BOOST_AUTO_TEST_CASE(certified_columns_are_full_and_never_cut) {
    Dice dice(77);
    int cut_when_narrower = 0;
    for (int round = 0; round < 25; ++round) {
        Setting setting;
        setting.array_rows = dice.one_of<int>({32, 64, 128});
        setting.cell_bits = dice.between(1, 4);
        setting.dac_bits = dice.one_of<int>({1, 1, 2});
        setting.encoding = dice.chance(40) ? config::Encoding::offset : config::Encoding::differential;
        setting.flip_columns = setting.encoding == config::Encoding::offset && dice.chance(60);
        const int input_bits = dice.one_of<int>({4, 8});
        const int outputs = dice.between(1, 40), rows = dice.between(20, 300);
        const network::QuantisedNetwork network = one_layer(rows, outputs, input_bits, dice);
        config::ChipConfig chip = setting.chip(input_bits);
        chip.adc.policy = config::AdcPolicy::worst_case;
        if (setting.encoding == config::Encoding::differential)
            chip.adc.granularity = config::AdcGranularity::layer_slice_sign;
        const mapping::NetworkMapping mapped = mapping::map_network(network, chip);
        const auto worst = mapping::worst_case_columns(network, mapped, setting.dac_bits);
        const mapping::AdcWidths widths = mapping::allocate_adcs(network, mapped, chip);
        engine::EngineOptions options;
        options.instruction_set = bitline::best_instruction_set();
        options.record_sums = true;
        const engine::FunctionalEngine engine(network, mapped, setting.dac_bits, options);
        const auto execute = [&](const std::vector<std::int32_t>& image, const mapping::AdcWidths& used) {
            return engine.run(image.data(), 1, used);
        };
        const auto lossless = [&](const std::vector<std::int32_t>& image) {
            const engine::BatchResult result = execute(image, widths);
            BOOST_TEST(result.logits == network::run_golden(network, image),
                       boost::test_tools::per_element());
            for (const auto& slice : result.statistics[0]) BOOST_TEST(slice.clipped == 0U);
            return result;
        };
        const std::int32_t highest = network.nodes.front().format.highest();
        const engine::BatchResult all_ones =
            lossless(std::vector<std::int32_t>(network.nodes.front().shape.size(), highest));
        for (std::size_t slice = 0; slice < worst[0].size(); ++slice)
            BOOST_TEST(all_ones.statistics[0][slice].largest_sum ==
                       std::max(worst[0][slice][0].sum, worst[0][slice][1].sum));
        for (const mapping::ColumnCertificate& certificate : mapping::certify(mapped, widths, worst)) {
            BOOST_TEST(certificate.margin() >= 0);
            const std::vector<std::int32_t> image = one_hot_column(network, mapped, certificate);
            lossless(image);
            const std::size_t slice = certificate.slice.value();
            mapping::AdcWidths narrower = widths;
            auto& bits = certificate.sign == mapping::Sign::negative && !narrower.negative_bits.empty()
                             ? narrower.negative_bits
                             : narrower.bits;
            if (bits[0][slice] == 1) continue;
            --bits[0][slice];
            BOOST_TEST(execute(image, narrower).statistics[0][slice].clipped > 0U);
            ++cut_when_narrower;
        }
    }
    BOOST_TEST(cut_when_narrower > 50);
}

BOOST_AUTO_TEST_CASE(the_tightest_certificate_and_split_reads) {
    Dice dice(78);
    const network::QuantisedNetwork network = one_layer(100, 12, 8, dice);
    Setting setting;
    const mapping::NetworkMapping mapped = mapping::map_network(network, setting.chip(8));
    const auto worst = mapping::worst_case_columns(network, mapped, 1);
    mapping::AdcWidths widths;
    widths.bits = {{8, 8, 8, 3}};
    const auto certificates = mapping::certify(mapped, widths, worst);
    BOOST_TEST(certificates.size() == 8U);
    for (const auto& certificate : certificates)
        BOOST_TEST(mapping::tightest(certificates).margin() <= certificate.margin());
    BOOST_TEST(mapping::tightest(certificates).slice.value() == 3U);
    BOOST_TEST(mapping::tightest(certificates).margin() < 0);
    widths.split_rows = true;
    BOOST_TEST(mapping::tightest(mapping::certify(mapped, widths, worst)).margin() >= 0);
}

BOOST_AUTO_TEST_SUITE_END()
