// The card that ships beside a network (networks/NAME.yaml): what it is, how it was made, how its images are
// to be normalised. Keys that are not listed here are documentation and are left alone; the listed ones are
// checked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/images.h"

namespace sliver::network {

struct NetworkCard {
    std::string source;  ///< the card's file
    std::string name, summary, architecture;
    std::string sha256;    ///< of the network file as it ships; empty where the card gives none
    std::string data_set;  ///< for example "fashion-mnist"
    int pad = 0;
    std::vector<double> mean, std;
    std::vector<std::string> classes;  ///< names in the order of the outputs; may be empty

    /// How byte images are prepared for this network.
    [[nodiscard]] ImageOptions image_options() const;
};

/// The card that belongs to a network file: NAME.yaml beside NAME.onnx or NAME.onnx.gz. It need not exist.
[[nodiscard]] std::filesystem::path card_path(const std::filesystem::path& network);

/// InputError (file, line, key, rule) for a card that cannot be read or has a wrong type under a listed key.
[[nodiscard]] NetworkCard read_card(const std::filesystem::path& path);
/// The same for text in memory; `source` stands in messages.
[[nodiscard]] NetworkCard parse_card(std::string_view text, const std::string& source);
/// The card beside `network`, or nothing where there is none.
[[nodiscard]] std::optional<NetworkCard> find_card(const std::filesystem::path& network);

}  // namespace sliver::network
