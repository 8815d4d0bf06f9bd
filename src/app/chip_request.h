// A chip as one asks for it: a file or a shipped name, and what is set over it.
//
// Short settings are spellings of chip keys: `adc` 6 is adc.policy=fixed and adc.bits=6. They go through the
// same loader as every other key, so the resolved configuration in a result says everything. InputError for
// what is wrong.
#pragma once

#include <string>
#include <vector>

#include "config/chip_config.h"

namespace sliver::app {

struct ChipRequest {
    std::string chip;  ///< shipped name or YAML file
    std::string adc;   ///< as `--adc` of the command line describes it; empty: the chip's
    std::string adc_law;
    std::string accounting;
    std::vector<std::string> set;  ///< key=value
};

config::ChipConfig load_chip(const ChipRequest& request);
/// What the request sets over the chip's file, as load_chip() of config takes it.
std::vector<std::string> chip_overrides(const ChipRequest& request);
/// What `--adc TEXT` sets: overrides as load_chip() of config takes them.
std::vector<std::string> adc_overrides(const std::string& text);

}  // namespace sliver::app
