// Layers and pools; see onnx_handlers.h.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "network/onnx_handlers.h"
#include "network/onnx_layers.h"
#include "network/onnx_maps.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;

void scale_layer(const OnnxNode& node, FloatNode& layer, float alpha) {
    if (alpha < 1.0F || alpha > 1.0F || std::isnan(alpha)) {
        layer.weight_grid.reset();
        for (float& weight : layer.weights) weight *= alpha;
    }
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(layer.weights.begin(), layer.weights.end(), finite) ||
        !std::all_of(layer.bias.begin(), layer.bias.end(), finite))
        node.fail("alpha and beta make its weights infinite or NaN");
}

}  // namespace

MapValue convolved(Importer& in, const OnnxNode& node, const OnnxValue& value, Tensor weights,
                   const Tensor* bias) {
    const MapInput input = in.as_map(node, value);
    DraftNode made = conv_layer(node, input, std::move(weights), bias);
    const View view = Importer::map_view(made.node.shape, input.spatial);
    return {in.add(std::move(made), {input.node}), view};
}

MapValue multiplied(Importer& in, const OnnxNode& node, const OnnxValue& value, Tensor weights,
                    bool transposed, const Tensor* bias, float alpha, float beta) {
    const std::size_t rank = value.view.rank();
    if (rank == 0) node.fail("reads a map without features");
    NodeId source = value.node;
    std::vector<std::int32_t> places;
    std::vector<std::size_t> others(rank - 1);
    std::iota(others.begin(), others.end(), std::size_t{0});
    if (rank == 1 && !value.view.in_stored_order()) {
        places = value.view.places();
        node.charge(places.size());
        const Shape flat{static_cast<int>(places.size()), 1, 1};
        if (!(in.shape_of(source) == flat))
            source = in.add(Importer::start(node, Kind::flatten, flat), {source});
    } else if (rank == 3) {
        source = in.laid_out(node, value, {{{2}, {0}, {1}}});
    } else {
        source = in.laid_out(node, value, {{{rank - 1}, {}, others}});
    }
    const Shape shape = in.shape_of(source);
    DraftNode made = linear_layer(node, shape.channels, std::move(weights), transposed, places);
    made.node.bias = read_bias(node, bias, made.node.outputs, beta);
    scale_layer(node, made.node, alpha);
    made.node.shape = checked_shape(node, made.node.outputs, shape.height, shape.width);
    Importer::Dims dims{made.node.outputs};
    std::vector<std::size_t> order;
    for (const std::size_t i : others) {
        dims.push_back(value.view.extent(i));
        order.push_back(i + 1);
    }
    order.push_back(0);
    return {in.add(std::move(made), {source}), View::in_order(dims).permuted(order)};
}

void import_conv(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    const MapValue made = convolved(in, node, value, in.values().take_constant(node, 1),
                                    in.values().optional_constant(node, 2));
    in.define(node, made.node, made.view);
}

void import_gemm(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    if (node.integer("transA", 0) != 0) node.fail("has transA = 1, which is not supported");
    if (value.view.rank() != 1)
        node.fail("reads a map of {}; flatten it to (batch, features) first",
                  describe(in.values().dims(value)));
    const MapValue made =
        multiplied(in, node, value, in.values().take_constant(node, 1), node.integer("transB", 0) != 0,
                   in.values().optional_constant(node, 2), node.real("alpha", 1.0F), node.real("beta", 1.0F));
    in.define(node, made.node, made.view);
}

void import_matmul(Importer& in, const OnnxNode& node) {
    if (!in.values().is_constant(node, 1))
        node.fail(
            "multiplies two maps, as attention does; only a map times a constant matrix is supported (Conv, "
            "Gemm, MatMul)");
    const OnnxValue value = in.values().map(node);
    const MapValue made = multiplied(in, node, value, in.values().take_constant(node, 1), false, nullptr);
    in.define(node, made.node, made.view);
}

void import_pool(Importer& in, const OnnxNode& node) {
    if (node.output_count() > 1 && !node.output(1).empty())
        node.fail("gives the places of its largest values, too, which is not supported");
    const bool average = node.op() == "AveragePool";
    // The largest of codes is the code of the largest.
    const OnnxValue value = average ? in.values().map(node) : in.values().moved(node);
    const MapInput input = in.as_map(node, value);
    DraftNode made = pool_layer(node, input, average);
    const View view = Importer::map_view(made.node.shape, input.spatial);
    in.define_like(node, value, in.add(std::move(made), {input.node}), view);
}

