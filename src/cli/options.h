// The options that several commands share, and how they become a chip configuration.
//
// Short options are spellings of chip keys: `--adc 6` is adc.policy=fixed and adc.bits=6. They go through the
// same loader as
// `--set`, over the chip's file, so the resolved configuration in a result says everything. InputError for
// what is wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/chip_config.h"

namespace sliver::cli {

struct ChipOptions {
    std::string chip;
    std::string adc;  ///< as `--adc` describes it
    std::string adc_law;
    std::string accounting;
    std::vector<std::string> set;  ///< key=value
};

void add_chip_options(CLI::App& command, ChipOptions& options);
config::ChipConfig load_chip(const ChipOptions& options);
/// What the options set over the chip's file, as load_chip() of config takes it.
std::vector<std::string> chip_overrides(const ChipOptions& options);
/// What `--adc TEXT` sets: overrides as load_chip() of config takes them.
std::vector<std::string> adc_overrides(const std::string& text);

struct ImageOptions {
    std::string images;  ///< shipped set or path; empty: what the network's card names
    std::string labels;
    std::vector<double> mean, std;
    int pad = -1;  ///< -1: as the network's card says
    std::string calibrate;
    std::size_t calibrate_count = 64;
};

/// What these options name that lies on a disk, for OutputRules: never to be replaced by a result. Shipped
/// names are none.
std::vector<std::filesystem::path> input_files(const ChipOptions& chip,
                                               const std::vector<std::string>& networks,
                                               const ImageOptions& images);

void add_image_options(CLI::App& command, ImageOptions& options);

/// `--threads`: 0 means one a processor.
void add_threads(CLI::App& command, unsigned& threads);
/// A count that must be positive.
CLI::Option* add_count(CLI::App& command, const std::string& name, std::size_t& count,
                       const std::string& description);
int thread_count(unsigned threads);
/// `--seed`: a whole number, zero or more.
void add_seed(CLI::App& command, std::uint64_t& seed);
/// `--conductance-cache`: a folder.
void add_conductance_cache(CLI::App& command, std::string& folder);

}  // namespace sliver::cli
