// Folding of value * gain + shift: batch norms, separate biases, input normalisation, any arithmetic with
// constants; see draft_folder.h.
#include <algorithm>
#include <cmath>

#include "network/draft_folder.h"

namespace sliver::network {

namespace {

using Kind = DraftNode::Kind;
using Numbers = std::vector<double>;

bool all_equal(const Numbers& values) {
    return std::all_of(values.begin(), values.end(),
                       [&](double value) { return !(value < values[0]) && !(value > values[0]); });
}

bool is_zero(double value) {
    return !(value < 0) && !(value > 0);
}

/// One number where all are the same; one a channel where its values all have the same.
void compress(Numbers& values, const Shape& shape) {
    if (values.size() > 1 && all_equal(values)) values.resize(1);
    const auto channels = static_cast<std::size_t>(shape.channels);
    const std::size_t pixels = shape.pixels();
    if (values.size() <= channels) return;
    Numbers by_channel(channels);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i % pixels == 0) by_channel[i / pixels] = values[i];
        const double first = by_channel[i / pixels];
        if (values[i] < first || values[i] > first) return;
    }
    values = std::move(by_channel);
}

double of(const Numbers& values, std::size_t index, double otherwise) {
    return values.empty() ? otherwise : values[values.size() == 1 ? 0 : index];
}

bool pads(const Window& window) {
    return window.pad_top != 0 || window.pad_left != 0 || window.pad_bottom != 0 || window.pad_right != 0;
}

/// Spreads what stands for all, or for a channel, to `size` numbers.
Numbers spread(const Numbers& values, std::size_t size, double otherwise) {
    Numbers result(size);
    for (std::size_t i = 0; i < size; ++i)
        result[i] = values.empty() ? otherwise : values[values.size() <= 1 ? 0 : i * values.size() / size];
    return result;
}

/// The second behind the first: one scaling.
void combine(Numbers& gain, Numbers& shift, const Numbers& next_gain, const Numbers& next_shift) {
    const std::size_t gains = std::max<std::size_t>({gain.size(), next_gain.size(), 1});
    const std::size_t shifts = std::max<std::size_t>({shift.size(), next_gain.size(), next_shift.size(), 1});
    const Numbers before = spread(shift, shifts, 0), factor = spread(next_gain, shifts, 1),
                  added = spread(next_shift, shifts, 0), first = spread(gain, gains, 1),
                  second = spread(next_gain, gains, 1);
    gain.resize(gains);
    shift.resize(shifts);
    for (std::size_t i = 0; i < gains; ++i) gain[i] = first[i] * second[i];
    for (std::size_t i = 0; i < shifts; ++i) shift[i] = before[i] * factor[i] + added[i];
}

/// The scaling that does in front of `node` what `gain` and `shift` do behind it; false where there is none.
bool moves_in_front(const DraftNode& node, const Shape& input, Numbers& gain, Numbers& shift) {
    const auto by_value = [&](const Numbers& values) {
        return values.size() > static_cast<std::size_t>(node.node.shape.channels);
    };
    switch (node.kind) {
        case Kind::flatten:
            compress(gain, input);
            compress(shift, input);
            return gain.size() <= static_cast<std::size_t>(input.channels) &&
                   shift.size() <= static_cast<std::size_t>(input.channels);
        case Kind::max_pool:
            return !by_value(gain) && !by_value(shift) &&
                   std::all_of(gain.begin(), gain.end(), [](double factor) { return factor >= 0; });
        case Kind::average_pool: {
            const bool shifts = std::any_of(shift.begin(), shift.end(), [](double s) { return !is_zero(s); });
            return !by_value(gain) && !by_value(shift) &&
                   !(shifts && node.node.count_include_pad && pads(node.node.window));
        }
        default:
            return false;
    }
}

}  // namespace

bool Folder::fold_into_matrix(const DraftNode& from, DraftNode& target, const Numbers& gain,
                              const Numbers& shift) const {
    FloatNode& layer = target.node;
    if (std::max(gain.size(), shift.size()) > layer.bias.size()) return false;
    const auto rows = static_cast<std::size_t>(layer.rows / layer.groups);
    for (std::size_t o = 0; o < layer.bias.size(); ++o) {
        const double factor = of(gain, o, 1);
        layer.bias[o] = static_cast<float>(layer.bias[o] * factor + of(shift, o, 0));
        bool finite = std::isfinite(layer.bias[o]);
        if (!gain.empty()) {
            float* row = layer.weights.data() + o * rows;
            for (std::size_t r = 0; r < rows; ++r) {
                row[r] = static_cast<float>(row[r] * factor);
                finite = finite && std::isfinite(row[r]);
            }
        }
        if (!finite) fail(from, "folded into '{}', channel {} is not finite any more", target.label, o);
    }
    if (layer.weight_grid && !gain.empty()) {
        // Codes stay (but for the sign); the steps of the outputs take the gain.
        std::vector<float>& steps = layer.weight_grid->steps;
        if (gain.size() > 1 && steps.size() == 1) steps.resize(layer.bias.size(), steps[0]);
        bool usable = true;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            steps[i] = static_cast<float>(steps[i] * std::fabs(of(gain, i, 1)));
            usable = usable && steps[i] > 0 && std::isfinite(steps[i]);
        }
        if (!usable) layer.weight_grid.reset();
    }
    return true;
}

