#include "results/pricing.h"

#include <algorithm>
#include <stdexcept>

#include "base/error.h"
#include "config/nearest_name.h"
#include "cost/adc_laws.h"

namespace sliver::results {
namespace {

constexpr const char* kOverrides = "cost.energy_overrides";

// The key promises energies: areas and powers of the same table may not slip in under it.
void check_override(const std::string& name) {
    std::vector<std::string> known;
    for (const cost::UnitCostInfo& info : cost::unit_cost_table())
        if (info.unit == "J") known.emplace_back(info.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    const std::string nearest = config::nearest_name(name, known);
    refuse("{}.{}: no such energy{}; `sliver list unit-costs` lists them", kOverrides, name,
           nearest.empty() ? "" : ": did you mean " + nearest + "?");
}

}  // namespace

Prices prices_of(const config::ChipConfig& chip) {
    Prices prices;
    cost::ArrayGeometry geometry;
    geometry.rows = chip.array.rows;
    geometry.columns = chip.array.columns;
    geometry.dac_bits = chip.inputs.dac_bits;
    prices.context.technology_nm = chip.cost.technology_nm;
    prices.context.rate_hz = chip.adc.rate_hz;
    try {
        prices.units = cost::at_technology(cost::isaac_unit_costs(geometry), chip.cost.technology_nm);
    } catch (const InputError& error) {
        refuse("cost.technology: {}", error.what());
    }
    prices.units.cells =
        cost::cell_reads(chip.array.cell_bits, chip.cells.on_ohm, chip.cells.off_ohm,
                         chip.cost.read_voltage_v, chip.cost.read_pulse_s, chip.inputs.dac_bits);
    prices.units.cells.solved = chip.wires.kind != config::WireKind::ideal;
    for (const auto& entry : chip.cost.energy_overrides_j) {
        check_override(entry.first);
        cost::override_unit_cost(prices.units, entry.first, entry.second);
    }
    try {
        prices.law = cost::make_adc_law(chip.adc.law, prices.context);
    } catch (const InputError& error) {
        refuse("adc.law: {}", error.what());
    }
    prices.accounting = chip.cost.accounting;
    return prices;
}

void check_widths(const Prices& prices, const config::ChipConfig& chip,
                  const std::vector<std::vector<int>>& adc_bits) {
    const auto check = [&](int bits) {
        std::string reason;
        if (!prices.law->supports(bits, &reason))
            refuse("adc.law: {} has no cost for {}", chip.adc.law, reason);
    };
    check(chip.adc.bits);
    for (const std::vector<int>& layer : adc_bits)
        for (const int bits : layer) check(bits);
}

cost::PerComponent static_energy_j(const cost::PerComponent& static_w, std::uint64_t elapsed_fs) {
    cost::PerComponent energy;
    for (const cost::Component component : cost::kComponents)
        energy[component] = static_w[component] * seconds(elapsed_fs);
    return energy;
}

PricedRun price(const RunResult& result) {
    const Prices prices = prices_of(result.chip);
    const ChipRecord& record = result.record;
    const double elapsed_s = seconds(record.elapsed_fs);
    PricedRun priced;
    priced.accounting = prices.accounting;
    priced.actions = total_actions(record);
    for (const LayerRecord& layer : record.layers)
        priced.layers_j.push_back(
            cost::energy_by_component(layer.actions, prices.units, *prices.law, prices.accounting));
    priced.shared_j = cost::energy_by_component(record.shared, prices.units, *prices.law, prices.accounting);
    priced.total_j = cost::energy_by_component(priced.actions, prices.units, *prices.law, prices.accounting);
    priced.static_w = cost::static_power_by_component(record.inventory, prices.units, *prices.law);
    priced.static_j = static_energy_j(priced.static_w, record.elapsed_fs);
    priced.area_mm2 = cost::area_by_component(record.inventory, prices.units, *prices.law);
    priced.accountings = cost::energy_under_every_accounting(priced.actions, prices.units, *prices.law);
    priced.band = cost::energy_band_j(priced.actions, prices.units, prices.context, prices.accounting);
    if (const auto interval = record.interval_fs(); interval && *interval != 0) {
        priced.interval_s = seconds(*interval);
        priced.power_w = priced.total_j.total() / static_cast<double>(record.images) / *priced.interval_s +
                         priced.static_w.total();
    } else if (record.elapsed_fs != 0) {
        priced.power_w = (priced.total_j.total() + priced.static_j.total()) / elapsed_s;
    }
    return priced;
}

std::uint64_t instances_of(cost::Component component, const cost::ChipInventory& chip) {
    using cost::Component;
    switch (component) {
        case Component::adc:
            return cost::sum(chip.adcs);
        case Component::dac:
            return chip.dac_rows;
        case Component::crossbar:
            return chip.arrays;
        case Component::sample_hold:
            return chip.sample_holds;
        case Component::input_register:
            return chip.arrays;
        case Component::output_register:
            return chip.processing_elements;
        case Component::shift_add:
            return chip.shift_adders + chip.tile_adders;
        case Component::buffer:
            return chip.tiles;
        case Component::bus:
            return chip.buses;
        case Component::router:
            return chip.routers;
        case Component::activation:
            return chip.activation_units;
        case Component::pooling:
            return chip.pool_units;
        case Component::tile_output_register:
            return chip.tiles;
        case Component::host_link:
            return chip.host_links;
        case Component::index_table:
            return chip.index_bytes;
        case Component::skip_logic:
            return chip.mask_bytes + chip.zero_detector_digits;
    }
    throw std::logic_error("component outside of its enumeration");
}

std::uint64_t actions_of(cost::Component component, const cost::Actions& a, cost::Accounting accounting) {
    using cost::Accounting;
    using cost::Component;
    const bool whole = accounting == Accounting::whole;
    switch (component) {
        case Component::adc:
            return cost::sum(whole ? a.conversions_all : a.conversions_used) + cost::sum(a.conversions_unit);
        case Component::dac:
            return whole                            ? a.row_drives_whole
                   : accounting == Accounting::used ? a.row_drives_used
                                                    : a.row_drives_driven;
        case Component::crossbar:
            return a.crossbar_reads;
        case Component::sample_hold:
            return whole ? a.samples_whole : a.samples_used;
        case Component::input_register:
            return a.input_register_accesses;
        case Component::output_register:
            return a.output_register_accesses;
        case Component::shift_add:
            return (whole ? a.shift_adds_whole : a.shift_adds_used) + a.add_ops;
        case Component::buffer:
            return a.buffer_bytes_read + a.buffer_bytes_written;
        case Component::bus:
            return a.bus_bytes;
        case Component::router:
            return a.flit_hops;
        case Component::activation:
            return a.activation_ops + a.table_lookups + a.rescale_ops;
        case Component::pooling:
            return a.pool_ops;
        case Component::tile_output_register:
            return a.output_register_bytes;
        case Component::host_link:
            return a.host_bytes;
        case Component::index_table:
            return a.index_lookups;
        case Component::skip_logic:
            return a.mask_reads + a.zero_checks;
    }
    throw std::logic_error("component outside of its enumeration");
}

}  // namespace sliver::results
