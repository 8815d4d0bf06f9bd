// When the phases of a read come, approximately timed (model/style.h): two arrays that share a converter, by
// hand.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mapping/adc_widths.h"
#include "mapping/placement.h"
#include "model/chip.h"
#include "support/networks.h"

BOOST_AUTO_TEST_SUITE(timing_phases)

namespace {

using namespace sliver;
using model::BitlineRead;

constexpr std::uint64_t kNs = 1'000'000;  // fs

/// "BEGIN_REQ 0" ...: phase and time in ns, in the order in which they pass a link.
using Diary = std::vector<std::string>;

class Spy : public sc_core::sc_module, public model::bitline_fw_if, public model::bitline_bw_if {
  public:
    model::bitline_target_socket tsock;
    model::bitline_initiator_socket isock;

    Spy(const sc_core::sc_module_name& name, Diary& diary) : sc_module(name), diary_(diary) {
        tsock.bind(*this);
        isock.bind(*this);
    }
    tlm::tlm_sync_enum nb_transport_fw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        note(phase);
        const tlm::tlm_sync_enum answer = isock->nb_transport_fw(read, phase, delay);
        if (answer == tlm::TLM_UPDATED) note(phase);
        return answer;
    }
    tlm::tlm_sync_enum nb_transport_bw(BitlineRead& read, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        note(phase);
        return tsock->nb_transport_bw(read, phase, delay);
    }
    void b_transport(BitlineRead&, sc_core::sc_time&) override {}
    bool get_direct_mem_ptr(BitlineRead&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(BitlineRead&) override { return 0; }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  private:
    void note(const tlm::tlm_phase& phase) {
        diary_.push_back(std::string(phase.get_name()) + " " +
                         std::to_string(sc_core::sc_time_stamp().value() / kNs));
    }
    Diary& diary_;
};

/// What passes the links of a layer of one window, by the name of the link's target.
std::map<std::string, Diary> watched(int arrays_per_adc, double rate_hz) {
    support::NetworkBuilder build({128, 1, 1}, {false, 2, -2}, 1);
    build.linear(support::NetworkBuilder::kInput, 32);
    const network::QuantisedNetwork network = build.finish();
    config::ChipConfig chip = support::oracle_chip();
    chip.inputs.bits = 2;
    chip.adc.arrays_per_adc = arrays_per_adc;
    chip.adc.rate_hz = rate_hz;
    const std::vector<std::int32_t> image(128, 3);
    const mapping::NetworkMapping mapped = mapping::map_network(network, chip);
    const mapping::AdcWidths widths = mapping::allocate_adcs(network, mapped, chip);
    const mapping::Placement placement =
        mapping::place_network(network, mapped, mapping::replication(network, mapped, chip, widths), chip);
    std::map<std::string, Diary> diaries;
    std::vector<std::unique_ptr<Spy>> spies;
    model::ChipSetup setup{network, mapped, placement, chip, widths, image};
    setup.style = model::Style::approximately_timed;
    setup.unit_links.bitline = [&](model::bitline_initiator_socket& from, model::bitline_target_socket& to) {
        const std::string name = to.name();
        spies.push_back(std::make_unique<Spy>(sc_core::sc_gen_unique_name("spy"),
                                              diaries[name.substr(name.find("pe_0.") + 5)]));
        from.bind(spies.back()->tsock);
        spies.back()->isock.bind(to);
    };
    model::Chip one("chip", setup);
    sc_core::sc_start();
    return diaries;
}

void check(const std::map<std::string, Diary>& diaries, const std::string& link, const Diary& expected) {
    BOOST_TEST_CONTEXT(link) {
        BOOST_REQUIRE(diaries.count(link) == 1U);
        BOOST_TEST(diaries.at(link) == expected, boost::test_tools::per_element());
    }
}

}  // namespace

// Fetched from 0 on, driven at 100. A burst takes as long as a cycle, 100 ns. Two planes. The converter takes
// array 0 from 200 to 300, array 1 from 300 to 400; so array 0 could be driven again at 200, array 1 at 300,
// and the second plane is driven at 300. A code is added in the cycle after its burst.
BOOST_AUTO_TEST_CASE(a_shared_converter) {
    const auto diaries = watched(8, 1.28e9);
    BOOST_TEST(diaries.size() == 6U);
    check(
        diaries, "crossbar_0.pe_tsock",
        {"BEGIN_REQ 100", "END_REQ 200", "BEGIN_REQ 300", "BEGIN_RESP 400", "END_REQ 400", "BEGIN_RESP 600"});
    check(
        diaries, "crossbar_1.pe_tsock",
        {"BEGIN_REQ 100", "END_REQ 300", "BEGIN_REQ 300", "BEGIN_RESP 500", "END_REQ 500", "BEGIN_RESP 700"});
    check(
        diaries, "shared_adc_0.crossbar_tsock_0",
        {"BEGIN_REQ 200", "END_REQ 200", "BEGIN_RESP 400", "BEGIN_REQ 400", "END_REQ 400", "BEGIN_RESP 600"});
    check(
        diaries, "shared_adc_0.crossbar_tsock_1",
        {"BEGIN_REQ 200", "END_REQ 300", "BEGIN_REQ 400", "BEGIN_RESP 500", "END_REQ 500", "BEGIN_RESP 700"});
    check(
        diaries, "shift_add.adc_tsock_0",
        {"BEGIN_REQ 300", "END_REQ 300", "BEGIN_RESP 400", "BEGIN_REQ 500", "END_REQ 500", "BEGIN_RESP 600"});
    check(
        diaries, "shift_add.adc_tsock_1",
        {"BEGIN_REQ 400", "END_REQ 400", "BEGIN_RESP 500", "BEGIN_REQ 600", "END_REQ 600", "BEGIN_RESP 700"});
}

// A converter for each array, twice as fast: nobody waits, a step is a cycle, a burst ends in its middle.
BOOST_AUTO_TEST_CASE(converters_of_their_own) {
    const auto diaries = watched(1, 2.56e9);
    for (const std::string array : {"0", "1"}) {
        check(diaries, "crossbar_" + array + ".pe_tsock",
              {"BEGIN_REQ 100", "END_REQ 200", "BEGIN_REQ 200", "END_REQ 300", "BEGIN_RESP 350",
               "BEGIN_RESP 450"});
        check(diaries, "shift_add.adc_tsock_" + array,
              {"BEGIN_REQ 250", "END_REQ 250", "BEGIN_RESP 350", "BEGIN_REQ 350", "END_REQ 350",
               "BEGIN_RESP 450"});
    }
}

BOOST_AUTO_TEST_SUITE_END()
