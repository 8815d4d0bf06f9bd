// ChipBench: chips side by side in one elaboration, for tests and examples.
//
// add() maps and places a network on a chip and elaborates it; run() simulates them all (time starts at 0 for
// each, they do not see each other); record(i) is what chip i recorded. Every link of every chip carries a
// checker of its protocol; kernel warnings are errors.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/chip_config.h"
#include "model/chip.h"
#include "network/quantised_network.h"
#include "results/run_record.h"
#include "tb/checked_links.h"

namespace sliver::tb {

class ChipBench {
  public:
    struct Options {
        std::size_t images = 1;
        std::vector<model::CellEdit> edits = {};
        const mapping::AdcWidths* widths = nullptr;  ///< none: as the chip's configuration says
        bitline::InstructionSet instruction_set = bitline::best_instruction_set();
        bool check_protocol = true;
        bool check_units =
            true;  ///< with check_protocol: the links inside tiles, too, of which there are many
        std::optional<std::uint32_t> stall_seed = {};     ///< stalls at random on every link
        bool count_sums = false;                          ///< histograms of the column sums
        const bitline::AnalogNetwork* devices = nullptr;  ///< null: ideal
        model::Timeline* timeline = nullptr;              ///< null: nobody watches
        model::Style style = model::Style::loosely_timed;
        std::uint64_t steady_images = 0;  ///< for the record's steady state; 0: it has none
        /// What binds memory-mapped sockets; empty: links with a checker, and stalls where they are asked
        /// for.
        std::function<void(tlm::tlm_initiator_socket<>&, tlm::tlm_target_socket<>&)> connect = {};
        model::InterconnectFactory interconnect = {};  ///< empty: as the chip file says
        /// As ChipSetup's.
        std::function<tlm::tlm_target_socket<>&(std::size_t, std::size_t)> buffer_memory = {};

        /// The steady state, too.
        [[nodiscard]] static Options streamed(std::size_t images) {
            Options options;
            options.images = images;
            options.steady_images = 64;
            return options;
        }
    };

    /// Returns the chip's number. Throws what the mapper, the placer or the chip throw.
    std::size_t add(network::QuantisedNetwork network, const config::ChipConfig& chip,
                    std::vector<std::int32_t> images, Options options);
    void run();
    [[nodiscard]] const model::Chip& chip(std::size_t chip) const { return *bays_[chip].chip; }
    [[nodiscard]] const results::ChipRecord& record(std::size_t chip) const { return bays_[chip].record; }
    [[nodiscard]] const network::QuantisedNetwork& network(std::size_t chip) const {
        return bays_[chip].network;
    }
    [[nodiscard]] const mapping::NetworkMapping& mapping(std::size_t chip) const {
        return bays_[chip].mapping;
    }
    [[nodiscard]] const mapping::AdcWidths& widths(std::size_t chip) const { return bays_[chip].widths; }
    /// Messages of all checkers; empty when the protocol was kept.
    [[nodiscard]] std::vector<std::string> violations() const { return links_.violations(); }
    /// Transactions the checkers saw.
    [[nodiscard]] std::uint64_t transactions() const { return links_.transactions(); }

  private:
    struct Bay {
        network::QuantisedNetwork network;
        config::ChipConfig config;
        mapping::NetworkMapping mapping;
        mapping::Placement placement;
        mapping::AdcWidths widths;
        std::vector<std::int32_t> images;
        std::unique_ptr<model::Chip> chip;
        results::ChipRecord record;
        std::uint64_t steady_images = 0;
    };
    std::deque<Bay> bays_;
    CheckedLinks links_;
};

}  // namespace sliver::tb
