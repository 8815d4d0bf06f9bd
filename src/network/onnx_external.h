// Weights that an ONNX model keeps beside its own file ("external data": NAME.onnx.data).
//
// Only files in the model's folder, or in folders of it, are read: no absolute name, no "..", no link that
// leads out of it. Internal to the importer; errors are InputErrors in one line.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "network/float_network.h"
#include "network/onnx_node.h"

namespace sliver::network {

class ExternalData {
  public:
    /// `folder` is the model's. What is read counts towards the budget as the model's own bytes do.
    ExternalData(std::filesystem::path folder, ImportBudget& budget)
        : folder_(std::move(folder)), budget_(budget) {}

    /// The `wanted` bytes of a tensor; they live as long as this object. `file` is the model's, for messages.
    [[nodiscard]] std::string_view bytes_of(const onnx::TensorProto& proto, std::uint64_t wanted,
                                            const std::string& file);
    /// Every file that was read, in order of their names.
    [[nodiscard]] std::vector<DataFile> files() const;

  private:
    const std::string& load(const std::string& location, const std::string& label, const std::string& file);

    std::filesystem::path folder_;
    ImportBudget& budget_;
    std::map<std::string, std::shared_ptr<const std::string>> files_;
};

}  // namespace sliver::network
