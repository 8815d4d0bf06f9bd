// One run of the chip from a request to a priced result: what `sliver run` does, `sliver compare` for each
// network, sweeps for each point, and Python's module.
//
// The chip simulates `count` images, whose logits, cuts and largest sums are its own; the functional engine
// classifies those behind them, up to `functional_count`, with the same arithmetic. Under `verify` it
// computes the chip's, too: where logits, cuts or sums differ the run is a defect and ends with
// std::runtime_error, without a result.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/chip_request.h"
#include "app/progress.h"
#include "model/style.h"
#include "results/layers_csv.h"
#include "results/pricing.h"
#include "results/result_folder.h"
#include "results/run_result.h"
#include "results/timeline_record.h"
#include "run/simulation.h"

namespace sliver::run {

struct RunRequest {
    app::ChipRequest chip;
    std::string network;
    std::string logits;  ///< the network's output to take; empty where it has only one
    app::ImageRequest images;
    std::size_t count = 1;
    std::size_t functional_count = 0;      ///< 0: count
    std::uint64_t settle = kSettleImages;  ///< at most so many more images for the interval; 0: none
    unsigned threads = 0;
    std::uint64_t seed = 1;
    std::string conductance_cache;
    bool histograms = false;                           ///< of the column sums that the chip converts
    std::optional<results::TimelineRequest> timeline;  ///< none: no timeline
    model::Style style = model::Style::loosely_timed;
    bool verify = false;
    const char* count_name = "--count";  ///< the options by which the command calls the two counts
    const char* functional_name = "--count";
};

struct RunOutcome {
    results::RunResult result;
    results::PricedRun priced;
    std::vector<results::ResultFile> files;  ///< logits.npy, predictions.csv
    std::optional<results::TimelineRecord> timeline;
    std::string trace, vcd;                        ///< DesignRun::apart
    std::size_t engine_images = 0;                 ///< computed by the functional engine
    double setup_s = 0, engine_s = 0, chip_s = 0;  ///< wall times, for the terminal only
};

RunOutcome run_chip(const RunRequest& request, app::Progress& progress);

/// The last steps alone: a design is placed, simulated and priced. `design` has been made for `chip`, with
/// images beyond `functional_count` of `test` at most.
struct DesignRun {
    const app::LoadedNetwork& loaded;
    const config::ChipConfig& chip;
    const app::Design& design;
    const app::TestImages& test;
    std::size_t count = 1;
    std::size_t functional_count = 1;  ///< at least count
    std::uint64_t settle = kSettleImages;
    int threads = 1;
    std::uint64_t seed = 1;  ///< of the design
    bool histograms = false;
    std::optional<results::TimelineRequest> timeline = {};
    model::Style style = model::Style::loosely_timed;
    bool verify = false;
    /// Of the first images in floating point, where the chip's integers are not the file's own.
    std::vector<int> float_classes = {};
    /// The chip in a process of its own: any number of runs, and `wait` is called with the descriptor that
    /// becomes readable when it ends. The timeline is then in `trace` and `vcd`.
    bool apart = false;
    std::function<void(int end_signal)> wait = {};
};
RunOutcome run_design(const DesignRun& run, app::Progress& progress);

/// For DesignRun::float_classes: none where the integers are the file's own. The weights of `loaded` must
/// still be there.
std::vector<int> classes_to_compare(const app::LoadedNetwork& loaded,
                                    const network::QuantisedNetwork& integers, const app::TestImages& test,
                                    std::size_t count, int threads, app::Progress& progress);

/// What run_chip() refuses before it begins: fewer images for the engine than for the chip.
std::size_t functional_images(const RunRequest& request);
/// InputError for layers that the network does not have.
void check_layers(const results::TimelineRequest& request, const app::LoadedNetwork& loaded);

}  // namespace sliver::run
