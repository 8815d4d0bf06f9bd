// Technology factors against hardware-parameters.md 4.4, the scaling and the geometry of unit costs, and
// overrides.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cost/technology.h"
#include "cost/unit_costs.h"

BOOST_AUTO_TEST_SUITE(cost_technology)

using namespace sliver::cost;
namespace tt = boost::test_tools;

BOOST_AUTO_TEST_CASE(factors_of_4_4) {
    // Energy relative to 32 nm at 0.8 V, as printed with three decimals.
    const std::vector<std::pair<double, double>> energy = {{65, 1.882}, {45, 1.517}, {40, 1.318}, {28, 0.778},
                                                           {22, 0.446}, {16, 0.263}, {7, 0.143}};
    for (const auto& [nm, factor] : energy)
        BOOST_TEST(std::abs(digital_energy_factor(32, nm) - factor) < 6e-4,
                   nm << " nm: " << digital_energy_factor(32, nm));
    const std::vector<std::pair<double, double>> area = {{65, 3.3},  {45, 2.2},  {32, 1},
                                                         {20, 0.46}, {16, 0.41}, {7, 0.13}};
    for (const auto& [nm, factor] : area)
        BOOST_TEST(digital_area_factor(32, nm) == factor, tt::tolerance(1e-12));
    BOOST_TEST(analog_energy_factor(32, 64) == std::pow(2, 1.8800369207), tt::tolerance(1e-12));
    BOOST_TEST(analog_area_factor(32, 64) == std::pow(2, 0.9932794745), tt::tolerance(1e-12));
    // Every node's polynomial: a + b + c at 1 V, relative to 32 nm's 0.6446.
    const std::vector<std::pair<double, double>> at_one_volt = {{130, 3.366},  {90, 2.073},   {65, 1.332},
                                                                {45, 1.0177},  {20, 0.25584}, {16, 0.20194},
                                                                {14, 0.16194}, {10, 0.13744}, {7, 0.1111}};
    for (const auto& [nm, sum_of_terms] : at_one_volt)
        BOOST_TEST(digital_energy_factor(32, nm, 1.0, 1.0) == sum_of_terms / 0.6446, tt::tolerance(1e-6));
    // One polynomial by hand: 45 nm at 1.0 V against 0.8 V.
    BOOST_TEST(digital_energy_factor(45, 45, 0.8, 1.0) ==
                   (1.103 - 0.362 + 0.2767) / (1.103 * 0.64 - 0.362 * 0.8 + 0.2767),
               tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(factors_are_positive_monotonic_and_reversible) {
    for (const double v : {kLowestSupply, 0.8, 1.0, kHighestSupply}) {
        double last = 0;
        for (double nm = 7; nm <= 130; nm += 0.5) {
            const double factor = digital_energy_factor(32, nm, v, v);
            BOOST_TEST(factor > 0);
            if (v == 0.8) BOOST_TEST(factor >= last, "energy falls with a larger node at " << nm << " nm");
            last = factor;
            BOOST_TEST(factor * digital_energy_factor(nm, 32, v, v) == 1, tt::tolerance(1e-12));
        }
    }
    for (const double nm : {7.0, 10.0, 14.0, 16.0, 20.0, 32.0, 45.0, 65.0, 90.0, 130.0}) {
        double last = 0;
        for (double v = kLowestSupply; v <= kHighestSupply; v += 0.05) {
            BOOST_TEST(digital_energy_factor(32, nm, 0.8, v) > last, nm << " nm at " << v << " V");
            last = digital_energy_factor(32, nm, 0.8, v);
        }
    }
    double last = 0;
    for (double nm = 7; nm <= 65; nm += 0.5) {
        BOOST_TEST(digital_area_factor(32, nm) > last);
        last = digital_area_factor(32, nm);
    }
}

BOOST_AUTO_TEST_CASE(nodes_and_voltages_outside_of_the_tables_are_refused) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double nm : {0.0, 5.0, 66.0, nan}) {
        BOOST_CHECK_THROW(check_node(nm), sliver::InputError);
        BOOST_CHECK_THROW(digital_area_factor(32, nm), sliver::InputError);
        BOOST_CHECK_THROW(at_technology(isaac_unit_costs(), nm), sliver::InputError);
    }
    BOOST_CHECK_THROW(digital_energy_factor(32, 131), sliver::InputError);
    BOOST_CHECK_THROW(digital_energy_factor(32, 32, 0.8, 0.3), sliver::InputError);
    BOOST_CHECK_THROW(digital_energy_factor(32, 32, 0.8, nan), sliver::InputError);
    BOOST_CHECK_THROW(analog_energy_factor(32, 0), sliver::InputError);
    BOOST_CHECK_THROW(analog_area_factor(32, nan), sliver::InputError);
}

