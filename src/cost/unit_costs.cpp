#include "cost/unit_costs.h"

#include <cmath>
#include <stdexcept>

#include "base/error.h"
#include "cost/technology.h"

namespace sliver::cost {
namespace {

double factor(Scaling scaling, double from_nm, double to_nm, double supply_v) {
    switch (scaling) {
        case Scaling::none:
            return 1;
        case Scaling::digital_energy:
            return digital_energy_factor(from_nm, to_nm, kReferenceSupply, supply_v);
        case Scaling::digital_area:
            return digital_area_factor(from_nm, to_nm);
        case Scaling::analog_energy:
            return analog_energy_factor(from_nm, to_nm);
        case Scaling::analog_area:
            return analog_area_factor(from_nm, to_nm);
        case Scaling::feature_area:
            return (to_nm / from_nm) * (to_nm / from_nm);
    }
    throw std::logic_error("scaling outside of its enumeration");
}

}  // namespace

std::string_view transfer_costs_name(TransferCosts mode) {
    return mode == TransferCosts::library ? "library" : "table_one";
}

TransferCosts parse_transfer_costs(std::string_view name) {
    for (const TransferCosts mode : {TransferCosts::library, TransferCosts::table_one})
        if (transfer_costs_name(mode) == name) return mode;
    refuse("transfer costs '{}': must be library or table_one", name);
}

UnitCosts isaac_unit_costs(const ArrayGeometry& geometry, TransferCosts mode) {
    if (geometry.rows < 1 || geometry.columns < 1)
        refuse("array of {} x {}: rows and columns must be positive", geometry.rows, geometry.columns);
    if (geometry.dac_bits < 1 || geometry.dac_bits > 4)
        refuse("DAC of {} bits: costs are known for 1 to 4 bits", geometry.dac_bits);
    UnitCosts costs;
    for (const UnitCostInfo& info : unit_cost_table())
        costs.*info.value = mode == TransferCosts::library ? info.library_value : info.table_one_value;
    const double dac = std::exp2(geometry.dac_bits - 1);
    costs.row_drive_j *= dac;
    costs.dac_row_mm2 *= dac;
    costs.input_register_access_j *= geometry.rows * geometry.dac_bits / 128.0;
    costs.output_register_access_j *= geometry.columns / 128.0;
    costs.column_mask_read_j *= geometry.columns / 128.0;
    costs.zero_check_j *= geometry.rows * geometry.dac_bits / 128.0;
    return costs;
}

CellReads cell_reads(int cell_bits, double on_ohm, double off_ohm, double volt, double pulse_s,
                     int dac_bits) {
    CellReads reads;
    const double unit_volt = volt / ((1 << dac_bits) - 1);
    reads.volt_squared_seconds = unit_volt * unit_volt * pulse_s;
    const int highest = (1 << cell_bits) - 1;
    for (int level = 0; level <= highest; ++level)
        reads.siemens[static_cast<std::size_t>(level)] =
            1 / off_ohm + (1 / on_ohm - 1 / off_ohm) * level / highest;
    return reads;
}

UnitCosts at_technology(const UnitCosts& costs, double technology_nm, double supply_v) {
    check_node(technology_nm);
    UnitCosts scaled = costs;
    for (const UnitCostInfo& info : unit_cost_table())
        scaled.*info.value *= factor(info.scaling, costs.technology_nm, technology_nm, supply_v);
    scaled.technology_nm = technology_nm;
    return scaled;
}

void override_unit_cost(UnitCosts& costs, std::string_view name, double value) {
    std::string known;
    for (const UnitCostInfo& info : unit_cost_table()) {
        if (info.name == name) {
            if (!(std::isfinite(value) && value >= 0))
                refuse("unit cost {} = {}: must be a number of {}, zero or more", name, value, info.unit);
            costs.*info.value = value;
            return;
        }
        known += fmt::format("{}{}", known.empty() ? "" : ", ", info.name);
    }
    refuse("unknown unit cost '{}': the names are {}", name, known);
}

void override_unit_costs(UnitCosts& costs, const std::map<std::string, double>& values) {
    for (const auto& [name, value] : values) override_unit_cost(costs, name, value);
}

}  // namespace sliver::cost
