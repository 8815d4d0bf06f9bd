#include "network/onnx_external.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/error.h"
#include "base/input_file.h"
#include "base/text.h"

namespace sliver::network {

namespace fs = std::filesystem;

namespace {

std::uint64_t number(const std::string& text, const char* what, const std::string& label,
                     const std::string& file) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        refuse("{}: tensor '{}': {} '{}' of its external data is no number", file, label, what,
               printable(text));
    return value;
}

bool is_inside(const fs::path& path, const fs::path& folder) {
    const auto [in_folder, in_path] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return in_folder == folder.end() && in_path != path.end();
}

}  // namespace

std::string_view ExternalData::bytes_of(const onnx::TensorProto& proto, std::uint64_t wanted,
                                        const std::string& file) {
    const std::string label = printable(proto.name());
    std::string location;
    std::uint64_t offset = 0, length = wanted;
    for (const auto& entry : proto.external_data()) {
        if (entry.key() == "location") location = entry.value();
        if (entry.key() == "offset") offset = number(entry.value(), "offset", label, file);
        if (entry.key() == "length") length = number(entry.value(), "length", label, file);
    }
    if (location.empty()) refuse("{}: tensor '{}' has external data without a location", file, label);
    const std::string& bytes = load(location, label, file);
    if (length != wanted)
        refuse("{}: tensor '{}' needs {} bytes, but length {} is given for its external data", file, label,
               wanted, length);
    if (offset > bytes.size() || length > bytes.size() - offset)
        refuse("{}: tensor '{}' lies at {} to {} of {}, which has {} bytes", file, label, offset,
               static_cast<double>(offset) + static_cast<double>(length), printable(location), bytes.size());
    return std::string_view(bytes).substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

std::vector<DataFile> ExternalData::files() const {
    std::vector<DataFile> list;
    for (const auto& [location, bytes] : files_) list.push_back({location, bytes});
    return list;
}

const std::string& ExternalData::load(const std::string& location, const std::string& label,
                                      const std::string& file) {
    const auto found = files_.find(location);
    if (found != files_.end()) return *found->second;
    const fs::path path(location);
    const bool leaves =
        path.has_root_path() || location.find('\0') != std::string::npos ||
        std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(folder_.empty() ? fs::path(".") : folder_, error);
    const fs::path whole = leaves ? fs::path() : fs::weakly_canonical(folder / path, error);
    if (leaves || error || !is_inside(whole, folder))
        refuse("{}: tensor '{}' keeps its data in '{}'; only files in the model's own folder are read", file,
               label, printable(location));
    if (!fs::exists(whole, error))
        refuse("{}: tensor '{}' keeps its data in '{}', which is not there; put it beside the model", file,
               label, printable(location));
    auto bytes = std::make_shared<const std::string>(read_file(folder_ / path, kDataFile));
    budget_.add_file(bytes->size());
    return *files_.emplace(location, std::move(bytes)).first->second;
}

}  // namespace sliver::network
