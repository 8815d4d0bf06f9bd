// Platform: the example platform (examples/platform) for tests: synthetic networks on its accelerators, and a
// base-protocol checker on every memory-mapped link, inside the chips as well, where PlatformOptions ask for
// it.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <systemc>
#include <vector>

#include "mapping/adc_widths.h"
#include "mapping/placement.h"
#include "platform/platform.h"
#include "tb/checked_links.h"

namespace sliver::tb {

/// A network made ready for a chip with ideal cells, and what a chip or an accelerator is built from. Stays
/// where it is: the chip refers to it.
struct ChipDesign {
    ChipDesign(network::QuantisedNetwork net, config::ChipConfig config);
    ChipDesign(const ChipDesign&) = delete;
    ChipDesign& operator=(const ChipDesign&) = delete;
    [[nodiscard]] model::ChipSetup setup() const;

    network::QuantisedNetwork network;
    config::ChipConfig chip;
    mapping::NetworkMapping mapping;
    mapping::AdcWidths widths;
    mapping::Placement placement;
    std::string network_sha256 = {};
};

/// `connect` is the bench's own.
struct PlatformOptions : platform::Options {
    bool check_protocol = true;
    std::optional<std::uint32_t> stall_seed =
        {};  ///< stalls at random on every link, inside the chips as well
    model::Style style = model::Style::loosely_timed;  ///< of all chips
    std::vector<model::Timeline*> timelines = {};      ///< by accelerator; null or missing: nobody watches
};

/// What lies between the sockets of a platform. There before the platform is, which binds by it.
struct PlatformLinks {
    CheckedLinks bus;
    std::deque<CheckedLinks> chips;  ///< inside the chips, by accelerator
};

class Platform : private PlatformLinks, public platform::Platform {
  public:
    /// `designs` outlive the platform.
    Platform(const sc_core::sc_module_name& name, const std::deque<ChipDesign>& designs,
             const PlatformOptions& options, platform::Processor::Program program);

    void finish() override;
    [[nodiscard]] std::vector<std::string> violations() const;
    [[nodiscard]] std::uint64_t transactions() const;
};

}  // namespace sliver::tb
