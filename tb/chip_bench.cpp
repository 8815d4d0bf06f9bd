#include "tb/chip_bench.h"

#include <utility>

namespace sliver::tb {
namespace {

/// Several array cycles; not a static: no sc_time may exist before the resolution is set.
sc_core::sc_time longest_stall() {
    return {700, sc_core::SC_NS};
}

}  // namespace

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
    if (options.check_protocol)
        setup.connect = [this, seed = options.stall_seed](tlm::tlm_initiator_socket<>& from,
                                                          tlm::tlm_target_socket<>& to) {
            checkers_.push_back(std::make_unique<BaseProtocolChecker>(
                sc_core::sc_gen_unique_name("checker"), std::string(from.name()) + " -> " + to.name()));
            from.bind(checkers_.back()->tsock);
            if (!seed) {
                checkers_.back()->isock.bind(to);
                return;
            }
            stalls_.push_back(std::make_unique<StallingLink>(
                sc_core::sc_gen_unique_name("stall"), *seed + static_cast<std::uint32_t>(stalls_.size()),
                longest_stall()));
            checkers_.back()->isock.bind(stalls_.back()->tsock);
            stalls_.back()->isock.bind(to);
        };
    bay.chip = std::make_unique<model::Chip>(("chip_" + std::to_string(number)).c_str(), setup);
    return number;
}

void ChipBench::run() {
    sc_core::sc_start();
    for (Bay& bay : bays_) bay.record = bay.chip->record();
    for (const auto& checker : checkers_) checker->finish();
}

std::vector<std::string> ChipBench::violations() const {
    std::vector<std::string> all;
    for (const auto& checker : checkers_)
        all.insert(all.end(), checker->violations().begin(), checker->violations().end());
    return all;
}

std::uint64_t ChipBench::transactions() const {
    std::uint64_t count = 0;
    for (const auto& checker : checkers_) count += checker->transactions();
    return count;
}

}  // namespace sliver::tb
