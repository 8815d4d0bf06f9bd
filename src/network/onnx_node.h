// One node of an ONNX graph with its attributes, and the words to refuse it in. Internal to the importer.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace sliver::network {

class OnnxNode {
  public:
    /// Both must outlive this object.
    OnnxNode(const onnx::NodeProto& proto, const std::string& file) : proto_(&proto), file_(&file) {}

    [[nodiscard]] const std::string& op() const { return proto_->op_type(); }
    /// The node's name, or where it has none its first output's; printable.
    [[nodiscard]] std::string label() const;
    /// Names of the values; "" where an optional one is left out or there are fewer.
    [[nodiscard]] const std::string& input(int index) const;
    [[nodiscard]] const std::string& output(int index) const;
    [[nodiscard]] int input_count() const { return proto_->input_size(); }
    [[nodiscard]] int output_count() const { return proto_->output_size(); }

    [[nodiscard]] bool has(const char* name) const { return find(name) != nullptr; }
    [[nodiscard]] std::int64_t integer(const char* name, std::int64_t fallback) const;
    [[nodiscard]] float real(const char* name, float fallback) const;
    [[nodiscard]] std::string text(const char* name, const std::string& fallback) const;
    [[nodiscard]] std::vector<std::int64_t> integers(const char* name,
                                                     std::vector<std::int64_t> fallback) const;
    [[nodiscard]] std::vector<float> reals(const char* name) const;
    [[nodiscard]] const onnx::TensorProto& tensor(const char* name) const;

    /// InputError "FILE: node 'NAME' (OP): ...".
    template <typename... Args>
    [[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) const {
        refuse("{}: node '{}' ({}): {}", *file_, label(), shown_op(),
               fmt::format(text, std::forward<Args>(args)...));
    }

  private:
    [[nodiscard]] std::string shown_op() const;
    [[nodiscard]] const onnx::AttributeProto* find(const char* name) const;

    const onnx::NodeProto* proto_;
    const std::string* file_;
};

}  // namespace sliver::network
