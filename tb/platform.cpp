#include "tb/platform.h"

#include <utility>

#include "mapping/layer_mapping.h"

namespace sliver::tb {
namespace {

std::vector<platform::Guest> guests(const std::deque<ChipDesign>& designs, const PlatformOptions& options,
                                    PlatformLinks& links) {
    std::vector<platform::Guest> guests;
    for (std::size_t i = 0; i < designs.size(); ++i) {
        model::ChipSetup setup = designs[i].setup();
        setup.style = options.style;
        if (i < options.timelines.size()) setup.timeline = options.timelines[i];
        CheckedLinks& own = links.chips.emplace_back();
        if (options.check_protocol)
            setup.connect = [&own, stall_seed = options.stall_seed](tlm::tlm_initiator_socket<>& from,
                                                                    tlm::tlm_target_socket<>& to) {
                own.connect(from, to, stall_seed);
            };
        setup.reset_links = [&own] { own.reset(); };
        guests.push_back({setup, designs[i].network_sha256});
    }
    return guests;
}

platform::Options checked(const PlatformOptions& options, PlatformLinks& links) {
    platform::Options result = static_cast<const platform::Options&>(options);
    if (options.check_protocol)
        result.connect = [&links, stall_seed = options.stall_seed](tlm::tlm_initiator_socket<>& from,
                                                                   tlm::tlm_target_socket<>& to) {
            links.bus.connect(from, to, stall_seed);
        };
    return result;
}

}  // namespace

ChipDesign::ChipDesign(network::QuantisedNetwork net, config::ChipConfig config)
    : network(std::move(net)),
      chip(std::move(config)),
      mapping(mapping::map_network(network, chip)),
      widths(mapping::allocate_adcs(network, mapping, chip)),
      placement(mapping::place_network(network, mapping, mapping::replication(network, mapping, chip, widths),
                                       chip)) {}

model::ChipSetup ChipDesign::setup() const {
    model::ChipSetup setup{network, mapping, placement, chip, widths, model::kNoImages, 0};
    setup.instruction_set = bitline::best_instruction_set();
    return setup;
}

Platform::Platform(const sc_core::sc_module_name& name, const std::deque<ChipDesign>& designs,
                   const PlatformOptions& options, platform::Processor::Program program)
    : platform::Platform(name, guests(designs, options, *this), checked(options, *this), std::move(program)) {
}

std::vector<std::string> Platform::violations() const {
    std::vector<std::string> all = bus.violations();
    for (const CheckedLinks& links : chips)
        for (std::string& violation : links.violations()) all.push_back(std::move(violation));
    return all;
}

std::uint64_t Platform::transactions() const {
    std::uint64_t count = bus.transactions();
    for (const CheckedLinks& links : chips) count += links.transactions();
    return count;
}

void Platform::finish() {
    bus.finish();
    for (CheckedLinks& links : chips) links.finish();
    platform::Platform::finish();
}

}  // namespace sliver::tb
