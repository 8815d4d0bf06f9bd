// The options that several commands share. InputError for what is wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/chip_request.h"
#include "app/image_source.h"

namespace sliver::cli {

void add_chip_options(CLI::App& command, app::ChipRequest& options);
/// What these options name that lies on a disk, for OutputRules: never to be replaced by a result. Shipped
/// names are none.
std::vector<std::filesystem::path> input_files(const app::ChipRequest& chip,
                                               const std::vector<std::string>& networks,
                                               const app::ImageRequest& images);

void add_image_options(CLI::App& command, app::ImageRequest& options);

/// `--logits`: the output of a network that has several.
void add_logits(CLI::App& command, std::string& output);
/// `--json`: one document on stdout in place of texts and tables.
CLI::Option* add_json(CLI::App& command, bool& json);
/// `--threads`: 0 means one a processor.
void add_threads(CLI::App& command, unsigned& threads);
/// A count that must be positive.
CLI::Option* add_count(CLI::App& command, const std::string& name, std::size_t& count,
                       const std::string& description);
/// A number that may be 0.
CLI::Option* add_place(CLI::App& command, const std::string& name, std::size_t& place,
                       const std::string& description);
/// `--seed`: a whole number, zero or more.
void add_seed(CLI::App& command, std::uint64_t& seed);
/// `--conductance-cache`: a folder.
void add_conductance_cache(CLI::App& command, std::string& folder);

}  // namespace sliver::cli
