#include "config/shipped.h"

#include <fmt/ranges.h>

#include <array>
#include <cstdlib>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "config/nearest_name.h"
#include "config/yaml_document.h"

namespace fs = std::filesystem;

namespace sliver::config {
namespace {

struct KindFiles {
    const char* noun;    ///< for messages
    const char* folder;  ///< in a root
    std::vector<std::string> endings;
};

const KindFiles& files_of(ShippedKind kind) {
    static const std::array<KindFiles, 5> kFiles = {{{"chip", "configs/chips", {".yaml"}},
                                                     {"device", "configs/devices", {".yaml"}},
                                                     {"ADC", "configs/adc", {".yaml"}},
                                                     {"study", "configs/studies", {".yaml"}},
                                                     {"network", "networks", {".onnx.gz", ".onnx"}}}};
    return kFiles.at(static_cast<std::size_t>(kind));
}

std::vector<fs::path>& added_roots() {
    static std::vector<fs::path> added;
    return added;
}

std::vector<fs::path> roots() {
    std::vector<fs::path> found;
    std::error_code error;
    if (const char* home = std::getenv("SLIVER_HOME"); home != nullptr && *home != '\0') {
        if (!fs::is_directory(home, error))
            refuse("SLIVER_HOME: value {}: must be a folder", shown_text(home));
        found.emplace_back(home);
    }
    constexpr std::string_view kSource = SLIVER_SOURCE_ROOT;
    if (!kSource.empty()) found.emplace_back(kSource);
    found.insert(found.end(), added_roots().begin(), added_roots().end());
    // Beside the program, wherever the installation was moved to: PREFIX/bin/sliver and PREFIX/share/sliver.
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (!error) found.push_back(program.parent_path().parent_path() / "share" / "sliver");
    // For programs that link the installed library and lie elsewhere.
    found.emplace_back(SLIVER_INSTALLED_ROOT);
    return found;
}

// The ending of `kind` that `text` has; null when none. A longer ending (".onnx.gz") comes before its part.
const std::string* ending_of(const KindFiles& files, std::string_view text) {
    for (const std::string& ending : files.endings)
        if (text.size() > ending.size() && text.substr(text.size() - ending.size()) == ending) return &ending;
    return nullptr;
}

std::string stem(const KindFiles& files, const std::string& filename) {
    const std::string* ending = ending_of(files, filename);
    return ending == nullptr ? filename : filename.substr(0, filename.size() - ending->size());
}

}  // namespace

void add_shipped_root(const fs::path& root) {
    added_roots().push_back(root);
}

fs::path find_shipped(ShippedKind kind, std::string_view name) {
    const KindFiles& files = files_of(kind);
    std::error_code error;
    // A name is a name: "../x" must not leave the folder.
    if (!name.empty() && name.find('/') == std::string_view::npos)
        for (const fs::path& root : roots())
            for (const std::string& ending : files.endings)
                if (fs::path file = root / files.folder / (std::string(name) + ending);
                    fs::is_regular_file(file, error))
                    return file;
    const std::vector<std::string> names = shipped_names(kind);
    const std::string nearest = nearest_name(name, names);
    refuse("{} '{}': no such {}{}; there are: {}", files.noun, shown_text(name), files.noun,
           nearest.empty() ? "" : ": did you mean " + nearest + "?",
           names.empty()
               ? std::string("none (SLIVER_HOME=FOLDER: the folder that holds configs and networks)")
               : fmt::format("{}", fmt::join(names, ", ")));
}

std::vector<std::string> shipped_names(ShippedKind kind) {
    const KindFiles& files = files_of(kind);
    std::set<std::string> names;
    for (const fs::path& root : roots()) {
        std::error_code error;
        for (fs::directory_iterator it(root / files.folder, error), end; !error && it != end;
             it.increment(error)) {
            const std::string filename = it->path().filename().string();
            std::error_code unknown;
            if (ending_of(files, filename) != nullptr && it->is_regular_file(unknown))
                names.insert(stem(files, filename));
        }
    }
    return {names.begin(), names.end()};
}

fs::path shipped_or_path(ShippedKind kind, const std::string& name_or_path) {
    const KindFiles& files = files_of(kind);
    const bool is_path =
        name_or_path.find('/') != std::string::npos || ending_of(files, name_or_path) != nullptr;
    if (!is_path) return find_shipped(kind, name_or_path);
    std::error_code error;
    if (!fs::exists(name_or_path, error)) refuse("{}: no such file", shown_text(name_or_path));
    if (!fs::is_regular_file(name_or_path, error))
        refuse("{}: is not a file, but a {} is read from one", shown_text(name_or_path), files.noun);
    return name_or_path;
}

std::string shipped_name_of(ShippedKind kind, const fs::path& file) {
    return stem(files_of(kind), file.filename().string());
}

std::optional<fs::path> network_card(const fs::path& network) {
    fs::path card = network.parent_path() / (shipped_name_of(ShippedKind::network, network) + ".yaml");
    std::error_code error;
    if (!fs::is_regular_file(card, error)) return std::nullopt;
    return card;
}

}  // namespace sliver::config
