// The ISAAC preset: every unit cost with its derivation. Power and area of Table I are group totals
// (hardware-parameters.md 1.1); the expressions below divide them by the count or the event rate, so that the
// sums close by construction.
#include "cost/unit_costs.h"

namespace sliver::cost {
namespace {

constexpr double kCycle = 100e-9;  // s
constexpr double kMilli = 1e-3, kPico = 1e-12;
constexpr double kImaRows = 8 * 128;  // also its columns
constexpr double kImaCells = 8.0 * 128 * 128;
constexpr double kImaArrays = 8;
constexpr double kTileBytesACycle = 1024;  // 1 KB each 100 ns: 12 x 8 x 128 columns fed and drained (1.3)
constexpr double kTileClock = 1.2e9;       // Hz

std::vector<UnitCostInfo> make_table() {
    using C = UnitCosts;
    const auto same = [](std::string_view name, std::string_view unit, double C::*value, Scaling scaling,
                         std::string_view description, double number, std::string_view source) {
        return UnitCostInfo{name, unit, value, scaling, description, number, number, source};
    };
    return {
        // Inside the processing element: Table I at full activity.
        same("row_drive_j", "J", &C::row_drive_j, Scaling::digital_energy,
             "one input digit driven onto one row", 4 * kMilli * kCycle / kImaRows,
             "Table I: 4 mW x 100 ns / 1024 [C on R:ISAAC-T]; 3.9 uW [R:MNSIM]"),
        same("cell_read_j", "J", &C::cell_read_j, Scaling::none, "one cell for one input digit (table mode)",
             2.4 * kMilli * kCycle / kImaCells, "Table I: 2.4 mW x 100 ns / (8 x 16384) [C on R:ISAAC-T]"),
        same("sample_j", "J", &C::sample_j, Scaling::analog_energy, "one column sampled and held",
             0.010 * kMilli * kCycle / kImaRows, "Table I: 10 uW x 100 ns / 1024 [C on R:ISAAC-T]"),
        same("input_register_access_j", "J", &C::input_register_access_j, Scaling::digital_energy,
             "the digits of all rows of one array read", 1.24 * kMilli * kCycle / kImaArrays,
             "Table I: 1.24 mW x 100 ns / 8 [C on R:ISAAC-T]"),
        same("output_register_access_j", "J", &C::output_register_access_j, Scaling::digital_energy,
             "the partial sums of one array read", 0.23 * kMilli * kCycle / kImaArrays,
             "Table I: 0.23 mW x 100 ns / 8 [C on R:ISAAC-T]"),
        same("shift_add_j", "J", &C::shift_add_j, Scaling::digital_energy,
             "one shift-and-add, one a conversion", 0.2 * kMilli * kCycle / kImaRows,
             "Table I: 0.2 mW x 100 ns / 1024 [C on R:ISAAC-T]; 0.021 pJ [R:HWLIB]"),

        // Transfers and post-processing: two modes.
        {"buffer_read_byte_j", "J", &C::buffer_read_byte_j, Scaling::digital_energy,
         "one byte read from 64 KB eDRAM", 20.45 * kPico / 32, 20.7 * kMilli * kCycle / kTileBytesACycle,
         "library: 20.45 pJ / 256 bit [R:HWLIB]; table_one: 20.7 mW x 100 ns / 1 KB, upper bound [C on "
         "R:ISAAC-T]"},
        {"buffer_write_byte_j", "J", &C::buffer_write_byte_j, Scaling::digital_energy,
         "one byte written to 64 KB eDRAM", 20.45 * kPico / 32, 20.7 * kMilli * kCycle / kTileBytesACycle,
         "as buffer_read_byte_j"},
        {"bus_byte_j", "J", &C::bus_byte_j, Scaling::digital_energy, "one byte over the tile's bus",
         0.054 * kPico * 8, 7 * kMilli * kCycle / kTileBytesACycle,
         "library: 0.054 pJ / bit [R:HWLIB]; table_one: 7 mW x 100 ns / 1 KB [C on R:ISAAC-T]"},
        {"flit_hop_j", "J", &C::flit_hop_j, Scaling::digital_energy,
         "one 32-bit flit through one router and its link", 5 * kPico, 42 * kMilli / (8 * 1e9),
         "library: 5 pJ, rounded within 4.4 to 5.25 (section 9); table_one: 42 mW / (8 ports x 1 GHz) [C on "
         "R:ISAAC-T]"},
        {"host_byte_j", "J", &C::host_byte_j, Scaling::none,
         "one byte over the host link, beside its static power", 26 * kPico / 16, 0,
         "library: 26 pJ / 128 bit at 65 nm [R:HWLIB], 42 mW of 10.4 W at full rate; table_one: all of it "
         "static "
         "[R:ISAAC-T]"},
        {"activation_j", "J", &C::activation_j, Scaling::digital_energy,
         "one value requantised and rectified", (0.25 + 0.0295) * kPico, 0.26 * kMilli / kTileClock,
         "library: 8x16-bit multiplication + 32-bit comparator at 40 nm, taken over unscaled [R:HWLIB]; "
         "table_one: "
         "sigmoid 0.26 mW / 1.2 GHz [C on R:ISAAC-T]"},
        {"pool_j", "J", &C::pool_j, Scaling::digital_energy, "one comparison of pooling", 0.0295 * kPico,
         0.4 * kMilli / kTileClock,
         "library: 32-bit comparator at 40 nm, taken over unscaled [R:HWLIB]; table_one: max-pool 0.4 mW / "
         "1.2 GHz "
         "[C on R:ISAAC-T]"},
        {"add_j", "J", &C::add_j, Scaling::digital_energy, "one addition outside the processing elements",
         0.21 * kPico, 0.05 * kMilli / kTileClock,
         "library: 32-bit adder at 40 nm, taken over unscaled [R:HWLIB]; table_one: tile shift-and-add 0.05 "
         "mW / 1.2 GHz "
         "[C on R:ISAAC-T]"},
        same("tile_output_register_byte_j", "J", &C::tile_output_register_byte_j, Scaling::digital_energy,
             "one byte written to the tile's output register", 1.68 * kMilli * 16 * kCycle / 3072,
             "Table I: 1.68 mW; that all 3 KB turn over once each 16 cycles (one 16-bit window) is our "
             "reading [C]"),
        same("index_lookup_j", "J", &C::index_lookup_j, Scaling::digital_energy,
             "one 16-bit index read from a table of packed or sorted lines", 3.67 * kPico / 4,
             "3.67 pJ / 64 bit of a 2 KB SRAM, sub-65 nm [R:MNSIM], taken over unscaled"),
        same("column_mask_read_j", "J", &C::column_mask_read_j, Scaling::digital_energy,
             "the mask of all columns of one array read", 2 * 3.67 * kPico,
             "128 bit, as index_lookup_j: 3.67 pJ / 64 bit of a 2 KB SRAM [R:MNSIM], unscaled; our choice"),
        same("zero_check_j", "J", &C::zero_check_j, Scaling::digital_energy,
             "the digits of all rows of one array compared with zero", 4 * 0.0295 * kPico,
             "four 32-bit comparators at 40 nm, taken over unscaled [R:HWLIB]; our choice"),
        {"table_lookup_j", "J", &C::table_lookup_j, Scaling::digital_energy,
         "one value looked up in a table of 256 bytes", 3.67 * kPico / 8, 0.26 * kMilli / kTileClock,
         "library: a byte of 3.67 pJ / 64 bit of a 2 KB SRAM, sub-65 nm [R:MNSIM], unscaled; table_one: "
         "sigmoid "
         "0.26 mW / 1.2 GHz [C on R:ISAAC-T]"},
        same("rescale_j", "J", &C::rescale_j, Scaling::digital_energy,
             "one multiplication by a factor of 31 bits, or of two codes", 12.68 * kPico,
             "32-bit multiplier at 40 nm, taken over unscaled [R:HWLIB]"),

        // Areas of Table I.
        same("dac_row_mm2", "mm2", &C::dac_row_mm2, Scaling::digital_area, "driver of one row",
             0.00017 / kImaRows, "Table I: 0.00017 mm2 / 1024 [C on R:ISAAC-T]; 0.166 um2 [R:MNSIM]"),
        same("cell_mm2", "mm2", &C::cell_mm2, Scaling::feature_area, "one cell", 0.0002 / kImaCells,
             "Table I: 0.0002 mm2 / (8 x 16384) = 1.49 F^2 [C on R:ISAAC-T]"),
        same("sample_hold_mm2", "mm2", &C::sample_hold_mm2, Scaling::analog_area,
             "sample-and-hold of one column", 0.00004 / kImaRows,
             "Table I: 0.00004 mm2 / 1024 [C on R:ISAAC-T]"),
        same("input_register_byte_mm2", "mm2", &C::input_register_byte_mm2, Scaling::digital_area,
             "one byte of input register", 0.0021 / 2048, "Table I: 0.0021 mm2 / 2 KB [C on R:ISAAC-T]"),
        same("output_register_byte_mm2", "mm2", &C::output_register_byte_mm2, Scaling::digital_area,
             "one byte of output register", 0.00077 / 256, "Table I: 0.00077 mm2 / 256 B [C on R:ISAAC-T]"),
        same("shift_adder_mm2", "mm2", &C::shift_adder_mm2, Scaling::digital_area, "one shift-and-add unit",
             0.00024 / 4, "Table I: 0.00024 mm2 / 4 [C on R:ISAAC-T]; 60 um2 [R:HWLIB]"),
        same("buffer_byte_mm2", "mm2", &C::buffer_byte_mm2, Scaling::digital_area,
             "one byte of eDRAM; linear in the capacity", 0.083 / 65536,
             "Table I: 0.083 mm2 / 64 KB [C on R:ISAAC-T]"),
        same("bus_mm2", "mm2", &C::bus_mm2, Scaling::digital_area, "a tile's 384-wire bus", 0.090,
             "Table I [R:ISAAC-T]"),
        same("router_mm2", "mm2", &C::router_mm2, Scaling::digital_area, "a router of 8 ports", 0.151,
             "Table I, shared by 4 tiles [R:ISAAC-T]"),
        same("host_link_mm2", "mm2", &C::host_link_mm2, Scaling::none, "one HyperTransport link", 22.88 / 4,
             "Table I: 22.88 mm2 / 4 [R:ISAAC-T]; pads do not shrink"),
        same("activation_unit_mm2", "mm2", &C::activation_unit_mm2, Scaling::digital_area,
             "one activation unit (sigmoid)", 0.0006 / 2, "Table I: 0.0006 mm2 / 2 [R:ISAAC-T]"),
        same("pool_unit_mm2", "mm2", &C::pool_unit_mm2, Scaling::digital_area, "a pooling unit", 0.00024,
             "Table I [R:ISAAC-T]"),
        same("tile_adder_mm2", "mm2", &C::tile_adder_mm2, Scaling::digital_area,
             "a tile's shift-and-add unit", 0.00006, "Table I [R:ISAAC-T]"),
        same("tile_output_register_byte_mm2", "mm2", &C::tile_output_register_byte_mm2, Scaling::digital_area,
             "one byte of a tile's output register", 0.0032 / 3072,
             "Table I: 0.0032 mm2 / 3 KB [C on R:ISAAC-T]"),
        same("index_byte_mm2", "mm2", &C::index_byte_mm2, Scaling::digital_area, "one byte of an index table",
             0.0021 / 2048,
             "that of an input register, Table I: 0.0021 mm2 / 2 KB [C on R:ISAAC-T]; our choice"),
        same("mask_byte_mm2", "mm2", &C::mask_byte_mm2, Scaling::digital_area, "one byte of a column mask",
             0.0021 / 2048, "as index_byte_mm2; our choice"),
        same("zero_detector_digit_mm2", "mm2", &C::zero_detector_digit_mm2, Scaling::digital_area,
             "what compares one bit of a row's digit with zero", 71e-6 / 32,
             "32-bit comparator at 40 nm: 71 um2 / 32, taken over unscaled [R:HWLIB]; our choice"),

        // Static power. Where the energy an action is Table I's power over full activity, leakage is in it
        // already.
        {"buffer_byte_static_w", "W", &C::buffer_byte_static_w, Scaling::none, "leakage of one byte of eDRAM",
         0.46 * kMilli / 65536, 0, "library: 0.46 mW / 64 KB [R:PUMASIM]; table_one: in the energy"},
        {"bus_static_w", "W", &C::bus_static_w, Scaling::none, "leakage of a tile's bus", 1 * kMilli, 0,
         "library: 1 mW [R:PUMASIM]; table_one: in the energy"},
        same("router_static_w", "W", &C::router_static_w, Scaling::none, "leakage of a router", 0,
             "in flit_hop_j in both modes (Table I's power)"),
        same("host_link_static_w", "W", &C::host_link_static_w, Scaling::none,
             "one HyperTransport link, always on", 10.4 / 4, "Table I: 10.4 W / 4 [R:ISAAC-T]"),

        // Nameplate power of Table I.
        same("buffer_byte_peak_w", "W", &C::buffer_byte_peak_w, Scaling::digital_energy,
             "one byte of eDRAM, nameplate", 20.7 * kMilli / 65536, "Table I: 20.7 mW / 64 KB [R:ISAAC-T]"),
        same("bus_peak_w", "W", &C::bus_peak_w, Scaling::digital_energy, "a tile's bus, nameplate",
             7 * kMilli, "Table I [R:ISAAC-T]"),
        same("router_peak_w", "W", &C::router_peak_w, Scaling::digital_energy, "a router, nameplate",
             42 * kMilli, "Table I [R:ISAAC-T]"),
        same("host_link_peak_w", "W", &C::host_link_peak_w, Scaling::none,
             "one HyperTransport link, nameplate", 10.4 / 4, "Table I [R:ISAAC-T]"),
        same("activation_unit_peak_w", "W", &C::activation_unit_peak_w, Scaling::digital_energy,
             "one activation unit, nameplate", 0.52 * kMilli / 2, "Table I [R:ISAAC-T]"),
        same("pool_unit_peak_w", "W", &C::pool_unit_peak_w, Scaling::digital_energy,
             "a pooling unit, nameplate", 0.4 * kMilli, "Table I [R:ISAAC-T]"),
        same("tile_adder_peak_w", "W", &C::tile_adder_peak_w, Scaling::digital_energy,
             "a tile's shift-and-add unit, nameplate", 0.05 * kMilli, "Table I [R:ISAAC-T]"),
        same("tile_output_register_byte_peak_w", "W", &C::tile_output_register_byte_peak_w,
             Scaling::digital_energy, "one byte of a tile's output register, nameplate", 1.68 * kMilli / 3072,
             "Table I: 1.68 mW / 3 KB [R:ISAAC-T]"),
    };
}

}  // namespace

const std::vector<UnitCostInfo>& unit_cost_table() {
    static const std::vector<UnitCostInfo> kTable = make_table();
    return kTable;
}

}  // namespace sliver::cost
