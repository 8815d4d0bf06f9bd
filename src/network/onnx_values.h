// What the names in an ONNX graph stand for: constants, activation maps, or the codes between a
// QuantizeLinear and its DequantizeLinear. Looking a name up as something it is not is refused, naming the
// node that asked. Constants that lie in the file are read when they are first needed. Internal to the
// importer.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "network/float_network.h"
#include "network/onnx_model.h"
#include "network/onnx_tensor.h"

namespace sliver::network {

struct OnnxValue {
    enum class Kind { constant, map, codes };
    Kind kind = Kind::constant;
    std::shared_ptr<const Tensor> constant;     ///< constant, once it was needed
    const onnx::TensorProto* stored = nullptr;  ///< constant that lies in the file
    NodeId node = 0;                            ///< map and codes: the draft node that makes it
    Shape shape;                                ///< map and codes
    int rank = 4;           ///< map and codes: dimensions in ONNX, batch included; 3 between two Squeezes
    QuantisationGrid grid;  ///< codes: how QuantizeLinear made them
};

class OnnxValues {
  public:
    /// Knows the model's input (as draft node 0) and initialisers. `model` must outlive this object.
    explicit OnnxValues(const OnnxModel& model);

    void define(const std::string& name, OnnxValue value);
    void define_map(const std::string& name, NodeId node, const Shape& shape, int rank);
    /// Output 0 of `node`.
    void define_constant(const OnnxNode& node, Tensor tensor);

    /// Input `index` of `node`, whatever it is.
    [[nodiscard]] OnnxValue& get(const OnnxNode& node, int index);
    [[nodiscard]] bool is_constant(const OnnxNode& node, int index);
    [[nodiscard]] const Tensor& constant(const OnnxNode& node, int index);
    /// The same for whoever keeps it: one that lies in the file is read and not kept here as well.
    [[nodiscard]] Tensor take_constant(const OnnxNode& node, int index);
    /// Null where the input is left out.
    [[nodiscard]] const Tensor* optional_constant(const OnnxNode& node, int index);
    [[nodiscard]] const OnnxValue& map(const OnnxNode& node, int index = 0);
    /// Input 0, (batch, channels, height, width).
    [[nodiscard]] const OnnxValue& map4(const OnnxNode& node);
    /// Input 0, (batch, features).
    [[nodiscard]] const OnnxValue& map2(const OnnxNode& node);
    /// The map that is the network's output.
    [[nodiscard]] const OnnxValue& output() const;

    /// Dimensions of a map as ONNX counts them.
    [[nodiscard]] std::vector<std::int64_t> dims(const OnnxValue& map) const;

  private:
    const OnnxModel& model_;
    std::unordered_map<std::string, OnnxValue> values_;
};

}  // namespace sliver::network
