#include "tb/bitline_checker.h"

#include <algorithm>
#include <utility>

namespace sliver::tb {

using model::BitlineRead;

BitlineChecker::BitlineChecker(const sc_core::sc_module_name& name, std::string link)
    : sc_module(name), tsock("tsock"), isock("isock"), link_(std::move(link)) {
    tsock.bind(*this);
    isock.bind(*this);
}

void BitlineChecker::note(const std::string& what) {
    violations_.push_back(link_ + " at " + sc_core::sc_time_stamp().to_string() + ": " + what);
}

tlm::tlm_sync_enum BitlineChecker::nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                                   sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) note("a phase other than BEGIN_REQ on the forward path");
    if (requesting_ != nullptr) note("BEGIN_REQ before the END_REQ of the last read");
    if (std::find(live_.begin(), live_.end(), &read) != live_.end()) note("a read that is still in use");
    if (reads_ != 0 && read.is_read() && read.array != array_) note("a read of another array");
    if (read.is_read()) {
        array_ = read.array;
        ++reads_;
    }
    const sc_core::sc_time before = delay;
    // Before the call: answers may come while it lasts.
    live_.push_back(&read);
    requesting_ = &read;
    const tlm::tlm_sync_enum answer = isock->nb_transport_fw(read, phase, delay);
    if (answer == tlm::TLM_COMPLETED) {
        completes_ = true;
        if (live_.empty() || live_.back() != &read) note("a completed read had been answered");
        live_.clear();
        requesting_ = nullptr;
        check_completed(read, before, delay);
    } else {
        has_phases_ = true;
        if (read.carries != BitlineRead::Carries::everything) note("a read with phases that has no values");
        if (before != sc_core::SC_ZERO_TIME || delay != before) note("an annotated delay beside phases");
        if (answer == tlm::TLM_UPDATED) {
            if (phase != tlm::END_REQ) note("TLM_UPDATED with another phase than END_REQ");
            end_request(read);
        }
    }
    if (completes_ && has_phases_) note("two styles on one link");
    return answer;
}

void BitlineChecker::check_completed(const BitlineRead& read, const sc_core::sc_time& before,
                                     const sc_core::sc_time& after) {
    if (read.carries == BitlineRead::Carries::values) {
        if (before != sc_core::SC_ZERO_TIME || after != before) note("values that take time");
        if (without_values_ == 0) note("values of no read");
        without_values_ = 0;
        return;
    }
    if (after < before) note("the annotated delay shrinks");
    if (read.carries == BitlineRead::Carries::time)
        ++without_values_;
    else if (without_values_ != 0)
        note("a read with its values among reads whose values come later");
}

void BitlineChecker::end_request(const BitlineRead& read) {
    if (requesting_ != &read) note("END_REQ of a read that is not requesting");
    requesting_ = nullptr;
}

tlm::tlm_sync_enum BitlineChecker::nb_transport_bw(BitlineRead& read, tlm::tlm_phase& phase,
                                                   sc_core::sc_time& delay) {
    if (delay != sc_core::SC_ZERO_TIME) note("an annotated delay on the backward path");
    const bool response = phase == tlm::BEGIN_RESP;
    if (phase == tlm::END_REQ) {
        end_request(read);
    } else if (!response) {
        note("a phase other than END_REQ and BEGIN_RESP on the backward path");
    } else if (live_.empty() || live_.front() != &read) {
        note("BEGIN_RESP out of the order of the reads");
    } else {
        if (requesting_ == &read) note("BEGIN_RESP before END_REQ");
        live_.pop_front();
    }
    const tlm::tlm_sync_enum answer = tsock->nb_transport_bw(read, phase, delay);
    if (response != (answer == tlm::TLM_COMPLETED)) note("only a response is completed, and at once");
    return answer;
}

void BitlineChecker::b_transport(BitlineRead& read, sc_core::sc_time& delay) {
    note("blocking transport");
    isock->b_transport(read, delay);
}

void BitlineChecker::finish() {
    if (!live_.empty()) note(std::to_string(live_.size()) + " reads without a response");
    if (without_values_ != 0) note("reads whose values never came");
}

}  // namespace sliver::tb
