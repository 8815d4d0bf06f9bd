#include "tb/checked_links.h"

namespace sliver::tb {
namespace {

/// Several array cycles; not a static: no sc_time may exist before the resolution is set.
sc_core::sc_time longest_stall() {
    return {700, sc_core::SC_NS};
}

}  // namespace

void CheckedLinks::connect(tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to,
                           std::optional<std::uint32_t> stall_seed) {
    const std::string link = std::string(from.name()) + " -> " + to.name();
    if (!stall_seed) {
        check(from, to, link);
        return;
    }
    stalls_.push_back(std::make_unique<StallingLink>(sc_core::sc_gen_unique_name("stall"),
                                                     *stall_seed + static_cast<std::uint32_t>(stalls_.size()),
                                                     longest_stall()));
    check(from, stalls_.back()->tsock, link + ", in front of the stalls");
    check(stalls_.back()->isock, to, link + ", behind the stalls");
}

void CheckedLinks::check(tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to,
                         const std::string& link) {
    checkers_.push_back(std::make_unique<BaseProtocolChecker>(sc_core::sc_gen_unique_name("checker"), link));
    from.bind(checkers_.back()->tsock);
    checkers_.back()->isock.bind(to);
}

void CheckedLinks::connect(model::bitline_initiator_socket& from, model::bitline_target_socket& to) {
    bitline_checkers_.push_back(std::make_unique<BitlineChecker>(
        sc_core::sc_gen_unique_name("bitline_checker"), std::string(from.name()) + " -> " + to.name()));
    from.bind(bitline_checkers_.back()->tsock);
    bitline_checkers_.back()->isock.bind(to);
}

void CheckedLinks::reset() {
    for (const auto& checker : checkers_) checker->reset();
    for (const auto& stall : stalls_) stall->reset();
}

void CheckedLinks::finish() {
    for (const auto& checker : checkers_) checker->finish();
    for (const auto& checker : bitline_checkers_) checker->finish();
}

std::vector<std::string> CheckedLinks::violations() const {
    std::vector<std::string> all;
    for (const auto& checker : checkers_)
        all.insert(all.end(), checker->violations().begin(), checker->violations().end());
    for (const auto& checker : bitline_checkers_)
        all.insert(all.end(), checker->violations().begin(), checker->violations().end());
    return all;
}

std::uint64_t CheckedLinks::transactions() const {
    std::uint64_t count = 0;
    for (const auto& checker : checkers_) count += checker->transactions();
    return count;
}

}  // namespace sliver::tb
