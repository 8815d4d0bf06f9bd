// What the names in an ONNX graph stand for: constants, activation maps and how they are looked at, the codes
// between a QuantizeLinear and its DequantizeLinear, scales that are found while the network runs. Looking a
// name up as something it is not is refused, naming the node that asked. Constants that lie in the file are
// read when they are first needed. Internal to the importer.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "network/float_network.h"
#include "network/onnx_model.h"
#include "network/onnx_tensor.h"
#include "network/onnx_view.h"

namespace sliver::network {

struct OnnxValue {
    enum class Kind {
        constant,
        map,
        codes,          ///< of a map: in steps of `grid`
        dynamic_scale,  ///< that DynamicQuantizeLinear finds, times `constant`
        dynamic_zero,
    };
    Kind kind = Kind::constant;
    std::shared_ptr<const Tensor> constant;     ///< constant, once it was needed
    const onnx::TensorProto* stored = nullptr;  ///< constant that lies in the file
    NodeId node = 0;                            ///< map and codes: the draft node that makes it
    View view;                                  ///< map and codes: without the batch
    QuantisationGrid grid;                      ///< codes: how QuantizeLinear made them
    std::string tail;  ///< "Softmax 'NAME'": what the map would have gone through; only the end may follow
    bool dynamic = false;  ///< codes of DynamicQuantizeLinear; a map that its scale is still missing from
    [[nodiscard]] bool is_map() const { return kind == Kind::map || kind == Kind::codes; }
};

class OnnxValues {
  public:
    /// Knows the initialisers. Both must outlive this object.
    OnnxValues(const OnnxModel& model, ExternalData* external);

    void define(const std::string& name, OnnxValue value);
    void define_map(const std::string& name, NodeId node, View view);
    /// Output 0 of `node`.
    void define_constant(const OnnxNode& node, Tensor tensor);

    /// What was defined before.
    [[nodiscard]] OnnxValue& made(const std::string& name) { return values_.at(name); }

    /// Input `index` of `node`, whatever it is.
    [[nodiscard]] OnnxValue& get(const OnnxNode& node, int index);
    [[nodiscard]] bool is_constant(const OnnxNode& node, int index);
    [[nodiscard]] const Tensor& constant(const OnnxNode& node, int index);
    /// The same for whoever keeps it: one that lies in the file is read and not kept here as well.
    [[nodiscard]] Tensor take_constant(const OnnxNode& node, int index);
    /// Null where the input is left out.
    [[nodiscard]] const Tensor* optional_constant(const OnnxNode& node, int index);
    /// A map that is to be computed with.
    [[nodiscard]] const OnnxValue& map(const OnnxNode& node, int index = 0);
    /// A map, or codes, that are only moved.
    [[nodiscard]] const OnnxValue& moved(const OnnxNode& node, int index = 0);
    /// The same; what a Softmax made may pass, too.
    [[nodiscard]] const OnnxValue& passed(const OnnxNode& node, int index = 0);
    /// The map that is the network's output.
    [[nodiscard]] const OnnxValue& output() const;

    /// Dimensions of a map as ONNX counts them.
    [[nodiscard]] std::vector<std::int64_t> dims(const OnnxValue& map) const;

  private:
    const OnnxModel& model_;
    ExternalData* external_;
    std::unordered_map<std::string, OnnxValue> values_;
};

}  // namespace sliver::network
