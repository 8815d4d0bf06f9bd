// Counts of the chip times unit costs: hardware-parameters.md 8.2, 8.3 and 8.6 from executed reads, and
// conservation laws.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "cost/adc_laws.h"
#include "cost/energy.h"
#include "cost/inventory.h"
#include "cost/unit_costs.h"
#include "support/networks.h"
#include "tb/chip_bench.h"

BOOST_AUTO_TEST_SUITE(chip_energy)

using namespace sliver;
using cost::Accounting;
using cost::Component;

namespace {

constexpr double kMicro = 1e-6, kNano = 1e-9;
/// The table's figures are rounded to the last digit printed.
constexpr double kHalfDigit = 0.0005;

/// Without the 32-bit additions behind the processing elements (bias, row blocks), which the table does not
/// have.
cost::Actions reads_only(cost::Actions actions) {
    BOOST_TEST(actions.add_ops > 0U);
    actions.add_ops = 0;
    return actions;
}

cost::Actions layers_total(const results::ChipRecord& record) {
    cost::Actions all;
    for (const auto& layer : record.layers) all += layer.actions;
    return reads_only(all);
}

cost::PerComponent energy(const cost::Actions& actions, Accounting accounting) {
    return cost::energy_by_component(actions, cost::isaac_unit_costs(), *cost::make_adc_law("isaac", {}),
                                     accounting);
}

}  // namespace

BOOST_AUTO_TEST_CASE(vgg11) {
    tb::ChipBench bench;
    const auto network = support::vgg11(3, 1);
    bench.add(network, support::oracle_chip(), support::random_images(network, 1, 2), {});
    bench.run();
    const cost::Actions all = layers_total(bench.record(0));

    const cost::PerComponent whole = energy(all, Accounting::whole);
    const auto is = [&](const cost::PerComponent& values, Component component, double micro_joule) {
        BOOST_TEST(std::abs(values[component] / kMicro - micro_joule) < kHalfDigit);
    };
    is(whole, Component::adc, 126.170);
    is(whole, Component::crossbar, 18.925);
    is(whole, Component::dac, 31.542);
    is(whole, Component::input_register, 9.778);
    is(whole, Component::output_register, 1.814);
    is(whole, Component::shift_add, 1.577);
    is(whole, Component::sample_hold, 0.079);
    const double reads = whole[Component::adc] + whole[Component::crossbar] + whole[Component::dac] +
                         whole[Component::input_register] + whole[Component::output_register] +
                         whole[Component::shift_add] + whole[Component::sample_hold];
    BOOST_TEST(std::abs(reads / kMicro - 189.885) < kHalfDigit);
    BOOST_TEST(std::abs(reads / 630848 / 1e-12 - 301.0) < 0.05);

    const cost::PerComponent used = energy(all, Accounting::used);
    is(used, Component::adc, 126.1608);
    BOOST_TEST(std::abs(used[Component::crossbar] / kMicro - 17.90) < 0.005);  // docs/validation.md: 17.9027
    is(used, Component::dac, 29.8400);

    // Zero input bits drive no row.
    const cost::PerComponent driven = energy(all, Accounting::driven);
    BOOST_TEST(driven[Component::adc] == used[Component::adc]);
    BOOST_TEST(driven[Component::crossbar] < used[Component::crossbar]);
    BOOST_TEST(driven[Component::dac] < used[Component::dac]);
}

// 8.2: one full 128x128 product, every input bit one: nothing is saved, all three accountings agree, 2.408 nJ
// an array.
BOOST_AUTO_TEST_CASE(all_ones) {
    support::NetworkBuilder build({128, 1, 1}, {false, 8, -8}, 1);
    build.linear(support::NetworkBuilder::kInput, 32);
    tb::ChipBench bench;
    bench.add(build.finish(), support::oracle_chip(), std::vector<std::int32_t>(128, 255), {});
    bench.run();
    const results::ChipRecord& record = bench.record(0);
    BOOST_TEST(record.latency_fs() == 1'400'000'000U);
    BOOST_TEST(record.layers[0].crossbars == 2U);
    BOOST_TEST(cost::sum(record.layers[0].actions.conversions_used) == 2048U);
    BOOST_TEST(record.layers[0].macs == 4096U);
    // `conducting` has prices of its own (docs/cost.md).
    for (const Accounting accounting : {Accounting::whole, Accounting::used, Accounting::driven}) {
        const cost::PerComponent e = energy(reads_only(record.layers[0].actions), accounting);
        const double per_array =
            (e[Component::adc] + e[Component::crossbar] + e[Component::dac] + e[Component::input_register] +
             e[Component::output_register] + e[Component::shift_add] + e[Component::sample_hold]) /
            2;
        BOOST_TEST(std::abs(per_array / kNano - 2.408) < kHalfDigit);
    }
}

BOOST_AUTO_TEST_CASE(conservation) {
    tb::ChipBench bench;
    for (const bool grouped : {false, true}) {
        config::ChipConfig chip = support::oracle_chip();
        chip.adc.bits = 6;
        chip.mesh.kind = config::MeshKind::mesh;
        chip.weights.slices = grouped ? config::SlicePlacement::grouped : config::SlicePlacement::interleaved;
        const auto network = support::small_resnet(3);
        bench.add(network, chip, support::random_images(network, 2, 4), {2});
    }
    bench.run();
    for (const std::size_t i : {0, 1}) {
        const results::ChipRecord& record = bench.record(i);
        const mapping::NetworkMapping& mapped = bench.mapping(i);
        for (std::size_t l = 0; l < record.layers.size(); ++l) {
            const auto& layer = record.layers[l];
            const auto& plan = mapped.layers[LayerIndex(l)];
            const std::uint64_t planes = plan.planes.size();
            const std::uint64_t reads = layer.windows * 2 * planes * plan.crossbars.size();
            BOOST_TEST(layer.actions.crossbar_reads == reads);
            // conversions = outputs x slices x signs x planes x row blocks x windows
            const std::uint64_t conversions = layer.outputs * 4 * 2 * planes *
                                              static_cast<std::uint64_t>(plan.row_blocks) * layer.windows * 2;
            BOOST_TEST(cost::sum(layer.actions.conversions_used) == conversions);
            BOOST_TEST(cost::sum(layer.actions.conversions_all) == reads * 128);
            std::uint64_t by_slice = 0, clipped = 0;
            for (std::size_t k = 0; k < 4; ++k) {
                by_slice += layer.conversions[k];
                clipped += layer.clipped[k];
            }
            BOOST_TEST(by_slice == conversions);
            BOOST_TEST(clipped == layer.actions.clipped);
            // Every array of the layer is occupied for planes x T_read a window.
            BOOST_TEST(layer.interval_fs == layer.windows * planes * 100'000'000U);
            BOOST_TEST(layer.actions.samples_used == conversions);
        }
        // Host: two images in, two logit vectors out.
        BOOST_TEST(record.shared.host_bytes == 2U * (3 * 8 * 8 + 10 * 4));
        // Inventory: converters = arrays / arrays per ADC, whatever their widths.
        BOOST_TEST(cost::sum(record.inventory.adcs) == record.inventory.arrays);
    }
    BOOST_TEST(bench.violations().empty());
}

BOOST_AUTO_TEST_SUITE_END()
