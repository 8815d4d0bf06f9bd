// Operators that move values, or only name their dimensions otherwise; see onnx_handlers.h.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "network/onnx_constant_inputs.h"
#include "network/onnx_handlers.h"
#include "network/onnx_layers.h"
#include "network/onnx_maps.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;
using Places = Importer::Places;

Places all_of(std::int64_t extent) {
    Places places(static_cast<std::size_t>(extent));
    std::iota(places.begin(), places.end(), 0);
    return places;
}

/// Every dimension as it is.
std::vector<Places> whole(const View& view) {
    std::vector<Places> chosen;
    for (std::size_t i = 0; i < view.rank(); ++i) chosen.push_back(all_of(view.extent(i)));
    return chosen;
}

/// The dimension that `axis` names, without the batch.
std::size_t dimension_of(const OnnxNode& node, std::int64_t axis, std::size_t rank) {
    const auto limit = static_cast<std::int64_t>(rank) + 1;
    const std::int64_t from_start = axis < 0 ? axis + limit : axis;
    if (from_start < 0 || from_start >= limit) node.fail("axis {} is outside of {} dimensions", axis, limit);
    if (from_start == 0) node.fail("works along the batch, which is not supported");
    return static_cast<std::size_t>(from_start - 1);
}

void check_size(const OnnxNode& node, std::int64_t extent) {
    if (extent < 0 || extent > static_cast<std::int64_t>(kLargestMap))
        node.fail("would make a dimension of {}", extent);
    node.charge(static_cast<std::size_t>(extent));
}

void define_value(Importer& in, const OnnxNode& node, OnnxValue value, int output = 0) {
    in.values().define(node.output(output), std::move(value));
}

}  // namespace

void import_identity(Importer& in, const OnnxNode& node) {
    define_value(in, node, in.values().get(node, 0));
}

void import_dropout(Importer& in, const OnnxNode& node) {
    if (const Tensor* training = in.values().optional_constant(node, 2); training != nullptr)
        for (const std::int64_t flag : training->integers)
            if (flag != 0) node.fail("is in training mode; export the network in evaluation mode");
    define_value(in, node, in.values().passed(node));
}

void import_cast(Importer& in, const OnnxNode& node) {
    const OnnxValue& value = in.values().passed(node);
    const std::int64_t to = node.integer("to", 0);
    const bool real = to == onnx::TensorProto::FLOAT || to == onnx::TensorProto::FLOAT16 ||
                      to == onnx::TensorProto::DOUBLE || to == onnx::TensorProto::BFLOAT16;
    if (!real && value.tail.empty()) node.fail("makes a map integers, which is not supported");
    define_value(in, node, value);
}

void import_flatten(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().passed(node);
    const std::int64_t axis = node.integer("axis", 1),
                       rank = static_cast<std::int64_t>(value.view.rank()) + 1;
    if ((axis < 0 ? axis + rank : axis) != 1) node.fail("has axis = {}; only axis = 1 is supported", axis);
    define_value(in, node, in.reshaped(node, value, {static_cast<std::int64_t>(value.view.size())}));
}

void import_reshape(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().passed(node);
    const Importer::Dims before = in.values().dims(value);
    Importer::Dims after = node.input(1).empty() ? node.integers("shape", {}) : in.list(node, 1);
    const Importer::Dims written = after;
    const auto total = in.model().batch * static_cast<std::int64_t>(value.view.size());
    std::int64_t known = 1;
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (after[i] == 0 && i < before.size() && node.integer("allowzero", 0) == 0) after[i] = before[i];
        if (after[i] == -1) continue;
        if (after[i] <= 0 || after[i] > total || known > total) known = 0;
        known *= after[i];
    }
    const auto open = std::count(after.begin(), after.end(), -1);
    if (known > 0 && total % known == 0 && open == 1)
        std::replace(after.begin(), after.end(), std::int64_t{-1}, total / known);
    else if (open != 0)
        known = 0;
    if (known <= 0 || total % known != 0 || (open == 0 && known != total) || after.empty() ||
        after[0] != in.model().batch)
        node.fail("turns {} into {}; the batch must stay the first dimension, and the values as many",
                  describe(before), describe(written));
    after.erase(after.begin());
    define_value(in, node, in.reshaped(node, value, after));
}

