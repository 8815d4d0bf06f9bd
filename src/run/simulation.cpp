#include "run/simulation.h"

#include "model/address_map.h"
#include "model/chip.h"

namespace sliver::run {

mapping::Placement place(const app::Design& design, const config::ChipConfig& chip) {
    return mapping::place_network(design.network, design.mapping,
                                  mapping::replication(design.network, design.mapping, chip, design.widths),
                                  chip);
}

std::uint64_t least_buffer(const app::Design& design, const mapping::Placement& placement,
                           const config::ChipConfig& chip) {
    const model::ChipPlan plan =
        model::plan_chip(design.network, design.mapping, placement, design.widths, chip);
    model::check_addressable(plan);
    return plan.least_buffer_bytes;
}

results::ChipRecord simulate(const app::Design& design, const mapping::Placement& placement,
                             const config::ChipConfig& chip, const std::vector<std::int32_t>& codes,
                             std::size_t count, std::uint64_t settle, bool count_sums,
                             results::TimelineRecord* timeline, model::Style style) {
    model::prepare_kernel();
    model::ChipSetup setup{design.network, design.mapping, placement, chip, design.widths, codes};
    setup.count = count;
    setup.steady_images = settle;
    setup.count_sums = count_sums;
    setup.style = style;
    setup.devices = design.arrays.get();
    setup.instruction_set = bitline::best_instruction_set();
    if (timeline == nullptr) return model::simulate(setup);
    model::Timeline observer(timeline->request);
    setup.timeline = &observer;
    results::ChipRecord record = model::simulate(setup);
    *timeline = observer.take(record.elapsed_fs);
    return record;
}

}  // namespace sliver::run