MapValue pooled_over_all(Importer& in, const OnnxNode& node, const OnnxValue& value, bool average) {
    const MapInput input = in.as_map(node, value);
    DraftNode made = global_pool_layer(node, input.shape, average, true, true);
    const View view = Importer::map_view(made.node.shape, input.spatial);
    return {in.add(std::move(made), {input.node}), view};
}

void import_global_pool(Importer& in, const OnnxNode& node) {
    const bool average = node.op() == "GlobalAveragePool";
    const OnnxValue value = average ? in.values().map(node) : in.values().moved(node);
    const MapValue made = pooled_over_all(in, node, value, average);
    in.define_like(node, value, made.node, made.view);
}

/// ReduceMean, ReduceSum, ReduceMax: a pool over the dimensions that go.
void import_reduce(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    const std::size_t rank = value.view.rank();
    const bool average = node.op() != "ReduceMax";
    std::vector<std::size_t> gone = in.axes(node, rank);
    if (gone.empty()) {
        if (node.integer("noop_with_empty_axes", 0) != 0) return in.define(node, value.node, value.view);
        node.fail("reduces the batch, too, which is not supported; give it the axes of height and width");
    }
    const auto goes = [&](std::size_t i) { return std::find(gone.begin(), gone.end(), i) != gone.end(); };
    std::int64_t count = 1;
    for (const std::size_t i : gone) count *= value.view.extent(i);
    const Shape shape = in.shape_of(value.node);
    const auto stored = value.view.axes(shape);
    NodeId id = 0;
    View view;
    const bool channels =
        stored && std::any_of(gone.begin(), gone.end(), [&](std::size_t i) { return (*stored)[i] == 0; });
    if (stored && !channels) {
        const auto drops = [&](int axis) {
            return std::any_of(gone.begin(), gone.end(), [&](std::size_t i) { return (*stored)[i] == axis; });
        };
        DraftNode made = global_pool_layer(node, shape, average, drops(1), drops(2));
        const View::Extents extents{made.node.shape.channels, made.node.shape.height, made.node.shape.width};
        const View whole = View::in_order(extents);
        id = in.add(std::move(made), {value.node});
        std::vector<View::Dimension> dimensions;
        for (std::size_t i = 0; i < rank; ++i)
            dimensions.push_back((*stored)[i] < 0 || goes(i)
                                     ? View::Dimension()
                                     : whole.dimension(static_cast<std::size_t>((*stored)[i])));
        view = View(std::move(dimensions));
    } else {
        std::vector<std::size_t> kept;
        Importer::Dims extents;
        for (std::size_t i = 0; i < rank; ++i) {
            if (!goes(i)) kept.push_back(i);
            extents.push_back(goes(i) ? 1 : value.view.extent(i));
        }
        const NodeId source = in.laid_out(node, value, {{kept, {}, gone}});
        id = in.add(global_pool_layer(node, in.shape_of(source), average, true, true), {source});
        view = View::in_order(extents);
    }
    if (node.op() == "ReduceSum" && count != 1) id = in.scaled(node, id, {static_cast<double>(count)}, {});
    if (node.integer("keepdims", 1) == 0) {
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < rank; ++i)
            if (!goes(i)) kept.push_back(i);
        view = view.permuted(kept);
        const Shape flat{static_cast<int>(in.shape_of(id).size()), 1, 1};
        if (kept.size() == 1 && !(in.shape_of(id) == flat))
            id = in.add(Importer::start(node, Kind::flatten, flat), {id});
    }
    in.define(node, id, view);
}

void import_batch_norm(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().map(node);
    if (value.view.rank() == 0) node.fail("reads a map without channels");
    std::vector<double> gain, shift;
    const std::int64_t channels = value.view.extent(0);
    batch_norm(node, channels,
               {&in.values().constant(node, 1), &in.values().constant(node, 2),
                &in.values().constant(node, 3), &in.values().constant(node, 4)},
               gain, shift);
    const auto stored = value.view.axes(in.shape_of(value.node));
    if (channels > 1 && !(stored && (*stored)[0] == 0)) {
        // Channels that are not those of the stored map.
        Tensor tensor;
        tensor.type = onnx::TensorProto::DOUBLE;
        tensor.dims.assign(value.view.rank(), 1);
        tensor.dims[0] = channels;
        for (std::vector<double>* numbers : {&gain, &shift}) {
            tensor.reals.assign(numbers->begin(), numbers->end());
            *numbers = in.in_stored_order(node, value, tensor);
        }
    }
    in.define(node, in.scaled(node, value.node, gain, shift), value.view);
}

}  // namespace sliver::network
