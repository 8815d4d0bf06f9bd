// What the module's objects hold. Each is immutable once made, so that threads may share it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/design.h"
#include "run/chip_run.h"

namespace sliver::python {

struct Chip {
    config::ChipConfig config;
};

struct Network {
    app::LoadedNetwork loaded;
};

/// Ranges of a network's maps, and the images that they come from.
struct Ranges {
    network::ActivationRanges by_map;
};

/// The network as integers.
struct Quantised {
    std::shared_ptr<const Network> network;
    network::QuantisedNetwork integers;
};

/// A network on a chip: calibrated, quantised, mapped, its converters chosen.
struct Mapping {
    std::shared_ptr<const Network> network;
    config::ChipConfig chip;
    app::TestImages test;  ///< `set` may be null: none were given or needed
    std::unique_ptr<app::Design> design;
    int threads = 1;
    std::uint64_t seed = 1;
};

/// A priced run, fresh, read back, or priced again.
struct Run {
    results::RunResult result;
    results::PricedRun priced;
    std::vector<results::ResultFile> files;
    std::string trace, vcd;
};

}  // namespace sliver::python
