#include "tb/platform.h"

#include <stdexcept>
#include <utility>

#include "mapping/layer_mapping.h"
#include "model/kernel_time.h"

namespace sliver::tb {

using model::from_seconds;

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
                   const PlatformOptions& options, PlatformProcessor::Program program)
    : sc_module(name), options_(options) {
    tlm::tlm_global_quantum::instance().set(from_seconds(options.quantum_s));
    memory_ = std::make_unique<PlatformMemory>(
        "memory", options.memory_bytes,
        PlatformMemory::Timing{from_seconds(options.memory_access_s), from_seconds(options.memory_byte_s)});
    processor_ = std::make_unique<PlatformProcessor>("processor", designs.size(), std::move(program));
    std::vector<PlatformBus::Region> regions{{kMemory, options.memory_bytes}};
    for (std::size_t i = 0; i < designs.size(); ++i) {
        model::ChipSetup setup = designs[i].setup();
        setup.style = options.style;
        if (i < options.timelines.size()) setup.timeline = options.timelines[i];
        if (options.check_protocol)
            setup.connect = [this, i](tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to) {
                connect(chip_links_[i], from, to);
            };
        setup.reset_links = [this, i] { chip_links_[i].reset(); };
        chip_links_.emplace_back();
        const std::string number = std::to_string(i);
        accelerators_.push_back(std::make_unique<model::Accelerator>(
            ("accelerator_" + number).c_str(), setup,
            model::Accelerator::Options{designs[i].network_sha256, options.register_access_s}));
        interrupts_.push_back(std::make_unique<sc_core::sc_signal<bool>>(("interrupt_" + number).c_str()));
        accelerators_.back()->interrupt.bind(*interrupts_.back());
        processor_->interrupts[i].bind(*interrupts_.back());
        resets_.push_back(std::make_unique<sc_core::sc_signal<bool>>(("reset_" + number).c_str()));
        accelerators_.back()->reset.bind(*resets_.back());
        regions.push_back({registers(i), model::reg::kMapBytes});
    }
    bus_ = std::make_unique<PlatformBus>("bus", 1 + designs.size(), regions, from_seconds(options.bus_hop_s));
    connect(links_, processor_->isock, bus_->initiator_tsock(0));
    connect(links_, bus_->target_isock(0), memory_->tsock);
    for (std::size_t i = 0; i < designs.size(); ++i) {
        connect(links_, accelerators_[i]->memory_isock, bus_->initiator_tsock(1 + i));
        connect(links_, bus_->target_isock(1 + i), accelerators_[i]->register_tsock);
    }
}

void Platform::connect(CheckedLinks& links, tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to) {
    if (options_.check_protocol)
        links.connect(from, to, options_.stall_seed);
    else
        from.bind(to);
}

void Platform::run() {
    sc_core::sc_start();
    finish();
}

std::vector<std::string> Platform::violations() const {
    std::vector<std::string> all = links_.violations();
    for (const CheckedLinks& links : chip_links_)
        for (std::string& violation : links.violations()) all.push_back(std::move(violation));
    return all;
}

std::uint64_t Platform::transactions() const {
    std::uint64_t count = links_.transactions();
    for (const CheckedLinks& links : chip_links_) count += links.transactions();
    return count;
}

void Platform::finish() {
    links_.finish();
    for (CheckedLinks& links : chip_links_) links.finish();
    if (!processor_->finished())
        throw std::runtime_error("the program of the platform's processor did not come to its end");
}

}  // namespace sliver::tb
