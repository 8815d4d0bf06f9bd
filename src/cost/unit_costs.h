// Unit costs: joules an action, mm2 and watts an instance. Everything but the ADC, which has its laws
// (adc_laws.h).
//
// The preset is ISAAC's component table (hardware-parameters.md 1.1 and 1.3) plus the recommended transfer
// values of section 9; unit_cost_table() says for every value its unit, what it is, where it comes from and
// how well that is known. Technology: at_technology(). Own values: override_unit_cost(), what a chip's `cost`
// section goes through. Energies of one crossbar read are those of ISAAC's 100 ns cycle and are not stretched
// with a longer one.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cost/actions.h"

namespace sliver::cost {

/// What of an array and its drivers the unit costs depend on.
struct ArrayGeometry {
    int rows = 128;
    int columns = 128;
    int dac_bits = 1;  ///< 1 to 4
};

/// Where the energies of buffers, buses, routers, links and post-processing come from; 9 and 4.1 of the
/// reference give both.
enum class TransferCosts {
    library,    ///< energy an access from component libraries, leakage apart: the default
    table_one,  ///< Table I's power divided by full activity: an upper bound that holds leakage and refresh
};
std::string_view transfer_costs_name(TransferCosts mode);
TransferCosts parse_transfer_costs(std::string_view name);  ///< InputError for an unknown name

/// What a driven cell draws: V^2 G t, whatever the table says of a cell read. As published for nobody's chip:
/// resistances, voltage and pulse are the configuration's (hardware-parameters.md 3, "physical" mode).
struct CellReads {
    double volt_squared_seconds = 0;           ///< V^2 t of a digit of 1
    std::array<double, kMaxLevels> siemens{};  ///< by level
    bool solved = false;                       ///< arrays behind wires: what the solver found instead
};
/// Levels 0 to 2^cell_bits - 1 evenly spaced from 1/off_ohm to 1/on_ohm. A digit of d has d times the voltage
/// of a digit of 1, the largest the whole of `volt`.
CellReads cell_reads(int cell_bits, double on_ohm, double off_ohm, double volt, double pulse_s, int dac_bits);

struct UnitCosts {
    // joule an action
    double row_drive_j = 0, cell_read_j = 0, sample_j = 0;
    double input_register_access_j = 0, output_register_access_j = 0, shift_add_j = 0;
    double buffer_read_byte_j = 0, buffer_write_byte_j = 0, bus_byte_j = 0, flit_hop_j = 0, host_byte_j = 0;
    double activation_j = 0, pool_j = 0, add_j = 0, tile_output_register_byte_j = 0;
    double index_lookup_j = 0, column_mask_read_j = 0, zero_check_j = 0;
    double table_lookup_j = 0, rescale_j = 0;
    // mm2 an instance
    double dac_row_mm2 = 0, cell_mm2 = 0, sample_hold_mm2 = 0;
    double input_register_byte_mm2 = 0, output_register_byte_mm2 = 0, shift_adder_mm2 = 0;
    double buffer_byte_mm2 = 0, bus_mm2 = 0, router_mm2 = 0, host_link_mm2 = 0;
    double activation_unit_mm2 = 0, pool_unit_mm2 = 0, tile_adder_mm2 = 0, tile_output_register_byte_mm2 = 0;
    double index_byte_mm2 = 0, mask_byte_mm2 = 0, zero_detector_digit_mm2 = 0;
    // watt an instance that flows with time, active or not
    double buffer_byte_static_w = 0, bus_static_w = 0, router_static_w = 0, host_link_static_w = 0;
    // watt an instance at full activity: Table I's power of the parts whose activity the array cycle does not
    // fix
    double buffer_byte_peak_w = 0, bus_peak_w = 0, router_peak_w = 0, host_link_peak_w = 0;
    double activation_unit_peak_w = 0, pool_unit_peak_w = 0, tile_adder_peak_w = 0;
    double tile_output_register_byte_peak_w = 0;

    double technology_nm = 32;  ///< for which the values above hold

    CellReads cells;  ///< of the accounting `conducting`; device physics, the same at every node
};

/// How a value moves with the technology (technology.h).
enum class Scaling {
    none,            ///< device physics, I/O, or no source for anything better
    digital_energy,  ///< Stillmaker-Baas; also for peak power
    digital_area,
    analog_energy,  ///< T^1.880
    analog_area,    ///< T^0.993
    feature_area,   ///< T^2: cells
};

struct UnitCostInfo {
    std::string_view name;  ///< the key of an override
    std::string_view unit;
    double UnitCosts::*value;
    Scaling scaling;
    std::string_view description;
    double library_value, table_one_value;  ///< 32 nm, 128 x 128 array, 1-bit DAC
    std::string_view source;                ///< with the evidence tag of hardware-parameters.md
};
const std::vector<UnitCostInfo>& unit_cost_table();

/// ISAAC's values at 32 nm for an array of `geometry`: registers move rows x dac_bits bits in and `columns`
/// sums out; a d-bit DAC takes 2^(d-1) times the energy and area of a 1-bit one (MNSIM's table,
/// hardware-parameters.md 2.6). A cell read costs the same for every number of levels: the range of
/// conductances is the same, only its steps are finer.
UnitCosts isaac_unit_costs(const ArrayGeometry& geometry = {}, TransferCosts mode = TransferCosts::library);

/// The same parts at another node and supply (V, of the digital parts). InputError outside of technology.h's
/// ranges.
UnitCosts at_technology(const UnitCosts& costs, double technology_nm, double supply_v = 0.8);

/// Sets one value. InputError for an unknown name (lists the names) or a value that is negative or not
/// finite.
void override_unit_cost(UnitCosts& costs, std::string_view name, double value);
void override_unit_costs(UnitCosts& costs, const std::map<std::string, double>& values);

}  // namespace sliver::cost
