// Energies by hand where every count and every price is another: what is charged for what, under each
// accounting.
#include <boost/test/unit_test.hpp>
#include <map>

#include "cost/adc_laws.h"
#include "cost/energy.h"

BOOST_AUTO_TEST_SUITE(cost_energy)

using namespace sliver::cost;

namespace {

/// Prices in joules, powers of ten and of two, so that sums show their terms.
UnitCosts prices() {
    UnitCosts costs;
    costs.row_drive_j = 1;
    costs.cell_read_j = 2;
    costs.sample_j = 4;
    costs.input_register_access_j = 8;
    costs.output_register_access_j = 16;
    costs.shift_add_j = 32;
    costs.buffer_read_byte_j = 64;
    costs.buffer_write_byte_j = 128;
    costs.bus_byte_j = 256;
    costs.flit_hop_j = 512;
    costs.host_byte_j = 1024;
    costs.activation_j = 2048;
    costs.pool_j = 4096;
    costs.add_j = 8192;
    costs.tile_output_register_byte_j = 16384;
    costs.index_lookup_j = 32768;
    costs.column_mask_read_j = 65536;
    costs.zero_check_j = 131072;
    costs.table_lookup_j = 262144;
    costs.rescale_j = 524288;
    // On 4 ohm, off 16 ohm, 2 V for 3 s; 3 by the top digit of two bits.
    costs.cells = cell_reads(2, 4, 16, 6, 3, 2);
    return costs;
}

Actions counts() {
    Actions a;
    a.conversions_all[8] = 100;
    a.conversions_used[8] = 50;
    a.conversions_unit[8] = 7;
    a.cells_whole = 30;
    a.cells_used = 20;
    a.cells_driven = 10;
    a.row_drives_whole = 33;
    a.row_drives_used = 22;
    a.row_drives_driven = 11;
    a.samples_whole = 35;
    a.samples_used = 25;
    a.shift_adds_whole = 37;
    a.shift_adds_used = 27;
    a.input_register_accesses = 3;
    a.output_register_accesses = 5;
    a.buffer_bytes_read = 11;
    a.buffer_bytes_written = 13;
    a.bus_bytes = 17;
    a.flit_hops = 19;
    a.host_bytes = 23;
    a.activation_ops = 29;
    a.pool_ops = 31;
    a.add_ops = 37;
    a.output_register_bytes = 41;
    a.index_lookups = 43;
    a.mask_reads = 47;
    a.zero_checks = 53;
    a.table_lookups = 59;
    a.rescale_ops = 61;
    a.cells_by_level = {100, 10, 1, 1000};
    a.conductance_driven = 7'000'000'000;
    return a;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_component_by_hand) {
    const auto law = make_adc_law("isaac", {});
    const double one = law->energy_j(8);
    struct Row {
        Accounting accounting;
        double conversions, row_drives, cells, samples, shift_adds;
    };
    for (const Row& row :
         {Row{Accounting::whole, 107, 33, 30, 35, 37}, Row{Accounting::used, 57, 22, 20, 25, 27},
          Row{Accounting::driven, 57, 11, 10, 25, 27},
          // 2^2 x 3 J/S: levels conduct 1/16, 2/16, 3/16 and 4/16 S.
          Row{Accounting::conducting, 57, 11, 12 * (100 + 2 * 10 + 3 * 1 + 4 * 1000) / 16. / 2, 25, 27}}) {
        const PerComponent energy = energy_by_component(counts(), prices(), *law, row.accounting);
        const std::map<Component, double> expected = {
            {Component::adc, row.conversions * one},
            {Component::dac, row.row_drives},
            {Component::crossbar, row.cells * 2},
            {Component::sample_hold, row.samples * 4},
            {Component::input_register, 3 * 8},
            {Component::output_register, 5 * 16},
            {Component::shift_add, row.shift_adds * 32 + 37 * 8192},
            {Component::buffer, 11 * 64 + 13 * 128},
            {Component::bus, 17 * 256},
            {Component::router, 19 * 512},
            {Component::activation, 29 * 2048 + 59. * 262144 + 61. * 524288},
            {Component::pooling, 31 * 4096},
            {Component::tile_output_register, 41 * 16384},
            {Component::host_link, 23 * 1024},
            {Component::index_table, 43 * 32768},
            {Component::skip_logic, 47 * 65536 + 53 * 131072}};
        BOOST_TEST(expected.size() == kComponentCount);
        for (const auto& [component, joules] : expected)
            BOOST_TEST(energy[component] == joules, boost::test_tools::tolerance(1e-12));
    }
}

BOOST_AUTO_TEST_CASE(behind_wires_cells_draw_what_was_solved) {
    UnitCosts costs = prices();
    costs.cells.solved = true;
    const PerComponent energy =
        energy_by_component(counts(), costs, *make_adc_law("isaac", {}), Accounting::conducting);
    BOOST_TEST(energy[Component::crossbar] == 7 * 12, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
