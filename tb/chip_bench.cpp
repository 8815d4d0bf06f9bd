#include "tb/chip_bench.h"

#include <utility>

#include "model/steady_state.h"

namespace sliver::tb {

std::size_t ChipBench::add(network::QuantisedNetwork network, const config::ChipConfig& chip,
                           std::vector<std::int32_t> images, Options options) {
    const std::size_t number = bays_.size();
    Bay& bay = bays_.emplace_back();
    bay.network = std::move(network);
    bay.config = chip;
    bay.mapping = mapping::map_network(bay.network, bay.config);
    bay.widths = options.widths != nullptr ? *options.widths
                                           : mapping::allocate_adcs(bay.network, bay.mapping, bay.config);
    bay.placement = mapping::place_network(
        bay.network, bay.mapping, mapping::replication(bay.network, bay.mapping, bay.config, bay.widths),
        bay.config);
    bay.images = std::move(images);
    bay.steady_images = options.steady_images;
    model::ChipSetup setup{bay.network,
                           bay.mapping,
                           bay.placement,
                           bay.config,
                           bay.widths,
                           bay.images,
                           options.images,
                           options.instruction_set,
                           std::move(options.edits),
                           options.count_sums,
                           options.devices,
                           options.timeline};
    setup.style = options.style;
    setup.largest_sums = true;
    if (options.check_protocol && options.check_units) {
        // What a tile's units are asked is scheduled: nothing stalls there.
        setup.unit_links.bus = [this](tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to) {
            links_.connect(from, to, std::nullopt);
        };
        setup.unit_links.bitline = [this](model::bitline_initiator_socket& from,
                                          model::bitline_target_socket& to) { links_.connect(from, to); };
    }
    setup.interconnect = std::move(options.interconnect);
    setup.buffer_memory = std::move(options.buffer_memory);
    setup.connect = std::move(options.connect);
    if (!setup.connect && options.check_protocol)
        setup.connect = [this, seed = options.stall_seed](tlm::tlm_initiator_socket<>& from,
                                                          tlm::tlm_target_socket<>& to) {
            links_.connect(from, to, seed);
        };
    bay.chip = std::make_unique<model::Chip>(("chip_" + std::to_string(number)).c_str(), setup);
    return number;
}

void ChipBench::run() {
    sc_core::sc_start();
    for (Bay& bay : bays_) bay.record = bay.chip->record();
    for (Bay& bay : bays_)
        if (bay.steady_images != 0)
            bay.record.steady = model::measure_steady(*bay.chip, bay.record, bay.steady_images, true);
    links_.finish();
}

}  // namespace sliver::tb
