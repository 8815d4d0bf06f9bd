// One node of an ONNX graph with its attributes, and the words to refuse it in; and how much an import may
// make of its file. Internal to the importer.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace sliver::network {

/// Values that an import may compute, all nodes together: constants folded from others (broadcasts and
/// ConstantOfShape make much of little) and weights laid out for layers (which may share what lies in the
/// file once). A network needs two for each value in its file at most; four for each byte is more than that,
/// and what is left bounds memory and time by the size of the file.
class ImportBudget {
  public:
    explicit ImportBudget(std::size_t file_bytes) : all_(kFree + kByByte * file_bytes), left_(all_) {}
    [[nodiscard]] std::size_t all() const { return all_; }
    [[nodiscard]] std::size_t left() const { return left_; }
    /// Another file that belongs to the model.
    void add_file(std::size_t bytes) {
        all_ += kByByte * bytes;
        left_ += kByByte * bytes;
    }
    /// `values` is at most left().
    void take(std::size_t values) { left_ -= values; }

  private:
    static constexpr std::size_t kFree = std::size_t{1} << 20, kByByte = 4;
    std::size_t all_, left_;
};

/// Most dimensions of a constant, and most entries of a list of dimensions or axes.
constexpr std::size_t kMostDimensions = 64;

class OnnxNode {
  public:
    /// All must outlive this object.
    OnnxNode(const onnx::NodeProto& proto, const std::string& file, ImportBudget& budget)
        : proto_(&proto), file_(&file), budget_(&budget) {}

    [[nodiscard]] const std::string& op() const { return proto_->op_type(); }
    /// Where the operator comes from; "" for ONNX itself.
    [[nodiscard]] std::string domain() const {
        return proto_->domain() == "ai.onnx" ? std::string() : proto_->domain();
    }
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

    /// Takes `values` from the budget of the import before they are made; InputError where they are too many.
    void charge(std::size_t values) const;

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
    ImportBudget* budget_;
};

}  // namespace sliver::network
