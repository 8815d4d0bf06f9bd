#include "network/onnx_import.h"

#include "base/input_file.h"
#include "base/text.h"
#include "network/digit_sets.h"
#include "network/draft.h"
#include "network/onnx_external.h"
#include "network/onnx_importer.h"
#include "network/onnx_model.h"

namespace sliver::network {

namespace {

/// "folder/vgg11.onnx.gz" is called "vgg11".
std::string short_name(const std::filesystem::path& path) {
    std::string name = path.filename().string();
    for (const std::string ending : {".gz", ".onnx"})
        if (name.size() > ending.size() &&
            name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
            name.resize(name.size() - ending.size());
    return name;
}

/// Where a model that lies at `path` may keep weights.
std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

FloatNetwork import_onnx_bytes(std::string bytes, const std::filesystem::path& path,
                               const ImportOptions& options) {
    const OnnxModel model = parse_onnx(std::move(bytes), path.string(), options.output);
    ImportBudget budget(model.bytes);
    ExternalData external(options.folder, budget);
    Draft draft = Importer(model, options.folder.empty() ? nullptr : &external, budget).run();
    draft.name = printable(short_name(path));
    FloatNetwork network = fold(std::move(draft));
    network.data_files = external.files();
    Metadata metadata;
    for (const auto& entry : model.proto->metadata_props()) metadata.emplace_back(entry.key(), entry.value());
    read_digit_sets(metadata, model.source, network);
    return network;
}

FloatNetwork import_onnx(const std::filesystem::path& path, const std::string& output) {
    return import_onnx_bytes(read_file(path, kDataFile), path, {output, folder_of(path)});
}

}  // namespace sliver::network
