// ISAAC's component table, its chip totals and its peak throughput (hardware-parameters.md 1.1 to 1.4,
// peers.md 6.1), and the two ways to them: nameplate power, and energy of counted actions when everything is
// busy.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>
#include <vector>

#include "base/error.h"
#include "cost/adc_laws.h"
#include "cost/energy.h"
#include "cost/inventory.h"

BOOST_AUTO_TEST_SUITE(cost_isaac_chip)

using namespace sliver::cost;
namespace tt = boost::test_tools;

namespace {

const UnitCosts kCosts = isaac_unit_costs();

std::unique_ptr<AdcLaw> isaac() {
    return make_adc_law("isaac");
}

// One tile without host links; one IMA is a twelfth of its inner parts.
ChipInventory one_tile() {
    ChipShape shape;
    shape.tiles = 1;
    shape.host_links = 0;
    ChipInventory tile = make_inventory(shape);
    return tile;
}

ChipInventory one_ima() {
    ChipShape shape;
    shape.tiles = 1;
    shape.processing_elements_per_tile = 1;
    shape.host_links = 0;
    ChipInventory ima = make_inventory(shape);
    ima.buffer_bytes = ima.buses = ima.routers = 0;
    ima.activation_units = ima.pool_units = ima.tile_adders = ima.tile_output_register_bytes = 0;
    return ima;
}

struct Row {
    Component component;
    double mw, mm2;
};

}  // namespace

BOOST_AUTO_TEST_CASE(ima_rows_of_table_one) {
    const PerComponent power = nameplate_power_by_component(one_ima(), kCosts, *isaac());
    const PerComponent area = area_by_component(one_ima(), kCosts, *isaac());
    for (const Row& row : std::vector<Row>{{Component::adc, 16, 0.0096},
                                           {Component::dac, 4, 0.00017},
                                           {Component::sample_hold, 0.010, 0.00004},
                                           {Component::crossbar, 2.4, 0.0002},
                                           {Component::shift_add, 0.2, 0.00024},
                                           {Component::input_register, 1.24, 0.0021},
                                           {Component::output_register, 0.23, 0.00077}}) {
        BOOST_TEST(power[row.component] * 1e3 == row.mw, tt::tolerance(1e-9));
        BOOST_TEST(area[row.component] == row.mm2, tt::tolerance(1e-9));
    }
    BOOST_TEST(power.total() * 1e3 == 24.08, tt::tolerance(1e-9));
    BOOST_TEST(area.total() == 0.01312, tt::tolerance(1e-9));
}

// One switch of 169 ports out of routers of 8: 22 by 22.
BOOST_AUTO_TEST_CASE(central_switch) {
    ChipShape shape;
    BOOST_TEST(make_inventory(shape).routers == 42U);
    shape.central_switch = true;
    BOOST_TEST(make_inventory(shape).routers == 22U * 22);
    shape.tiles = 7;  // and the host: one router
    BOOST_TEST(make_inventory(shape).routers == 1U);
    shape.tiles = 8;
    BOOST_TEST(make_inventory(shape).routers == 4U);
}

BOOST_AUTO_TEST_CASE(tile_rows_of_table_one) {
    ChipInventory tile = one_tile();
    BOOST_TEST(tile.routers == 1u);  // a lone tile still needs one; in the chip four share it
    PerComponent power = nameplate_power_by_component(tile, kCosts, *isaac());
    PerComponent area = area_by_component(tile, kCosts, *isaac());
    BOOST_TEST(power[Component::router] * 1e3 == 42, tt::tolerance(1e-9));
    BOOST_TEST(area[Component::router] == 0.151, tt::tolerance(1e-9));
    power[Component::router] /= 4;
    area[Component::router] /= 4;
    for (const Row& row : std::vector<Row>{{Component::buffer, 20.7, 0.083},
                                           {Component::bus, 7, 0.090},
                                           {Component::activation, 0.52, 0.0006},
                                           {Component::shift_add, 12 * 0.2 + 0.05, 12 * 0.00024 + 0.00006},
                                           {Component::pooling, 0.4, 0.00024},
                                           {Component::tile_output_register, 1.68, 0.0032},
                                           {Component::adc, 192, 12 * 0.0096},  // 1.2: 192 mW, 58.2 %
                                           {Component::dac, 48, 12 * 0.00017},
                                           {Component::crossbar, 28.8, 12 * 0.0002},
                                           {Component::input_register, 14.88, 12 * 0.0021}}) {
        BOOST_TEST(power[row.component] * 1e3 == row.mw, tt::tolerance(1e-9));
        BOOST_TEST(area[row.component] == row.mm2, tt::tolerance(1e-9));
    }
    BOOST_TEST(power.total() * 1e3 == 330, tt::tolerance(0.005));
    BOOST_TEST(power.total() * 1e3 == 329.81, tt::tolerance(1e-6));
    BOOST_TEST(area.total() == 0.372, tt::tolerance(0.005));
    BOOST_TEST(power[Component::adc] / power.total() == 0.582, tt::tolerance(1e-3));
    BOOST_TEST(area[Component::adc] / area.total() == 0.310, tt::tolerance(5e-3));
}