void import_squeeze(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().passed(node);
    const std::size_t rank = value.view.rank();
    std::vector<std::size_t> axes = in.axes(node, rank);
    if (axes.empty())
        for (std::size_t i = 0; i < rank; ++i)
            if (value.view.extent(i) == 1) axes.push_back(i);
    Importer::Dims after;
    for (std::size_t i = 0; i < rank; ++i) {
        const bool dropped = std::find(axes.begin(), axes.end(), i) != axes.end();
        if (dropped && value.view.extent(i) != 1)
            node.fail("turns {} into something else; only dimensions of 1 may be dropped",
                      describe(in.values().dims(value)));
        if (!dropped) after.push_back(value.view.extent(i));
    }
    define_value(in, node, in.reshaped(node, value, after));
}

void import_unsqueeze(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().passed(node);
    const Importer::Dims given = node.input(1).empty() ? node.integers("axes", {}) : in.list(node, 1);
    const std::vector<std::size_t> axes = in.axes(node, value.view.rank() + given.size());
    Importer::Dims after;
    std::size_t next = 0;
    for (std::size_t i = 0; i < value.view.rank() + axes.size(); ++i)
        after.push_back(std::find(axes.begin(), axes.end(), i) != axes.end() ? 1 : value.view.extent(next++));
    define_value(in, node, in.reshaped(node, value, after));
}

void import_transpose(Importer& in, const OnnxNode& node) {
    OnnxValue value = in.values().passed(node);
    const std::size_t rank = value.view.rank() + 1;
    Importer::Dims order(rank);
    std::iota(order.rbegin(), order.rend(), 0);
    order = node.integers("perm", order);
    std::vector<bool> seen(rank, false);
    for (const std::int64_t axis : order)
        if (axis >= 0 && axis < static_cast<std::int64_t>(rank)) seen[static_cast<std::size_t>(axis)] = true;
    if (order.size() != rank || std::count(seen.begin(), seen.end(), false) != 0)
        node.fail("perm {} is not a permutation of {} dimensions", describe(order), rank);
    if (order[0] != 0) node.fail("moves the batch, which is not supported; it must stay the first dimension");
    std::vector<std::size_t> own;
    for (std::size_t i = 1; i < rank; ++i) own.push_back(static_cast<std::size_t>(order[i] - 1));
    value.view = value.view.permuted(own);
    define_value(in, node, std::move(value));
}

MapValue joined(Importer& in, const OnnxNode& node, const std::vector<OnnxValue>& values, std::int64_t axis) {
    const OnnxValue& first = values.front();
    const std::size_t rank = first.view.rank(), along = dimension_of(node, axis, rank);
    std::int64_t sum = 0;
    for (const OnnxValue& value : values) {
        bool fits = value.view.rank() == rank;
        for (std::size_t i = 0; i < rank && fits; ++i)
            fits = i == along || value.view.extent(i) == first.view.extent(i);
        if (!fits)
            node.fail("joins maps of {} and {}; they must agree but along axis {}",
                      describe(in.values().dims(first)), describe(in.values().dims(value)), axis);
        sum += value.view.extent(along);
    }
    std::int64_t size = sum;
    for (std::size_t i = 0; i < rank; ++i) {
        if (i != along) size *= first.view.extent(i);
        if (size > static_cast<std::int64_t>(kLargestMap))
            node.fail("its result would have more than {} values", kLargestMap);
    }
    // Channels behind channels, where the dimension is that of all maps; else the dimension is made
    // outermost.
    bool channels = rank <= 3;
    std::vector<int> axes;
    for (const OnnxValue& value : values) {
        const auto stored = value.view.axes(in.shape_of(value.node));
        channels = channels && stored && (*stored)[along] == 0;
        if (!channels) break;
        const std::vector<int>& own = *stored;
        for (std::size_t i = 0; i < rank; ++i) channels = channels && (i == along || own[i] != 0);
        if (axes.empty()) axes = own;
        for (std::size_t i = 0; i < rank && channels; ++i) channels = i == along || own[i] == axes[i];
        channels = channels && in.shape_of(value.node).pixels() == in.shape_of(first.node).pixels() &&
                   in.shape_of(value.node).height == in.shape_of(first.node).height;
    }
    std::vector<NodeId> inputs;
    Shape shape;
    View view;
    if (channels) {
        for (const OnnxValue& value : values) inputs.push_back(value.node);
        shape = {static_cast<int>(sum), in.shape_of(first.node).height, in.shape_of(first.node).width};
        const View stored = View::of_map(shape);
        std::vector<View::Dimension> dimensions;
        for (std::size_t i = 0; i < rank; ++i)
            dimensions.push_back(i == along    ? stored.dimension(0)
                                 : axes[i] < 0 ? View::Dimension()
                                               : stored.dimension(static_cast<std::size_t>(axes[i])));
        view = View(std::move(dimensions));
    } else {
        std::vector<std::size_t> others;
        Importer::Dims extents{sum};
        std::vector<std::size_t> order(rank, 0);
        for (std::size_t i = 0; i < rank; ++i) {
            if (i == along) continue;
            others.push_back(i);
            order[i] = others.size();
            extents.push_back(first.view.extent(i));
        }
        std::vector<std::size_t> height, width = others;
        if (others.size() == 2) {
            height = {others[0]};
            width = {others[1]};
        }
        for (const OnnxValue& value : values)
            inputs.push_back(in.laid_out(node, value, {{{along}, height, width}}));
        shape = in.shape_of(inputs[0]);
        shape.channels = static_cast<int>(sum);
        view = View::in_order(extents).permuted(order);
    }
    DraftNode made = Importer::start(node, Kind::concat, shape);
    return {in.add(std::move(made), std::move(inputs)), view};
}

