// A network as the commands take it: found by name or path, imported, with its card and the digest of its
// file.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/progress.h"
#include "config/chip_config.h"
#include "network/activation_ranges.h"
#include "network/card.h"
#include "network/float_network.h"
#include "network/quantised_network.h"
#include "results/arithmetic.h"

namespace sliver::app {

struct LoadedNetwork {
    std::filesystem::path path;
    std::string sha256;
    network::FloatNetwork network;
    std::optional<network::NetworkCard> card;
};

/// Digest of a file's bytes, as sha256sum prints it. InputError for a file that cannot be read.
std::string file_sha256(const std::filesystem::path& path);

/// Names by which networks go in results: those of their files without folder and ending. InputError where
/// two of `networks` (behind `option`) have one name, so that nobody could tell them apart.
std::vector<std::string> distinct_names(const std::vector<std::string>& networks, const char* option);

/// `logits`: the output to take, where the file has several. InputError for an unknown name, a file that
/// cannot be read or imported, or a broken card. The digest is that of the file's bytes and, behind them,
/// those of the files beside it that hold weights: `cat my.onnx my.onnx.data | sha256sum`.
LoadedNetwork load_network(const std::string& name_or_path, const std::string& logits = "");

/// InputError where the card's digest is not that of the file.
void check_card(const LoadedNetwork& loaded);

/// The network in the chip's number formats.
network::QuantisedNetwork quantise_for(const LoadedNetwork& loaded, const config::ChipConfig& chip,
                                       const network::ActivationRanges& ranges);

/// How these integers differ from the file.
results::Arithmetic arithmetic_of(const network::QuantisedNetwork& network);

/// Classes that the network gives in floating point. Weights must still be there.
std::vector<int> float_classes(const network::FloatNetwork& network, std::size_t count,
                               const std::function<std::vector<float>(std::size_t)>& image, int threads,
                               Progress& progress);

}  // namespace sliver::app
