// The files that come with Sliver, found by name: "isaac" is configs/chips/isaac.yaml.
//
// Roots are searched in this order, and the first that holds the name wins: $SLIVER_HOME (which must be a
// folder when it is set), the source tree that the program was built from (not in packages),
// PREFIX/share/sliver beside the running program, PREFIX/share/sliver of the installation that the build was
// made for. A root that does not exist is passed over. Called by the program and the studies; reads
// the file system, keeps nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sliver::config {

/// One more root, looked at before the one beside the running program: for a module of an interpreter.
void add_shipped_root(const std::filesystem::path& root);

/// What there is by name, and where it lies in a root.
enum class ShippedKind {
    chip,     ///< configs/chips/NAME.yaml
    device,   ///< configs/devices/NAME.yaml
    adc,      ///< configs/adc/NAME.yaml
    study,    ///< configs/studies/NAME.yaml
    network,  ///< networks/NAME.onnx.gz or networks/NAME.onnx; the card, if any, is networks/NAME.yaml
};

/// The file of that name. InputError when there is none: the message lists the names there are.
std::filesystem::path find_shipped(ShippedKind kind, std::string_view name);

/// All names of that kind in all roots, sorted, each once.
std::vector<std::string> shipped_names(ShippedKind kind);

/// What a user may give: a path (it holds a '/' or ends as files of that kind do) or a shipped name.
/// InputError when the path is no readable file or the name is unknown.
std::filesystem::path shipped_or_path(ShippedKind kind, const std::string& name_or_path);

/// The name of a file without folder and ending: "isaac" for configs/chips/isaac.yaml, "x" for x.onnx.gz.
std::string shipped_name_of(ShippedKind kind, const std::filesystem::path& file);

/// The card beside a network file: NAME.yaml in the same folder; nothing when it is not there.
std::optional<std::filesystem::path> network_card(const std::filesystem::path& network);

}  // namespace sliver::config