void import_concat(Importer& in, const OnnxNode& node) {
    std::vector<OnnxValue> values;
    for (int i = 0; i < node.input_count(); ++i) {
        if (in.values().is_constant(node, i))
            node.fail("joins a map and a constant, which is not supported; Pad adds constant values");
        values.push_back(in.values().moved(node, i));
        if (values.back().kind != values.front().kind || !(values.back().grid == values.front().grid))
            node.fail("joins codes of different steps; DequantizeLinear must come first");
    }
    if (!node.has("axis")) node.fail("has no axis");
    if (values.size() == 1) return define_value(in, node, values.front());
    const MapValue made = joined(in, node, values, node.integer("axis", 1));
    in.define_like(node, values.front(), made.node, made.view);
}

void import_slice(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    const bool as_inputs = node.input_count() > 1;
    const auto numbers = [&](int input, const char* name, const Importer::Dims& otherwise) {
        if (as_inputs) return node.input(input).empty() ? otherwise : in.list(node, input);
        return node.integers(name, otherwise);
    };
    const Importer::Dims starts = numbers(1, "starts", {}), ends = numbers(2, "ends", {});
    Importer::Dims all(starts.size());
    std::iota(all.begin(), all.end(), 0);
    const Importer::Dims axes = numbers(3, "axes", all);
    const Importer::Dims steps =
        as_inputs ? numbers(4, "steps", Importer::Dims(starts.size(), 1)) : Importer::Dims(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        node.fail("starts, ends, axes and steps differ in length");
    std::vector<Places> chosen = whole(value.view);
    for (std::size_t i = 0; i < starts.size(); ++i) {
        if (steps[i] == 0) node.fail("has step 0");
        const bool of_batch = axes[i] == 0 || axes[i] == -static_cast<std::int64_t>(chosen.size()) - 1;
        if (of_batch && starts[i] == 0 && steps[i] == 1 && ends[i] >= in.model().batch) continue;
        Places& places = chosen[dimension_of(node, axes[i], chosen.size())];
        const auto extent = static_cast<std::int64_t>(places.size());
        const bool forward = steps[i] > 0;
        const auto place = [&](std::int64_t at) {
            const std::int64_t from_start = at < 0 ? std::max(at, -extent - 1) + extent : at;
            return std::clamp<std::int64_t>(from_start, forward ? 0 : -1, forward ? extent : extent - 1);
        };
        const std::int64_t step = std::clamp(steps[i], -extent - 1, extent + 1);
        const std::int64_t begin = place(starts[i]), end = place(ends[i]);
        Places picked;
        for (std::int64_t at = begin; forward ? at < end : at > end; at += step)
            picked.push_back(places[static_cast<std::size_t>(at)]);
        places = std::move(picked);
    }
    in.select(node, value, chosen, 0);
}

void import_split(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    const std::size_t along = dimension_of(node, node.integer("axis", 0), value.view.rank());
    const std::int64_t extent = value.view.extent(along);
    Importer::Dims parts = node.input(1).empty() ? node.integers("split", {}) : in.list(node, 1);
    const std::int64_t outputs = node.output_count();
    if (parts.empty()) {
        const std::int64_t each = (extent + outputs - 1) / outputs;
        for (std::int64_t i = 0; i < outputs; ++i)
            parts.push_back(std::clamp<std::int64_t>(extent - i * each, 0, each));
    }
    std::int64_t first = 0;
    if (static_cast<std::int64_t>(parts.size()) != outputs)
        node.fail("has {} outputs, but sizes of {} parts", outputs, parts.size());
    for (std::size_t part = 0; part < parts.size(); ++part) {
        if (parts[part] <= 0 || parts[part] > extent - first)
            node.fail("splits {} into parts that do not fit", extent);
        std::vector<Places> chosen = whole(value.view);
        Places& places = chosen[along];
        places.assign(places.begin() + first, places.begin() + first + parts[part]);
        if (!node.output(static_cast<int>(part)).empty())
            in.select(node, value, chosen, 0, static_cast<int>(part));
        first += parts[part];
    }
}

void import_gather(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    if (!in.values().is_constant(node, 1))
        node.fail("picks places that depend on the image, which is not supported; only constant ones");
    const Tensor& indices = in.values().constant(node, 1);
    if (indices.is_real() || indices.dims.size() > 1)
        node.fail("picks places by a constant of shape {}; a number or a list is supported",
                  describe(indices.dims));
    const std::size_t along = dimension_of(node, node.integer("axis", 0), value.view.rank());
    std::vector<Places> chosen = whole(value.view);
    const std::int64_t extent = value.view.extent(along);
    node.charge(indices.size());
    chosen[along].clear();
    for (const std::int64_t index : indices.integers) {
        if (index < -extent || index >= extent) node.fail("index {} is outside 0..{}", index, extent - 1);
        chosen[along].push_back(index < 0 ? index + extent : index);
    }
    if (node.output(0).empty()) node.fail("has no output");
    in.select(node, value, chosen, 0);
    if (!indices.dims.empty()) return;
    OnnxValue& made = in.values().made(node.output(0));  // a number: the dimension goes
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < made.view.rank(); ++i)
        if (i != along) kept.push_back(i);
    made.view = made.view.permuted(kept);
    if (kept.size() == 1) {
        const OnnxValue copy = made;
        in.values().made(node.output(0)) = in.reshaped(node, copy, copy.view.extents());
    }
}

