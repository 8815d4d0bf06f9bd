#include "platform.h"

#include <stdexcept>
#include <utility>

#include "model/kernel_time.h"

namespace platform {

using sliver::model::from_seconds;

Platform::Platform(const sc_core::sc_module_name& name, const std::vector<Guest>& guests,
                   const Options& options, Processor::Program program)
    : sc_module(name) {
    tlm::tlm_global_quantum::instance().set(from_seconds(options.quantum_s));
    memory_ = std::make_unique<Memory>(
        "memory", options.memory_bytes,
        Memory::Timing{from_seconds(options.memory_access_s), from_seconds(options.memory_byte_s)});
    processor_ = std::make_unique<Processor>("processor", guests.size(), std::move(program));
    std::vector<Bus::Region> regions{{kMemory, options.memory_bytes}};
    for (std::size_t i = 0; i < guests.size(); ++i) {
        const std::string number = std::to_string(i);
        accelerators_.push_back(std::make_unique<sliver::model::Accelerator>(
            ("accelerator_" + number).c_str(), guests[i].setup,
            sliver::model::Accelerator::Options{guests[i].network_sha256, options.register_access_s}));
        interrupts_.push_back(std::make_unique<sc_core::sc_signal<bool>>(("interrupt_" + number).c_str()));
        accelerators_.back()->interrupt.bind(*interrupts_.back());
        processor_->interrupts[i].bind(*interrupts_.back());
        resets_.push_back(std::make_unique<sc_core::sc_signal<bool>>(("reset_" + number).c_str()));
        accelerators_.back()->reset.bind(*resets_.back());
        regions.push_back({registers(i), sliver::model::reg::kMapBytes});
    }
    bus_ = std::make_unique<Bus>("bus", 1 + guests.size(), regions, from_seconds(options.bus_hop_s));
    const auto connect = [&options](tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to) {
        if (options.connect)
            options.connect(from, to);
        else
            from.bind(to);
    };
    connect(processor_->isock, bus_->initiator_tsock(0));
    connect(bus_->target_isock(0), memory_->tsock);
    for (std::size_t i = 0; i < guests.size(); ++i) {
        connect(accelerators_[i]->memory_isock, bus_->initiator_tsock(1 + i));
        connect(bus_->target_isock(1 + i), accelerators_[i]->register_tsock);
    }
}

void Platform::run() {
    sc_core::sc_start();
    finish();
}

void Platform::finish() {
    if (!processor_->finished())
        throw std::runtime_error("the program of the platform's processor did not come to its end");
}

}  // namespace platform