BOOST_AUTO_TEST_CASE(the_table_of_unit_costs_is_complete) {
    std::set<std::string_view> names;
    for (const UnitCostInfo& info : unit_cost_table()) {
        BOOST_TEST(names.insert(info.name).second, info.name);
        BOOST_TEST(!info.description.empty());
        BOOST_TEST(!info.source.empty());
        for (const double value : {info.library_value, info.table_one_value}) {
            BOOST_TEST(std::isfinite(value));
            BOOST_TEST(value >= 0);
        }
        BOOST_TEST((isaac_unit_costs().*info.value == info.library_value), info.name);
        BOOST_TEST((isaac_unit_costs({}, TransferCosts::table_one).*info.value == info.table_one_value),
                   info.name);
    }
    // Every double of UnitCosts but the technology is in the table; beside them there is what cells conduct.
    BOOST_TEST(names.size() * sizeof(double) + sizeof(double) + sizeof(CellReads) == sizeof(UnitCosts));
}

BOOST_AUTO_TEST_CASE(unit_energies_of_1_3_and_4) {
    const UnitCosts library = isaac_unit_costs(), table_one = isaac_unit_costs({}, TransferCosts::table_one);
    BOOST_TEST(library.row_drive_j == 0.390625e-12, tt::tolerance(1e-12));
    BOOST_TEST(library.cell_read_j == 1.8311e-15, tt::tolerance(1e-4));
    BOOST_TEST(library.sample_j == 0.9766e-15, tt::tolerance(1e-4));
    BOOST_TEST(library.input_register_access_j == 15.5e-12, tt::tolerance(1e-12));
    BOOST_TEST(library.output_register_access_j == 2.875e-12, tt::tolerance(1e-12));
    BOOST_TEST(library.shift_add_j == 19.5e-15, tt::tolerance(2e-3));
    BOOST_TEST(library.buffer_read_byte_j == 0.64e-12, tt::tolerance(2e-3));
    BOOST_TEST(table_one.buffer_read_byte_j == 2.02e-12, tt::tolerance(1e-3));
    BOOST_TEST(table_one.bus_byte_j == 0.684e-12, tt::tolerance(1e-3));
    BOOST_TEST(library.flit_hop_j == 5e-12, tt::tolerance(1e-12));
    BOOST_TEST(table_one.flit_hop_j == 5.25e-12, tt::tolerance(1e-12));
    // 4.1 to 4.3: the component libraries.
    BOOST_TEST(library.buffer_write_byte_j == 20.45e-12 / 32, tt::tolerance(1e-12));
    BOOST_TEST(library.bus_byte_j == 0.432e-12, tt::tolerance(1e-12));
    BOOST_TEST(library.host_byte_j == 1.625e-12, tt::tolerance(1e-12));
    BOOST_TEST(library.activation_j == 0.2795e-12, tt::tolerance(1e-12));
    BOOST_TEST(library.pool_j == 0.0295e-12, tt::tolerance(1e-12));
    BOOST_TEST(library.add_j == 0.21e-12, tt::tolerance(1e-12));
    BOOST_TEST(table_one.host_byte_j == 0);
    // Areas of 1.3, um2: DAC 0.166, array of 128 x 128 25, S+H 0.039, S+A 60, sigmoid 300, max-pool 240.
    BOOST_TEST(library.dac_row_mm2 * 1e6 == 0.166, tt::tolerance(1e-3));
    BOOST_TEST(library.cell_mm2 * 1e6 * 16384 == 25, tt::tolerance(1e-9));
    BOOST_TEST(library.sample_hold_mm2 * 1e6 == 0.039, tt::tolerance(2e-3));
    BOOST_TEST(library.shift_adder_mm2 * 1e6 == 60, tt::tolerance(1e-9));
    BOOST_TEST(library.activation_unit_mm2 * 1e6 == 300, tt::tolerance(1e-9));
    BOOST_TEST(library.pool_unit_mm2 * 1e6 == 240, tt::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(geometry_moves_what_it_should) {
    const UnitCosts base = isaac_unit_costs();
    // MNSIM's DAC table, 2.6: 3.9 / 7.8 / 15.6 / 31.2 uW for 1 / 2 / 3 / 4 bits.
    const std::vector<double> microwatts = {3.9, 7.8, 15.6, 31.2};
    for (int bits = 1; bits <= 4; ++bits) {
        const UnitCosts costs = isaac_unit_costs({128, 128, bits});
        BOOST_TEST(
            costs.row_drive_j / base.row_drive_j == microwatts[static_cast<std::size_t>(bits - 1)] / 3.9,
            tt::tolerance(1e-12));
        BOOST_TEST(costs.dac_row_mm2 / base.dac_row_mm2 == std::exp2(bits - 1), tt::tolerance(1e-12));
        BOOST_TEST(costs.input_register_access_j == base.input_register_access_j * bits,
                   tt::tolerance(1e-12));
        BOOST_TEST(costs.cell_read_j == base.cell_read_j);
    }
    const UnitCosts wide = isaac_unit_costs({64, 512, 1});
    BOOST_TEST(wide.input_register_access_j == base.input_register_access_j / 2, tt::tolerance(1e-12));
    BOOST_TEST(wide.output_register_access_j == base.output_register_access_j * 4, tt::tolerance(1e-12));
    BOOST_CHECK_THROW(isaac_unit_costs({128, 128, 5}), sliver::InputError);
    BOOST_CHECK_THROW(isaac_unit_costs({0, 128, 1}), sliver::InputError);
}

BOOST_AUTO_TEST_CASE(technology_moves_unit_costs_as_the_table_says) {
    const UnitCosts base = isaac_unit_costs(), small = at_technology(base, 16),
                    back = at_technology(small, 32);
    for (const UnitCostInfo& info : unit_cost_table()) {
        double factor = 1;
        if (info.scaling == Scaling::digital_energy) factor = digital_energy_factor(32, 16);
        if (info.scaling == Scaling::digital_area) factor = 0.41;
        if (info.scaling == Scaling::analog_energy) factor = std::pow(0.5, 1.8800369207);
        if (info.scaling == Scaling::analog_area) factor = std::pow(0.5, 0.9932794745);
        if (info.scaling == Scaling::feature_area) factor = 0.25;
        const double scaled = small.*info.value, returned = back.*info.value, original = base.*info.value;
        BOOST_TEST(scaled == original * factor, tt::tolerance(1e-12));
        BOOST_TEST(returned == original, tt::tolerance(1e-12));
    }
    BOOST_TEST(small.technology_nm == 16);
    BOOST_TEST(small.cell_read_j == base.cell_read_j);  // the cell's current does not know the node
    // Digital parts follow the supply too, the cell does not.
    const UnitCosts low = at_technology(base, 32, 0.7);
    BOOST_TEST(low.shift_add_j < base.shift_add_j);
    BOOST_TEST(low.cell_read_j == base.cell_read_j);
}

BOOST_AUTO_TEST_CASE(overrides) {
    UnitCosts costs = isaac_unit_costs();
    override_unit_costs(costs, {{"cell_read_j", 1e-15}, {"router_mm2", 0.116}});
    BOOST_TEST(costs.cell_read_j == 1e-15);
    BOOST_TEST(costs.router_mm2 == 0.116);
    override_unit_cost(costs, "flit_hop_j", 0);
    BOOST_TEST(costs.flit_hop_j == 0);
    BOOST_CHECK_EXCEPTION(override_unit_cost(costs, "cell_raed_j", 1), sliver::InputError,
                          [](const auto& error) {
                              const std::string text = error.what();
                              return text.find("'cell_raed_j'") != std::string::npos &&
                                     text.find("cell_read_j") != std::string::npos;
                          });
    for (const double bad :
         {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
        BOOST_CHECK_THROW(override_unit_cost(costs, "cell_read_j", bad), sliver::InputError);
    BOOST_TEST(costs.cell_read_j == 1e-15);

    for (const TransferCosts mode : {TransferCosts::library, TransferCosts::table_one})
        BOOST_TEST((parse_transfer_costs(transfer_costs_name(mode)) == mode));
    BOOST_CHECK_THROW(parse_transfer_costs("table"), sliver::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