void import_pad(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    const std::size_t rank = value.view.rank();
    const bool as_inputs = node.input_count() > 1;
    const Importer::Dims given =
        as_inputs ? in.list(node, 1) : node.integers("pads", node.integers("paddings", {}));
    const std::string mode = node.text("mode", "constant");
    float fill = as_inputs ? in.number(node, nullptr, 2, 0) : node.real("value", 0);
    if (value.kind == OnnxValue::Kind::codes)
        fill = (fill - static_cast<float>(value.grid.zero)) * value.grid.step;
    if (!std::isfinite(fill)) node.fail("pads with something that is not finite");
    // By axes (an input since opset 18), or of every dimension with the batch.
    std::vector<std::int64_t> begin(rank, 0), end(rank, 0);
    if (!node.input(3).empty()) {
        const Importer::Dims axes = in.list(node, 3);
        if (given.size() != 2 * axes.size()) node.fail("has {} pads for {} axes", given.size(), axes.size());
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const std::size_t along = dimension_of(node, axes[i], rank);
            begin[along] = given[i];
            end[along] = given[axes.size() + i];
        }
    } else {
        if (given.size() != 2 * (rank + 1)) node.fail("has {} pads, not {}", given.size(), 2 * (rank + 1));
        if (given[0] != 0 || given[rank + 1] != 0) node.fail("pads the batch");
        for (std::size_t i = 0; i < rank; ++i) {
            begin[i] = given[i + 1];
            end[i] = given[rank + 2 + i];
        }
    }
    const auto stored = value.view.axes(in.shape_of(value.node));
    bool folds = mode == "constant" && !(fill < 0) && !(fill > 0) && stored && rank == 3;
    std::vector<std::int64_t> sides(4, 0);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t reach = value.view.extent(i);
        if (begin[i] < -reach || end[i] < -reach || std::max(begin[i], end[i]) > 1 << 16)
            node.fail("pads {} values in front of and {} behind a dimension of {}", begin[i], end[i], reach);
        if (begin[i] == 0 && end[i] == 0) continue;
        folds = folds && begin[i] >= 0 && end[i] >= 0 && ((*stored)[i] == 1 || (*stored)[i] == 2);
        if (!folds) continue;
        sides[(*stored)[i] == 1 ? 0 : 1] = begin[i];
        sides[(*stored)[i] == 1 ? 2 : 3] = end[i];
    }
    if (std::count(begin.begin(), begin.end(), 0) + std::count(end.begin(), end.end(), 0) ==
        static_cast<std::ptrdiff_t>(2 * rank))
        return define_value(in, node, value);
    if (folds) {
        DraftNode made = pad_layer(node, in.shape_of(value.node), sides);
        const View whole_map = View::of_map(made.node.shape);
        std::vector<View::Dimension> dimensions;
        for (std::size_t i = 0; i < rank; ++i)
            dimensions.push_back((*stored)[i] < 0
                                     ? View::Dimension()
                                     : whole_map.dimension(static_cast<std::size_t>((*stored)[i])));
        return in.define_like(node, value, in.add(std::move(made), {value.node}),
                              View(std::move(dimensions)));
    }
    std::vector<Places> chosen;
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t extent = value.view.extent(i);
        check_size(node, extent + begin[i] + end[i]);
        Places& places = chosen.emplace_back();
        for (std::int64_t at = -begin[i]; at < extent + end[i]; ++at) {
            std::int64_t place = at;
            if (at < 0 || at >= extent) {
                if (mode == "constant")
                    place = -1;
                else if (mode == "edge")
                    place = std::clamp<std::int64_t>(at, 0, extent - 1);
                else if (mode == "wrap")
                    place = (at % extent + extent) % extent;
                else if (mode == "reflect")
                    place = at < 0 ? -at : 2 * (extent - 1) - at;
                else
                    node.fail("pads in mode {}; constant, edge, reflect and wrap are supported", mode);
                if (mode == "reflect" && (place < 0 || place >= extent))
                    node.fail("reflects {} and {} values at the ends of a dimension of {}", begin[i], end[i],
                              extent);
            }
            places.push_back(place);
        }
    }
    in.select(node, value, chosen, fill);
}