void Folder::fold_affine(NodeId id) {
    DraftNode& here = at(id);
    const Shape& shape = here.node.shape;
    compress(here.gain, shape);
    compress(here.shift, shape);
    const bool same =
        std::all_of(here.gain.begin(), here.gain.end(), [](double g) { return is_zero(g - 1); });
    if (same) here.gain.clear();
    if (std::all_of(here.shift.begin(), here.shift.end(), is_zero)) {
        here.shift.clear();
        if (same) return replace_by_input(id);
    }
    Numbers gain = here.gain, shift = here.shift;
    NodeId target = source_id(id);
    while (target != 0 && free(target) &&
           moves_in_front(at(target), at(source_id(target)).node.shape, gain, shift))
        target = source_id(target);
    DraftNode& node = at(target);
    if (!free(target) || has_limits(node.node)) return;
    const std::size_t most = std::max(gain.size(), shift.size());
    if (node.kind == Kind::matrix) {
        if (fold_into_matrix(here, node, gain, shift)) replace_by_input(id);
    } else if (node.kind == Kind::affine) {
        combine(node.gain, node.shift, gain, shift);
        replace_by_input(id);
    } else if (node.kind == Kind::function && most <= 1) {
        node.node.functions.push_back({Function::Kind::affine, of(gain, 0, 1), of(shift, 0, 0)});
        positive_[target] = false;
        for (NodeId passed = source_id(id); passed != target; passed = source_id(passed))
            positive_[passed] = false;
        replace_by_input(id);
    }
}

/// A scaling that only layers read goes into their weights; its shift into their biases, where no padding
/// stands for what is not shifted.
void Folder::fold_affines_behind() {
    std::vector<std::vector<NodeId>> users(draft_.nodes.size());
    for (NodeId id = 1; id < draft_.nodes.size(); ++id)
        if (alias_[id] == id && readers_[id] != 0)
            for (NodeId& input : at(id).node.inputs) {
                input = resolve(input);
                users[input].push_back(id);
            }
    const NodeId output = resolve(draft_.output);
    for (NodeId id = 1; id < draft_.nodes.size(); ++id) {
        const DraftNode& here = at(id);
        if (alias_[id] != id || readers_[id] == 0 || here.kind != Kind::affine || id == output) continue;
        if (here.node.grid || has_limits(here.node)) continue;
        // Through one flattening.
        NodeId last = id;
        if (users[id].size() == 1 && at(users[id][0]).kind == Kind::flatten && !at(users[id][0]).node.grid &&
            users[id][0] != output)
            last = users[id][0];
        const Numbers gain = spread(here.gain, here.node.shape.size(), 1),
                      shift = spread(here.shift, here.node.shape.size(), 0);
        const Shape& seen = at(last).node.shape;
        const auto pixels = static_cast<std::size_t>(seen.pixels());
        const bool by_channel = pixels == 1 || std::max(here.gain.size(), here.shift.size()) <=
                                                   static_cast<std::size_t>(here.node.shape.channels);
        const bool shifts = !std::all_of(shift.begin(), shift.end(), is_zero);
        const bool uniform = here.gain.size() <= 1;
        const auto takes = [&](NodeId user) {
            const FloatNode& layer = at(user).node;
            return at(user).kind == Kind::matrix && !(shifts && pads(layer.window)) &&
                   (uniform || !layer.weight_grid);
        };
        if (!by_channel || users[last].empty() || !std::all_of(users[last].begin(), users[last].end(), takes))
            continue;
        // Tried on a copy: a weight that overflows leaves everything as it is.
        std::vector<FloatNode> made;
        bool finite = true;
        for (const NodeId user : users[last]) {
            FloatNode layer = at(user).node;
            const auto rows = static_cast<std::size_t>(layer.rows / layer.groups);
            const auto taps = static_cast<std::size_t>(layer.window.kernel_height) *
                              static_cast<std::size_t>(layer.window.kernel_width);
            const std::size_t own = rows / taps,
                              outputs = layer.bias.size() / static_cast<std::size_t>(layer.groups);
            for (std::size_t o = 0; o < layer.bias.size(); ++o) {
                double sum = layer.bias[o];
                for (std::size_t r = 0; r < rows; ++r) {
                    const std::size_t place = (o / outputs * own + r / taps) * pixels;
                    float& weight = layer.weights[o * rows + r];
                    sum += double{weight} * shift[place];
                    weight = static_cast<float>(weight * gain[place]);
                    finite = finite && std::isfinite(weight);
                }
                layer.bias[o] = static_cast<float>(sum);
                finite = finite && std::isfinite(layer.bias[o]);
            }
            if (layer.weight_grid)
                for (float& step : layer.weight_grid->steps) {
                    step = static_cast<float>(step * std::fabs(gain[0]));
                    finite = finite && step > 0 && std::isfinite(step);
                }
            made.push_back(std::move(layer));
        }
        if (!finite) continue;
        for (std::size_t i = 0; i < made.size(); ++i) at(users[last][i]).node = std::move(made[i]);
        const NodeId source = here.node.inputs[0];
        for (const NodeId user : users[id]) {
            at(user).node.inputs[0] = source;
            users[source].push_back(user);
        }
        alias_[id] = source;
        readers_[source] += readers_[id] - 1;
    }
}

}  // namespace sliver::network
