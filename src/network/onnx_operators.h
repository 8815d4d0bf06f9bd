// The one table of ONNX operators that are understood: what the importer does with each, for the walk, for
// refusals and for `sliver list operators`.
#pragma once

#include <string>
#include <vector>

namespace sliver::network {

class Importer;
class OnnxNode;

struct SupportedOperator {
    std::string name;
    std::string domain;  ///< "" for ONNX itself
    std::string what;    ///< what is done with it, in a few words
};

/// In order of domain and name.
[[nodiscard]] std::vector<SupportedOperator> supported_operators();

using OnnxHandler = void (*)(Importer&, const OnnxNode&);

/// Null for an operator that is not understood on maps. Internal to the importer.
[[nodiscard]] OnnxHandler find_handler(const std::string& domain, const std::string& name);
/// Whether the operator stands in the table at all.
[[nodiscard]] bool is_known(const std::string& domain, const std::string& name);
/// InputError that names the node and the nearest thing that works.
[[noreturn]] void refuse_operator(const OnnxNode& node);

}  // namespace sliver::network