void import_expand(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    Importer::Dims wanted = in.list(node, 1);
    const std::size_t rank = value.view.rank();
    if (wanted.size() > rank + 1)
        node.fail("adds dimensions to a map, which is not supported; Unsqueeze does");
    wanted.insert(wanted.begin(), rank + 1 - wanted.size(), 1);
    if (wanted[0] != 1 && wanted[0] != in.model().batch)
        node.fail("expands the batch, which is not supported");
    std::vector<Places> chosen = whole(value.view);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t extent = value.view.extent(i), to = wanted[i + 1];
        if (to == extent || to == 1) continue;
        if (extent != 1) node.fail("expands a dimension of {} to {}", extent, to);
        check_size(node, to);
        chosen[i].assign(static_cast<std::size_t>(to), 0);
    }
    in.select(node, value, chosen, 0);
}

void import_tile(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    const Importer::Dims repeats = in.list(node, 1);
    const std::size_t rank = value.view.rank();
    if (repeats.size() != rank + 1 || repeats[0] != 1)
        node.fail("repeats a map of {} by {}; the batch must stay", describe(in.values().dims(value)),
                  describe(repeats));
    std::vector<Places> chosen = whole(value.view);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t extent = value.view.extent(i);
        if (repeats[i + 1] < 1 || repeats[i + 1] > static_cast<std::int64_t>(kLargestMap))
            node.fail("repeats {} times", repeats[i + 1]);
        check_size(node, extent * repeats[i + 1]);
        for (std::int64_t at = extent; at < extent * repeats[i + 1]; ++at) chosen[i].push_back(at % extent);
    }
    in.select(node, value, chosen, 0);
}