BOOST_AUTO_TEST_CASE(chip_totals) {
    const ChipInventory chip = make_inventory({});
    BOOST_TEST(chip.arrays == 16128u);
    BOOST_TEST(chip.adcs[8] == 16128u);
    BOOST_TEST(chip.routers == 42u);
    const PerComponent power = nameplate_power_by_component(chip, kCosts, *isaac());
    const PerComponent area = area_by_component(chip, kCosts, *isaac());
    BOOST_TEST(power.total() == 65.8, tt::tolerance(0.005));
    BOOST_TEST(area.total() == 85.4, tt::tolerance(0.005));
    BOOST_TEST(power.total() - power[Component::host_link] == 55.4, tt::tolerance(0.005));
    BOOST_TEST(area.total() - area[Component::host_link] == 62.5, tt::tolerance(0.005));
    BOOST_TEST(power[Component::host_link] == 10.4, tt::tolerance(1e-12));
    BOOST_TEST(area[Component::host_link] == 22.88, tt::tolerance(1e-12));

    const double ops = peak_ops_per_s({}, 8, 1, 16);
    BOOST_TEST(ops * 1e-12 == 41.288, tt::tolerance(1e-4));
    BOOST_TEST(ops * 1e-9 / power.total() == 627.5, tt::tolerance(0.005));
    BOOST_TEST(ops * 1e-9 / area.total() == 483.5, tt::tolerance(0.005));
    BOOST_TEST(peak_ops_per_s({}, 4, 1, 8) * 1e-12 == 165.15, tt::tolerance(1e-4));  // 8 bit, biased
    BOOST_TEST(peak_ops_per_s({}, 4, 2, 8) * 1e-12 == 82.58, tt::tolerance(1e-4));   // 8 bit, differential
}

