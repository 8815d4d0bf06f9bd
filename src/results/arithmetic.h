// Which integers a result is of: how they differ from what the network's file says, in counts and in words.
//
// Made from network::Fidelity by app/loaded_network.h; part of stats.json (`run.arithmetic`), of the summary
// of a run and of `sliver check`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sliver::results {

struct Arithmetic {
    bool quantised_file = false;  ///< the file fixes steps at all
    std::uint64_t kept_maps = 0, calibrated_maps = 0, coarser_maps = 0;
    std::uint64_t kept_layers = 0, requantised_layers = 0, float_layers = 0;
    std::uint64_t clipped_weights = 0;
    std::vector<std::string> notes;  ///< what import left out or changed, a sentence each
    /// Images whose class is another than that of the network in floating point; where it was computed.
    struct Original {
        std::uint64_t images = 0, differ = 0;
    };
    std::optional<Original> original;
    /// The integers are the file's own, none was chosen here.
    [[nodiscard]] bool exact() const {
        return quantised_file && calibrated_maps + coarser_maps + requantised_layers + float_layers == 0 &&
               clipped_weights == 0;
    }
};

/// One line a fact, the first says which arithmetic is used.
std::vector<std::string> arithmetic_lines(const Arithmetic& arithmetic);

}  // namespace sliver::results