/// Resize and Upsample: the nearest value.
void import_resize(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    const std::size_t rank = value.view.rank();
    const bool upsample = node.op() == "Upsample";
    if (const std::string mode = node.text("mode", "nearest"); mode != "nearest")
        node.fail("has mode = {}; only nearest is supported", mode);
    const std::string where =
        upsample ? "asymmetric" : node.text("coordinate_transformation_mode", "half_pixel");
    const std::string nearest = upsample ? "floor" : node.text("nearest_mode", "round_prefer_floor");
    std::vector<double> scales;
    Importer::Dims sizes;
    const int at = upsample || node.input_count() == 2 ? 1 : 2;  // opset 10 has no region of interest
    if (!node.input(at).empty() && in.values().constant(node, at).size() != 0) {
        const Tensor& given = in.values().constant(node, at);
        scales.assign(given.reals.begin(), given.reals.end());
    } else if (node.has("scales")) {
        const std::vector<float> given = node.reals("scales");
        scales.assign(given.begin(), given.end());
    } else if (!node.input(3).empty()) {
        sizes = in.list(node, 3);
    }
    Importer::Dims axes = node.integers("axes", {});
    if (axes.empty()) {
        axes.resize(rank + 1);
        std::iota(axes.begin(), axes.end(), 0);
    }
    if (scales.size() + sizes.size() != axes.size())
        node.fail("has {} scales or sizes for {} dimensions", scales.size() + sizes.size(), axes.size());
    if (node.text("keep_aspect_ratio_policy", "stretch") != "stretch")
        node.fail("keeps the aspect ratio, which is not supported");
    std::vector<Places> chosen = whole(value.view);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const bool of_batch = axes[i] == 0;
        if (of_batch && (sizes.empty() ? !(scales[i] < 1) && !(scales[i] > 1) : sizes[i] == in.model().batch))
            continue;
        const std::size_t along = dimension_of(node, axes[i], rank);
        const std::int64_t extent = value.view.extent(along);
        const double wanted = sizes.empty() ? std::floor(scales[i] * static_cast<double>(extent))
                                            : static_cast<double>(sizes[i]);
        if (!(wanted >= 1) || wanted > static_cast<double>(kLargestMap))
            node.fail("would make a dimension of {} one of {}", extent, wanted);
        const auto to = static_cast<std::int64_t>(wanted);
        const double scale = sizes.empty() ? scales[i] : wanted / static_cast<double>(extent);
        check_size(node, to);
        Places& places = chosen[along];
        places.clear();
        for (std::int64_t x = 0; x < to; ++x) {
            const auto pixel = static_cast<double>(x);
            double from = 0;
            if (where == "asymmetric")
                from = pixel / scale;
            else if (where == "half_pixel" || where == "half_pixel_symmetric")
                from = (pixel + 0.5) / scale - 0.5;
            else if (where == "pytorch_half_pixel")
                from = to > 1 ? (pixel + 0.5) / scale - 0.5 : 0;
            else if (where == "align_corners")
                from = to > 1 ? pixel * static_cast<double>(extent - 1) / static_cast<double>(to - 1) : 0;
            else
                node.fail("has coordinate_transformation_mode = {}, which is not supported", where);
            double place = 0;
            if (nearest == "floor")
                place = std::floor(from);
            else if (nearest == "ceil")
                place = std::ceil(from);
            else if (nearest == "round_prefer_ceil")
                place = std::floor(from + 0.5);
            else if (nearest == "round_prefer_floor")
                place = std::ceil(from - 0.5);
            else
                node.fail("has nearest_mode = {}, which is not supported", nearest);
            places.push_back(
                static_cast<std::int64_t>(std::clamp(place, 0.0, static_cast<double>(extent - 1))));
        }
    }
    in.select(node, value, chosen, 0);
}

namespace {

/// The dimensions of a map, and the block of DepthToSpace and SpaceToDepth.
std::array<std::int64_t, 4> blocks(const OnnxNode& node, const OnnxValue& value) {
    const std::int64_t block = node.integer("blocksize", 0);
    if (value.view.rank() != 3) node.fail("reads {} dimensions; 4 are wanted", value.view.rank() + 1);
    if (block < 1 || block > 1 << 13) node.fail("has blocksize = {}", block);
    return {value.view.extent(0), value.view.extent(1), value.view.extent(2), block};
}

}  // namespace

void import_depth_to_space(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    const auto [channels, height, width, block] = blocks(node, value);
    if (channels % (block * block) != 0)
        node.fail("blocksize {} does not divide {} channels", block, channels);
    const std::int64_t left = channels / (block * block);
    const bool depth_first = node.text("mode", "DCR") == "DCR";
    OnnxValue cut = in.reshaped(node, value,
                                depth_first ? Importer::Dims{block, block, left, height, width}
                                            : Importer::Dims{left, block, block, height, width});
    cut.view = depth_first ? cut.view.permuted({2, 3, 0, 4, 1}) : cut.view.permuted({0, 3, 1, 4, 2});
    cut.view = cut.view.joined({{0}, {1, 2}, {3, 4}});
    define_value(in, node, std::move(cut));
}

void import_space_to_depth(Importer& in, const OnnxNode& node) {
    const OnnxValue value = in.values().moved(node);
    const auto [channels, height, width, block] = blocks(node, value);
    if (height % block != 0 || width % block != 0)
        node.fail("blocksize {} does not divide {}x{}", block, height, width);
    OnnxValue cut = in.reshaped(node, value, {channels, height / block, block, width / block, block});
    cut.view = cut.view.permuted({2, 4, 0, 1, 3}).joined({{0, 1, 2}, {3}, {4}});
    define_value(in, node, std::move(cut));
}

}  // namespace sliver::network
