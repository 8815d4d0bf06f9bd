#include "cost/energy.h"

#include <memory>
#include <utility>

#include "base/error.h"
#include "cost/adc_laws.h"

namespace sliver::cost {
namespace {

double joules(std::uint64_t count, double each_j) {
    return static_cast<double>(count) * each_j;
}

double conversion_energy_j(const WidthCounts& counts, const AdcLaw& law) {
    double sum_j = 0;
    for (std::size_t bits = 0; bits < counts.size(); ++bits)
        if (counts[bits] != 0) sum_j += joules(counts[bits], law.energy_j(static_cast<int>(bits)));
    return sum_j;
}

std::uint64_t cells(const Actions& a, Accounting accounting) {
    switch (accounting) {
        case Accounting::whole:
            return a.cells_whole;
        case Accounting::used:
            return a.cells_used;
        case Accounting::driven:
        case Accounting::conducting:
            break;
    }
    return a.cells_driven;
}

double cell_energy_j(const Actions& a, const UnitCosts& costs, Accounting accounting) {
    if (accounting != Accounting::conducting) return joules(cells(a, accounting), costs.cell_read_j);
    const CellReads& reads = costs.cells;
    constexpr double kNano = 1e-9;
    if (reads.solved) return joules(a.conductance_driven, kNano * reads.volt_squared_seconds);
    double sum_j = 0;
    for (std::size_t level = 0; level < a.cells_by_level.size(); ++level)
        sum_j += joules(a.cells_by_level[level], reads.siemens[level] * reads.volt_squared_seconds);
    return sum_j;
}

std::uint64_t row_drives(const Actions& a, Accounting accounting) {
    switch (accounting) {
        case Accounting::whole:
            return a.row_drives_whole;
        case Accounting::used:
            return a.row_drives_used;
        case Accounting::driven:
        case Accounting::conducting:
            break;
    }
    return a.row_drives_driven;
}

}  // namespace

PerComponent energy_by_component(const Actions& actions, const UnitCosts& costs, const AdcLaw& law,
                                 Accounting accounting) {
    const bool whole = accounting == Accounting::whole;
    PerComponent energy;
    energy[Component::adc] =
        conversion_energy_j(whole ? actions.conversions_all : actions.conversions_used, law) +
        conversion_energy_j(actions.conversions_unit, law);
    energy[Component::dac] = joules(row_drives(actions, accounting), costs.row_drive_j);
    energy[Component::crossbar] = cell_energy_j(actions, costs, accounting);
    energy[Component::sample_hold] =
        joules(whole ? actions.samples_whole : actions.samples_used, costs.sample_j);
    energy[Component::input_register] =
        joules(actions.input_register_accesses, costs.input_register_access_j);
    energy[Component::output_register] =
        joules(actions.output_register_accesses, costs.output_register_access_j);
    energy[Component::shift_add] =
        joules(whole ? actions.shift_adds_whole : actions.shift_adds_used, costs.shift_add_j) +
        joules(actions.add_ops, costs.add_j);
    energy[Component::buffer] = joules(actions.buffer_bytes_read, costs.buffer_read_byte_j) +
                                joules(actions.buffer_bytes_written, costs.buffer_write_byte_j);
    energy[Component::bus] = joules(actions.bus_bytes, costs.bus_byte_j);
    energy[Component::router] = joules(actions.flit_hops, costs.flit_hop_j);
    energy[Component::activation] = joules(actions.activation_ops, costs.activation_j) +
                                    joules(actions.table_lookups, costs.table_lookup_j) +
                                    joules(actions.rescale_ops, costs.rescale_j);
    energy[Component::pooling] = joules(actions.pool_ops, costs.pool_j);
    energy[Component::tile_output_register] =
        joules(actions.output_register_bytes, costs.tile_output_register_byte_j);
    energy[Component::host_link] = joules(actions.host_bytes, costs.host_byte_j);
    energy[Component::index_table] = joules(actions.index_lookups, costs.index_lookup_j);
    energy[Component::skip_logic] = joules(actions.mask_reads, costs.column_mask_read_j) +
                                    joules(actions.zero_checks, costs.zero_check_j);
    return energy;
}

std::vector<AccountedEnergy> energy_under_every_accounting(const Actions& actions, const UnitCosts& costs,
                                                           const AdcLaw& law) {
    std::vector<AccountedEnergy> energies;
    for (const Accounting accounting : kAccountings) {
        const PerComponent energy = energy_by_component(actions, costs, law, accounting);
        energies.push_back({accounting_name(accounting), energy, energy.total()});
    }
    return energies;
}

std::vector<BandEntry> energy_band_j(const Actions& actions, const UnitCosts& costs,
                                     const AdcLawContext& context, Accounting accounting) {
    check_context(context);
    std::vector<BandEntry> band;
    for (const std::string& name : adc_law_names()) {
        BandEntry entry{name, std::nullopt, ""};
        try {
            const std::unique_ptr<AdcLaw> law = make_adc_law(name, context);
            entry.energy_j = energy_by_component(actions, costs, *law, accounting).total();
        } catch (const InputError& refusal) {
            entry.refusal = refusal.what();
        }
        band.push_back(std::move(entry));
    }
    return band;
}

}  // namespace sliver::cost