BOOST_AUTO_TEST_CASE(parts_sum_to_the_whole) {
    const ChipInventory chip = make_inventory({});
    for (const PerComponent& values :
         {area_by_component(chip, kCosts, *isaac()), nameplate_power_by_component(chip, kCosts, *isaac()),
          static_power_by_component(chip, kCosts, *isaac())}) {
        double sum_of_parts = 0;
        for (const Component component : kComponents) {
            BOOST_TEST(std::isfinite(values[component]));
            BOOST_TEST(values[component] >= 0);
            sum_of_parts += values[component];
        }
        BOOST_TEST(values.total() == sum_of_parts);
    }
    // A chip of 168 tiles is 168 tiles and the links.
    const double tile = area_by_component(one_tile(), kCosts, *isaac()).total() - 0.75 * 0.151;
    BOOST_TEST(area_by_component(chip, kCosts, *isaac()).total() == 168 * tile + 22.88, tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_busy_cycle_costs_the_nameplate_power) {
    // All 8 arrays of an IMA, one 100 ns cycle: counts x unit energies = 24.08 mW x 100 ns.
    Actions busy;
    busy.crossbar_reads = busy.input_register_accesses = busy.output_register_accesses = 8;
    busy.conversions_all[8] = busy.samples_whole = busy.shift_adds_whole = 8 * 128;
    busy.cells_whole = 8 * 128 * 128;
    busy.row_drives_whole = 8 * 128;
    const PerComponent energy = energy_by_component(busy, kCosts, *isaac(), Accounting::whole);
    const PerComponent power = nameplate_power_by_component(one_ima(), kCosts, *isaac());
    for (const Component component : kComponents)
        BOOST_TEST(energy[component] == power[component] * 100e-9, tt::tolerance(1e-9));
    BOOST_TEST(energy.total() / 8 * 1e12 == 301.0, tt::tolerance(1e-9));  // pJ a full read

    // The tile's transfers in table_one mode: 1 KB through eDRAM and bus, all 8 router ports for 100 cycles
    // of 1 GHz.
    Actions moves;
    moves.buffer_bytes_read = 512;
    moves.buffer_bytes_written = 512;
    moves.bus_bytes = 1024;
    moves.flit_hops = 800;
    moves.activation_ops = 240;  // two units at 1.2 GHz
    moves.pool_ops = 120;
    moves.add_ops = 120;
    moves.output_register_bytes = 192;  // 3 KB in 16 cycles
    const PerComponent table_one = energy_by_component(moves, isaac_unit_costs({}, TransferCosts::table_one),
                                                       *isaac(), Accounting::whole);
    BOOST_TEST(table_one[Component::buffer] == 20.7e-3 * 100e-9, tt::tolerance(1e-9));
    BOOST_TEST(table_one[Component::bus] == 7e-3 * 100e-9, tt::tolerance(1e-9));
    BOOST_TEST(table_one[Component::router] == 42e-3 * 100e-9, tt::tolerance(1e-9));
    BOOST_TEST(table_one[Component::activation] == 0.52e-3 * 100e-9, tt::tolerance(1e-9));
    Actions looked_up;
    looked_up.table_lookups = 240;  // by the same units
    BOOST_TEST(energy_by_component(looked_up, isaac_unit_costs({}, TransferCosts::table_one), *isaac(),
                                   Accounting::whole)[Component::activation] == 0.52e-3 * 100e-9,
               tt::tolerance(1e-9));
    BOOST_TEST(table_one[Component::pooling] == 0.4e-3 * 100e-9, tt::tolerance(1e-9));
    BOOST_TEST(table_one[Component::shift_add] == 0.05e-3 * 100e-9, tt::tolerance(1e-9));
    BOOST_TEST(table_one[Component::tile_output_register] == 1.68e-3 * 100e-9, tt::tolerance(1e-9));
    // The library's accesses cost less than Table I's power at full activity, which holds leakage and
    // refresh.
    const PerComponent library = energy_by_component(moves, kCosts, *isaac(), Accounting::whole);
    BOOST_TEST(library[Component::buffer] < table_one[Component::buffer]);
    BOOST_TEST(library[Component::bus] < table_one[Component::bus]);
}

// One 16-bit index of a 64-bit word; bytes as large as an input register's, 0.0021 mm2 for 2 KB.
BOOST_AUTO_TEST_CASE(index_tables_cost_what_their_memory_does) {
    Actions lookups;
    lookups.index_lookups = 1000;
    for (const Accounting accounting : kAccountings) {
        const PerComponent energy = energy_by_component(lookups, kCosts, *isaac(), accounting);
        BOOST_TEST(energy[Component::index_table] == 1000 * 3.67e-12 / 4, tt::tolerance(1e-12));
        BOOST_TEST(energy.total() == energy[Component::index_table]);
    }
    ChipInventory chip = make_inventory({});
    BOOST_TEST(chip.index_bytes == 0U);
    const double without = area_by_component(chip, kCosts, *isaac()).total();
    chip.index_bytes = 4096;
    const PerComponent area = area_by_component(chip, kCosts, *isaac());
    BOOST_TEST(area[Component::index_table] == 2 * 0.0021, tt::tolerance(1e-12));
    BOOST_TEST(area.total() == without + 2 * 0.0021, tt::tolerance(1e-12));
    BOOST_TEST(static_power_by_component(chip, kCosts, *isaac())[Component::index_table] == 0);
    BOOST_TEST(nameplate_power_by_component(chip, kCosts, *isaac())[Component::index_table] == 0);
}

BOOST_AUTO_TEST_CASE(static_power_is_separate) {
    const ChipInventory chip = make_inventory({});
    const PerComponent library = static_power_by_component(chip, kCosts, *isaac());
    BOOST_TEST(library[Component::host_link] == 10.4, tt::tolerance(1e-12));
    BOOST_TEST(library[Component::buffer] == 168 * 0.46e-3, tt::tolerance(1e-12));
    BOOST_TEST(library[Component::bus] == 168 * 1e-3, tt::tolerance(1e-12));
    BOOST_TEST(library[Component::adc] == 0);
    const PerComponent puma = static_power_by_component(chip, kCosts, *make_adc_law("puma"));
    BOOST_TEST(puma[Component::adc] == 16128 * 0.2e-3, tt::tolerance(1e-12));
    // PUMA at 1.28 GS/s: 1.8 pJ a conversion, and its leakage on top.
    BOOST_TEST(nameplate_power_by_component(chip, kCosts, *make_adc_law("puma"))[Component::adc] ==
                   16128 * (1.8e-12 * 1.28e9 + 0.2e-3),
               tt::tolerance(1e-12));
    const PerComponent table_one =
        static_power_by_component(chip, isaac_unit_costs({}, TransferCosts::table_one), *isaac());
    BOOST_TEST(table_one.total() == 10.4, tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(shapes_other_than_isaac) {
    ChipShape shape;
    shape.tiles = 5;
    shape.arrays_per_adc = 3;
    shape.unit_columns = 1;
    shape.adc_bits = 6;
    shape.buffer_bytes_per_tile = 0;
    const ChipInventory chip = make_inventory(shape);
    BOOST_TEST(chip.routers == 2u);
    BOOST_TEST(chip.adcs[6] == 5u * 12 * 3);  // 8 arrays by threes within a processing element
    BOOST_TEST(sum(chip.adcs) == chip.adcs[6]);
    BOOST_TEST(chip.cells == 5u * 12 * 8 * 128 * 129);
    BOOST_TEST(chip.buffer_bytes == 0u);
    BOOST_TEST(area_by_component(chip, kCosts, *isaac())[Component::buffer] == 0);

    const auto refused = [](auto spoil) {
        ChipShape bad;
        spoil(bad);
        BOOST_CHECK_THROW(make_inventory(bad), sliver::InputError);
    };
    refused([](ChipShape& s) { s.tiles = 0; });
    refused([](ChipShape& s) { s.rows = 0; });
    refused([](ChipShape& s) { s.arrays_per_adc = 0; });
    refused([](ChipShape& s) { s.adc_bits = 0; });
    refused([](ChipShape& s) { s.adc_bits = 13; });
    BOOST_CHECK_THROW(peak_ops_per_s({}, 0, 1, 8), sliver::InputError);
    // A width the law refuses is refused for area too, not priced with another.
    ChipShape narrow;
    narrow.adc_bits = 3;
    BOOST_CHECK_THROW(area_by_component(make_inventory(narrow), kCosts, *make_adc_law("survey")),
                      sliver::InputError);
}

// What looks for zeros: a bit a column of every array, 71 um2 / 32 a bit of every row's digit.
BOOST_AUTO_TEST_CASE(masks_and_zero_detectors) {
    const ChipInventory plain = make_inventory({});
    BOOST_TEST(plain.mask_bytes == 0u);
    BOOST_TEST(plain.zero_detector_digits == 0u);
    BOOST_TEST(area_by_component(plain, kCosts, *isaac())[Component::skip_logic] == 0);
    ChipShape shape;
    shape.column_masks = true;
    shape.digit_bits = 2;
    const ChipInventory masks = make_inventory(shape);
    BOOST_TEST(masks.mask_bytes == 16128u * 16);
    BOOST_TEST(masks.zero_detector_digits == 0u);
    BOOST_TEST(area_by_component(masks, kCosts, *isaac())[Component::skip_logic] == 16128 * 16 * 1.025e-6,
               tt::tolerance(1e-3));
    shape.columns = 12;  // whole bytes
    BOOST_TEST(make_inventory(shape).mask_bytes == 16128u * 2);
    shape.columns = 128;
    shape.zero_detectors = true;
    const ChipInventory both = make_inventory(shape);
    BOOST_TEST(both.mask_bytes == masks.mask_bytes);
    BOOST_TEST(both.zero_detector_digits == 16128u * 128 * 2);
    BOOST_TEST(area_by_component(both, kCosts, *isaac())[Component::skip_logic] ==
                   16128 * (16 * 1.025e-6 + 128 * 2 * 71e-6 / 32),
               tt::tolerance(1e-3));
    // Every array looks once a cycle of 100 ns; nothing flows while it does not.
    BOOST_TEST(nameplate_power_by_component(both, kCosts, *isaac())[Component::skip_logic] ==
                   16128 * (7.34e-12 + 0.118e-12) / 100e-9,
               tt::tolerance(1e-3));
    BOOST_TEST(nameplate_power_by_component(masks, kCosts, *isaac())[Component::skip_logic] ==
                   16128 * 7.34e-12 / 100e-9,
               tt::tolerance(1e-3));
    BOOST_TEST(static_power_by_component(both, kCosts, *isaac())[Component::skip_logic] == 0);
}

BOOST_AUTO_TEST_SUITE_END()
